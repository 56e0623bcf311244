"""The closing rule against exhaustive search, and what it promises to members."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain.closing import (
    Allocation,
    Bid,
    Infeasible,
    InfeasibleReason,
    Outcome,
    close,
    fills_capacity,
    sweep,
)
from services.pools.domain.terms import FreightStep, Terms, Tier
from tests.pools.closing_oracle import (
    bid,
    naive_close,
    naive_feasible,
    naive_prices,
    naive_quantities,
    pledge_id,
    pools,
)

SPINNER = Terms(
    tiers=(Tier(1, 1_000), Tier(10, 900), Tier(20, 800)),
    minimum_units=5,
    capacity_units=30,
    pack_units=5,
    freight=(FreightStep(1, 1_000),),
)


def allocation(bids: list[Bid], terms: Terms = SPINNER) -> Allocation:
    outcome = close(bids, terms)
    assert isinstance(outcome, Allocation), outcome
    return outcome


@given(pools())
@settings(deadline=None, max_examples=300)
def test_closing_orders_the_largest_quantity_that_exhaustive_search_finds(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    expected = naive_close(bids, terms)
    if expected == 0:
        assert isinstance(outcome, Infeasible)
    else:
        assert isinstance(outcome, Allocation)
        assert outcome.quantity == expected
        assert (outcome.unit_price_idr, outcome.landed_price_idr) == naive_prices(terms, expected)


@given(pools(), st.data())
@settings(deadline=None)
def test_closing_within_bounds_agrees_with_exhaustive_search(
    pool: tuple[Terms, list[Bid]], data: st.DataObject
) -> None:
    terms, bids = pool
    low, high = sorted(data.draw(st.tuples(*[st.sampled_from(terms.orderable_quantities())] * 2)))
    outcome = close(bids, terms, low=low, high=high)
    quantity = outcome.quantity if isinstance(outcome, Allocation) else 0
    assert quantity == naive_close(bids, terms, low, high)


@given(pools())
@settings(deadline=None)
def test_an_allocation_keeps_every_promise_to_members(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    if isinstance(outcome, Infeasible):
        return
    assert outcome.quantity % terms.pack_units == 0
    assert terms.minimum_units <= outcome.quantity <= terms.capacity_units
    assert sum(line.units for line in outcome.lines) == outcome.quantity
    assert {line.pledge_id for line in outcome.lines} == {bid.pledge_id for bid in bids}
    for line in outcome.lines:
        own = [bid for bid in bids if bid.pledge_id == line.pledge_id]
        wanted, tolerance = sum(bid.units for bid in own), sum(bid.tolerance_units for bid in own)
        assert line.number == min(bid.number for bid in own)
        assert 0 <= line.tolerance_used_units <= tolerance
        if line.outcome is Outcome.CEILING_TOO_LOW:
            assert line.ceiling_idr < outcome.landed_price_idr
            assert (line.units, line.waitlisted_units, line.tolerance_used_units) == (0, 0, 0)
        else:
            assert line.ceiling_idr >= outcome.landed_price_idr
            assert line.units - line.tolerance_used_units + line.waitlisted_units == wanted
            assert (line.outcome is Outcome.ALLOCATED) == (line.units > 0)


@given(pools())
@settings(deadline=None)
def test_only_the_highest_numbers_wait_and_never_while_tolerance_is_spent(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    if isinstance(outcome, Infeasible) or not outcome.waiters:
        return
    assert sum(line.tolerance_used_units for line in outcome.lines) == 0
    assert max(bid.number for bid in outcome.served) <= min(bid.number for bid in outcome.waiters)
    willing = [bid for bid in bids if bid.ceiling_idr >= outcome.landed_price_idr]
    assert sum(bid.units for bid in (*outcome.served, *outcome.waiters)) == sum(bid.units for bid in willing)


@given(pools())
@settings(deadline=None)
def test_tolerance_is_spent_in_proportion(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    if isinstance(outcome, Infeasible):
        return
    willing = [line for line in outcome.lines if line.outcome is not Outcome.CEILING_TOO_LOW]
    tolerance = {
        line.pledge_id: sum(bid.tolerance_units for bid in bids if bid.pledge_id == line.pledge_id) for line in willing
    }
    used = sum(line.tolerance_used_units for line in willing)
    for line in willing if used else []:
        exact = used * tolerance[line.pledge_id] / sum(tolerance.values())
        assert abs(line.tolerance_used_units - exact) < 1


@given(pools())
@settings(deadline=None)
def test_missing_units_are_exactly_as_many_as_must_join(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    if isinstance(outcome, Allocation):
        return
    orderable = naive_quantities(terms)

    def orders_with(units: int) -> bool:
        newcomer = [bid(99, units)] if units else []
        return any(naive_feasible([*bids, *newcomer], terms, quantity, orderable) for quantity in orderable)

    assert not orders_with(outcome.missing_units - 1)
    assert orders_with(outcome.missing_units)
    willing = [replace(bid, ceiling_idr=10**9) for bid in bids]
    too_low = outcome.reason is InfeasibleReason.CEILINGS_TOO_LOW
    assert (naive_close(willing, terms) > 0) == too_low


@given(pools())
@settings(deadline=None)
def test_the_sweep_leaves_out_no_feasible_quantity(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    orderable = naive_quantities(terms)
    found = [candidate.quantity for candidate in sweep(bids, terms) if candidate.missing_units == 0]
    assert found == [quantity for quantity in orderable if naive_feasible(bids, terms, quantity, orderable)]


@given(pools(), st.integers(1, 8))
@settings(deadline=None)
def test_a_willing_newcomer_never_shrinks_the_order(pool: tuple[Terms, list[Bid]], units: int) -> None:
    terms, bids = pool
    before, after = close(bids, terms), close([*bids, bid(99, units)], terms)
    if isinstance(before, Allocation):
        assert isinstance(after, Allocation)
        assert after.quantity >= before.quantity


@given(pools(), st.randoms())
@settings(deadline=None)
def test_the_order_in_which_bids_are_loaded_plays_no_part(pool: tuple[Terms, list[Bid]], random: Any) -> None:
    terms, bids = pool
    shuffled = list(bids)
    random.shuffle(shuffled)
    assert close(shuffled, terms) == close(bids, terms)


def test_units_beyond_the_last_full_pack_wait_and_a_pledge_may_be_cut() -> None:
    outcome = allocation([bid(1, 4), bid(3, 4), bid(2, 4)])
    assert (outcome.quantity, outcome.unit_price_idr, outcome.landed_price_idr) == (10, 900, 1_000)
    assert [(line.number, line.units, line.waitlisted_units) for line in outcome.lines] == [
        (1, 4, 0),
        (2, 4, 0),
        (3, 2, 2),
    ]
    assert outcome.waiters == (bid(3, 2),)


def test_units_added_later_wait_under_their_own_number() -> None:
    outcome = allocation([bid(1, 3), bid(3, 3, of=1), bid(2, 4)], replace(SPINNER, capacity_units=9))
    assert outcome.quantity == 5
    assert [(line.number, line.units, line.waitlisted_units) for line in outcome.lines] == [(1, 3, 3), (2, 2, 2)]


def test_a_cut_bid_keeps_its_tolerance_on_the_served_part() -> None:
    outcome = allocation([bid(1, 4, tolerance=0), bid(2, 4, tolerance=1)])
    assert outcome.served[-1] == bid(2, 1, tolerance=1)
    assert outcome.waiters == (bid(2, 3, tolerance=0),)


def test_tolerance_fills_a_pack_and_equal_remainders_go_to_the_lower_number() -> None:
    # Nine units and a pack of five: one more unit fills the tenth seat and reaches the next tier.
    outcome = allocation([bid(2, 4, tolerance=1), bid(1, 5, tolerance=1)])
    assert outcome.quantity == 10
    assert [(line.number, line.units, line.tolerance_used_units) for line in outcome.lines] == [(1, 6, 1), (2, 4, 0)]


def test_tolerance_does_more_than_one_pack_only_to_reach_a_tier() -> None:
    flat = replace(SPINNER, tiers=(Tier(1, 1_000),))
    # Six units with nine of tolerance: the pack to ten is filled, fifteen would be a pack too many.
    assert allocation([bid(1, 6, tolerance=9)], flat).quantity == 10
    # With a tier at twenty, fourteen of tolerance reach it.
    tiered = replace(SPINNER, tiers=(Tier(1, 1_000), Tier(20, 800)))
    assert allocation([bid(1, 6, tolerance=14)], tiered).quantity == 20


def test_a_step_in_the_freight_is_no_tier_that_tolerance_may_reach() -> None:
    stepped = replace(SPINNER, tiers=(Tier(1, 1_000),), freight=(FreightStep(10, 500), FreightStep(15, 400)))
    assert allocation([bid(1, 6, tolerance=9)], stepped).quantity == 10


def test_the_same_price_in_another_tier_is_the_same_price() -> None:
    # Five units could be ordered at 1,000 already, so tolerance reaches the tier at 900 but not 1,000 again.
    dented = replace(SPINNER, tiers=(Tier(1, 1_000), Tier(10, 900), Tier(15, 1_000)))
    assert allocation([bid(1, 5, tolerance=10)], dented).quantity == 10
    assert allocation([bid(1, 6, tolerance=9)], dented).quantity == 15


def test_demand_at_an_orderable_quantity_leaves_tolerance_unspent() -> None:
    outcome = allocation([bid(1, 20, tolerance=5)])
    assert outcome.quantity == 20
    assert outcome.lines[0].tolerance_used_units == 0


@pytest.mark.parametrize(
    ("bids", "reason", "missing_units"),
    [
        ([], InfeasibleReason.TOO_FEW_UNITS, 5),
        ([bid(1, 3)], InfeasibleReason.TOO_FEW_UNITS, 2),
        ([bid(1, 3, tolerance=1)], InfeasibleReason.TOO_FEW_UNITS, 1),
        # At five units one costs 1,200 all-in; whoever accepts only 1,100 needs ten to be together.
        ([bid(1, 6, ceiling=1_100)], InfeasibleReason.CEILINGS_TOO_LOW, 4),
    ],
)
def test_a_pool_that_cannot_order_says_why_and_how_much_is_missing(
    bids: list[Bid], reason: InfeasibleReason, missing_units: int
) -> None:
    assert close(bids, SPINNER) == Infeasible(reason, missing_units)


def test_whoever_has_too_low_a_ceiling_stays_out_and_a_ceiling_is_met_to_the_rupiah() -> None:
    outcome = allocation([bid(1, 5, ceiling=1_200), bid(2, 1, ceiling=1_199)])
    assert outcome.landed_price_idr == 1_200
    assert [line.outcome for line in outcome.lines] == [Outcome.ALLOCATED, Outcome.CEILING_TOO_LOW]
    assert outcome.lines[1].pledge_id == pledge_id(2)


@pytest.mark.parametrize(
    ("bids", "filled"),
    [
        ([bid(1, 30)], True),
        ([bid(1, 29), bid(2, 4)], True),
        ([bid(1, 29, tolerance=1)], False),
        ([bid(1, 30, ceiling=833)], False),  # thirty cost 800 + ⌈1,000 ÷ 30⌉ = 834 each
        ([bid(1, 30, ceiling=834)], True),
    ],
)
def test_a_pool_is_filled_by_willing_units_alone(bids: list[Bid], filled: bool) -> None:
    assert fills_capacity(bids, SPINNER) is filled


def test_a_full_pool_that_might_still_become_cheaper_is_not_filled() -> None:
    rising = replace(SPINNER, tiers=(Tier(1, 800), Tier(20, 900)))
    assert not fills_capacity([bid(1, 30)], rising)


class CountedPrice(int):
    """A ceiling that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        CountedPrice.compared += 1
        return int(self) < int(other)

    def __ge__(self, other: int) -> bool:
        CountedPrice.compared += 1
        return int(self) >= int(other)


@pytest.mark.parametrize("size", [100, 400, 1_600])
def test_closing_takes_n_log_n_comparisons_and_a_few_for_each_quantity(size: int) -> None:
    tiers = tuple(Tier(1 + index * size // 5, 10**6 - index * 10_000) for index in range(10))
    terms = Terms(tiers, minimum_units=1, capacity_units=2 * size, freight=(FreightStep(1, 10**7),))
    bids = [bid(n + 1, 1 + n % 3, n % 2, CountedPrice(950_000 + n * 7919 % 200_000)) for n in range(size)]
    CountedPrice.compared = 0
    assert isinstance(close(bids, terms), Allocation)
    quantities = len(terms.orderable_quantities())
    assert CountedPrice.compared <= size * log2(size) + 4 * (size + quantities)


def test_a_huge_capacity_costs_nothing() -> None:
    terms = replace(SPINNER, capacity_units=10**9, pack_units=1)
    assert sum(1 for _ in sweep([bid(1, 40, tolerance=3)], terms)) < 60
