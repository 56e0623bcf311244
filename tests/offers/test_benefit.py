"""What fits a product, what a household's connection carries, and what a machine would save."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.offers.catalogue import load_catalogue
from services.offers.domain.benefit import (
    LONGEST_PAYBACK_MONTHS,
    Figure,
    Machine,
    NoPayback,
    OwnFigures,
    benefit,
    price,
)
from services.offers.domain.electricity import TARIFFS_SEN_PER_KWH, supply, tariff_sen_per_kwh
from services.offers.domain.matching import Candidate, matches, words
from services.offers.domain.terms import landed_price_idr, total_idr
from shared.contracts.offers import OfferTerms

CATALOGUE = load_catalogue()
CANDIDATES = [Candidate(one.slug, one.shelves, one.products) for one in CATALOGUE]

SPINNER = Machine(kg_per_hour=Decimal(30), pieces_per_hour=None, watts=746, price_idr=1_500_000)
SEALER = Machine(kg_per_hour=None, pieces_per_hour=350, watts=300, price_idr=400_000)
OWN = OwnFigures(
    kg_per_week=Decimal(45), hours_per_week=Decimal(6), hour_value_idr=15_000, supply_va=1300, pieces_per_week=700
)


# --- what fits a product


def found(name: str | None, shelf: str | None = None) -> dict[str, tuple[int, str, str]]:
    return {match.slug: (match.points, match.kind, match.phrase) for match in matches(CANDIDATES, shelf, name)}


@pytest.mark.parametrize(
    ("name", "shelf", "slug", "expected"),
    [
        ("Keripik singkong balado", "snacks", "spinner-peniris-minyak", (23, "product", "keripik singkong")),
        ("Keripik singkong balado", None, "spinner-peniris-minyak", (20, "product", "keripik singkong")),
        ("KRIPIK SINGKÓNG Bu Sri", None, "spinner-peniris-minyak", (20, "product", "keripik singkong")),
        ("Keripik singkong balado", "snacks", "hand-sealer", (13, "product", "keripik")),
        ("Keripik singkong balado", "snacks", "penggoreng-vakum", (3, "shelf", "snacks")),
        ("Keripik bayam", "snacks", "spinner-peniris-minyak", (9, "product", "keripik singkong")),
        ("Keripik", None, "spinner-peniris-minyak", (6, "product", "keripik singkong")),
        ("Bumbu rendang", "meals", "vacuum-sealer", (7, "product", "rendang")),
        ("Abon lele", "snacks", "budikdamber", (20, "product", "abon lele")),
        (None, "snacks", "spinner-peniris-minyak", (3, "shelf", "snacks")),
        ("Keripik pisang", "other", "perajang-keripik", (20, "product", "keripik pisang")),
    ],
)
def test_words_of_the_name_count_more_than_the_shelf(
    name: str | None, shelf: str | None, slug: str, expected: tuple[int, str, str]
) -> None:
    assert found(name, shelf)[slug] == expected


@pytest.mark.parametrize(
    ("name", "shelf", "absent"),
    [
        ("Keripik singkong balado", None, "penggoreng-vakum"),  # fries fruit, not cassava
        ("Keripik bayam", "snacks", "hidroponik-nft"),  # it is not the spinach that is sold
        ("Keripik", "snacks", "pres-tahu"),  # wider than "keripik tahu", and no snack
        ("Batik cap", None, "canting-listrik"),
        ("Rasa untuk hasil", None, "biodigester-kecil"),  # words that say nothing
        ("keripi", None, "hand-sealer"),  # whole words only
    ],
)
def test_what_says_too_little_is_left_out(name: str, shelf: str | None, absent: str) -> None:
    assert absent not in found(name, shelf)


@pytest.mark.parametrize(("name", "shelf"), [("xyz", None), (None, "services"), ("   ", None), ("!?", "no-such")])
def test_nothing_fits_what_nobody_knows(name: str | None, shelf: str | None) -> None:
    assert found(name, shelf) == {}


def test_of_equals_the_specialised_comes_first() -> None:
    slugs = list(found("Kue kering nastar", "cakes"))
    assert slugs[:4] == ["mixer-adonan", "band-sealer-kontinu", "hand-sealer", "pencetak-tanggal-manual"]


NAMES = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from([w for c in CATALOGUE for w in c.products])).map(" ".join)
)
SHELVES = st.sampled_from([None, "snacks", "cakes", "meals", "batik", "other"])


@given(NAMES, SHELVES, st.permutations(CANDIDATES))
def test_order_of_the_catalogue_makes_no_difference(name: str, shelf: str | None, shuffled: list[Candidate]) -> None:
    assert matches(shuffled, shelf, name) == matches(CANDIDATES, shelf, name)


@given(NAMES, SHELVES)
def test_every_match_says_why(name: str, shelf: str | None) -> None:
    by_slug = {candidate.slug: candidate for candidate in CANDIDATES}
    for match in matches(CANDIDATES, shelf, name):
        if match.kind == "shelf":
            assert match.phrase == shelf
            assert shelf in by_slug[match.slug].shelves
        else:
            assert match.phrase in by_slug[match.slug].products
            assert set(words(match.phrase)) & set(words(name))


# --- electricity


@pytest.mark.parametrize(
    ("watts", "va", "percent", "fit"),
    [
        (315, 450, 70, "easy"),
        (316, 450, 70, "alone"),
        (396, 450, 88, "alone"),
        (397, 450, 88, "none"),
        (746, 900, 83, "alone"),
        (746, 1300, 57, "easy"),
        (1546, 2200, 70, "alone"),
        (1546, 3500, 44, "easy"),
    ],
)
def test_connection_carries_what_always_runs_besides(watts: int, va: int, percent: int, fit: str) -> None:
    compared = supply(watts, va)
    assert (compared.percent, compared.fit) == (percent, fit)


@pytest.mark.parametrize(
    ("va", "sen"),
    [
        (None, 144_470),
        (450, 41_500),
        (900, 135_200),
        (1300, 144_470),
        (2200, 144_470),
        (3500, 169_953),
        (6600, 169_953),
    ],
)
def test_tariff_is_that_of_the_connection(va: int | None, sen: int) -> None:
    assert tariff_sen_per_kwh(va) == sen


# --- what a machine saves


def test_worked_example() -> None:
    """45 kg at 30 kg/h are 1.5 hours instead of 6: 4.5 h × 52/12 = 19.5 h a month, worth Rp 292,500.

    0.746 kW × 1.5 h × 52/12 = 4.849 kWh at Rp 1,444.70 are Rp 7,005.35, rounded up. 1,500,000 / 285,494 = 5.25 months.
    """
    saves = benefit(SPINNER, OWN)
    assert saves.hours_by_hand == 6
    assert saves.hours_with_machine == Fraction(3, 2)
    assert saves.saved_hours_per_month == Fraction(39, 2)
    assert saves.saved_idr_per_month == 292_500
    assert saves.electricity_idr_per_month == 7_006
    assert saves.net_idr_per_month == 285_494
    assert saves.payback_months == 6
    assert saves.payback_reason is None
    assert saves.needs == ()


def test_what_is_counted_in_pieces_is_measured_in_pieces() -> None:
    assert benefit(SEALER, OWN).hours_with_machine == 2
    assert benefit(SEALER, OwnFigures(kg_per_week=Decimal(45), hours_per_week=Decimal(6), hour_value_idr=1)).needs == (
        Figure.PIECES_PER_WEEK,
    )


def test_machine_without_electricity_costs_none() -> None:
    by_hand = Machine(kg_per_hour=Decimal(15), pieces_per_hour=None, watts=None, price_idr=900_000)
    assert benefit(by_hand, OWN).electricity_idr_per_month == 0


@pytest.mark.parametrize(
    ("machine", "own", "reason", "needs"),
    [
        ({}, {"kg_per_week": None}, NoPayback.NEEDS_FIGURES, ["kg_per_week"]),
        ({}, {"hours_per_week": None}, NoPayback.NEEDS_FIGURES, ["hours_per_week"]),
        ({}, {"hour_value_idr": None}, NoPayback.NEEDS_FIGURES, ["hour_value_idr"]),
        (
            {},
            {"kg_per_week": None, "hours_per_week": None, "hour_value_idr": None},
            NoPayback.NEEDS_FIGURES,
            ["kg_per_week", "hours_per_week", "hour_value_idr"],
        ),
        ({"kg_per_hour": None}, {}, NoPayback.CAPACITY_UNKNOWN, []),
        ({"kg_per_hour": None}, {"hours_per_week": None}, NoPayback.CAPACITY_UNKNOWN, []),
        ({"kg_per_hour": Decimal("1.4")}, {}, NoPayback.TOO_SLOW, []),
        ({"kg_per_hour": Decimal("1.4")}, {"hour_value_idr": None}, NoPayback.TOO_SLOW, []),
        ({}, {"hours_per_week": Decimal("1.5")}, NoPayback.NO_SAVING, []),
        ({}, {"hour_value_idr": 0}, NoPayback.NO_SAVING, []),
        ({}, {"hour_value_idr": 359}, NoPayback.NO_SAVING, []),  # less than the electricity
        ({"price_idr": 285_494 * 120}, {}, None, []),
        ({"price_idr": 285_494 * 120 + 1}, {}, NoPayback.TOO_LONG, []),
    ],
)
def test_no_payback_has_its_reason(
    machine: dict[str, Any], own: dict[str, Any], reason: NoPayback | None, needs: list[str]
) -> None:
    given_machine = {"kg_per_hour": Decimal(30), "pieces_per_hour": None, "watts": 746, "price_idr": 1_500_000}
    told = {"kg_per_week": Decimal(45), "hours_per_week": Decimal(6), "hour_value_idr": 15_000, "supply_va": 1300}
    saves = benefit(Machine(**{**given_machine, **machine}), OwnFigures(**{**told, **own}))
    assert saves.payback_reason == reason
    assert (saves.payback_months is None) == (reason is not None)
    assert list(saves.needs) == needs


def test_machine_that_is_too_slow_says_so_without_a_saving() -> None:
    slow = benefit(Machine(Decimal("1.4"), None, 1120, 6_000_000), OWN)
    assert slow.hours_with_machine == Fraction(450, 14)
    assert (slow.saved_hours_per_month, slow.saved_idr_per_month, slow.net_idr_per_month) == (None, None, None)


MACHINES = st.builds(
    Machine,
    kg_per_hour=st.decimals("0.01", 500, places=2),
    pieces_per_hour=st.none(),
    watts=st.none() | st.integers(1, 5_000),
    price_idr=st.integers(1, 50_000_000),
)
OWNS = st.builds(
    OwnFigures,
    kg_per_week=st.decimals("0.01", 1_000, places=2),
    hours_per_week=st.decimals("0.01", 168, places=2),
    hour_value_idr=st.integers(0, 10_000_000),
    supply_va=st.none() | st.sampled_from(sorted(TARIFFS_SEN_PER_KWH)),
)


@given(MACHINES, OWNS)
def test_payback_is_the_first_month_that_covers_the_price(machine: Machine, own: OwnFigures) -> None:
    saves = benefit(machine, own)
    assert (saves.payback_months is None) == (saves.payback_reason is not None)
    if saves.payback_months is not None:
        assert saves.net_idr_per_month is not None
        assert 1 <= saves.payback_months <= LONGEST_PAYBACK_MONTHS
        assert saves.payback_months * saves.net_idr_per_month >= machine.price_idr
        assert (saves.payback_months - 1) * saves.net_idr_per_month < machine.price_idr


@given(MACHINES, OWNS)
def test_loss_is_never_told_as_a_gain(machine: Machine, own: OwnFigures) -> None:
    assert machine.kg_per_hour is not None
    assert own.kg_per_week is not None
    assert own.hours_per_week is not None
    saves = benefit(machine, own)
    for told in (saves.saved_hours_per_month, saves.saved_idr_per_month, saves.electricity_idr_per_month):
        assert told is None or told >= 0
    assert saves.net_idr_per_month is None or saves.net_idr_per_month > 0
    if Fraction(own.kg_per_week) / Fraction(machine.kg_per_hour) > Fraction(own.hours_per_week):
        assert saves.payback_reason is NoPayback.TOO_SLOW
    elif saves.net_idr_per_month is not None:
        assert saves.saved_idr_per_month is not None
        assert saves.electricity_idr_per_month is not None
        assert saves.net_idr_per_month == saves.saved_idr_per_month - saves.electricity_idr_per_month


@given(MACHINES, OWNS, st.decimals(0, 100, places=2))
def test_more_hours_by_hand_never_lengthen_the_payback(machine: Machine, own: OwnFigures, more: Decimal) -> None:
    assert own.hours_per_week is not None
    longer = OwnFigures(own.kg_per_week, None, own.hours_per_week + more, own.hour_value_idr, own.supply_va)
    before, after = benefit(machine, own).payback_months, benefit(machine, longer).payback_months
    if before is not None:
        assert after is not None
        assert after <= before


# --- the price of a machine


def offered(number: int, terms: OfferTerms) -> tuple[UUID, OfferTerms]:
    return UUID(int=number), terms


def test_price_is_the_cheapest_offer_with_all_its_costs_at_the_minimum(make_terms: Callable[..., OfferTerms]) -> None:
    # 5 × 1,000,000 + 100,000 + 50,000 + 25,000 = 5,175,000: Rp 1,035,000 each. The other asks less for a unit alone.
    dear_freight = make_terms(
        tiers=[{"from_units": 5, "unit_price_idr": 990_000}], freight=[{"from_units": 1, "cost_idr": 400_000}]
    )
    cost = price([offered(2, make_terms()), offered(1, dear_freight), offered(3, make_terms())], 1, 2)
    assert (cost.idr, cost.basis, cost.offer_id) == (1_035_000, "offer", UUID(int=2))


@pytest.mark.parametrize(("low", "high", "middle"), [(1_000_000, 2_000_000, 1_500_000), (1, 2, 2), (7, 7, 7)])
def test_without_offers_it_is_the_middle_of_the_estimate(low: int, high: int, middle: int) -> None:
    cost = price([], low, high)
    assert (cost.idr, cost.basis, cost.offer_id) == (middle, "estimate", None)


@given(st.integers(5, 40))
def test_landed_price_covers_the_order_and_no_rupiah_more_than_rounding(
    make_terms: Callable[..., OfferTerms], quantity: int
) -> None:
    terms = make_terms(installation_idr=50_003)
    assert landed_price_idr(terms, quantity) == ceil(Fraction(total_idr(terms, quantity), quantity))
