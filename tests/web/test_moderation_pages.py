"""Reports, decisions and appeals through the pages, without JavaScript."""

from __future__ import annotations

import io
from random import Random

import aiohttp
import pytest
from PIL import Image

from services.web import cookies
from shared.testing.running import quiet
from tests.listings import pictures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


@pytest.fixture
async def shop(site, market):
    """An owner with a verified business."""
    owner = await site.scene.somebody()
    body = {"name": "Dapur Uji (contoh)", "post_id": market.post["id"], "whatsapp": owner.phone}
    business = await owner.post("/businesses", body)
    await market.operator.post(f"/businesses/{business['id']}/verify")
    return {**business, "owner": owner}


async def product(shop, name="Wajik <b>"):
    body = {"business_id": shop["id"], "name": name, "category": "snacks", "price_idr": 20_000}
    made = await shop["owner"].post("/listings", body)
    await shop["owner"].post(f"/listings/{made['id']}/publish")
    return f"/produk/{made['id']}", made["id"]


async def reported(site, path, **values):
    visitor = site.browser()
    page = await visitor.open(f"{path}/laporkan")
    return await visitor.send(page, f"{path}/laporkan", **values)


async def case_on_desk(site, market, name):
    """Follow the desk's link to the case of a product."""
    operator = site.browser(market.operator)
    desk = await operator.open(f"/petugas?posyantek={market.post['id']}&jenis=laporan")
    assert name in desk.text
    waiting = (await market.operator.get(f"/moderation/queue?post_id={market.post['id']}&limit=100"))["items"]
    (found,) = [one["id"] for one in waiting if one["listing_name"] == name]
    assert f"/petugas/laporan/{found}" in desk.links
    return operator, await operator.open(f"/petugas/laporan/{found}")


async def test_report_form_says_what_is_wrong_with_it_and_keeps_what_was_typed(site, shop):
    path, _ = await product(shop)
    visitor = site.browser()
    page = await visitor.open(path)
    assert f"{path}/laporkan" in page.links
    form = await visitor.open(f"{path}/laporkan")
    empty = await visitor.send(form, f"{path}/laporkan", words="Uang saya <i>")
    assert empty.status == 422
    assert 'id="f-reason-error"' in empty.html
    assert empty.form(f"{path}/laporkan").values["words"] == "Uang saya <i>"
    wordless = await visitor.send(empty, f"{path}/laporkan", reason="other", words="")
    assert 'id="f-words-error"' in wordless.html
    assert wordless.form(f"{path}/laporkan").values["reason"] == "other"
    long = await visitor.send(wordless, f"{path}/laporkan", words="a" * 501)
    assert 'id="f-words-error"' in long.html
    odd = await visitor.send(long, f"{path}/laporkan", reason="bukan-alasan", words="")
    assert 'id="f-reason-error"' in odd.html
    done = await visitor.send(odd, f"{path}/laporkan", reason="offensive", words="")
    assert (done.path, done.status) == (path, 200)
    assert "Petugas Posyantek akan memeriksanya." in done.text


async def test_owner_reports_nothing_of_their_own_and_nobody_what_is_not_on_show(site, shop):
    path, listing_id = await product(shop)
    owner = site.browser(shop["owner"])
    assert f"{path}/laporkan" not in (await owner.open(path)).links
    assert (await owner.open(f"{path}/laporkan")).status == 404
    page = await site.browser().open(f"{path}/laporkan")
    await shop["owner"].post(f"/listings/{listing_id}/pause")
    assert (await site.browser().send(page, f"{path}/laporkan", reason="offensive")).status == 404


async def test_two_taps_are_one_report_and_operators_see_no_name(site, market, shop):
    path, _ = await product(shop, "Rengginang")
    neighbour = await site.scene.somebody("Bu Melapor")
    for browser in (site.browser(), site.browser(neighbour)):
        page = await browser.open(f"{path}/laporkan")
        for _ in range(2):
            await browser.send(page, f"{path}/laporkan", reason="stolen_photo", words="Foto saya <b>")
    _, case = await case_on_desk(site, market, "Rengginang")
    assert "Laporan (2)" in case.text
    assert "Foto saya <b>" in case.text
    assert "Bu Melapor" not in case.text
    assert neighbour.phone[-6:] not in case.html


