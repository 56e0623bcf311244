"""What the promotion kit makes: pictures, QR codes, paper, messages, feeds, linked data, dates. No system runs."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import pytest
import segno
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.web.kit import calendar, feeds, words
from services.web.kit.letters import BOLD, fit, font, printable
from services.web.kit.linked_data import business_json_ld, json_ld
from services.web.kit.picture import MOST_BYTES, share_picture
from services.web.kit.printing import Goods, catalogue, poster
from services.web.kit.qr import qr_png, qr_svg
from services.web.kit.things import Cover, Progress, Thing, of_listing, phone
from services.web.kit.words import Week, digest, message
from shared.json import loads
from tests.web.papers import words_on

ORIGIN = "https://urunbeli.example"
ID = "0199c0de-0000-7000-8000-000000000001"
LISTING = {
    "id": ID, "business_id": ID, "business_name": "Keripik Bu Sri", "post_id": ID, "post_name": "Posyantek Pancoran",
    "name": "Keripik singkong", "description": "Renyah, tanpa pengawet.", "category": "snacks", "price_idr": 15000,
    "unit": "bungkus", "status": "published", "whatsapp": "+6281234567890", "version": 3,
    "published_at": datetime(2026, 11, 24, 8, 4, tzinfo=UTC),
}  # fmt: skip
PRODUCT = of_listing(LISTING, ORIGIN)
POOL = Thing(
    "pool", ORIGIN, f"/urun/{ID}", "Urun spinner RW 05", "Posyantek Pancoran", maker="Bengkel Maju", price_idr=1_450_000,
    unit="unit", art="spinner", progress=Progress(5, 12, 4, "Sel, 24 Nov 2026, 20.00 WIB", is_open=True),
)  # fmt: skip
BUSINESS = Thing("business", ORIGIN, f"/usaha/{ID}", "Keripik Bu Sri", "Posyantek Pancoran", whatsapp="0812-3456-7890")
POST = Thing("post", ORIGIN, "/posyantek/pancoran", "Posyantek Pancoran", "Jakarta Selatan", address="Kantor lurah")
EVIL = '#import "x" *_$ \\ @a <b> [c] {d} // e'
LONG = (
    "Wedang uwuh instan rempah pilihan khas Imogiri dalam kemasan toples kaca isi dua puluh lima sachet tanpa gula baru"
)
THINGS = pytest.mark.parametrize("thing", [PRODUCT, POOL, BUSINESS, POST], ids=lambda thing: thing.kind)


def photo(width=720, height=960, *, noise=40):
    written = io.BytesIO()
    Image.effect_noise((width, height), noise).convert("RGB").save(written, "WEBP", quality=80)
    return written.getvalue()


# The share picture


def opened(png):
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    return picture.convert("RGB")


@THINGS
def test_share_picture_is_the_same_each_time_and_small(thing):
    png = share_picture(thing)
    opened(png)
    assert png == share_picture(thing)
    assert len(png) <= MOST_BYTES


@pytest.mark.parametrize("noise", [10, 128], ids=["calm", "nothing but noise"])
def test_share_picture_with_a_photo_stays_small_and_shows_it(noise):
    png = share_picture(PRODUCT, photo(noise=noise))
    assert len(png) <= MOST_BYTES
    right = opened(png).crop((800, 100, 1150, 500)).resize((1, 1)).getpixel((0, 0))
    assert max(right) - min(right) < 12, "the photo is grey, the drawing that stands in for it is not"


@pytest.mark.parametrize(
    "raw", [b"", b"GIF89a", b"RIFF....WEBPVP8 ", photo()[:200]], ids=["none", "GIF", "head", "cut"]
)
def test_what_is_no_photo_leaves_the_drawing(raw):
    assert share_picture(PRODUCT, raw) == share_picture(PRODUCT)


def test_a_photo_of_too_many_pixels_is_not_unpacked():
    written = io.BytesIO()
    Image.new("L", (6000, 6000)).save(written, "PNG")
    assert share_picture(PRODUCT, written.getvalue()) == share_picture(PRODUCT)


@pytest.mark.parametrize("name", ["W" * 120, LONG, "i" * 120, "Kue\u0301 n\u0308astar ½ kg", "🔥", EVIL])
@pytest.mark.parametrize("thing", [PRODUCT, POOL], ids=["product", "pool"])
def test_words_stay_in_their_half(thing, name):
    crowded = replace(thing, name=name, maker=LONG, unit="toples isi dua puluh", price_idr=99_999_999_999_999)
    picture = opened(share_picture(crowded))
    green = picture.getpixel((5, 5))
    for box in ((0, 0, 60, 630), (645, 0, 690, 630), (0, 0, 690, 48), (0, 600, 690, 630)):
        colours = picture.crop(box).getcolors(1 << 20)
        assert colours == [(colours[0][0], green)], f"something was written outside: {box}"


def test_a_pool_shows_how_far_it_is():
    def filled(units):
        picture = opened(share_picture(replace(POOL, progress=replace(POOL.progress, units=units))))
        row = [picture.getpixel((x, y)) for y in (405, 410, 415, 420, 425, 430) for x in range(64, 640)]
        return sum(red > 200 and green > 140 and blue < 100 for red, green, blue in row)

    assert filled(0) < filled(5) < filled(12)
    assert filled(12) == pytest.approx(filled(500), rel=0.05), "a full bar ends at its end"


@given(st.text(max_size=200), st.integers(60, 700), st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_fitted_lines_are_never_wider_than_the_box(text, width, most_lines):
    fitted = fit(printable(text), BOLD, width=width, most_lines=most_lines, largest=60, smallest=20)
    assert len(fitted.lines) <= most_lines
    assert all(font(BOLD, fitted.size).getlength(line) <= width + 1 for line in fitted.lines)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Kue\u0301", "Kué"),
        ("Sambal 🌶️ pedas", "Sambal pedas"),
        ("½ kg · Ñam", "½ kg · Ñam"),
        ("  a\n\tb ", "a b"),
        ("🔥", ""),
    ],
)
def test_only_letters_that_the_font_has_are_drawn(text, drawn):
    assert printable(text) == drawn


# QR codes


def modules_of(png):
    """Read a QR code's modules back from its pixels, and check its quiet zone."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    side = picture.width // 24
    rows = [[picture.getpixel((x * 24 + 12, y * 24 + 12)) < 128 for x in range(side)] for y in range(side)]
    edge = [*rows[:4], *rows[-4:], *([*row[:4], *row[-4:]] for row in rows)]
    assert not any(any(row) for row in edge), "scanners need four white modules around"
    return [row[4:-4] for row in rows[4:-4]]


