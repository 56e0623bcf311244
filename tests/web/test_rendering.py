"""Figures, times and names as people read them, and the promises every template relies on."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from services.web import rendering
from services.web.catalogues import LOCALES
from services.web.forms import Form, parse_rupiah
from services.web.page import Page

NOW = datetime(2026, 11, 24, 8, 4, tzinfo=UTC)
FORMS = '{% import "components/forms.html" as forms with context %}'
STATUS = '{% import "components/status.html" as status %}'
POOLS = '{% import "components/pools.html" as pools %}'
ERRORS = ["400", "403", "404", "409", "429", "500", "503", "expired"]


def draw(source, locale="id", page=None, **context):
    return rendering.environment(locale).from_string(source).render(page=page or Page(), **context)


class Elements(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, html):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def first(self, tag, **wanted):
        return next(attrs for name, attrs in self.found if name == tag and wanted.items() <= attrs.items())


@pytest.mark.parametrize(
    ("locale", "amount_idr", "text"),
    [
        ("id", 0, "Rp\u00a00"),
        ("id", 10_000, "Rp\u00a010.000"),
        ("id", -1_450_000, "\u2212Rp\u00a01.450.000"),
        ("en", 10_000, "Rp\u00a010,000"),
        ("en", -500, "\u2212Rp\u00a0500"),
    ],
)
def test_rupiah(locale, amount_idr, text):
    assert rendering.rupiah(locale, amount_idr) == text


@given(amount_idr=st.integers(0, 10**15), locale=st.sampled_from(LOCALES))
def test_what_is_shown_can_be_typed_back(amount_idr, locale):
    assert parse_rupiah(rendering.rupiah(locale, amount_idr)) == amount_idr
    assert parse_rupiah(str(amount_idr)) == amount_idr


@pytest.mark.parametrize(
    "text", ["", "Rp", "1.45", "1.4500.000", "1,450.000", "-5.000", "10.000,00", "²", "1e6", "1juta"]
)
def test_an_amount_is_never_guessed(text):
    with pytest.raises(ValueError, match="whole rupiah"):
        parse_rupiah(text)


@pytest.mark.parametrize(
    ("locale", "drawn"),
    [
        ("id", ["1.250", "24 November 2026", "25 November 2026", "Sel, 24 Nov 2026, 15.04 WIB"]),
        ("en", ["1,250", "24 November 2026", "25 November 2026", "Tue, 24 Nov 2026, 15:04 WIB"]),
    ],
)
def test_numbers_days_and_moments(locale, drawn):
    late_in_london = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    assert drawn == [
        rendering.number(locale, 1250),
        rendering.day(locale, date(2026, 11, 24)),
        rendering.day(locale, late_in_london),
        rendering.moment(locale, NOW),
    ]


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        rendering.moment("id", datetime(2026, 11, 24, 8, 4))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("left", "indonesian", "english"),
    [
        (timedelta(days=3, hours=23), "3 hari lagi", "3 days left"),
        (timedelta(hours=48), "2 hari lagi", "2 days left"),
        (timedelta(hours=47, minutes=59), "47 jam lagi", "47 hours left"),
        (timedelta(hours=1), "1 jam lagi", "1 hour left"),
        (timedelta(minutes=59, seconds=59), "59 menit lagi", "59 minutes left"),
        (timedelta(seconds=59), "kurang dari semenit lagi", "less than a minute left"),
        (timedelta(0), "sudah ditutup", "already closed"),
        (timedelta(days=-2), "sudah ditutup", "already closed"),
    ],
)
def test_remaining(left, indonesian, english):
    assert rendering.remaining("id", NOW + left, NOW) == indonesian
    assert rendering.remaining("en", NOW + left, NOW) == english


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ibu Sri Wahyuni", "Ibu S***"),
        ("H. Mahmud", "H. M***"),
        ("Hendra Wijaya", "H***"),
        ("Ibu", "I***"),
        ("", "***"),
    ],
)
def test_masked(name, shown):
    assert rendering.masked(name) == shown


def test_text_is_escaped_and_a_missing_name_is_an_error():
    assert draw("{{ text }}", text="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        draw("{{ nobody_gave_this }}")


def test_every_form_carries_the_token_and_a_key_of_its_own():
    html = draw(
        FORMS + '{{ forms.form_open("/urun/ikut") }}{{ forms.form_open("/urun/ikut") }}', page=Page(csrf="t0ken")
    )
    hidden = [attrs for tag, attrs in Elements(html).found if tag == "input"]
    assert [(field["name"], field["value"]) for field in hidden if field["name"] == "_csrf"] == [("_csrf", "t0ken")] * 2
    keys = {field["value"] for field in hidden if field["name"] == "_key"}
    assert len(keys) == 2
    assert all(len(key) >= 20 for key in keys)


def test_a_form_sent_again_keeps_its_key():
    html = draw(FORMS + '{{ forms.form_open("/urun/ikut", key="k1") }}')
    assert Elements(html).first("input", name="_key")["value"] == "k1"


def test_a_refused_field_keeps_what_was_typed_and_says_what_is_wrong():
    form = Form(values={"units": '3"'}, errors={"units": "Paling banyak 2."})
    html = draw(
        FORMS + '{{ forms.error_summary(form) }}{{ forms.field(form, "units", "Unit", hint="Bilangan bulat") }}',
        form=form,
    )
    elements = Elements(html)
    field = elements.first("input", name="units")
    assert field["value"] == '3"'
    assert field["aria-invalid"] == "true"
    described = (field["aria-describedby"] or "").split()
    assert described == ["f-units-error", "f-units-hint"]
    assert {attrs.get("id") for _, attrs in elements.found} >= set(described)
    assert elements.first("a")["href"] == f"#{field['id']}"


def test_choices_keep_the_chosen_one_and_money_gets_a_digit_keyboard():
    form = Form(values={"pay": "cash"})
    html = draw(
        FORMS
        + '{{ forms.radio_cards(form, "pay", "Cara bayar", options) }}{{ forms.money_input(form, "ceiling", "Batas") }}',
        form=form,
        options=[
            {"value": value, "label": value, "hint": "", "icon": "cash", "price_idr": None}
            for value in ("qris", "cash")
        ],
    )
    elements = Elements(html)
    assert [attrs["value"] for _, attrs in elements.found if "checked" in attrs] == ["cash"]
    assert elements.first("input", name="ceiling")["inputmode"] == "numeric"


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (3, ["kurang 2 unit", "kurang 7 unit", "kurang 17 unit"]),
        (5, ["Sekarang", "kurang 5 unit", "kurang 15 unit"]),
        (19, ["Terlewati", "Sekarang", "kurang 1 unit"]),
        (40, ["Terlewati", "Terlewati", "Sekarang"]),
    ],
)
def test_the_tier_table_says_what_is_missing(units, said):
    tiers = [{"min_units": least, "unit_price_idr": 1000 - least} for least in (5, 10, 20)]
    html = draw(POOLS + '{{ pools.tier_table(tiers, units, "Jenjang") }}', tiers=tiers, units=units)
    assert re.findall(r"</svg>(Sekarang|Terlewati)|>(kurang \d+ unit)", html) == [
        ("", word) if word.startswith("kurang") else (word, "") for word in said
    ]


def test_the_bar_never_leaves_its_frame_and_speaks():
    html = draw(POOLS + '{{ pools.progress(30, 20, "Spinner", pending=4) }}')
    elements = Elements(html)
    bar = elements.first("div", role="progressbar")
    assert (bar["aria-valuenow"], bar["aria-valuemax"]) == ("20", "20")
    assert bar["aria-valuetext"] == "30 dari 20 unit"
    assert {attrs["width"] for tag, attrs in elements.found if tag == "rect"} == {"100%", "100.00%"}


def test_a_state_without_a_word_yet_is_shown_as_it_came():
    assert "Dibuka" in draw(STATUS + '{{ status.status_badge("open") }}')
    assert "teleported" in draw(STATUS + '{{ status.status_badge("teleported", "order") }}')


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ERRORS)
def test_every_error_page_says_what_to_do_next(name, locale):
    html = rendering.render(f"errors/{name}.html", locale, page=Page(path="/urun/1"), reference="ref-7")
    elements = Elements(html)
    assert elements.first("html")["lang"] == locale
    assert "ref-7" in html
    assert html.count("<li>") >= 2
    assert [
        attrs["href"] for tag, attrs in elements.found if tag == "a" and "button" in (attrs.get("class") or "").split()
    ]


def test_an_error_page_prefers_the_words_of_the_service():
    html = rendering.render("errors/409.html", "id", detail="Urun ini sudah ditutup <kemarin>.")
    assert "Urun ini sudah ditutup &lt;kemarin&gt;." in html


@pytest.mark.parametrize("path", ["//elsewhere.example/x", "/\\elsewhere.example/x", "elsewhere.example/x"])
def test_a_link_to_this_page_stays_on_this_site(path):
    assert Page(path=path).path == "/elsewhere.example/x"


def test_a_link_preview_has_what_whatsapp_reads():
    page = Page(origin="https://urunbeli.example", path="/urun/1")
    html = rendering.render("errors/404.html", "id", page=page)
    properties = {attrs["property"]: attrs["content"] for tag, attrs in Elements(html).found if "property" in attrs}
    assert properties["og:url"] == "https://urunbeli.example/urun/1"
    assert properties["og:title"]
    assert properties["og:description"]
    assert (properties["og:image"] or "").startswith("https://urunbeli.example/static/share.")
