"""A town with one thing of every kind on whose pages a form stands, and the table of those forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.demo.people import done
from services.demo.purchase import Purchase
from shared.testing.running import eventually


@dataclass(frozen=True, slots=True)
class FormCase:
    """One form: who fills it in, on which page, with what.

    `typed`: good values; `wrong`: what must be refused, by field, with the rest of `typed` around it; `once`: it makes
    something new, so that sending it twice must not make two; `needs_session`: not for visitors.
    """

    route: str
    who: str
    page: str
    action: str
    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    long: tuple[str, ...] = ()
    once: bool = False
    needs_session: bool = True

    def __str__(self) -> str:
        return self.route


BANK = {"bank_name": "Bank Contoh", "account_number": "12 3456 7890", "account_holder": "Ibu Sri"}
IN_TIME = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
DRAFT = {"title": "Urun alat RW 09", "story": "Supaya cepat.", "tanggal": IN_TIME, "jam": "19:30"}
CAMPAIGN = {
    "title": "Bazar RW 03",
    "place": "Balai RW 03",
    "about": "Datang, ya.",
    "mulai": IN_TIME,
    "jam_mulai": "09:00",
    "selesai": IN_TIME,
    "jam_selesai": "17:00",
}
TERMS = {
    "minimum_units": "4",
    "tier_1_price": "1.450.000",
    "capacity_units": "16",
    "lead_time_days": "14",
    "warranty_months": "12",
}

FORMS = [
    FormCase(
        "/usaha/baru",
        "owner",
        "/usaha/baru?posyantek={post}",
        "/usaha/baru",
        {
            "name": "Warung Ibu Sri",
            "posyantek": "{post}",
            "whatsapp": "0812 3456 7890",
            "story": "Sejak 2010.\nDua orang.",
        },
        {"whatsapp": "bukan nomor", "name": ""},
        ("name", "story", "whatsapp"),
        once=True,
    ),
    FormCase(
        "/jualan/baru",
        "owner",
        "/jualan/baru",
        "/jualan/baru",
        {
            "name": "Keripik talas",
            "price_idr": "12.500",
            "unit": "bungkus",
            "description": "Renyah.",
            "stock": "12",
            "variants": "Pedas = 13.000",
        },
        {"price_idr": "dua belas ribu", "name": "", "stock": "banyak", "variants": "Pedas = mahal"},
        ("name", "description", "price_idr", "stock", "variants"),
        once=True,
    ),
    FormCase(
        "/jualan/{listing_id}/ubah",
        "owner",
        "/jualan/{listing}/ubah",
        "/jualan/{listing}/ubah",
        {"name": "Nama baru", "price_idr": "99.000", "description": "Keterangan baru."},
        {"price_idr": "-5", "name": ""},
        ("name", "description", "price_idr"),
    ),
    FormCase(
        "/jualan/{listing_id}/promo",
        "owner",
        "/jualan/{listing}/promo",
        "/jualan/{listing}/promo",
        {"price_idr": "1.000", "mulai": IN_TIME, "jam_mulai": "08:00", "selesai": IN_TIME, "jam_selesai": "20:00"},
        {"price_idr": "murah", "selesai": "2001-01-01"},
        ("price_idr",),
    ),
    FormCase(
        "/posyantek/{post_id}/kampanye/baru",
        "operator",
        "/posyantek/{post}/kampanye/baru",
        "/posyantek/{post}/kampanye/baru",
        CAMPAIGN,
        {"selesai": "2001-01-01", "title": "", "place": ""},
        ("title", "place", "about"),
        once=True,
    ),
    FormCase(
        "/kampanye/{slug}/ubah",
        "operator",
        "/kampanye/{campaign}/ubah",
        "/kampanye/{campaign}/ubah",
        CAMPAIGN,
        {"selesai": "2001-01-01", "title": "", "place": ""},
        ("title", "place", "about"),
    ),
    FormCase(
        "/usaha/{business_id}/ubah",
        "owner",
        "/usaha/{own_business}/ubah",
        "/usaha/{own_business}/ubah",
        {
            "name": "Dapur Baru",
            "whatsapp": "0812 3456 7890",
            "story": "Sejak 2010.",
            "address": "Jl. Melati No. 7",
            "day_1": "1",
            "opens": "08:00",
            "closes": "17:00",
            "cat_snacks": "1",
        },
        {"name": "", "whatsapp": "bukan nomor", "opens": "pagi"},
        ("name", "whatsapp", "story", "address", "opens"),
    ),
    FormCase(
        "/usaha/{business_id}/izin/{kind}",
        "owner",
        "/usaha/{own_business}/izin",
        "/usaha/{own_business}/izin/nib",
        {"nib": "9120 0012 34567"},
        {"nib": "12"},
        ("nib",),
    ),
    FormCase(
        "/pemasok/daftar",
        "owner",
        "/pemasok/daftar?posyantek={post}",
        "/pemasok/daftar",
        {"name": "Bengkel Maju", "posyantek": "{post}", "about": "Bubut.", "whatsapp": "0812 3456 7891", **BANK},
        {"whatsapp": "x", "account_number": "abc"},
        ("name", "about", "bank_name", "account_holder", "account_number"),
        once=True,
    ),
    FormCase(
        "/pemasok/{supplier_id}/rekening",
        "supplier",
        "/pemasok/{supplier}/rekening",
        "/pemasok/{supplier}/rekening",
        BANK,
        {"account_number": "abc", "bank_name": ""},
        tuple(BANK),
    ),
    FormCase(
        "/pemasok/penawaran/baru",
        "supplier",
        "/pemasok/penawaran/baru?alat={technology}",
        "/pemasok/penawaran/baru",
        {"alat": "{technology}", **TERMS},
        {"tier_1_price": "murah", "capacity_units": "2"},
        ("tier_1_price", "minimum_units"),
        once=True,
    ),
    FormCase(
        "/pemasok/penawaran/{offer_id}/ubah",
        "supplier",
        "/pemasok/penawaran/{offer}/ubah",
        "/pemasok/penawaran/{offer}/ubah",
        {"tier_1_price": "1.777.000", "lead_time_days": "21"},
        {"tier_1_price": "murah", "lead_time_days": "x"},
        ("tier_1_price", "lead_time_days"),
    ),
    FormCase(
        "/urun/baru",
        "owner",
        "/urun/baru?penawaran={offer}",
        "/urun/baru",
        {**DRAFT, "post_id": "{post}"},
        {"tanggal": "kemarin", "title": ""},
        ("title", "story"),
        once=True,
    ),
    FormCase(
        "/urun/{pool_id}/ubah",
        "owner",
        "/urun/{draft}/ubah",
        "/urun/{draft}/ubah",
        DRAFT,
        {"tanggal": "2001-01-01", "title": ""},
        ("title", "story"),
    ),
    FormCase(
        "/urun/{pool_id}/perpanjang",
        "owner",
        "/urun/{pool}",
        "/urun/{pool}/perpanjang",
        {"tanggal": "2099-02-03", "jam": "18:15", "pengumuman": "Masih kurang orang."},
        {"tanggal": "besok"},
        ("pengumuman",),
    ),
    FormCase(
        "/urun/{pool_id}/batal",
        "owner",
        "/urun/{pool}",
        "/urun/{pool}/batal",
        {"alasan_batal": "Tidak jadi."},
        {"alasan_batal": ""},
        ("alasan_batal",),
    ),
    FormCase(
        "/urun/{pool_id}/rekening",
        "owner",
        "/urun/{pool}",
        "/urun/{pool}/rekening",
        BANK,
        {"account_number": "abc", "bank_name": ""},
        tuple(BANK),
    ),
    FormCase(
        "/urun/{pool_id}/kembalikan",
        "operator",
        "/urun/{review}",
        "/urun/{review}/kembalikan",
        {"alasan_tolak": "Sebut gang dan RW-nya."},
        {"alasan_tolak": ""},
        ("alasan_tolak",),
    ),
    FormCase(
        "/urun/{pool_id}/ikut",
        "neighbour",
        "/urun/{pool}/ikut?unit=2",
        "/urun/{pool}/ikut",
        {"units": "3", "method": "cash", "ceiling_idr": "9.000.000", "tolerance_units": "1"},
        {"units": "seratus", "ceiling_idr": "1", "method": ""},
        ("units", "ceiling_idr"),
    ),
    FormCase(
        "/komitmen/{pledge_id}/ubah",
        "member",
        "/komitmen/{pledge}",
        "/komitmen/{pledge}/ubah",
        {"units": "2", "ceiling_idr": "8.500.000", "tolerance_units": "1"},
        {"units": "0", "ceiling_idr": "1"},
        ("units", "ceiling_idr"),
    ),
    FormCase(
        "/komitmen/{pledge_id}/transfer",
        "member",
        "/komitmen/{pledge}",
        "/komitmen/{pledge}/transfer",
        {"amount_idr": "1.234.567", "reference": "TRX-77"},
        {"amount_idr": "banyak"},
        ("amount_idr", "reference"),
    ),
    FormCase(
        "/akun/ubah",
        "member",
        "/akun/ubah",
        "/akun/ubah",
        {"name": "Ibu Baru", "language": "id"},
        {"name": ""},
        ("name",),
    ),
    FormCase(
        "/akun/email", "member", "/akun/ubah", "/akun/email", {"email": "ibu@contoh.id"}, {"email": "bukan"}, ("email",)
    ),
    FormCase("/akun/hapus", "member", "/akun/hapus", "/akun/hapus", {}, {"mengerti": ""}),
    FormCase(
        "/petugas/bantu",
        "operator",
        "/petugas/bantu?posyantek={post}",
        "/petugas/bantu",
        {"name": "Bapak Umar", "phone": "0812 9876 5432", "post_id": "{post}", "consent": "1"},
        {"phone": "x", "name": ""},
        ("name", "phone"),
    ),
    FormCase(
        "/petugas/kerjakan/{thing}/{item_id}/{step}",
        "operator",
        "/petugas?posyantek={post}",
        "/petugas/kerjakan/usaha/{business}/tolak",
        {"reason-{business}": "Alamatnya belum ada."},
        {"reason-{business}": ""},
        ("reason-{business}",),
    ),
    FormCase(
        "/petugas/kerjakan/{thing}/{item_id}/{step}",
        "operator",
        "/petugas/urun/{pool}",
        "/petugas/kerjakan/komitmen/{pledge}/tunai",
        {"amount_idr-{pledge}": "123.456", "note-{pledge}": "Dari Pak RT."},
        {"amount_idr-{pledge}": "banyak"},
        ("amount_idr-{pledge}", "note-{pledge}"),
    ),
    FormCase(
        "/pesanan/{order_id}/tolak",
        "supplier",
        "/pesanan/{order}",
        "/pesanan/{order}/tolak",
        {"reason": "Bahan habis."},
        {"reason": ""},
        ("reason",),
    ),
    FormCase(
        "/produk/{listing_id}/laporkan",
        "member",
        "/produk/{listing}/laporkan",
        "/produk/{listing}/laporkan",
        {"reason": "stolen_photo", "words": "Foto saya."},
        {"reason": ""},
        ("words",),
        needs_session=False,
    ),
    FormCase(
        "/jualan/{listing_id}/keberatan",
        "owner",
        "/jualan/{hidden}/keberatan",
        "/jualan/{hidden}/keberatan",
        {"words": "Barangnya memang begini."},
        {"words": "Pendek"},
        ("words",),
    ),
    FormCase(
        "/petugas/laporan/{case_id}/{step}",
        "operator",
        "/petugas/laporan/{case}",
        "/petugas/laporan/{case}/biarkan",
        {"note": "Sudah dicek."},
        {"note": ""},
        ("note",),
    ),
    FormCase(
        "/kebutuhan/baru",
        "owner",
        "/kebutuhan/baru?posyantek={post}",
        "/kebutuhan/baru",
        {"alat": "{technology}", "posyantek": "{post}", "units": "2", "note": "Untuk keripik."},
        {"units": "banyak", "alat": ""},
        ("units", "note"),
        once=True,
    ),
    FormCase(
        "/kebutuhan/{need_id}/ikut",
        "neighbour",
        "/kebutuhan/{need}",
        "/kebutuhan/{need}/ikut",
        {"units": "2"},
        {"units": "banyak"},
        ("units",),
    ),
    FormCase(
        "/kebutuhan/{need_id}/tutup",
        "operator",
        "/kebutuhan/{need}",
        "/kebutuhan/{need}/tutup",
        {"alasan": "duplicate", "keterangan": "Sudah ditulis."},
        {"alasan": ""},
        ("keterangan",),
    ),
]

TAPS = {
    "/urun/langsung": "a tap: the usual terms",
    "/kebutuhan/{need_id}/batal": "a tap",
    "/keluar": "ends the session",
    "/komitmen/{pledge_id}/kartu": "leads to the card provider",
    "/komitmen/{pledge_id}/tarik": "a tap",
    "/pemasok/penawaran/{offer_id}/tarik": "a tap",
    "/pemberitahuan/{message_id}/baca": "a tap",
    "/pemberitahuan/baca-semua": "a tap",
    "/pemberitahuan/pilihan": "two ticks",
    "/pesanan/{order_id}/terima": "a tap",
    "/pesanan/{order_id}/kirim": "stands on a funded order: see the whole walk",
    "/akun/perangkat/{session_id}/keluar": "a tap",
    "/usaha/{business_id}/izin/{kind}/hapus": "a tap",
    "/usaha/{business_id}/pengelola/undang": "a tap",
    "/usaha/{business_id}/pengelola/batal": "a tap",
    "/usaha/{business_id}/pengelola/{account_id}/keluar": "a tap",
    "/usaha/undangan": "a code, which is never kept",
    "/urun/{pool_id}/ajukan": "a tap",
    "/urun/{pool_id}/periksa": "a tap",
    "/jualan/{listing_id}/{way}": "a tap",
    "/pencarian": "a tap",
    "/pencarian/{search_id}/lihat": "a tap",
    "/pencarian/{search_id}/hapus": "a tap",
    "/jualan/{listing_id}/promo/{promotion_id}/akhiri": "a tap",
    "/jualan/{listing_id}/pesanan/{enquiry_id}": "a tap",
    "/kampanye/{slug}/ikut": "a choice",
    "/produk/{listing_id}/pesan": "needs no session and leads to WhatsApp: see the promoting walk",
    "/kampanye/{slug}/keluar": "a tap",
    "/kampanye/{slug}/batal": "a tap",
    "/jualan/impor": "a file, which no browser keeps",
    "/jualan/impor/{import_id}/mulai": "a choice and a tick",
    "/jualan/impor/{import_id}/batal": "a tap",
    "/jualan/{listing_id}/foto": "files, which no page can keep: see test_photo_pages",
    "/jualan/{listing_id}/foto/{photo_id}/keterangan": "stands beside a photo: see test_photo_pages",
    "/jualan/{listing_id}/foto/{photo_id}/hapus": "a tap",
    "/jualan/{listing_id}/foto/{photo_id}/{way}": "a tap",
    "/petugas/bantu/selesai": "a tap",
    "/masuk": "before there is a session",
    "/masuk/kode": "before there is a session",
    "/urun/{pool_id}/ikut/kode": "before there is a session",
    "/akun/email/kode": "a code, which is never kept",
    "/petugas/bantu/kode": "a code, which is never kept",
}
"""Forms without words of one's own: they come under what holds for every form, and nothing typed can be lost."""