def test_qr_code_is_of_level_m_with_its_quiet_zone():
    modules = modules_of(qr_png(PRODUCT.scanned_url))
    level = (modules[8][0] << 1 | modules[8][1]) ^ 0b10  # the first two bits of the format, its mask taken off
    assert level == 0b00, "00 is M"
    expected = segno.make_qr(f"{ORIGIN}/produk/{ID}?dari=qr", error="m", boost_error=False)
    assert modules == [[bool(module) for module in row] for row in expected.matrix]


def test_qr_code_as_svg_has_the_same_size_and_no_script():
    root = fromstring(qr_svg(PRODUCT.scanned_url))
    side = len(modules_of(qr_png(PRODUCT.scanned_url))) + 8
    assert root.get("width") == root.get("height") == str(side * 10)
    assert b"<script" not in qr_svg(PRODUCT.scanned_url)


# Paper


@pytest.mark.parametrize("paper", ["a4", "a5"])
@THINGS
def test_poster_says_what_where_and_whom_to_ask(thing, paper):
    told = [thing.name, thing.maker, thing.place, thing.whatsapp]
    if thing.price_idr:
        told.append(f"{thing.price_idr:,}".replace(",", "."))
    if thing.progress:
        told += ["5 dari 12 unit", "20.00 WIB", "uang kembali utuh"]
    pages = words_on(poster(thing, paper))
    assert len(pages) == 1
    assert [text for text in told if text not in pages[0]] == []
    assert poster(thing, paper) == poster(thing, paper)


def box_of(pdf):
    return [float(part) for part in re.search(rb"/MediaBox\[([\d. ]+)\]", pdf)[1].split()][2:]


def test_posters_have_the_size_of_their_paper():
    assert box_of(poster(PRODUCT, "a4")) == pytest.approx([595.3, 841.9], abs=0.5)
    assert box_of(poster(PRODUCT, "a5")) == pytest.approx([419.5, 593.3], abs=2)


@pytest.mark.parametrize(
    "name", [EVIL, "#set page(fill: red)", "$x^2$ `code` ~ -- ...", '"); #panic("x")', "= Judul", "W" * 120]
)
def test_what_people_write_is_never_markup(name):
    thing = replace(PRODUCT, name=name, maker=name, unit=name[:20], about=name, place=name)
    sheets = words_on(poster(thing, "a4")) + words_on(
        catalogue(replace(BUSINESS, name=name, about=name), [Goods(thing)])
    )
    assert len(sheets) == 3
    for sheet in sheets:
        assert name.replace(" ", "") in sheet.replace(" ", "")


def test_poster_takes_the_photo():
    with_photo = poster(PRODUCT, "a4", photo())
    assert b"/DCTDecode" in with_photo
    assert b"/DCTDecode" not in poster(PRODUCT, "a4")
    assert len(with_photo) < 1_500_000