async def test_product_is_let_be(site, market, shop):
    path, _ = await product(shop, "Kue talam")
    await reported(site, path, reason="not_as_shown")
    operator, case = await case_on_desk(site, market, "Kue talam")
    action = f"{case.path}/biarkan"
    wrong = await operator.send(case, action)
    assert 'id="f-note-error"' in wrong.html
    done = await operator.send(wrong, action, note="Sudah ditelepon, barangnya ada.")
    assert "Produk ini dibiarkan." in done.text
    assert "Sudah ditelepon, barangnya ada." in done.text
    assert not done.has_form(action)
    late = await operator.send(case, action, note="Lagi.")
    assert (late.status, "sudah ditangani" in late.text) == (409, True)
    await reported(site, path, reason="offensive")
    _, again = await case_on_desk(site, market, "Kue talam")
    assert again.path != case.path
    assert case.path in again.links, "earlier cases are there to be read"


async def test_product_is_hidden_appealed_for_and_restored(site, market, shop):
    path, listing_id = await product(shop, "Keripik bayam")
    await reported(site, path, reason="not_as_shown", words="Beda dengan foto.")
    operator, case = await case_on_desk(site, market, "Keripik bayam")
    action = f"{case.path}/sembunyikan"
    wrong = await operator.send(case, action, words="Ganti fotonya.")
    assert 'id="f-reason-error"' in wrong.html
    assert wrong.form(action).values["words"] == "Ganti fotonya."
    done = await operator.send(wrong, action, reason="not_as_shown")
    assert "Pemiliknya diberi tahu." in done.text
    assert (await site.browser().open(path)).status == 404

    await quiet(site.runner)
    owner = site.browser(shop["owner"])
    told = [one["link"] for one in (await shop["owner"].get("/messages"))["items"] if "disembunyikan" in one["title"]]
    assert told == [path]
    page = await owner.open(path)
    assert "Penipuan atau bukan barangnya" in page.text
    assert "“Ganti fotonya.”" in page.text
    assert not page.has_form(f"/jualan/{listing_id}/tayang")
    appeal = f"/jualan/{listing_id}/keberatan"
    short = await owner.send(page, appeal, words="Tolong")
    assert 'id="f-words-error"' in short.html
    assert short.form(appeal).values["words"] == "Tolong"
    sent = await owner.send(short, appeal, words="Fotonya memang barang saya.")
    assert (sent.path, "Menunggu diputuskan petugas lain" in sent.text) == (path, True)
    assert not sent.has_form(appeal)
    assert (await site.browser(await site.scene.somebody()).open(appeal)).status in {403, 404}

    _, mine = await case_on_desk_by_id(site, market.operator, case.path)
    assert not mine.has_form(f"{case.path}/pulihkan")
    assert "petugas lain atau dinas" in mine.text
    judge, theirs = await case_on_desk_by_id(site, market.officer, case.path)
    assert "Fotonya memang barang saya." in theirs.text
    unsaid = await judge.send(theirs, f"{case.path}/tetap")
    assert 'id="f-answer-error"' in unsaid.html
    restored = await judge.send(unsaid, f"{case.path}/pulihkan")
    assert "Produk dipulihkan." in restored.text
    assert (await site.browser().open(path)).status == 200


async def test_words_of_an_appeal_outlive_the_session(site, market, shop):
    path, listing_id = await product(shop, "Geplak")
    await reported(site, path, reason="offensive")
    operator, case = await case_on_desk(site, market, "Geplak")
    await operator.send(case, f"{case.path}/sembunyikan", reason="offensive", words="Namanya kasar.")
    owner, appeal = site.browser(shop["owner"]), f"/jualan/{listing_id}/keberatan"
    page = await owner.open(path)
    session = owner.cookies[cookies.SESSION]
    ended = owner.cookies[cookies.SESSION] = "ended-" + "0" * 37
    csrf = cookies.csrf_of(site.runner.contexts["web"].settings, ended)
    expired = await owner.send(page, appeal, words="Geplak itu nama kue Betawi.", _csrf=csrf)
    assert expired.status == 401
    owner.cookies[cookies.SESSION] = session
    again = await owner.open(path)
    assert again.form(appeal).values["words"] == "Geplak itu nama kue Betawi."


async def case_on_desk_by_id(site, person, path):
    browser = site.browser(person)
    return browser, await browser.open(path)


async def test_appeal_is_turned_down_and_made_again_for_a_changed_product(site, market, shop):
    path, listing_id = await product(shop, "Dodol")
    await reported(site, path, reason="forbidden")
    operator, case = await case_on_desk(site, market, "Dodol")
    await operator.send(case, f"{case.path}/sembunyikan", reason="forbidden", words="Izinnya mana?")
    owner, appeal = site.browser(shop["owner"]), f"/jualan/{listing_id}/keberatan"
    await owner.send(await owner.open(path), appeal, words="Ini dodol biasa, Pak.")
    judge, theirs = await case_on_desk_by_id(site, market.officer, case.path)
    assert "tetap disembunyikan" in (await judge.send(theirs, f"{case.path}/tetap", answer="Tulis bahannya.")).text
    page = await owner.open(path)
    assert "“Tulis bahannya.”" in page.text
    assert "Betulkan dulu jualannya" in page.text
    assert not page.has_form(appeal)
    edit = await owner.open(f"/jualan/{listing_id}/ubah")
    page = await owner.send(edit, f"/jualan/{listing_id}/ubah", description="Ketan, gula, santan.")
    assert page.has_form(appeal)