@dataclass(slots=True)
class Town:
    """Whose and which: people and ids by the names that the table uses."""

    people: dict[str, object]
    ids: dict[str, str]

    def fill(self, text: str) -> str:
        """Put ids into a text of the table."""
        for name, value in self.ids.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def values(self, given: dict[str, str]) -> dict[str, str]:
        """Put ids into names and values."""
        return {self.fill(name): self.fill(value) for name, value in given.items()}


async def build(site) -> Town:
    """Build the town through the API."""
    market = await site.scene.market()
    opened = await Purchase.propose(site.scene, market, timing="deposit", title="Urun spinner RW 03")
    await opened.open()
    member = await site.scene.somebody("Ibu Anggota")
    pledge = await member.post(f"/pools/{opened.pool['id']}/pledges", {"units": 1, "method": "transfer"})
    draft = await Purchase.propose(site.scene, market, timing="deposit", title="Urun draf RW 03")
    review = await Purchase.propose(site.scene, market, timing="deposit", title="Urun diajukan RW 03")
    await market.owner.post(f"/pools/{review.pool['id']}/submit")
    shop = await site.scene.somebody("Ibu Warung")
    business = await shop.post(
        "/businesses", {"name": "Warung Sari", "post_id": market.post["id"], "whatsapp": shop.phone}
    )
    order = await _order(site, market)
    neighbour = await site.scene.somebody("Ibu Tetangga")
    times = [(datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (2, 3)]
    campaign = await market.operator.post(
        "/campaigns",
        {
            "post_id": market.post["id"],
            "title": "Bazar kota",
            "place": "Balai",
            "starts_at": times[0],
            "ends_at": times[1],
        },
    )
    need = await market.owner.post("/needs", {"post_id": market.post["id"], "technology_id": market.technology["id"]})
    await _payable(member, pledge["id"])
    return Town(
        {
            "owner": market.owner,
            "operator": market.operator,
            "supplier": market.supplier,
            "member": member,
            "neighbour": neighbour,
        },
        {
            "post": market.post["id"],
            "listing": market.listing["id"],
            "supplier": market.offer["supplier_id"],
            "technology": market.technology["id"],
            "offer": market.offer["id"],
            "pool": opened.pool["id"],
            "draft": draft.pool["id"],
            "review": review.pool["id"],
            "pledge": pledge["id"],
            "business": business["id"],
            "own_business": market.listing["business_id"],
            "order": order,
            "campaign": campaign["slug"],
            "need": need["id"],
            "case": await _reported(neighbour, market.operator, market.listing),
            "hidden": await _hidden(neighbour, market),
        },
    )


async def _reported(neighbour, operator, listing):
    """Let somebody report a product; gives the case."""
    body = {"reason": "other", "words": "Gambarnya lain."}
    await done(await neighbour.send("POST", f"/listings/{listing['id']}/reports", body))
    waiting = (await operator.get(f"/moderation/queue?post_id={listing['post_id']}&limit=100"))["items"]
    return next(case["id"] for case in waiting if case["listing_id"] == listing["id"])


async def _hidden(neighbour, market):
    """A product that an operator has hidden."""
    body = {"business_id": market.listing["business_id"], "name": "Tape", "category": "snacks", "price_idr": 9_000}
    listing = await market.owner.post("/listings", body)
    await market.owner.post(f"/listings/{listing['id']}/publish")
    case = await _reported(neighbour, market.operator, listing)
    await market.operator.post(f"/moderation/cases/{case}/hide", {"reason": "offensive", "words": "Ganti gambarnya."})
    return listing["id"]


async def _payable(member, pledge_id: str) -> None:
    """Wait until payments knows the pledge and how it is paid."""

    async def asks() -> bool:
        reply = await member.send("GET", f"/holdings/{pledge_id}")
        return reply.ok and reply.body["next"]["kind"] == "transfer" and bool(reply.body["next"]["transfer_total_idr"])

    await eventually(asks)


async def _order(site, market) -> str:
    """Fill a pool to its capacity, so that it closes and the supplier is asked."""
    full = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Urun penuh RW 03")
    await full.open()
    await full.pledge("cash", 16)
    await full.becomes("awaiting_supplier")

    async def asked():
        return (await market.supplier.get("/purchase-orders?state=requested"))["items"]

    return (await eventually(asked))[0]["id"]