@pytest.mark.parametrize(("count", "pages"), [(0, 2), (1, 2), (12, 2), (13, 3), (200, 18), (230, 18)])
def test_catalogue_has_every_product_with_price_and_page_numbers(count, pages):
    goods = [
        Goods(replace(PRODUCT, name=f"Produk nomor {n}", price_idr=1000 + n, reference=f"UB-{n:04}"))
        for n in range(count)
    ]
    told = words_on(catalogue(BUSINESS, goods))
    assert len(told) == pages
    assert "0812-3456-7890" in told[0]
    inside = " ".join(told[1:])
    for n in range(min(count, 200)):
        assert f"Produk nomor {n} " in inside
        assert f"Rp 1.{n:03}" in inside
        assert f"UB-{n:04}" in inside
    assert f"Halaman {pages} dari {pages}" in told[-1]
    assert all("WhatsApp 0812-3456-7890" in page for page in told[1:])


# Messages


@THINGS
def test_message_ends_with_the_link_and_is_short(thing):
    text = message(thing)
    assert text.splitlines()[-1] == thing.url
    assert len(text) < 500
    assert "None" not in text


def test_message_tells_price_and_place():
    assert message(PRODUCT).startswith("Sudah coba *Keripik singkong* dari Keripik Bu Sri?\nRp 15.000 per bungkus")
    assert "Sudah 5 dari 12 unit, kurang 7 lagi." in message(POOL)
    assert "Ditutup Sel, 24 Nov 2026, 20.00 WIB." in message(POOL)
    closed = message(replace(POOL, progress=replace(POOL.progress, is_open=False)))
    assert "Ayo ikut" not in closed


@pytest.mark.parametrize(
    ("text", "set_"), [("Kue nastar", "*Kue nastar*"), ("Kue *super*", "Kue *super*"), ("a_b", "a_b")]
)
def test_bold_leaves_words_with_marks_alone(text, set_):
    assert words.bold(text) == set_


def test_digest_tells_the_week_and_stays_short():
    full = digest(
        Week(
            "Posyantek Pancoran",
            POST.url,
            [replace(PRODUCT, name=LONG)] * 20,
            False,
            [POOL] * 20,
            ["Terakhir bayar X: Sel"],
        )
    )
    for text in ("Produk baru", "Urun beli yang dibuka", "Jangan terlewat", "… dan lainnya", "Kurang 7 unit", POST.url):
        assert text in full
    assert len(full) < 3000
    empty = digest(Week("Posyantek Pancoran", POST.url))
    assert "Belum ada yang baru" in empty
    assert "Produk baru" not in empty


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+6281234567890", "0812-3456-7890"),
        ("+622112345", "0211-2345"),
        ("+15551234567", "+15551234567"),
        (None, ""),
        ("", ""),
    ],
)
def test_numbers_as_people_dial_them(number, shown):
    assert phone(number) == shown


@pytest.mark.parametrize(
    ("widths", "wanted", "chosen"),
    [((320, 720, 1280), 720, 720), ((320, 720), 1280, 720), ((320, 720), 100, 320), ((), 720, 720)],
)
def test_the_smallest_photo_that_is_wide_enough_is_asked_for(widths, wanted, chosen):
    assert Cover("x", widths).path(wanted) == f"/photos/x/{chosen}.webp"


# Feeds

G = "{http://base.google.com/ns/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
NASTY = {**LISTING, "name": "Kue & <b>roti</b>\x00\x0b \"'", "description": "]]> \ud83d &amp;", "unit": None}


def channel_of(xml):
    return fromstring(xml).find("channel")


def test_rss_has_what_readers_need_with_right_dates():
    xml = feeds.rss(
        "Judul & co", "Tentang", f"{ORIGIN}/umpan/produk.xml?a=1&b=2", f"{ORIGIN}/produk", [LISTING, NASTY], ORIGIN
    )
    channel = channel_of(xml)
    assert [channel.findtext(name) for name in ("title", "link", "description")] == [
        "Judul & co",
        f"{ORIGIN}/produk",
        "Tentang",
    ]
    assert channel.find(f"{ATOM}link").attrib == {
        "rel": "self", "type": "application/rss+xml", "href": f"{ORIGIN}/umpan/produk.xml?a=1&b=2",
    }  # fmt: skip
    first, second = channel.findall("item")
    assert parsedate_to_datetime(first.findtext("pubDate")) == LISTING["published_at"]
    assert first.findtext("pubDate") == "Tue, 24 Nov 2026 08:04:00 GMT"
    assert first.findtext(f"{ATOM}updated") == channel.findtext(f"{ATOM}updated") == "2026-11-24T08:04:00Z"
    assert first.find("guid").get("isPermaLink") == "true"
    assert first.findtext("guid") == first.findtext("link") == f"{ORIGIN}/produk/{ID}"
    assert second.findtext("title").startswith("Kue & <b>roti</b> \"'")
    assert channel_of(feeds.rss("a", "b", "c", "d", [], ORIGIN)).findall("item") == []


