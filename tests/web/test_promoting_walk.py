"""Promotions, campaigns, figures and orders by WhatsApp as people meet them, without JavaScript."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from services.web.attention import is_machine
from services.web.zones import WIB
from shared.ids import new_id

pytestmark = pytest.mark.slow
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}


@pytest.fixture(scope="module")
async def post(site):
    """A post with an operator."""
    officer = await site.scene.somebody("Ibu Ratna", site.scene.officer_phone)
    body = {"region_code": "31.71.05", "name": "Posyantek Cempaka Putih", "whatsapp": "0811-0000-011"}
    made = await officer.post("/posts", body)
    operator, _ = await site.scene.operators_of(officer, made)
    return {**made, "operator": operator}


@pytest.fixture(scope="module")
async def owner(site):
    return await site.scene.somebody("Mpok Nur")


@pytest.fixture(scope="module")
async def business(post, owner):
    body = {"name": "Dapur Mpok Nur (contoh)", "post_id": post["id"], "whatsapp": "0812-3456-7890"}
    business = await owner.post("/businesses", body)
    await post["operator"].post(f"/businesses/{business['id']}/verify")
    return business


@pytest.fixture
async def listing(business, owner):
    """A product on show."""
    body = {
        "business_id": business["id"], "name": "Keripik bayam", "category": "snacks", "price_idr": 18_000, "unit": "bungkus"
    }  # fmt: skip
    listing = await owner.post("/listings", body)
    await owner.post(f"/listings/{listing['id']}/publish")
    return listing


def day(days):
    return (datetime.now(WIB) + timedelta(days=days)).date().isoformat()


async def opened(site, path, **headers):
    async with site.session.get(site.origin + path, headers={**PHONE, **headers}, allow_redirects=False) as reply:
        await reply.read()
        return reply


async def ordered(site, listing, **fields):
    """Send the order form as a phone that is not logged in does; gives the answer without following it."""
    headers = {**PHONE, "Origin": site.origin}
    url = f"{site.origin}/produk/{listing['id']}/pesan"
    async with site.session.post(url, data=fields, headers=headers, allow_redirects=False) as reply:
        return reply, await reply.text()


def chat(reply):
    """The number and text of the chat that an answer leads to."""
    parts = urlsplit(reply.headers["Location"])
    assert (reply.status, parts.scheme, parts.netloc) == (303, "https", "wa.me")
    return parts.path[1:], parse_qs(parts.query)["text"][0]


async def days_of(site, owner, listing):
    await site.runner.contexts["web"].resources.attention.send()
    return (await owner.get(f"/listings/{listing['id']}/attention"))["days"]


async def test_a_promotion_is_planned_and_ended(site, owner, listing):
    browser, path = site.browser(owner), f"/jualan/{listing['id']}/promo"
    form = await browser.open(path)
    typed = {"selesai": day(3), "jam_selesai": "21:00"}
    dear = await browser.send(form, path, price_idr="18.000", **typed)
    assert dear.status == 422
    assert 'id="f-price_idr-error"' in dear.html
    assert dear.form(path).values["selesai"] == day(3), "what was typed stays"
    late = await browser.send(dear, path, price_idr="15.000", selesai=day(90))
    assert 'id="f-selesai-error"' in late.html
    planned = await browser.send(late, path, price_idr="15.000", selesai=day(3))
    assert "Promo sudah jalan" in planned.text
    assert "Sedang jalan" in planned.text
    assert "21.00 WIB" in planned.text
    again = await browser.send(planned, path, price_idr="14.000", **typed)
    assert again.status == 409
    assert "Sudah ada promo lain" in again.text

    stranger = site.browser(await site.scene.somebody())
    assert (await stranger.open(path)).status == 404
    ended = await browser.send(planned, f"{path}/")
    assert "Promo diakhiri" in ended.text
    assert not ended.has_form(f"{path}/")
    later = await browser.send(
        ended, path, price_idr="14.000", mulai=day(2), jam_mulai="08:00", selesai=day(4), jam_selesai="17:00"
    )
    assert "Akan datang" in later.text
    too_late = await browser.send(planned, f"{path}/")
    assert "Promo ini sudah berakhir" in too_late.text


async def test_a_bazaar_from_its_announcement(site, post, owner, listing):
    operator, visitor, browser = site.browser(post["operator"]), site.browser(), site.browser(owner)
    path = f"/posyantek/{post['id']}/kampanye/baru"
    assert (await browser.open(path)).status == 403
    form = await operator.open(path)
    typed = {"title": "Bazar Akhir Tahun", "place": "Halaman kecamatan", "mulai": day(5), "selesai": day(4)}
    wrong = await operator.send(form, path, **typed)
    assert 'id="f-selesai-error"' in wrong.html
    assert wrong.form(path).values["title"] == "Bazar Akhir Tahun"
    shown = await operator.send(wrong, path, selesai=day(6))
    assert shown.path == "/kampanye/bazar-akhir-tahun"
    assert "Kampanye sudah diumumkan" in shown.text
    assert "09.00 WIB" in shown.text
    listed = await visitor.open("/kampanye")
    assert "/kampanye/bazar-akhir-tahun" in listed.links
    assert "/kampanye/bazar-akhir-tahun" in (await visitor.open(f"/kampanye?posyantek={post['id']}")).links
    assert "/kampanye/bazar-akhir-tahun" not in (await visitor.open(f"/kampanye?posyantek={new_id()}")).links

    page = await browser.open("/kampanye/bazar-akhir-tahun")
    joined = await browser.send(page, "/kampanye/bazar-akhir-tahun/ikut", produk=listing["id"])
    assert "Produk Anda ikut kampanye ini." in joined.text
    seen = await visitor.open("/kampanye/bazar-akhir-tahun")
    assert f"/produk/{listing['id']}" in seen.links
    assert not seen.has_form("/kampanye/"), "who is not logged in is led to log in"
    left = await browser.send(joined, "/kampanye/bazar-akhir-tahun/keluar")
    assert f"/produk/{listing['id']}" not in left.links

    await browser.send(left, "/kampanye/bazar-akhir-tahun/ikut", produk=listing["id"])
    taken = await operator.send(
        await operator.open("/kampanye/bazar-akhir-tahun"), "/kampanye/bazar-akhir-tahun/keluar"
    )
    assert f"/produk/{listing['id']}" not in taken.links
    fresh = await browser.open("/kampanye/bazar-akhir-tahun")
    refused = await browser.send(fresh, "/kampanye/bazar-akhir-tahun/ikut", produk=listing["id"])
    assert "dikeluarkan petugas dari kampanye" in refused.text
    await _changed_and_called_off(operator, browser)


async def _changed_and_called_off(operator, browser):
    edit = "/kampanye/bazar-akhir-tahun/ubah"
    assert (await browser.open(edit)).status == 403
    form, stale = await operator.open(edit), await operator.open(edit)
    assert form.form(edit).values["jam_mulai"] == "09:00"
    moved = await operator.send(form, edit, place="Balai RW 03")
    assert "Balai RW 03" in moved.text
    late = await operator.send(stale, edit, place="Balai RW 04")
    assert late.status == 409
    assert late.form(edit).values["place"] == "Balai RW 04"
    asked = await operator.open("/kampanye/bazar-akhir-tahun/batal")
    off = await operator.send(asked, "/kampanye/bazar-akhir-tahun/batal")
    assert "Dibatalkan" in off.text
    assert not off.has_form("/kampanye/")
    assert "/kampanye/bazar-akhir-tahun" not in (await browser.open("/kampanye")).links


async def test_strange_addresses_of_campaigns_are_not_found(site):
    for name in ("tidak-ada", "Tidak%2FAda", "..%2F..", "%00", str(new_id())):
        assert (await site.browser().open(f"/kampanye/{name}")).status == 404, name


async def test_an_order_leads_to_the_sellers_chat_and_is_settled(site, owner, listing):
    form = await site.browser().open(f"/produk/{listing['id']}/pesan?jumlah=3")
    assert form.form("/produk/").values["jumlah"] == "3"
    reply, _ = await ordered(site, listing, jumlah="3", varian="Pedas")
    number, text = chat(reply)
    assert number == "6281234567890"
    reference = text.rpartition("Ref. ")[2]
    assert text == (
        "Halo Dapur Mpok Nur (contoh), saya mau pesan 3 bungkus Keripik bayam, Pedas "
        f"(Rp 18.000 per bungkus). Ref. {reference}"
    )
    await owner.post(f"/listings/{listing['id']}/promotions", {"price_idr": 15_000, "ends_at": f"{day(2)}T00:00:00Z"})
    reply, _ = await ordered(site, listing)
    assert "1 bungkus Keripik bayam (Rp 15.000 per bungkus)" in chat(reply)[1]

    browser, path = site.browser(owner), f"/jualan/{listing['id']}/pesanan"
    page = await browser.open(path)
    assert reference in page.text
    assert "3 bungkus, Pedas" in page.text
    settled = await browser.send(page, f"{path}/", hasil="jadi")
    assert "Tercatat." in settled.text
    assert (await site.browser(await site.scene.somebody()).open(path)).status == 404
    today = (await days_of(site, owner, listing))[-1]
    assert (today["whatsapp"], today["enquiries"], today["sold"]) == (2, 2, 1)


@pytest.mark.parametrize("units", ["0", "10000", "banyak", "-1", "1e3", "99999"])
async def test_a_wrong_number_is_said_beside_its_field(site, listing, units):
    reply, html = await ordered(site, listing, jumlah=units, varian="Pedas")
    assert reply.status == 422
    assert 'id="f-jumlah-error"' in html
    assert 'value="Pedas"' in html


async def test_a_variant_that_is_too_long_is_said_beside_its_field(site, listing):
    reply, html = await ordered(site, listing, jumlah="1", varian="a" * 61)
    assert reply.status == 400
    assert 'id="f-varian-error"' in html


async def test_the_sum_is_worked_out_on_the_products_page(site, listing):
    reply, _ = await ordered(site, listing, jumlah="3", aksi="hitung")
    assert reply.headers["Location"] == f"/produk/{listing['id']}?jumlah=3#pesan"


async def test_an_order_from_another_site_is_not_made(site, listing):
    url = f"{site.origin}/produk/{listing['id']}/pesan"
    for headers in ({**PHONE, "Origin": "https://elsewhere.example"}, PHONE):
        async with site.session.post(url, data={"jumlah": "1"}, headers=headers, allow_redirects=False) as reply:
            assert reply.status == 403


async def test_whoever_is_held_back_still_gets_to_the_chat(site, listing):
    """A mobile network may share one address: the reference of the product does as well."""
    headers = {**PHONE, "Origin": site.origin, "X-Forwarded-For": "203.0.113.77"}
    url = f"{site.origin}/produk/{listing['id']}/pesan"
    texts = []
    for _ in range(61):
        async with site.session.post(url, data={"jumlah": "1"}, headers=headers, allow_redirects=False) as reply:
            texts.append(chat(reply)[1])
    assert f"Ref. UB-{listing['id'][-6:].upper()}" not in texts[59]
    assert texts[60].endswith(f"Ref. UB-{listing['id'][-6:].upper()}")


async def test_what_is_not_on_show_cannot_be_ordered(site, owner, listing):
    await owner.post(f"/listings/{listing['id']}/pause")
    for path in ("pesan", "bagikan"):
        assert (await site.browser().open(f"/produk/{listing['id']}/{path}")).status == 404


async def test_looks_are_counted_and_machines_are_not(site, owner, business, listing):
    path = f"/produk/{listing['id']}"
    await days_of(site, owner, listing)
    for _ in range(3):
        await opened(site, path)
    await opened(site, f"{path}?dari=qr")
    await opened(site, f"{path}/bagikan")
    await opened(site, f"/usaha/{business['id']}")
    for headers in (
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "WhatsApp/2.24 A"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"HX-Request": "true"},
        {"User-Agent": ""},
    ):
        await opened(site, path, **headers)
    async with site.session.head(site.origin + path, headers=PHONE) as reply:
        assert reply.status in {200, 405}
    await opened(site, f"/produk/{new_id()}")
    today = (await days_of(site, owner, listing))[-1]
    assert {name: today[name] for name in ("view", "share", "qr", "whatsapp")} == {
        "view": 4, "share": 1, "qr": 1, "whatsapp": 0,
    }  # fmt: skip
    of_business = (await owner.get(f"/businesses/{business['id']}/attention"))["days"][-1]
    assert of_business["view"] == 1

    page = await site.browser(owner).open(f"/jualan/{listing['id']}/angka")
    assert "Minggu ini dilihat 4 kali, dan WhatsApp diketuk 0 kali." in page.text
    assert '<rect class="chart-bar"' in page.html
    stranger = site.browser(await site.scene.somebody())
    assert (await stranger.open(f"/jualan/{listing['id']}/angka")).status == 403


async def test_a_product_that_nobody_has_seen_says_what_to_do(site, post, owner, listing):
    page = await site.browser(owner).open(f"/jualan/{listing['id']}/angka")
    assert "Belum ada yang melihat" in page.text
    of_post = await site.browser(post["operator"]).open(f"/jualan/{listing['id']}/angka")
    assert of_post.status == 200
    assert f"/jualan/{listing['id']}/pesanan" not in of_post.links


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        (PHONE, False),
        ({"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Safari/604.1"}, False),
        ({**PHONE, "Sec-Purpose": "prefetch"}, True),
        ({"User-Agent": "facebookexternalhit/1.1"}, True),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, True),
        ({"User-Agent": "curl/8.5.0"}, True),
        ({}, True),
    ],
)
def test_what_is_a_machine(headers, machine):
    assert is_machine(headers) is machine
