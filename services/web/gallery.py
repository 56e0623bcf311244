"""One page with every component in every state, on data that could be true.

It is what a designer looks at, what the accessibility tests check, and what the pictures in the README show.
The people, businesses and figures are made up; prices are estimates.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.web.assets import assets
from services.web.catalogues import Locale
from services.web.forms import Form
from services.web.page import Flash, Page
from services.web.rendering import render
from services.web.showing import charts

NOW = datetime(2026, 11, 24, 8, 4, tzinfo=UTC)

_COLOURS = ("bg", "surface", "accent-bg", "accent", "accent-soft", "kunyit", "good", "info", "warn", "bad", "header")

_TIERS = (
    {"min_units": 5, "unit_price_idr": 1_575_000},
    {"min_units": 10, "unit_price_idr": 1_450_000},
    {"min_units": 20, "unit_price_idr": 1_350_000},
)
_SOLO_PRICE_IDR = 1_750_000
_SECURED_UNITS = 12
_PENDING_UNITS = 2
_FREIGHT_IDR = 280_000
_TRAINING_IDR = 140_000
_FIXED_COSTS_IDR = _FREIGHT_IDR + _TRAINING_IDR


def _photo(name: str, alt: str) -> dict[str, Any]:
    return {"src": assets().url(name), "alt": alt, "width": 640, "height": 420, "sources": ()}


def _at(days: float) -> datetime:
    return NOW + timedelta(days=days)


def _pool() -> dict[str, Any]:
    units = _SECURED_UNITS + _PENDING_UNITS
    freight_idr, training_idr = _FREIGHT_IDR // units, _TRAINING_IDR // units
    unit_price_idr = _TIERS[1]["unit_price_idr"]
    deposit_idr = _TIERS[0]["unit_price_idr"] + _FIXED_COSTS_IDR // _TIERS[0]["min_units"]
    return {
        "title": "Spinner peniris minyak 5\u00a0kg untuk kelompok keripik",
        "short_title": "Spinner peniris minyak",
        "summary": "Keripik lebih kering, tahan lebih lama, dan minyaknya bisa dipakai lagi. "
        "Dibeli bersama oleh pelaku UKM Cempaka Putih.",
        "post_name": "Posyantek Cempaka Putih",
        "photo": _photo("art-spinner.svg", "Gambar mesin spinner peniris minyak dengan keripik di dalamnya"),
        "status": "open",
        "tiers": _TIERS,
        "units": _SECURED_UNITS,
        "pending_units": _PENDING_UNITS,
        "target_units": _TIERS[-1]["min_units"],
        "missing_units": _TIERS[-1]["min_units"] - units,
        "next_price_idr": _TIERS[-1]["unit_price_idr"],
        "unit_price_idr": unit_price_idr,
        "solo_price_idr": _SOLO_PRICE_IDR,
        "held_idr": _SECURED_UNITS * deposit_idr,
        "closes_at": _at(3.2),
        "url": "https://urunbeli.example/urun/spinner-cempaka-putih",
        "total_idr": unit_price_idr + freight_idr + training_idr,
        "receipt_lines": (
            {"label": "Spinner 5\u00a0kg, jenjang 10+", "amount_idr": unit_price_idr, "note": ""},
            {"label": "Ongkir", "amount_idr": freight_idr, "note": f"Rp\u00a0280.000 dibagi {units} unit"},
            {"label": "Pelatihan", "amount_idr": training_idr, "note": f"Rp\u00a0140.000 dibagi {units} unit"},
        ),
        "steps": _open_steps(),
        "pledges": (
            {"name": "Ibu Siti Rahmawati", "units": 2, "at": _at(-0.1)},
            {"name": "Bapak Joko Susilo", "units": 1, "at": _at(-0.6)},
            {"name": "Mpok Nur Aini", "units": 3, "at": _at(-1.3)},
            {"name": "Hendra Wijaya", "units": 1, "at": _at(-2.1)},
        ),
        "more_participants": 5,
    }


def _step(title: str, state: str, at: datetime | None = None, text: str = "") -> dict[str, Any]:
    return {"title": title, "state": state, "at": at, "text": text}


def _open_steps() -> tuple[dict[str, Any], ...]:
    return (
        _step("Diperiksa petugas", "done", _at(-9), "Penggagas, bendahara, dan rekening sudah dicek."),
        _step("Dibuka untuk umum", "done", _at(-8.5)),
        _step("Menunggu peserta", "now", None, "Bisa ikut sampai batas waktu."),
        _step("Pemasok menjawab", "next", _at(6)),
        _step("Pelunasan", "next", None, "Dalam 72 jam setelah pemasok setuju."),
        _step("Alat diantar dan diuji bersama", "next"),
    )


def _failed_steps() -> tuple[dict[str, Any], ...]:
    return (
        _step("Dibuka untuk umum", "done", _at(-30)),
        _step("Ditutup", "done", _at(-12)),
        _step("Target tidak tercapai", "stopped", _at(-12), "Semua uang sudah dikembalikan."),
    )


def _pool_cards() -> tuple[dict[str, Any], ...]:
    spinner = _pool() | {"href": "#", "place": "Cempaka Putih, Jakarta Pusat", "participant_count": 9}
    stove = spinner | {
        "title": "Kompor batik listrik, patungan 8 bagian",
        "photo": _photo("art-batik.svg", "Gambar kain batik biru di gawangan"),
        "status": "collecting",
        "place": "Kebon Jeruk, Jakarta Barat",
        "unit_price_idr": 150_000,
        "solo_price_idr": None,
        "units": 8,
        "target_units": 8,
        "missing_units": 0,
        "participant_count": 8,
    }
    return spinner, stove


def _product_cards() -> tuple[dict[str, Any], ...]:
    crisps = {
        "href": "#",
        "title": "Keripik singkong balado 250 g",
        "photo": _photo("art-keripik.svg", "Gambar dua bungkus keripik singkong"),
        "price_idr": 18_000,
        "unit": "bungkus",
        "business_name": "Dapur Mpok Nur",
        "is_business_verified": True,
        "place": "Cempaka Putih",
        "is_promoted": True,
        "usual_price_idr": 18_000,
        "is_halal": True,
        "ready_in_days": None,
        "is_made_with_ttg": True,
        "stock_count": 40,
    }
    batik = crisps | {
        "title": "Batik Betawi cap motif tumpal",
        "photo": _photo("art-batik.svg", "Gambar kain batik biru di gawangan"),
        "price_idr": 275_000,
        "unit": "lembar",
        "business_name": "Sanggar Kembang Goyang",
        "is_business_verified": False,
        "place": "Pademangan",
        "is_promoted": False,
        "usual_price_idr": None,
        "is_halal": False,
        "ready_in_days": 3,
        "is_made_with_ttg": False,
        "stock_count": 0,
    }
    return crisps, batik


def _technology() -> dict[str, Any]:
    return {
        "href": "#",
        "title": "Hand sealer (perekat plastik)",
        "photo": _photo("art-kemasan.svg", "Gambar perekat plastik dengan kemasan keripik"),
        "problem": "Kemasan yang direkat dengan lilin mudah bocor, keripik cepat melempem.",
        "capacity": "300–400 bungkus per jam",
        "watts": 300,
        "price_low_idr": 350_000,
        "price_high_idr": 450_000,
        "price_is_estimate": True,
    }


def _forms() -> dict[str, Any]:
    return {
        "posts": (("", "Pilih Posyantek"), ("cp", "Posyantek Cempaka Putih"), ("pd", "Posyantek Pademangan")),
        "payment_methods": (
            {
                "value": "qris",
                "label": "QRIS",
                "hint": "Pindai dari aplikasi bank mana pun",
                "icon": "qris",
                "price_idr": 1_480_000,
            },
            {
                "value": "transfer",
                "label": "Transfer bank",
                "hint": "Dengan kode unik 3 angka",
                "icon": "bank",
                "price_idr": 1_480_217,
            },
            {
                "value": "cash",
                "label": "Tunai di Posyantek",
                "hint": "Dapat kuitansi bernomor",
                "icon": "cash",
                "price_idr": None,
            },
        ),
        "wrong_form": Form(
            values={
                "old_name": "Dapur Mpok Nur",
                "old_phone": "0812",
                "old_units": "3",
                "old_ceiling": "1.300.000",
                "old_post": "cp",
                "old_method": "transfer",
            },
            errors={
                "old_phone": "Nomor WhatsApp kurang panjang. Contoh: 812 3456 7890.",
                "old_ceiling": "Batas harga paling rendah Rp\u00a01.350.000, harga jenjang terakhir.",
                "old_consent": "Beri tanda setuju supaya nama Anda bisa dicatat.",
            },
        ),
    }


def _figures() -> dict[str, Any]:
    return {
        "bars": (
            {"label": "Baru dibuka", "value": 0, "target": 20, "pending": 0, "marks": (5, 10, 20)},
            {"label": "Sedang berjalan", "value": 7, "target": 20, "pending": 5, "marks": (5, 10, 20)},
            {"label": "Target tercapai", "value": 20, "target": 20, "pending": 0, "marks": ()},
        ),
        "tier_samples": (
            {"units": 3, "caption": "Belum sampai jenjang pertama"},
            {"units": 24, "caption": "Jenjang terakhir"},
        ),
        "price_charts": [charts.price_chart(_TIERS, 40, units) for units in (None, 3, 14, 24)],
        "balance": charts.balance_chart(
            [
                {"number": 1, "balance_idr": 3_318_000, "amount_out_idr": 0},
                {"number": 2, "balance_idr": 4_977_000, "amount_out_idr": 0},
                {"number": 3, "balance_idr": 1_659_000, "amount_out_idr": 3_318_000},
            ]
        ),
        "ledger_columns": (
            {"key": "day", "label": "Tanggal", "is_number": False},
            {"key": "note", "label": "Keterangan", "is_number": False},
            {"key": "in_idr", "label": "Masuk", "is_number": True},
            {"key": "balance_idr", "label": "Saldo", "is_number": True},
        ),
        "ledger_rows": (
            {
                "day": "21 Nov 2026",
                "note": "Transfer Ibu S***",
                "in_idr": "Rp\u00a03.318.000",
                "balance_idr": "Rp\u00a03.318.000",
            },
            {
                "day": "22 Nov 2026",
                "note": "Tunai Bapak J***, kuitansi 0014",
                "in_idr": "Rp\u00a01.659.000",
                "balance_idr": "Rp\u00a04.977.000",
            },
        ),
    }


def context() -> dict[str, Any]:
    """Everything that the gallery's template names."""
    return {
        "now": NOW,
        "colours": _COLOURS,
        "icons": sorted(assets().icons),
        "pool": _pool(),
        "pools": _pool_cards(),
        "products": _product_cards(),
        "technology": _technology(),
        "failed_steps": _failed_steps(),
        **_forms(),
        **_figures(),
    }


def render_gallery(locale: Locale) -> str:
    """Draw the page `/gaya`."""
    page = Page(
        path="/gaya", account_name="Mpok Nur", unread_count=2, flashes=(Flash("Komitmen Anda sudah tercatat."),)
    )
    return render("gallery/index.html", locale, page=page, **context())


def render_pool_sample(locale: Locale) -> str:
    """Draw the sample pool as a page of its own, as a visitor who is not logged in meets it."""
    page = Page(path="/gaya/urun", section="pools")
    return render("gallery/pool.html", locale, page=page, now=NOW, pool=_pool())