REQUIRED = {
    "g:id": r".{1,50}", "title": r".{1,150}", "description": r".{1,5000}", "link": r"https://\S+", "g:image_link": r"https://\S+",
    "g:availability": r"in_stock|out_of_stock|preorder|backorder", "g:price": r"\d+\.\d\d [A-Z]{3}",
    "g:condition": r"new|refurbished|used", "g:brand": r".{1,70}",
}  # fmt: skip
"""What Google and Meta both require of every product, and the form that they take it in."""


@pytest.mark.parametrize(
    "listing",
    [LISTING, {**LISTING, "description": None}, {**LISTING, "cover": {"id": "p1", "widths": [320, 1280]}}, NASTY,
     {**LISTING, "name": "x" * 500, "business_name": "y" * 500, "description": "z" * 9000, "status": "paused"}],
    ids=["plain", "no description", "photo", "nasty", "long"],
)  # fmt: skip
def test_catalogue_has_every_required_attribute_once(listing):
    xml = feeds.catalogue_head(ORIGIN) + feeds.catalogue_items([listing, LISTING], ORIGIN) + feeds.CATALOGUE_END
    items = channel_of(xml).findall("item")
    assert len(items) == 2
    for name, form in REQUIRED.items():
        found = items[0].findall(name.replace("g:", G))
        assert len(found) == 1, name
        assert re.fullmatch(form, found[0].text, re.DOTALL), (name, found[0].text)
    assert items[1].findtext(f"{G}price") == "15000.00 IDR"
    image = items[0].findtext(f"{G}image_link")
    assert image == (
        f"{ORIGIN}/api/v1/photos/p1/1280.webp" if "cover" in listing else f"{ORIGIN}/produk/{ID}/bagikan/gambar.png?v=3"
    )


# Linked data


class Scripts(HTMLParser):
    """Collects what a browser would take for data blocks, and for anything else."""

    def __init__(self, html):
        super().__init__()
        self.blocks, self.tags, self._inside = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "script":
            self._inside = True
            self.blocks.append("")

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "script"

    def handle_data(self, data):
        if self._inside:
            self.blocks[-1] += data


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--<script>", "]]>&amp;\u2028\"'", "Keripik"])
def test_json_ld_cannot_end_its_element(name):
    told = json_ld({**LISTING, "name": name, "description": name, "business_name": name}, ORIGIN)
    read = Scripts(f'<script type="application/ld+json">{told}</script><p>')
    assert read.tags == ["script", "p"]
    data = loads(read.blocks[0].encode())
    assert (data["@type"], data["name"]) == ("Product", name)
    assert data["offers"]["price"] == "15000"
    assert data["offers"]["priceCurrency"] == "IDR"
    assert data["offers"]["availability"] == "https://schema.org/InStock"


def test_business_json_ld_tells_where_it_is():
    business = {"id": ID, "name": "</script>", "whatsapp": "+6281234567890", "story": None}
    told = business_json_ld(business, {"region_name": "Pancoran"}, ORIGIN)
    assert "</" not in told
    data = loads(str(told).encode())
    assert data["@type"] == "LocalBusiness"
    assert data["address"]["addressLocality"] == "Pancoran"
    assert "description" not in data


# Dates

WIB = timedelta(hours=7)
START = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
DATE = calendar.Date(
    f"{ID}@urunbeli",
    "Batas ikut: Urun spinner",
    START,
    START + timedelta(hours=1),
    START,
    "Pancoran",
    f"{ORIGIN}/a,b;c",
)


def unfolded(ics):
    assert ics.endswith(b"\r\n")
    assert b"\n" not in ics.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    return ics.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_calendar_has_what_rfc_5545_requires():
    lines = unfolded(calendar.calendar(DATE))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    for line in ("VERSION:2.0", f"UID:{ID}@urunbeli", "DTSTAMP:20261124T130000Z", "DTSTART:20261124T130000Z",
                 "DTEND:20261124T140000Z", "SUMMARY:Batas ikut: Urun spinner", f"URL:{ORIGIN}/a,b;c"):  # fmt: skip
        assert line in lines
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert any(line.startswith("PRODID:") for line in lines)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_title_survives_escaping_and_folding(title):
    lines = unfolded(calendar.calendar(replace(DATE, title=title)))
    (summary,) = [line.removeprefix("SUMMARY:") for line in lines if line.startswith("SUMMARY:")]
    read = re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], summary, flags=re.DOTALL)
    plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", title.replace("\r\n", "\n").replace("\r", "\n"))
    assert read == plain
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", re.sub(r"\\[;,]", "", summary))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        calendar.calendar(replace(DATE, start=datetime(2026, 11, 24)))  # noqa: DTZ001
