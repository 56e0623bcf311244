"""The promotion kit through the pages: message, files, previews, embedded cards, feeds, dates, a post's week."""

from __future__ import annotations

import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image

from services.web import cookies
from shared.json import loads
from shared.testing.running import NOBODY, eventually
from tests.web.papers import words_on
from tests.web.town import Town, build

pytestmark = pytest.mark.slow
FIRST_PART = 300 * 1024
"""As much of a page as WhatsApp reads for its preview."""
FILES = {
    "gambar.png": ("image/png", b"\x89PNG"),
    "qr.svg": ("image/svg+xml", b"<?xml"),
    "qr.png": ("image/png", b"\x89PNG"),
    "poster-a4.pdf": ("application/pdf", b"%PDF-"),
    "poster-a5.pdf": ("application/pdf", b"%PDF-"),
}


@pytest.fixture(scope="module")
async def town(site) -> Town:
    town = await build(site)
    listing = await town.people["owner"].get(f"/listings/{town.ids['listing']}")
    town.ids["shop"] = listing["business_id"]
    return town


THINGS = ["/produk/{listing}", "/usaha/{shop}", "/urun/{pool}", "/posyantek/{post}"]
of_things = pytest.mark.parametrize("thing", THINGS)


async def fetch(site, path, **headers):
    async with site.session.get(site.origin + path, headers=headers, allow_redirects=False) as reply:
        return reply.status, reply.headers, await reply.read()


def meta(html):
    found = re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', html[:FIRST_PART])
    return {name: unescape(value) for name, value in found}


@of_things
async def test_kit_has_message_link_picture_and_files(site, town, thing):
    path = town.fill(thing)
    page = await site.browser().open(f"{path}/bagikan")
    assert page.status == 200
    message = page.form(f"{path.split('{')[0].rsplit('/', 1)[0]}").values["teks"].strip()
    assert message.splitlines()[-1].startswith(site.origin)
    (link,) = [href for href in page.links if href.startswith("https://wa.me/?text=")]
    assert unquote(link.partition("text=")[2]).replace("\r\n", "\n") == message
    wanted = set(FILES) | ({"katalog.pdf"} if "usaha" in path else set())
    offered = {href.rpartition("/")[2] for href in page.links if "/bagikan/" in href}
    assert offered == wanted
    for href in page.links:
        if "/bagikan/" in href or href.endswith(".ics"):
            assert (await fetch(site, href))[0] == 200


@of_things
async def test_files_are_what_they_say_and_may_be_kept(site, town, thing):
    for name, (content_type, beginning) in FILES.items():
        path = f"{town.fill(thing)}/bagikan/{name}"
        status, headers, body = await fetch(site, path)
        assert (status, headers["Content-Type"]) == (200, content_type), name
        assert body.startswith(beginning), name
        assert "public" in headers["Cache-Control"]
        assert "Set-Cookie" not in headers
        again, same, nothing = await fetch(site, path, **{"If-None-Match": headers["ETag"]})
        assert (again, nothing, same["ETag"]) == (304, b"", headers["ETag"])
        assert (await fetch(site, path))[2] == body


async def test_catalogue_has_the_products(site, town):
    listing = await town.people["owner"].get(f"/listings/{town.ids['listing']}")
    _, headers, body = await fetch(site, town.fill("/usaha/{shop}/bagikan/katalog.pdf"))
    assert headers["Content-Type"] == "application/pdf"
    cover, grid = words_on(body)
    assert listing["business_name"] in cover
    assert listing["name"] in grid
    assert f"{listing['price_idr']:,}".replace(",", ".") in grid


async def test_changed_words_go_into_the_link_without_a_script(site, town):
    path = town.fill("/produk/{listing}/bagikan")
    browser = site.browser()
    page = await browser.open(path)
    changed = await browser.send(page, path, teks='Halo Bu RT & Pak RW, "coba" ini ya: 100%')
    assert changed.form(path).values["teks"].strip() == 'Halo Bu RT & Pak RW, "coba" ini ya: 100%'
    (link,) = [href for href in changed.links if href.startswith("https://wa.me/")]
    assert unquote(link.partition("text=")[2]) == 'Halo Bu RT & Pak RW, "coba" ini ya: 100%'


@of_things
async def test_pages_and_kits_have_a_preview(site, town, thing):
    path = town.fill(thing)
    shown = [f"{path}/bagikan"] + ([path] if "produk" not in path else [])
    for address in shown:
        page = await site.browser().open(f"{address}?dari=qr")
        told = meta(page.html)
        assert {"title", "description", "url", "image", "image:width", "image:height", "image:alt"} <= set(told), (
            address
        )
        assert (told["image:width"], told["image:height"]) == ("1200", "630")
        assert all(told.values())
        assert "?" not in told["url"], "one address for the thing, however one came"
        assert told["url"].startswith(site.origin)
        status, headers, body = await fetch(site, told["image"].removeprefix(site.origin))
        assert (status, headers["Content-Type"]) == (200, "image/png"), told["image"]
        assert Image.open(io.BytesIO(body)).size == (1200, 630)
        assert len(body) <= 150 * 1024


