"""What an order costs, and which terms are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain.apportion import apportion
from services.pools.domain.refusals import (
    BadTerms,
    NoOrderableQuantity,
    OrderTooLarge,
    TermsOutOfRange,
    TierMissingAtMinimum,
    TiersNotAscending,
)
from services.pools.domain.terms import FixedCosts, FreightStep, Terms, Tier
from tests.pools.closing_oracle import naive_prices, naive_quantities, offers


def terms(**changes: Any) -> Terms:
    figures: dict[str, Any] = {
        "tiers": (Tier(1, 1_000), Tier(10, 900)),
        "minimum_units": 3,
        "capacity_units": 20,
        "pack_units": 2,
        "freight": (FreightStep(1, 500), FreightStep(10, 700)),
        "installation_idr": 50,
        "training_idr": 3,
    }
    return Terms(**(figures | changes))


@pytest.mark.parametrize(
    ("quantity", "price", "fixed", "landed", "total"),
    [
        (4, 1_000, FixedCosts(500, 50, 3), 1_139, 4_553),
        (8, 1_000, FixedCosts(500, 50, 3), 1_070, 8_553),
        (10, 900, FixedCosts(700, 50, 3), 976, 9_753),
        (20, 900, FixedCosts(700, 50, 3), 938, 18_753),
    ],
)
def test_prices_follow_tiers_and_steps(quantity: int, price: int, fixed: FixedCosts, landed: int, total: int) -> None:
    assert terms().unit_price_idr(quantity) == price
    assert terms().fixed_costs(quantity) == fixed
    assert terms().landed_price_idr(quantity) == landed
    assert terms().total_idr(quantity) == total


def test_orders_are_full_packs_from_minimum_to_capacity() -> None:
    assert list(terms().orderable_quantities()) == [4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert list(terms(pack_units=7).orderable_quantities()) == [7, 14]
    assert list(terms().orderable_quantities(low=9, high=13)) == [10, 12]


def test_the_default_ceiling_is_the_landed_price_of_the_smallest_order() -> None:
    assert terms().default_ceiling_idr == terms().landed_price_idr(4)


def test_freight_below_its_first_step_is_free() -> None:
    assert terms(freight=(FreightStep(10, 700),)).fixed_costs(8) == FixedCosts(0, 50, 3)


@given(offers())
@settings(deadline=None)
def test_every_price_agrees_with_looking_at_every_tier(offer: Terms) -> None:
    quantities = naive_quantities(offer)
    assert list(offer.orderable_quantities()) == quantities
    for quantity in quantities:
        assert (offer.unit_price_idr(quantity), offer.landed_price_idr(quantity)) == naive_prices(offer, quantity)
    assert offer.cheapest_landed_price_idr == min(naive_prices(offer, quantity)[1] for quantity in quantities)


@given(offers(), st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None)
def test_segments_are_the_orderable_quantities_at_their_prices(offer: Terms, low: int, high: int) -> None:
    found = [
        (quantity, segment.unit_price_idr, segment.landed_price_idr(quantity))
        for segment in offer.segments(low, high)
        for quantity in segment.quantities
    ]
    assert found == [(quantity, *naive_prices(offer, quantity)) for quantity in naive_quantities(offer, low, high)]


@given(offers(), st.integers(0, 60))
@settings(deadline=None)
def test_a_tier_is_reached_by_an_order_that_units_fill(offer: Terms, units: int) -> None:
    filled = naive_quantities(offer, 0, units)
    reached = offer.tier_reached(units)
    if filled:
        assert reached is not None
        assert reached.from_units == max(t.from_units for t in offer.tiers if t.from_units <= filled[-1])
    else:
        assert reached is None


@given(offers(), st.data())
@settings(deadline=None)
def test_q_min_is_the_smallest_order_of_the_same_tier(offer: Terms, data: st.DataObject) -> None:
    quantity = data.draw(st.sampled_from(offer.orderable_quantities()))
    in_tier = [other for other in offer.orderable_quantities() if offer.tier(other) == offer.tier(quantity)]
    assert offer.smallest_in_tier(quantity) == in_tier[0]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"tiers": ()}, TiersNotAscending),
        ({"tiers": (Tier(10, 900), Tier(1, 1_000))}, TiersNotAscending),
        ({"tiers": (Tier(1, 900), Tier(1, 1_000))}, TiersNotAscending),
        ({"freight": (FreightStep(5, 1), FreightStep(5, 2))}, TiersNotAscending),
        ({"tiers": (Tier(5, 900),)}, TierMissingAtMinimum),
        ({"pack_units": 30}, NoOrderableQuantity),
        ({"capacity_units": 2}, NoOrderableQuantity),
        ({"minimum_units": 0}, TermsOutOfRange),
        ({"pack_units": 0}, TermsOutOfRange),
        ({"capacity_units": -1}, TermsOutOfRange),
        ({"training_idr": -1}, TermsOutOfRange),
        ({"installation_idr": -1}, TermsOutOfRange),
        ({"freight": (FreightStep(1, -1),)}, TermsOutOfRange),
        ({"tiers": (Tier(1, 0),)}, TermsOutOfRange),
        ({"tiers": (Tier(1, 10**14),)}, OrderTooLarge),
        ({"capacity_units": 10**12}, OrderTooLarge),
    ],
)
def test_terms_that_nothing_can_be_ordered_by_are_refused(changes: dict[str, Any], refusal: type[BadTerms]) -> None:
    with pytest.raises(refusal) as refused:
        terms(**changes)
    assert refused.value.status == 422
    for language in ("id", "en"):
        assert "{" not in refused.value.message(language)


def test_prices_may_rise_with_the_quantity() -> None:
    assert terms(tiers=(Tier(1, 900), Tier(10, 1_000))).unit_price_idr(10) == 1_000


@given(st.integers(0, 500), st.lists(st.integers(0, 60), min_size=1, max_size=12))
@settings(deadline=None)
def test_parts_are_exact_in_sum_and_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    if not sum(weights):
        weights = [*weights, 1]
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1
        assert part == 0 or weight > 0
        assert total > sum(weights) or part <= weight


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (5, [3, 3, 2], [2, 2, 1]),
        (1, [1, 5, 5], [0, 1, 0]),
        (0, [0, 0], [0, 0]),
    ],
)
def test_odd_units_go_to_the_largest_remainder_and_ties_to_the_front(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert apportion(total, weights) == parts


def test_nothing_is_divided_over_nobody() -> None:
    with pytest.raises(AssertionError, match="nobody"):
        apportion(1, [0, 0])
