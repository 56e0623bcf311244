"""Terms as rows of a form: what was typed becomes terms, terms become the form again, and each error finds its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web import offer_form
from services.web.offer_form import EnteredTerms

RUPIAH = st.integers(1, 10**12)
UNITS = st.integers(1, 10**8)


class Reader:
    """Says everything as it stands in the source."""

    def gettext(self, text):
        return text


@st.composite
def sound_terms(draw):
    steps = st.lists(UNITS, min_size=1, max_size=8, unique=True).map(sorted)
    begins, freight_begins = draw(steps), draw(st.one_of(st.just([]), steps))
    return {
        "tiers": [{"from_units": units, "unit_price_idr": draw(RUPIAH)} for units in begins],
        "freight": [{"from_units": units, "cost_idr": draw(RUPIAH)} for units in freight_begins],
        "installation_idr": draw(st.integers(0, 10**9)),
        "training_idr": draw(st.integers(0, 10**9)),
        "minimum_units": begins[0],
        "pack_units": draw(UNITS),
        "capacity_units": draw(UNITS),
        "lead_time_days": draw(st.integers(0, 365)),
        "warranty_months": draw(st.integers(0, 120)),
        "down_payment_percent": draw(st.integers(0, 100)),
        "on_delivery_percent": draw(st.integers(0, 100)),
    }


@given(sound_terms())
def test_terms_survive_the_form(terms):
    rows = offer_form.rows_shown(terms)
    fields = {f"tier_{row}_price": "" for row in range(1, rows[0] + 1)}
    fields |= {f"freight_{row}_cost": "" for row in range(1, rows[1] + 1)}
    fields |= offer_form.values_of(terms, None)
    assert offer_form.rows_sent(fields) == rows
    read = EnteredTerms(Reader(), fields)
    assert read.entered.errors == {}
    assert read.body == terms


def typed(**changes):
    fields = {f"tier_{row}_{part}": "" for row in range(1, 6) for part in ("from", "price")}
    fields |= {f"freight_{row}_{part}": "" for row in range(1, 4) for part in ("from", "cost")}
    fields |= {
        "minimum_units": "5",
        "tier_1_price": "1.850.000",
        "capacity_units": "20",
        "lead_time_days": "14",
        "warranty_months": "12",
        "down_payment_percent": "50",
        "on_delivery_percent": "30",
    }
    return {**fields, **changes}


def test_the_first_tier_begins_at_the_minimum_and_empty_rows_do_not_count():
    read = EnteredTerms(Reader(), typed(tier_4_from="10", tier_4_price="Rp 1.650.000"))
    assert read.entered.errors == {}
    assert read.body["tiers"] == [
        {"from_units": 5, "unit_price_idr": 1_850_000},
        {"from_units": 10, "unit_price_idr": 1_650_000},
    ]
    assert read.body["freight"] == []
    assert read.body["pack_units"] == 1


def test_freight_begins_at_the_minimum_where_nothing_else_is_said():
    read = EnteredTerms(Reader(), typed(freight_1_cost="350.000"))
    assert read.body["freight"] == [{"from_units": 5, "cost_idr": 350_000}]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"minimum_units": ""}, {"minimum_units"}),
        ({"tier_1_price": "murah"}, {"tier_1_price"}),
        ({"tier_3_from": "10"}, {"tier_3_price"}),
        ({"tier_3_price": "10.000"}, {"tier_3_from"}),
        ({"freight_2_from": "10"}, {"freight_2_cost"}),
        ({"capacity_units": "banyak", "lead_time_days": "-1"}, {"capacity_units", "lead_time_days"}),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(changes, wrong):
    assert set(EnteredTerms(Reader(), typed(**changes)).entered.errors) == wrong


def test_refusals_of_the_api_find_the_row_that_they_are_about():
    read = EnteredTerms(Reader(), typed(tier_4_from="10", tier_4_price="1", freight_3_from="9", freight_3_cost="1"))
    names = read.field_names()
    assert names["terms.tiers.0.from_units"] == "minimum_units"
    assert names["terms.tiers.1.unit_price_idr"] == "tier_4_price"
    assert names["terms.freight.0.from_units"] == "freight_3_from"
    refusal = {"field": "terms.tiers.1.unit_price_idr"}
    assert offer_form.refused_fields(refusal, names, "Naik.") == {"tier_4_price": "Naik."}
    assert offer_form.refused_fields({"field": ["a"]}, names, "?") == {}
    assert offer_form.refused_fields({}, names, "?") == {}
