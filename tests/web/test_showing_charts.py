"""Where the lines of pictures go: inside the picture, in the right order, and told in words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.rendering import environment
from services.web.showing.charts import balance_chart, price_chart
from services.web.showing.technologies import chart as chart_of_terms

TIERS = [
    {"min_units": 5, "unit_price_idr": 1_575_000},
    {"min_units": 10, "unit_price_idr": 1_450_000},
    {"min_units": 20, "unit_price_idr": 1_350_000},
]


@pytest.mark.parametrize(
    ("units", "standings", "coming", "missing"),
    [
        (None, ["later", "later", "later"], None, 0),
        (0, ["next", "later", "later"], 5, 5),
        (4, ["next", "later", "later"], 5, 1),
        (5, ["now", "next", "later"], 10, 5),
        (14, ["past", "now", "next"], 20, 6),
        (20, ["past", "past", "now"], None, 0),
        (33, ["past", "past", "now"], None, 0),
    ],
)
def test_where_we_are_and_what_comes_next(units, standings, coming, missing):
    chart = price_chart(TIERS, 40, units)
    assert [step.standing for step in chart.steps] == standings
    assert (chart.next.from_units if chart.next else None, chart.missing_units) == (coming, missing)


def test_what_is_missing_is_what_closing_counts():
    tiers = [TIERS[0], {**TIERS[1], "missing_units": 7}, TIERS[2]]
    assert price_chart(tiers, 40, 6).missing_units == 7


def test_we_stand_on_the_line_of_our_price_or_on_the_ground_before_the_first():
    chart = price_chart(TIERS, 26, 13)
    assert chart.here == 50
    assert chart.here_y == chart.steps[1].y
    below = price_chart(TIERS, 26, 3)
    assert below.here_y == below.axis_y
    assert price_chart(TIERS, 26).here is None


def test_picture_ends_soon_after_the_last_step_but_never_before_us():
    assert price_chart(TIERS, 1000).steps[-1].left == pytest.approx(100 * 20 / 26)
    assert price_chart(TIERS, 21).steps[-1].left == pytest.approx(100 * 20 / 21)
    assert price_chart(TIERS, 1000, 900).here == 100
    assert price_chart(TIERS[2:], 20).steps[0].right == 100


@st.composite
def offers(draw):
    starts = sorted(draw(st.sets(st.integers(1, 500), min_size=1, max_size=9)))
    prices = sorted(draw(st.sets(st.integers(1, 10**9), min_size=len(starts), max_size=len(starts))), reverse=True)
    tiers = [{"min_units": start, "unit_price_idr": price} for start, price in zip(starts, prices, strict=True)]
    return tiers, draw(st.integers(starts[-1], 2000)), draw(st.none() | st.integers(0, 2000))


@given(offers())
def test_every_line_lies_inside_and_words_have_room(offer):
    tiers, reach, units = offer
    chart = price_chart(tiers, reach, units)
    for step in chart.steps:
        assert 0 <= step.left < step.right <= 100
        assert 20 <= step.y < chart.axis_y < chart.height
    assert chart.steps[-1].right == 100
    for before, step in zip(chart.steps, chart.steps[1:], strict=False):
        assert step.left == before.right
        assert step.y - before.y >= 24
    if units is not None:
        assert 0 <= chart.here <= 100
        assert chart.here_y <= chart.axis_y


def test_quantities_of_near_steps_are_not_written_over_each_other():
    near = [{"min_units": start, "unit_price_idr": 1000 - start} for start in (1, 3, 5, 50, 100)]
    assert [step.from_units for step in price_chart(near, 110).steps if step.is_named] == [1, 50, 100]


def test_offer_begins_where_it_may_be_ordered():
    terms = {
        "tiers": [{"from_units": 1, "unit_price_idr": 900}, {"from_units": 8, "unit_price_idr": 800}],
        "minimum_units": 4,
        "capacity_units": 16,
    }
    assert [step.from_units for step in chart_of_terms(terms).steps] == [4, 8]


def line(number, balance, out=0):
    return {"number": number, "balance_idr": balance, "amount_out_idr": out}


def test_each_line_of_the_book_is_a_bar_as_high_as_its_balance():
    chart = balance_chart([line(51, 100), line(52, 400), line(53, 200, out=200), line(54, 0, out=200)])
    assert [bar.left for bar in chart.bars] == [0, 25, 50, 75]
    assert {bar.width for bar in chart.bars} == {25}
    assert [bar.height for bar in chart.bars] == [21, 84, 42, 1], "an empty book still shows a line"
    assert [bar.y + bar.height for bar in chart.bars] == [104] * 4
    assert [bar.is_out for bar in chart.bars] == [False, False, True, True]
    assert (chart.first, chart.last, chart.highest_idr, chart.last_idr) == (51, 54, 400, 0)


@pytest.mark.parametrize("lines", [[], [line(1, 100)], [line(1, 0), line(2, 0, out=5)]])
def test_no_picture_where_there_is_nothing_to_see(lines):
    assert balance_chart(lines) is None


class Elements(HTMLParser):
    """Every element with its attributes, and the words inside."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str]]] = []
        self.words: dict[str, str] = {}
        self._id = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, {name: value or "" for name, value in attrs}))
        self._id = dict(attrs).get("id", "")

    def handle_data(self, data):
        if self._id:
            self.words[self._id] = self.words.get(self._id, "") + re.sub(r"\s+", " ", data.replace("\u00a0", " "))


def drawn(macro: str, chart, locale="id") -> Elements:
    template = environment(locale).from_string(
        f'{{% from "components/charts.html" import {macro} %}}{{{{ {macro}(chart, "kita") }}}}'
    )
    return Elements(template.render(chart=chart))


@pytest.mark.parametrize(
    ("macro", "chart", "said"),
    [
        (
            "price_chart",
            price_chart(TIERS, 40, 14),
            "Mulai 5 unit Rp 1.575.000. Mulai 10 unit Rp 1.450.000. Mulai 20 unit Rp 1.350.000. Sekarang 14 unit. "
            "Kurang 6 unit lagi ke Rp 1.350.000.",
        ),
        (
            "balance_chart",
            balance_chart([line(1, 100_000), line(2, 40_000, out=60_000)]),
            "Baris 1 sampai 2. Saldo tertinggi Rp 100.000, saldo di baris terakhir Rp 40.000.",
        ),
    ],
)
def test_pictures_are_said_in_words_and_need_no_style_or_script(macro, chart, said):
    elements = drawn(macro, chart)
    svg = next(attrs for tag, attrs in elements.all if tag == "svg")
    assert (svg["role"], svg["aria-labelledby"], svg["aria-describedby"]) == ("img", "kita-judul", "kita-isi")
    assert elements.words["kita-judul"]
    assert elements.words["kita-isi"].strip() == said
    assert [
        tag for tag, attrs in elements.all if tag in {"script", "style"} or "style" in attrs or "onclick" in attrs
    ] == []


def test_words_of_a_narrow_last_step_stay_inside():
    narrow = price_chart([TIERS[0], {"min_units": 19, "unit_price_idr": 1}], 20)
    last = narrow.steps[-1]
    assert last.is_narrow
    texts = [
        attrs for tag, attrs in drawn("price_chart", narrow).all if tag == "text" and "chart-price" in attrs["class"]
    ]
    assert (texts[-1]["x"], texts[-1]["text-anchor"]) == ("100%", "end")
    assert last.y < float(texts[-1]["y"]) < narrow.axis_y
