"""An owner's photos through the pages, without JavaScript; and how photos are drawn."""

from __future__ import annotations

import io
import re

import aiohttp
import pytest
from PIL import Image

from services.web import cookies
from services.web.catalogues import LOCALES
from services.web.rendering import environment
from services.web.showing import pictures as showing
from shared.testing.running import NOBODY
from tests.listings import pictures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


@pytest.fixture
async def listing(site, market):
    """A product that is on show, of an owner of its own."""
    owner = await site.scene.somebody()
    body = {"name": "Dapur Foto (contoh)", "post_id": market.post["id"], "whatsapp": owner.phone}
    business = await owner.post("/businesses", body)
    await market.operator.post(f"/businesses/{business['id']}/verify")
    body = {"business_id": business["id"], "name": "Wajik <b>", "category": "snacks", "price_idr": 20_000}
    made = await owner.post("/listings", body)
    await owner.post(f"/listings/{made['id']}/publish")
    return {**made, "owner": owner}


def path_of(listing):
    return f"/jualan/{listing['id']}/foto"


async def choose(site, browser, page, action, *files, **more):
    """Choose files in the page's form and send it, as a browser does."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in {**page.form(action).values, **more}.items():
        if name != "foto":
            form.add_field(name, value)
    for name, body in files:
        form.add_field("foto", io.BytesIO(body), filename=name, content_type="image/jpeg")
    return await browser._ask("POST", action, form(), referer=page.url)


def shown_pictures(page):
    return re.findall(r'<img src="(/api/v1/photos/[^"]+)"', page.html)


async def test_photos_from_choosing_to_deleting(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    assert "Belum ada foto" in page.text
    page = await choose(
        site, browser, page, path, ("satu.jpg", pictures.jpeg(800, 600)), ("dua.heic", pictures.HEIC),
        ("tiga.png", pictures.written(pictures.two_halves(), "PNG")),
    )  # fmt: skip
    assert (page.status, page.path) == (200, path)
    assert "3 foto tersimpan." in page.text
    shown = shown_pictures(page)
    assert len(shown) == 3
    assert "Foto utama" in page.text
    async with site.session.get(site.origin + shown[0]) as reply:
        assert Image.open(io.BytesIO(await reply.read())).size == (720, 540)

    first, second, _ = [address.split("/")[4] for address in shown]
    page = await browser.send(page, f"{path}/{first}/mundur")
    assert shown_pictures(page) == [shown[1], shown[0], shown[2]]
    page = await browser.send(page, f"{path}/{first}/maju")
    assert shown_pictures(page) == shown

    page = await browser.send(page, f"{path}/{first}/keterangan", **{f"alt-{first}": 'Wajik "merah" <i>'})
    assert "Keterangan foto tersimpan." in page.text
    assert page.form(f"{path}/{first}/keterangan").values[f"alt-{first}"] == 'Wajik "merah" <i>'
    assert 'alt="Wajik &#34;merah&#34; &lt;i&gt;"' in page.html
    refused = await browser.send(page, f"{path}/{first}/keterangan", **{f"alt-{first}": "a" * 121})
    assert refused.status == 422
    assert f'id="f-alt-{first}-error"' in refused.html
    assert refused.form(f"{path}/{first}/keterangan").values[f"alt-{first}"] == "a" * 121

    page = await browser.send(page, f"{path}/{second}/hapus")
    assert "Foto dihapus." in page.text
    assert shown_pictures(page) == [shown[0], shown[2]]
    again = await browser._ask("POST", f"{path}/{second}/hapus", page.form(path).values, referer=page.url)
    assert "Foto dihapus." in again.text


async def test_good_files_are_kept_and_each_bad_one_is_named(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    page = await choose(
        site, browser, page, path, ("surat <b>.pdf", pictures.PDF), ("bagus.jpg", pictures.jpeg()),
        ("rusak.jpg", pictures.jpeg()[:2500]), ("raksasa.jpg", pictures.jpeg() + b"\0" * 16_000_000),
    )  # fmt: skip
    assert page.status == 422
    assert "surat <b>.pdf: Berkas ini bukan foto." in page.text
    assert "rusak.jpg: Foto ini rusak atau terpotong." in page.text
    assert "raksasa.jpg: Lebih dari 15 MB." in page.text
    assert "3 foto belum tersimpan" in page.text
    assert "1 foto lainnya sudah tersimpan." in page.text
    assert "<b>.pdf" not in page.html
    assert len(shown_pictures(page)) == 1
    # The form stands there again: a better file may be chosen at once.
    page = await choose(site, browser, page, path, ("lebih-baik.jpg", pictures.different_jpeg(1)))
    assert len(shown_pictures(page)) == 2


async def test_sent_twice_it_is_one_photo(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    for _ in range(2):
        shown = await choose(site, browser, page, path, ("satu.jpg", pictures.jpeg()))
    assert len(shown_pictures(shown)) == 1


async def test_no_file_is_told_beside_its_field(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    for refused in (
        await choose(site, browser, page, path),
        await choose(site, browser, page, path, ("", b"")),
        await browser._ask("POST", path, page.form(path).values, referer=page.url),
    ):
        assert refused.status == 422
        assert "Pilih paling sedikit satu foto." in refused.text
        assert 'id="f-foto-error"' in refused.html


async def test_more_than_fit_fill_the_room_and_the_rest_is_named(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    files = [(f"{number}.jpg", pictures.different_jpeg(number)) for number in range(10)]
    page = await choose(site, browser, page, path, *files)
    assert page.status == 422
    assert len(shown_pictures(page)) == 8
    for name in ("8.jpg", "9.jpg"):
        assert f"{name}: Jualan ini sudah punya 8 foto." in page.text
    assert "Sudah 8 foto, itu paling banyak." in page.text
    assert 'type="file"' not in page.html


async def test_too_much_at_once_is_a_page_that_says_so(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await browser.open(path)
    files = [(f"{number}.jpg", pictures.jpeg() + b"\0" * 14_000_000) for number in range(3)]
    refused = await choose(site, browser, page, path, *files)
    assert refused.status == 413
    assert "Kiriman terlalu besar" in refused.text


async def test_only_the_owner_opens_it(site, market, listing):
    path = path_of(listing)
    await listing["owner"].send("POST", f"/listings/{listing['id']}/pause")
    for person in (market.owner, market.operator):
        browser = site.browser(person)
        assert (await browser.open(path)).status == 404
        csrf = cookies.csrf_of(site.runner.contexts["web"].settings, person.session_token)
        form = aiohttp.FormData({"_csrf": csrf}, default_to_multipart=True)
        form.add_field("foto", pictures.jpeg(), filename="a.jpg")
        assert (await browser._ask("POST", path, form())).status == 404
    assert (await site.browser().open(path)).path.startswith("/masuk")
    assert (await site.browser(listing["owner"]).open(f"/jualan/{NOBODY}/foto")).status == 404


@pytest.mark.parametrize("origin", ["https://elsewhere.example", None])
async def test_another_site_sends_no_files_in_anybodys_name(site, listing, origin):
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("foto", pictures.jpeg(), filename="a.jpg")
    headers = {"Cookie": f"{cookies.SESSION}={listing['owner'].session_token}"}
    headers |= {"Origin": origin} if origin else {}
    url = site.origin + path_of(listing)
    async with site.session.post(url, data=form, headers=headers, allow_redirects=False) as reply:
        assert reply.status == 403
    assert shown_pictures(await site.browser(listing["owner"]).open(path_of(listing))) == []


async def test_archived_product_only_shows_its_photos(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await choose(site, browser, await browser.open(path), path, ("a.jpg", pictures.jpeg()))
    photo_id = shown_pictures(page)[0].split("/")[4]
    await listing["owner"].send("POST", f"/listings/{listing['id']}/archive")
    fixed = await browser.open(path)
    assert len(shown_pictures(fixed)) == 1
    assert not fixed.has_form(path)
    late = await browser.send(page, f"{path}/{photo_id}/hapus")
    assert late.status == 409


async def test_other_ways_lead_nowhere(site, listing):
    browser, path = site.browser(listing["owner"]), path_of(listing)
    page = await choose(site, browser, await browser.open(path), path, ("a.jpg", pictures.jpeg()))
    photo_id = shown_pictures(page)[0].split("/")[4]
    for target in (f"{path}/{photo_id}/terbang", f"{path}/{NOBODY}/maju", f"{path}/abc/maju"):
        assert (await browser._ask("POST", target, page.form(path).values, referer=page.url)).status == 404


# How photos are drawn

COVER = {"id": NOBODY, "widths": [360, 720], "width": 720, "height": 540}


def test_listing_shows_its_cover_or_its_kind():
    drawn = showing.of_listing({"category": "snacks", "cover": None})
    assert drawn == showing.of_product("snacks") == showing.of_listing({"category": "snacks"})
    assert not drawn["is_photo"]
    shown = showing.of_listing({"category": "snacks", "cover": COVER})
    base = f"/api/v1/photos/{NOBODY}"
    assert shown == {
        "src": f"{base}/720.webp", "alt": "", "width": 720, "height": 540, "is_photo": True,
        "sources": (
            ("image/avif", f"{base}/360.avif 360w, {base}/720.avif 720w"),
            ("image/webp", f"{base}/360.webp 360w, {base}/720.webp 720w"),
        ),
    }  # fmt: skip


def test_small_photo_has_one_size():
    shown = showing.of_photo({"id": NOBODY, "sizes": [{"width": 300, "height": 200}], "width": 300, "height": 200})
    assert shown["src"].endswith("/360.webp")
    assert [srcset for _, srcset in shown["sources"]] == [
        f"/api/v1/photos/{NOBODY}/360.{format_} 300w" for format_ in ("avif", "webp")
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_macro_draws_a_cover(locale):
    source = '{% from "components/media.html" import photo %}{{ photo(cover, alt, sizes="50vw", eager=true) }}'
    html = environment(locale).from_string(source).render(cover=COVER, alt='"><script>')
    assert html.count('sizes="50vw"') == 2
    assert html.index("image/avif") < html.index("image/webp") < html.index("<img")
    assert 'width="720" height="540"' in html
    assert 'fetchpriority="high"' in html
    assert "lazy" not in html
    assert "<script>" not in html