@pytest.mark.parametrize("suffix", ["", "/gambar.png", "/poster-a4.pdf", "/qr.svg"])
async def test_what_is_not_for_everybody_has_no_kit(site, town, suffix):
    owner = site.browser(town.people["owner"])
    mine = await town.people["owner"].post(
        "/listings", {"business_id": town.ids["shop"], "name": "Draf", "category": "snacks", "price_idr": 5000}
    )
    hidden = [f"/produk/{mine['id']}", "/urun/{draft}", "/urun/{review}", "/usaha/{business}", f"/produk/{NOBODY}"]
    for thing in (*hidden, "/produk/kosong", "/posyantek/TIDAK"):
        for browser in (site.browser(), owner):
            assert (await browser.open(f"{town.fill(thing)}/bagikan{suffix}")).status == 404, thing


@of_things
async def test_there_are_no_other_files(site, town, thing):
    for name in ("x.pdf", "katalog.pdf" if "usaha" not in thing else "katalog.exe", "gambar.jpg", "..%2Fgambar.png"):
        assert (await fetch(site, f"{town.fill(thing)}/bagikan/{name}"))[0] == 404


async def test_a_business_tells_search_engines_and_feed_readers_of_itself(site, town):
    page = await site.browser().open(town.fill("/usaha/{shop}"))
    told = loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.html, re.DOTALL)[1].encode())
    assert told["@type"] == "LocalBusiness"
    assert told["url"] == site.origin + town.fill("/usaha/{shop}")
    status, _, picture = await fetch(site, told["image"][0].removeprefix(site.origin))
    assert (status, picture[:4]) == (200, b"\x89PNG")
    for path in ("/usaha/{shop}", "/posyantek/{post}"):
        shown = await site.browser().open(town.fill(path))
        feed = re.search(r'<link rel="alternate" type="application/rss\+xml" title="[^"]+" href="([^"]+)">', shown.html)
        assert (await fetch(site, feed[1]))[0] == 200
    unverified = await site.browser(town.people["owner"]).open(town.fill("/usaha/{business}"))
    assert "ld+json" not in unverified.html


# Embedded cards


