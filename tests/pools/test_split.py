"""Every rupiah of an order is somebody's, by origin, and never above a ceiling."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings

from services.pools.domain.closing import Allocation, Bid, close
from services.pools.domain.order import PayoutTerms, payouts
from services.pools.domain.preview import VISITOR_ID, preview, preview_for_visitor
from services.pools.domain.split import Due, split
from services.pools.domain.terms import FreightStep, Terms, Tier
from tests.pools.closing_oracle import bid, naive_feasible, naive_quantities, pledge_id, pools

DRYER = Terms(
    tiers=(Tier(1, 6_000), Tier(6, 5_000), Tier(12, 4_500)),
    minimum_units=3,
    capacity_units=12,
    freight=(FreightStep(1, 100),),
    installation_idr=50,
    training_idr=1,
)


@given(pools())
@settings(deadline=None, max_examples=150)
def test_parts_sum_to_the_order_by_origin_and_nobody_pays_above_their_ceiling(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    outcome = close(bids, terms)
    if not isinstance(outcome, Allocation):
        return
    dues = split(outcome)
    fixed = terms.fixed_costs(outcome.quantity)
    assert sum(due.total_idr for due in dues) == terms.total_idr(outcome.quantity) == outcome.total_idr
    assert sum(due.freight_idr for due in dues) == fixed.freight_idr
    assert sum(due.installation_idr for due in dues) == fixed.installation_idr
    assert sum(due.training_idr for due in dues) == fixed.training_idr
    ceilings = {bid.pledge_id: bid.ceiling_idr for bid in bids}
    for due in dues:
        assert min(due.freight_idr, due.installation_idr, due.training_idr) >= 0
        assert due.total_idr <= due.units * outcome.landed_price_idr <= due.units * ceilings[due.pledge_id]
        part = due.total_idr - due.goods_idr
        assert abs(part - fixed.total_idr * due.units / outcome.quantity) < 1
        assert abs(due.freight_idr - fixed.freight_idr * due.units / outcome.quantity) < 3


def test_kenapa_rp_segini() -> None:
    outcome = close([bid(1, 1), bid(2, 2)], DRYER)
    assert isinstance(outcome, Allocation)
    # 151 over three units: 50⅓ and 100⅔, so the odd rupiah is the second pledge's.
    assert split(outcome) == (
        Due(pledge_id(1), 1, 6_000, 34, 16, 0),
        Due(pledge_id(2), 2, 6_000, 66, 34, 1),
    )


def test_equal_shares_give_the_odd_rupiah_to_the_lower_number() -> None:
    outcome = close([bid(3, 1), bid(1, 1), bid(2, 1)], DRYER)
    assert isinstance(outcome, Allocation)
    assert [due.total_idr for due in split(outcome)] == [6_051, 6_050, 6_050]


def test_three_separate_roundings_would_break_a_ceiling() -> None:
    # One rupiah each of freight, installation and training over three units: landed price 6,001, not 6,003.
    terms = Terms((Tier(1, 6_000),), 3, 3, freight=(FreightStep(1, 1),), installation_idr=1, training_idr=1)
    outcome = close([bid(n, 1, ceiling=6_001) for n in (1, 2, 3)], terms)
    assert isinstance(outcome, Allocation)
    assert [due.total_idr for due in split(outcome)] == [6_001, 6_001, 6_001]


@given(pools())
@settings(deadline=None)
def test_the_next_tiers_say_how_many_must_join(pool: tuple[Terms, list[Bid]]) -> None:
    terms, bids = pool
    now = preview(bids, terms)
    orderable = naive_quantities(terms)
    present = terms.tier(now.quantity).from_units if now.quantity else 0
    expected = {terms.tier(quantity) for quantity in orderable if terms.tier(quantity).from_units > present}
    assert {gap.tier for gap in now.next_tiers} == expected

    def reaches(tier: Tier, units: int) -> bool:
        newcomer = [bid(99, units)] if units else []
        return any(
            naive_feasible([*bids, *newcomer], terms, quantity, orderable)
            for quantity in orderable
            if terms.tier(quantity) == tier
        )

    for gap in now.next_tiers:
        assert terms.tier(gap.quantity) == gap.tier
        assert gap.landed_price_idr == terms.landed_price_idr(gap.quantity)
        assert reaches(gap.tier, gap.missing_units)
        assert not reaches(gap.tier, gap.missing_units - 1)


def test_a_preview_below_the_minimum_says_what_is_missing_to_every_tier() -> None:
    now = preview([bid(1, 2)], DRYER)
    assert (now.quantity, now.missing_units, now.dues) == (0, 1, ())
    assert [(gap.tier.from_units, gap.missing_units, gap.landed_price_idr) for gap in now.next_tiers] == [
        (1, 1, 6_051),
        (6, 4, 5_026),
        (12, 10, 4_513),
    ]


def test_a_preview_shows_what_everybody_would_pay() -> None:
    now = preview([bid(1, 4), bid(2, 3)], DRYER)
    assert (now.quantity, now.missing_units) == (7, 0)
    assert [(due.units, due.total_idr) for due in now.dues] == [(4, 20_086), (3, 15_065)]
    assert [(gap.tier.from_units, gap.missing_units) for gap in now.next_tiers] == [(12, 5)]


def test_a_visitor_sees_what_they_would_pay() -> None:
    visit = preview_for_visitor([bid(1, 5)], DRYER, units=1)
    assert visit.due is not None
    assert (visit.due.units, visit.due.unit_price_idr, visit.waitlisted_units) == (1, 5_000, 0)
    assert visit.due.total_idr <= visit.at_most_idr == DRYER.default_ceiling_idr == 6_051
    assert visit.due.pledge_id == VISITOR_ID == UUID(int=0)


def test_a_visitor_beyond_the_capacity_would_wait() -> None:
    visit = preview_for_visitor([bid(1, 10)], DRYER, units=3, ceiling_idr=9_000)
    assert visit.due is not None
    assert (visit.due.units, visit.waitlisted_units, visit.at_most_idr) == (2, 1, 27_000)
    full = preview_for_visitor([bid(1, 12)], DRYER, units=3)
    assert (full.due, full.waitlisted_units) == (None, 3)


def test_a_visitor_to_an_empty_pool_sees_the_most_they_could_pay() -> None:
    visit = preview_for_visitor([], DRYER, units=2)
    assert (visit.due, visit.waitlisted_units, visit.at_most_idr) == (None, 0, 12_102)


def test_the_supplier_is_paid_what_members_pay() -> None:
    outcome = close([bid(1, 4), bid(2, 3)], DRYER)
    assert isinstance(outcome, Allocation)
    stages = payouts(outcome.total_idr, PayoutTerms(50, 40))
    assert sum(stage.amount_idr for stage in stages) == sum(due.total_idr for due in split(outcome))
