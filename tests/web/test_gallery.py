"""Every component, drawn: what the content security policy, the screen reader and the translator need."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from services.web.assets import assets
from services.web.catalogues import LOCALES
from services.web.gallery import context, render_gallery, render_pool_sample
from services.web.rendering import TEMPLATES, render

VOID = {"br", "img", "input", "link", "meta", "source", "hr"}
DRAWN = [render_gallery, render_pool_sample]


class Checked(HTMLParser):
    """Collects tags, and refuses a page whose tags do not close in order."""

    def __init__(self, html):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.script_text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute stands twice in <{tag}>: {attrs}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] == "script":
            self.script_text += data

    def all(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture(
    params=[(draw, locale) for draw in DRAWN for locale in LOCALES], ids=lambda p: f"{p[0].__name__}-{p[1]}"
)
def page(request):
    draw, locale = request.param
    return Checked(draw(locale))


def test_nothing_is_inline(page):
    assert page.all("style") == []
    assert page.script_text.strip() == ""
    assert all("src" in attrs for attrs in page.all("script"))
    inline = [(tag, name) for tag, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")]
    assert inline == []


def test_pictures_have_words_and_sizes(page):
    assert page.all("img")
    for attrs in page.all("img"):
        assert attrs["alt"]
        assert int(attrs["width"]) > 0
        assert int(attrs["height"]) > 0


def test_icons_exist_and_are_named_or_hidden(page):
    used = {attrs["href"].partition("#")[2] for attrs in page.all("use")}
    assert used
    assert used <= assets().icons
    for attrs in page.all("svg"):
        is_named = bool(attrs.get("aria-label")) or bool(attrs.get("aria-labelledby"))
        assert (attrs.get("aria-hidden") == "true") != (attrs.get("role") == "img" and is_named)


def test_ids_are_unique_and_references_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {attrs["for"] for attrs in page.all("label") if "for" in attrs}
    wanted |= {ref for _, attrs in page.tags for ref in attrs.get("aria-describedby", "").split()}
    wanted |= {attrs["href"][1:] for attrs in page.all("a") if attrs["href"].startswith("#") and attrs["href"] != "#"}
    assert wanted <= set(ids)


def test_headings_start_at_one_and_leave_none_out(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_post_form_carries_token_and_key(page):
    names = [attrs.get("name") for attrs in page.all("input")]
    posts = [attrs for attrs in page.all("form") if attrs["method"] == "post"]
    assert names.count("_key") == names.count("_csrf") == len(posts)


def test_no_indonesian_is_left_in_the_english_interface():
    html = render_pool_sample("en")
    for word in ("Ikut urun", "Batas waktu", "Harga satuan", "Peserta", "hari lagi", "Beranda", "Lewati"):
        assert word not in html
    assert "Join the pool" in html


def test_every_component_is_in_the_gallery():
    """What the gallery does not show, nobody looks at."""
    defined = {}
    for file in (TEMPLATES / "components").glob("*.html"):
        for name in re.findall(r"{% macro (\w+)\(", file.read_text()):
            defined[name] = file.name
    sources = (
        "".join(
            file.read_text() for folder in ("gallery", "components") for file in (TEMPLATES / folder).glob("*.html")
        )
        + (TEMPLATES / "base.html").read_text()
    )
    unused = [name for name in defined if len(re.findall(rf"(?<!macro )\b{name}\(", sources)) == 0]
    assert unused == []


def test_the_receipt_adds_up_to_the_rupiah():
    pool = context()["pool"]
    assert sum(line["amount_idr"] for line in pool["receipt_lines"]) == pool["total_idr"]


def test_a_hostile_title_stays_text():
    hostile = context() | {"now": context()["now"]}
    hostile["pool"] = hostile["pool"] | {"title": '"><script>alert(1)</script>', "short_title": "</title><img src=x>"}
    page = Checked(render("gallery/pool.html", "id", **hostile))
    assert page.script_text.strip() == ""
    assert all(attrs["src"].startswith("/static/") for attrs in page.all("img", "script"))