@pytest.mark.parametrize("thing", ["/sematkan/produk/{listing}", "/sematkan/urun/{pool}"])
async def test_only_embedded_cards_may_be_framed(site, town, thing):
    status, headers, body = await fetch(site, town.fill(thing))
    html = body.decode()
    assert status == 200
    assert "X-Frame-Options" not in headers
    assert "frame-ancestors *" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in html
    assert len(body) < 4096
    links = re.findall(r"<a ([^>]*)>", html)
    assert links
    assert all('target="_top"' in link for link in links)
    for path in ("/produk/{listing}", "/urun/{pool}", "/produk/{listing}/bagikan", "/"):
        _, others, _ = await fetch(site, town.fill(path))
        assert others["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in others["Content-Security-Policy"]


async def test_embed_code_is_on_the_kit_and_shows_the_card(site, town):
    page = await site.browser().open(town.fill("/urun/{pool}/bagikan"))
    code = unescape(re.search(r'<textarea id="sematan"[^>]*>(.*?)</textarea>', page.html, re.DOTALL)[1])
    frame = re.fullmatch(
        r'<iframe src="([^"]+)" width="360" height="\d+" loading="lazy" title="([^"]*)"></iframe>', code.strip()
    )
    assert frame, code
    assert frame[1] == site.origin + town.fill("/sematkan/urun/{pool}")


async def test_a_name_cannot_break_out_of_the_embed_code(site, town):
    name = '"><script>alert(1)</script>'
    owner = town.people["owner"]
    made = await owner.post(
        "/listings", {"business_id": town.ids["shop"], "name": name, "category": "snacks", "price_idr": 5000}
    )
    await owner.post(f"/listings/{made['id']}/publish")
    page = await site.browser().open(f"/produk/{made['id']}/bagikan")
    assert "<script>alert" not in page.html
    code = unescape(re.search(r'<textarea id="sematan"[^>]*>(.*?)</textarea>', page.html, re.DOTALL)[1])
    assert "<script>" not in code
    card = (await fetch(site, f"/sematkan/produk/{made['id']}"))[2]
    assert b"<script" not in card
    await owner.post(f"/listings/{made['id']}/archive")
    assert (await fetch(site, f"/sematkan/produk/{made['id']}"))[0] == 404


# Feeds and dates


async def test_feeds_are_of_all_of_a_post_a_category_or_a_business(site, town):
    listing = await town.people["owner"].get(f"/listings/{town.ids['listing']}")
    other = "plants" if listing["category"] != "plants" else "batik"
    queries = {
        "": True,
        "?posyantek={post}": True,
        "?usaha={shop}": True,
        f"?kategori={listing['category']}": True,
        f"?kategori={other}": False,
    }
    for query, is_there in queries.items():
        status, headers, body = await fetch(site, town.fill(f"/umpan/produk.xml{query}"))
        assert (status, headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8"), query
        links = [item.findtext("link") for item in fromstring(body).iter("item")]
        assert (f"{site.origin}/produk/{listing['id']}" in links) is is_there, query
        again = await fetch(site, town.fill(f"/umpan/produk.xml{query}"), **{"If-None-Match": headers["ETag"]})
        assert again[0] == 304


@pytest.mark.parametrize(
    "query", ["?posyantek=x", f"?posyantek={NOBODY}", "?kategori=tidak-ada", "?usaha='--", f"?usaha={NOBODY}"]
)
async def test_a_feed_of_what_is_not_there_is_not_another_one(site, query):
    assert (await fetch(site, f"/umpan/produk.xml{query}"))[0] == 404


async def test_catalogue_feed_has_the_product(site, town):
    _, headers, body = await fetch(site, "/umpan/katalog.xml")
    assert headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    ids = [found.text for found in fromstring(body).iter("{http://base.google.com/ns/1.0}id")]
    assert town.ids["listing"] in ids


async def test_deadline_goes_into_a_calendar(site, town):
    pool = await town.people["owner"].get(f"/pools/{town.ids['pool']}")
    _, headers, body = await fetch(site, town.fill("/urun/{pool}/batas-waktu.ics"))
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    ends = re.sub(r"[-:]|\.\d+", "", pool["deadline"])[:15]
    assert f"DTEND:{ends}Z\r\n".encode() in body
    assert (await fetch(site, town.fill("/urun/{draft}/batas-waktu.ics")))[0] == 404


async def test_a_campaign_goes_into_a_calendar(site, town):
    campaign = await town.people["owner"].get(f"/campaigns/{town.ids['campaign']}")
    _, headers, body = await fetch(site, town.fill("/kampanye/{campaign}/jadwal.ics"))
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    for line, field in (("DTSTART", "starts_at"), ("DTEND", "ends_at")):
        moment = re.sub(r"[-:]|\.\d+", "", campaign[field])[:15]
        assert f"{line}:{moment}Z\r\n".encode() in body
    assert campaign["place"].encode() in body
    assert (await fetch(site, "/kampanye/tidak-ada/jadwal.ics"))[0] == 404


# A post's week


async def test_operators_get_their_posts_week(site, town):
    path = town.fill("/posyantek/{post}/ringkasan")
    listing = await town.people["owner"].get(f"/listings/{town.ids['listing']}")
    browser = site.browser(town.people["operator"])
    page = await browser.open(path)
    assert page.status == 200
    text = page.form("/posyantek/").values["teks"]
    assert listing["name"] in text
    assert "Urun spinner RW 03" in text
    assert "Urun draf RW 03" not in text
    (link,) = [href for href in page.links if href.startswith("https://wa.me/")]
    assert unquote(link.partition("text=")[2]) == text.strip().replace("\r\n", "\n")
    changed = await browser.send(page, "/posyantek/", teks="Kabar kita.")
    assert changed.form("/posyantek/").values["teks"].strip() == "Kabar kita."


async def test_nobody_else_gets_it(site, town):
    path = town.fill("/posyantek/{post}/ringkasan")
    assert (await site.browser(town.people["owner"]).open(path)).status == 403
    asked = await site.browser().open(path)
    assert asked.path.startswith("/masuk") or asked.status == 401
    elsewhere = await site.scene.post_of(await site.scene.officer())
    operators = await site.scene.operators_of(await site.scene.officer(), elsewhere)
    assert (await site.browser(operators[0]).open(path)).status == 403


async def test_in_english_the_page_is_english_and_the_message_stays(site, town):
    english = site.browser()
    english.cookies[cookies.LANGUAGE] = "en"
    page = await english.open(town.fill("/produk/{listing}/bagikan"))
    assert "This is how it looks in WhatsApp" in page.text
    assert "Lihat dan pesan di sini" in page.form("/produk/").values["teks"]


async def test_a_changed_price_is_drawn_anew(site, town):
    owner, path = town.people["owner"], town.fill("/produk/{listing}/bagikan/gambar.png")
    _, before, old = await fetch(site, path)
    listing = await owner.get(f"/listings/{town.ids['listing']}")
    await owner.send("PATCH", f"/listings/{listing['id']}", {"price_idr": listing["price_idr"] + 12_345})

    async def drawn():
        return await fetch(site, path, **{"If-None-Match": before["ETag"]})

    _, after, new = await eventually(drawn, until=lambda reply: reply[0] == 200)
    assert new != old
    assert after["ETag"] != before["ETag"]