async def test_forbidden_goods_are_refused_beside_the_field_and_doubtful_ones_are_shown(site, market, shop):
    owner = site.browser(shop["owner"])
    form = await owner.open(f"/jualan/baru?usaha={shop['id']}")
    draft = await owner.send(form, "/jualan/baru", name="Daun ganja", category="drinks", price_idr="5.000")
    assert "UU 35/2009" in draft.text
    assert "Masih draf" in draft.text
    again = await owner.send(draft, draft.path.replace("/produk", "/jualan") + "/tayang")
    assert "UU 35/2009" in again.text
    path, listing_id = await product(shop, "Arak Bali")
    edit = await owner.open(f"/jualan/{listing_id}/ubah")
    refused = await owner.send(edit, f"/jualan/{listing_id}/ubah", name="Sabu-sabu")
    assert refused.status == 422
    assert 'id="f-name-error"' in refused.html
    _, case = await case_on_desk(site, market, "Arak Bali")
    assert "“arak” bisa berarti minuman beralkohol (Permendag 20/2014)" in case.text
    assert "sistem yang menandainya" in case.text
    assert (await site.browser().open(path)).status == 200


def _patches():
    """A picture with structure enough to be told from others: a board of dark and light patches."""
    random = Random(5)  # noqa: S311 -- a picture, not a secret
    board = Image.frombytes("L", (18, 16), bytes(random.randrange(256) for _ in range(18 * 16)))
    return board.resize((800, 600)).convert("RGB")


async def test_both_photos_stand_side_by_side(site, market, shop):
    other = await site.scene.somebody()
    body = {"name": "Dapur Asli (contoh)", "post_id": market.post["id"], "whatsapp": other.phone}
    theirs = await other.post("/businesses", body)
    await market.operator.post(f"/businesses/{theirs['id']}/verify")
    first, first_id = await product({**theirs, "owner": other}, "Batik asli")
    second, second_id = await product(shop, "Batik tiruan")
    shown = []
    for owner, listing_id in ((other, first_id), (shop["owner"], second_id)):
        browser = site.browser(owner)
        page = await browser.open(f"/jualan/{listing_id}/foto")
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in page.form(page.path).values.items():
            if name != "foto":
                form.add_field(name, value)
        file = io.BytesIO(pictures.written(_patches(), "PNG"))
        form.add_field("foto", file, filename="batik.png", content_type="image/png")
        await browser._ask("POST", page.path, form(), referer=page.url)
        (photo,) = (await owner.get(f"/listings/{listing_id}/photos"))["items"]
        shown.append(photo["id"])
    _, case = await case_on_desk(site, market, "Batik tiruan")
    assert all(f"/api/v1/photos/{photo_id}/" in case.html for photo_id in shown)
    assert {first, second} <= set(case.links)
    assert "Batik asli · Dapur Asli (contoh)" in case.text


async def test_case_is_for_operators_of_the_post(site, market, shop):
    path, _ = await product(shop, "Lapis legit")
    await reported(site, path, reason="offensive")
    _, case = await case_on_desk(site, market, "Lapis legit")
    assert (await site.browser(shop["owner"]).open(case.path)).status == 403
    assert (await site.browser(market.supplier).open(case.path)).status == 403
    visitor = await site.browser().open(case.path)
    assert visitor.path.startswith("/masuk")
    assert (
        await site.browser(market.operator).open("/petugas/laporan/0192f0c1-0000-7000-8000-000000000000")
    ).status == 404
    assert (await site.browser(market.operator).open("/petugas/laporan/bukan-nomor")).status == 404


async def test_many_reports_are_paged(site, market, shop):
    path, listing_id = await product(shop, "Kue lumpur")
    for number in range(22):
        report = {"reason": "other", "words": f"Kabar {number}."}
        reply = await site.scene.api.send(
            "POST", f"/api/v1/listings/{listing_id}/reports", None, body=report,
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )  # fmt: skip
        assert reply.status == 204
    operator, case = await case_on_desk(site, market, "Kue lumpur")
    assert "Kabar 0." in case.text
    assert "Kabar 21." not in case.text
    (more,) = [link for link in case.links if "cursor=" in link]
    page = await operator.open(more)
    assert "Kabar 21." in page.text
    assert "Kabar 0." not in page.text
    assert page.has_form(f"{case.path}/biarkan")
    assert path in page.links
