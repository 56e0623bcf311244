"""Pools, pledges, orders and the desk: what each page refuses and says, through the real services."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.demo.purchase import Purchase
from services.web import cookies
from shared.testing.running import NOBODY, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


@pytest.fixture(scope="module")
async def pool_id(site, market):
    """An open pool with deposits, and two people in it."""
    purchase = await Purchase.propose(site.scene, market, timing="deposit", title="Urun spinner RW 02")
    await purchase.open()
    await purchase.pledge("cash", 2)
    await purchase.pledge("cash", 3)
    return purchase.pool["id"]


async def open_pool(site, market, timing: str, title: str) -> Purchase:
    purchase = await Purchase.propose(site.scene, market, timing=timing, title=title)
    await purchase.open()
    return purchase


async def joined(site, pool_id: str, method: str, units: str = "1"):
    """Somebody new who has joined, with their browser and the path of their pledge."""
    browser = site.browser(await site.scene.somebody())
    form = await browser.open(f"/urun/{pool_id}/ikut")
    page = await browser.send(form, f"/urun/{pool_id}/ikut", units=units, method=method)
    assert page.path.startswith("/komitmen/"), page.text
    return browser, page.path


async def shows(browser, path: str, text: str):
    """Wait until a page says something."""

    async def look():
        return await browser.open(path)

    return await eventually(look, until=lambda page: text in page.text, within_s=20)


async def test_everybody_may_look_and_joining_asks_for_name_and_number_at_once(site, pool_id):
    visitor = site.browser()
    page = await visitor.open(f"/urun/{pool_id}")
    for words in ("Urun spinner RW 02", "Jenjang harga", "Uang dipegang", "Perjalanan urun ini", "Kenapa Rp segini?"):
        assert words in page.text
    assert "Kelola urun ini" not in page.text
    page = await visitor.open(f"/urun/{pool_id}/ikut")
    assert {"name", "to", "units", "method"} <= page.form(f"/urun/{pool_id}/ikut").names
    assert any(link.startswith(f"/masuk?lanjut=/urun/{pool_id}/ikut") for link in page.links), "who has an account"


@pytest.mark.parametrize("path", ["/urun/zzz", f"/urun/{NOBODY}", f"/urun/{NOBODY}/buku", "/urun?keadaan=apa"])
async def test_what_is_not_there_says_so(site, path):
    assert (await site.browser().open(path)).status == 404


async def test_how_many_changes_what_it_would_cost_without_a_script(site, pool_id):
    visitor = site.browser()
    page = await visitor.open(f"/urun/{pool_id}")
    asked = await visitor.send(page, f"/urun/{pool_id}#hitung", unit="3")
    one, three = (re.search(r"Total Anda ?Rp ([\d.]+)", shown.text)[1] for shown in (page, asked))
    assert int(three.replace(".", "")) > 2 * int(one.replace(".", ""))
    assert "3 unit menurut jenjang harga" in asked.text
    assert "3 unit, sampai di Posyantek" in asked.text


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"units": "dua"}, "units", "Isi dengan angka bulat"),
        ({"units": "0"}, "units", "Paling sedikit 1"),
        ({"units": "900"}, "units", "Jumlah unit harus 1 sampai 16"),
        ({"units": "1", "ceiling_idr": "Rp 5.000"}, "ceiling_idr", "Batas harga terlalu rendah"),
        ({"units": "1", "ceiling_idr": "1,5 juta"}, "ceiling_idr", "Isi dengan angka rupiah"),
        ({"units": "1", "tolerance_units": "99"}, "tolerance_units", "Batas kelonggaran harus 0 sampai 15"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    site, market, pool_id, values, field, said
):
    browser = site.browser(market.supplier)
    form = await browser.open(f"/urun/{pool_id}/ikut")
    page = await browser.send(form, f"/urun/{pool_id}/ikut", method="cash", **values)
    assert page.status in {400, 422}
    assert said in page.text
    assert f'id="f-{field}-error"' in page.html
    kept = page.form(f"/urun/{pool_id}/ikut").values
    assert {name: kept[name] for name in values} == values
    assert kept["method"] == "cash"
    # The hidden part of the form is opened where the error stands in it.
    assert field == "units" or "<details open>" in page.html


async def test_a_double_tap_pledges_once(site, pool_id):
    person = await site.scene.somebody()
    browser = site.browser(person)
    form = await browser.open(f"/urun/{pool_id}/ikut")
    first = await browser.send(form, f"/urun/{pool_id}/ikut", method="cash")
    second = await browser.send(form, f"/urun/{pool_id}/ikut", method="cash")
    assert first.path == second.path
    assert len((await person.get("/pledges/mine"))["items"]) == 1


@pytest.mark.parametrize("units", ["1", "7"])
async def test_right_after_pledging_the_page_says_what_to_do_next(site, pool_id, units):
    """Payments must have heard of the pledge by then, also when it reaches a price tier and more is said of the pool."""
    browser = site.browser(await site.scene.somebody())
    form = await browser.open(f"/urun/{pool_id}/ikut")
    page = await browser.send(form, f"/urun/{pool_id}/ikut", method="card", units=units)
    assert "Simpan kartu supaya komitmen aman" in page.text
    await browser.send(page, f"{page.path}/tarik")


async def test_a_form_of_another_site_changes_nothing(site, market, pool_id):
    browser = site.browser(market.owner)
    page = await browser.open(f"/urun/{pool_id}")
    action = f"/urun/{pool_id}/batal"
    values = page.form(action).values
    for forged in ({**values, "_csrf": ""}, {**values, "_csrf": "0" * 32}):
        headers = {"Cookie": f"{cookies.SESSION}={market.owner.session_token}", "Origin": site.origin}
        async with site.session.post(site.origin + action, data=forged, headers=headers) as reply:
            assert reply.status == 403
    assert (await market.owner.get(f"/pools/{pool_id}"))["state"] == "open"


async def test_a_pledge_is_changed_and_withdrawn_by_its_owner_only(site, pool_id):
    browser, path = await joined(site, pool_id, "cash")
    page = await browser.open(path)
    changed = await browser.send(page, f"{path}/ubah", units="2", tolerance_units="1")
    assert "Komitmen sudah diubah" in changed.text
    assert changed.form(f"{path}/ubah").values["units"] == "2"
    stranger = site.browser(await site.scene.somebody())
    assert (await stranger.open(path)).status == 404
    gone = await browser.send(changed, f"{path}/tarik")
    assert "Komitmen ditarik" in gone.text
    assert not gone.has_form(f"{path}/tarik")
    assert f"/urun/{pool_id}/ikut" in (await browser.open(f"/urun/{pool_id}")).links


async def test_who_has_no_business_at_the_desk_is_told_so(site, pool_id):
    somebody = site.browser(await site.scene.somebody())
    for path in ("/petugas", f"/petugas/urun/{pool_id}", "/petugas/bantu", "/pesanan"):
        page = await somebody.open(path)
        assert page.status == 403, path
        assert "tidak berhak" in page.text


async def test_extending_is_for_the_initiator_once(site, market):
    purchase = await open_pool(site, market, "after_acceptance", "Urun yang diperpanjang")
    pool_id = purchase.pool["id"]
    owner = site.browser(market.owner)
    page = await owner.open(f"/urun/{pool_id}")
    assert not (await site.browser(market.checker).open(f"/urun/{pool_id}")).has_form(f"/urun/{pool_id}/perpanjang")
    action = f"/urun/{pool_id}/perpanjang"
    early = await owner.send(page, action, tanggal="2020-01-01", pengumuman="Maaf")
    assert early.status == 422
    assert 'id="f-tanggal-error"' in early.html
    later = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    page = await owner.send(early, action, tanggal=later, pengumuman="Menunggu gajian")
    assert "Sudah diperpanjang satu kali" in page.text
    assert "Menunggu gajian" in page.text
    assert not page.has_form(action)


async def test_a_cancelled_pool_gives_every_deposit_back_through_two_people(site, market):
    purchase = await open_pool(site, market, "deposit", "Urun yang dibatalkan")
    pool_id = purchase.pool["id"]
    member, path = await joined(site, pool_id, "cash")
    pledge_id = path.removeprefix("/komitmen/")
    await shows(member, path, "tunai di Posyantek")
    operator, checker = site.browser(market.operator), site.browser(market.checker)
    counter = await operator.open(f"/petugas/urun/{pool_id}")
    booked = await operator.send(counter, f"/petugas/kerjakan/komitmen/{pledge_id}/tunai")
    receipt = re.search(r"Nomor kuitansi (\S+)\.", booked.text)
    assert receipt is not None
    page = await shows(member, path, "Komitmen Anda aman")
    assert receipt[1] in page.text

    owner = site.browser(market.owner)
    page = await owner.open(f"/urun/{pool_id}")
    unsaid = await owner.send(page, f"/urun/{pool_id}/batal")
    assert unsaid.status in {400, 422}
    assert 'id="f-alasan_batal-error"' in unsaid.html
    page = await owner.send(unsaid, f"/urun/{pool_id}/batal", alasan_batal="Alatnya sudah dihibahkan")
    assert "Alatnya sudah dihibahkan" in page.text

    desk = await shows(operator, "/petugas?jenis=pengembalian", "Urun yang dibatalkan")
    action = next(action for action in re.findall(r'action="([^"]+)"', desk.html) if "/pengembalian/" in action)
    refund_id = action.split("/")[4]
    prepared = await operator.send(desk, action, **{f"proof-{refund_id}": "kuitansi 17"})
    assert "Tunggu orang kedua" in prepared.text
    assert not prepared.has_form(f"/petugas/kerjakan/pengembalian/{refund_id}/setujui")
    second = await checker.open(f"/petugas?jenis=pengembalian&posyantek={market.post['id']}")
    assert f"Disiapkan {market.operator.name}" in second.text
    approved = await checker.send(second, f"/petugas/kerjakan/pengembalian/{refund_id}/setujui")
    assert "Uang peserta sudah kembali" in approved.text
    page = await shows(member, path, "Sudah dikembalikan")
    assert "Urun ini dibatalkan" in page.text
    page = await site.browser().open(f"/urun/{pool_id}")
    assert "Tidak ada uang peserta yang masih dipegang" in page.text
    book = await site.browser().open(f"/urun/{pool_id}/buku")
    assert "Pengembalian tunai" in book.text


async def test_a_transfer_that_is_not_on_the_account_is_told_with_its_reason(site, market, pool_id):
    member, path = await joined(site, pool_id, "transfer")
    page = await shows(member, path, "Saya sudah transfer")
    wrong = await member.send(page, f"{path}/transfer", amount_idr="banyak")
    assert wrong.status == 422
    assert 'id="f-amount_idr-error"' in wrong.html
    told = await member.send(wrong, f"{path}/transfer", amount_idr="100.000", reference="REF-9")
    assert "Pembayaran sedang diproses" in told.text
    operator = site.browser(market.operator)
    desk = await shows(operator, "/petugas", "REF-9")
    payment_id = re.search(r"/petugas/kerjakan/transfer/([0-9a-f-]{36})/tolak", desk.html)[1]
    action = f"/petugas/kerjakan/transfer/{payment_id}/tolak"
    refused = await operator.send(desk, action)
    assert f'id="f-reason-{payment_id}-error"' in refused.html
    done = await operator.send(refused, action, **{f"reason-{payment_id}": "Tidak ada di mutasi"})
    assert "Kabar transfer ditolak" in done.text
    page = await member.open(path)
    assert "Tidak ada di mutasi" in page.text


async def test_an_operator_helps_a_person_at_the_counter(site, market, pool_id):
    operator = site.browser(market.operator)
    form = await operator.open(f"/petugas/bantu?posyantek={market.post['id']}")
    person = await site.scene.somebody("Mbah Karto")
    wrong = await operator.send(form, "/petugas/bantu", name="Mbah Karto", phone="12", consent="1")
    assert wrong.status == 422
    assert 'id="f-phone-error"' in wrong.html
    unasked = await operator.send(form, "/petugas/bantu", name="Mbah Karto", phone=person.phone)
    assert 'id="f-consent-error"' in unasked.html
    code_page = await operator.send(form, "/petugas/bantu", name="Mbah Karto", phone=person.phone, consent="1")
    challenge = code_page.form("/petugas/bantu/kode").values["challenge_id"]
    again = await operator.send(code_page, "/petugas/bantu/kode", code="000000")
    assert 'id="f-code-error"' in again.html
    code = await person.read_code(challenge)
    helping = await operator.send(again, "/petugas/bantu/kode", code=code)
    assert "Anda sedang membantu Mbah Karto" in helping.text
    assert helping.path.startswith("/urun?posyantek=")

    form = await operator.open(f"/urun/{pool_id}/ikut")
    page = await operator.send(form, f"/urun/{pool_id}/ikut", method="cash")
    assert "Dibantu petugas" in page.text
    assert "Anda sedang membantu Mbah Karto" in page.text
    assert page.path.removeprefix("/komitmen/") in {item["id"] for item in (await person.get("/pledges/mine"))["items"]}
    desk = await operator.open("/petugas")
    assert desk.status == 200, "at the desk the operator stays themselves"
    ended = await operator.send(desk, "/petugas/bantu/selesai")
    assert "Anda kembali sebagai petugas" in ended.text
    assert "Anda sedang membantu" not in ended.text
    assert cookies.ASSISTED not in operator.cookies
    assert (await operator.open(f"/urun/{pool_id}/ikut")).path == f"/urun/{pool_id}/ikut"


async def test_a_declined_order_ends_the_pool_with_the_suppliers_reason_on_the_order(site, market):
    purchase = await open_pool(site, market, "after_acceptance", "Urun yang ditolak pemasok")
    for units in (8, 8):
        await purchase.pledge("cash", units)
    await purchase.becomes("awaiting_supplier")
    supplier = site.browser(market.supplier)
    orders = await shows(supplier, "/pesanan", "Urun yang ditolak pemasok")
    order_ids = [link for link in orders.links if link.startswith("/pesanan/")]
    order_path = order_ids[0]
    page = await supplier.open(order_path)
    assert "Bisa dipenuhi?" in page.text
    refused = await supplier.send(page, f"{order_path}/tolak")
    assert 'id="f-reason-error"' in refused.html
    page = await supplier.send(refused, f"{order_path}/tolak", reason="Bahan baku habis")
    assert "Bahan baku habis" in page.text
    assert not page.has_form(f"{order_path}/terima")
    await purchase.becomes("failed")
    page = await site.browser().open(f"/urun/{purchase.pool['id']}")
    assert "Pemasok tidak bisa menerima pesanan ini" in page.text
    assert f"/urun/{purchase.pool['id']}/ikut" not in page.links
    assert "Urun yang ditolak pemasok" not in (await site.browser().open("/urun")).text
    assert "Urun yang ditolak pemasok" in (await site.browser().open("/urun?keadaan=failed")).text


async def test_the_desk_checks_businesses_and_suppliers_but_not_ones_own(site, market):
    shop = await site.scene.somebody("Ibu Warung")
    post_id = market.post["id"]
    business = await shop.post("/businesses", {"name": "Warung Sari", "post_id": post_id, "whatsapp": shop.phone})
    own = await market.operator.post(
        "/businesses", {"name": "Warung Sebelah", "post_id": post_id, "whatsapp": market.operator.phone}
    )
    account = {"bank_name": "Bank Contoh", "account_number": "5551234567", "account_holder": "Bengkel Uji"}
    workshop = await shop.post(
        "/suppliers", {"name": "Bengkel Uji", "post_id": post_id, "whatsapp": shop.phone, **account}
    )
    operator = site.browser(market.operator)
    desk = await operator.open("/petugas")
    assert "Ibu Warung" in desk.text
    assert "5551234567" in desk.text
    assert not desk.has_form(f"/petugas/kerjakan/usaha/{own['id']}/terima")
    done = await operator.send(desk, f"/petugas/kerjakan/usaha/{business['id']}/terima")
    assert "Usaha terverifikasi" in done.text
    reason = {f"reason-{workshop['id']}": "Alamatnya belum jelas"}
    done = await operator.send(desk, f"/petugas/kerjakan/pemasok/{workshop['id']}/tolak", **reason)
    assert "Ditolak" in done.text
    assert "Bengkel Uji" not in done.text
    # The same tap on a page that is stale says what has happened meanwhile.
    stale = await site.browser(market.checker).open("/petugas")
    assert not stale.has_form(f"/petugas/kerjakan/usaha/{business['id']}/terima")
    late = await operator.send(
        desk, f"/petugas/kerjakan/usaha/{business['id']}/tolak", **{f"reason-{business['id']}": "x"}
    )
    assert late.status == 409
    assert 'class="notice bad"' in late.html


async def test_a_pools_treasurer_checks_transfers_but_does_the_posts_work_not(site, market):
    purchase = await open_pool(site, market, "deposit", "Urun bendahara")
    pool_id = purchase.pool["id"]
    member, path = await joined(site, pool_id, "transfer")
    page = await shows(member, path, "Saya sudah transfer")
    await member.send(page, f"{path}/transfer", reference="REF-BENDAHARA")

    async def is_treasurer() -> bool:
        return await market.owner.has_role("treasurer", pool_id)

    await eventually(is_treasurer)
    # A session that was opened before keeps its roles for two minutes more.
    treasurer = site.browser(await market.owner.sign_in())
    desk = await shows(treasurer, "/petugas", "REF-BENDAHARA")
    assert "Periksa usaha" not in desk.text
    counter = await treasurer.open(f"/petugas/urun/{pool_id}")
    assert "Transfer ditemukan di rekening" in counter.text
    assert "Terima tunai" not in counter.text
    payment_id = re.search(r"/petugas/kerjakan/transfer/([0-9a-f-]{36})/terima", desk.html)[1]
    booked = await treasurer.send(desk, f"/petugas/kerjakan/transfer/{payment_id}/terima")
    assert "Nomor kuitansi" in booked.text
    await shows(member, path, "Komitmen Anda aman")


async def test_the_province_sees_the_desk_of_every_post(site, market):
    officer = site.browser(market.officer)
    desk = await officer.open(f"/petugas?posyantek={market.post['id']}")
    assert desk.status == 200
    assert market.post["name"] in desk.text
    assert (await officer.open("/petugas?jenis=apa")).status == 404


async def test_lists_have_pages(site, market):
    person = await site.scene.somebody()
    owner = site.browser(person)
    for place in range(13):
        body = {
            "offer_id": market.offer["id"],
            "post_id": market.post["id"],
            "title": f"Draf nomor {place:02}",
            "deadline": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
            "methods": ["cash"],
        }
        await person.post("/pools", body)
    first = await owner.open("/urun?saya=1&keadaan=semua")
    onward = next(link for link in first.links if "cursor=" in link)
    second = await owner.open(onward)
    assert "Draf nomor 12" in first.text
    assert "Draf nomor 00" not in first.text
    assert "Draf nomor 00" in second.text
    assert not any("cursor=" in link for link in second.links)
    assert "Draf nomor" not in (await site.browser().open("/urun?keadaan=semua")).text


async def test_every_page_is_there_in_english(site, market, pool_id):
    pages = {
        "/urun": None,
        f"/urun/{pool_id}": market.owner,
        f"/urun/{pool_id}/buku": None,
        f"/urun/{pool_id}/peserta": None,
        f"/urun/baru?penawaran={market.offer['id']}": market.owner,
        f"/urun/{pool_id}/ikut": market.checker,
        "/petugas": market.operator,
        f"/petugas/urun/{pool_id}": market.operator,
        "/petugas/bantu": market.operator,
        "/pesanan": market.supplier,
    }
    for path, person in pages.items():
        browser = site.browser(person)
        browser.cookies[cookies.LANGUAGE] = "en"
        page = await browser.open(path)
        assert page.status == 200, path
        assert '<html lang="en">' in page.html
        shown = page.text.replace(market.post["name"], "")
        left = re.findall(r"\b(?:Komitmen|Urun beli|Petugas|Jenjang|Peserta|Kuitansi|Batas)\b", shown)
        assert left == [], path
