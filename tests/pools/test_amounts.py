"""What each pledge owes from its making to the re-run after a shortfall."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain import amounts
from services.pools.domain.amounts import AmountDue, DueReason
from services.pools.domain.closing import Allocation, Bid, Infeasible, close
from services.pools.domain.order import Payout, PayoutStage, PayoutTerms, payouts
from services.pools.domain.pledge import Block, Pledge
from services.pools.domain.refusals import BadPayoutShares
from services.pools.domain.shortfall import offer_seats, paid_bids, rerun, unpaid
from services.pools.domain.terms import FreightStep, Terms, Tier
from tests.pools.closing_oracle import bid, naive_close, pledge_id, pools

SEALER = Terms((Tier(1, 500), Tier(10, 400)), 5, 20, pack_units=5, freight=(FreightStep(1, 100),))
ONE, TWO, THREE, FOUR = (pledge_id(n) for n in range(1, 5))


def allocation(*bids: Bid, terms: Terms = SEALER) -> Allocation:
    outcome = close(bids, terms)
    assert isinstance(outcome, Allocation), outcome
    return outcome


def test_while_open_a_deposit_may_be_held_up_to_the_most_a_pledge_can_come_to() -> None:
    pledge = Pledge(ONE, UUID(int=9), (Block(1, 2), Block(5, 1)), 2, 600)
    assert amounts.while_open(pledge) == AmountDue(ONE, 0, 3_000, DueReason.OPEN)


@pytest.mark.parametrize(
    "reason", [DueReason.WITHDRAWN, DueReason.FAILED, DueReason.CANCELLED, DueReason.DROPPED, DueReason.WAITLISTED]
)
def test_whoever_is_out_owes_nothing_and_gets_everything_back(reason: DueReason) -> None:
    assert amounts.released([ONE, TWO], reason) == (AmountDue(ONE, 0, 0, reason), AmountDue(TWO, 0, 0, reason))


def test_only_too_low_a_ceiling_is_released_at_the_closing() -> None:
    closed = allocation(bid(1, 6), bid(2, 5), bid(3, 1, ceiling=409))
    assert amounts.on_closing(closed) == (AmountDue(THREE, 0, 0, DueReason.DROPPED),)


def test_on_acceptance_the_final_amount_is_due_and_a_waiting_deposit_may_stay() -> None:
    closed = allocation(bid(1, 6, ceiling=700), bid(2, 6, ceiling=600), bid(3, 1, ceiling=500), bid(4, 1, ceiling=409))
    assert amounts.on_acceptance(closed) == (
        AmountDue(ONE, 2_460, 2_460, DueReason.ACCEPTED),
        AmountDue(TWO, 1_640, 1_640 + 2 * 600, DueReason.ACCEPTED),
        AmountDue(THREE, 0, 500, DueReason.WAITLISTED),
    )


def test_vacated_seats_go_to_the_waiters_in_number_order() -> None:
    closed = allocation(bid(1, 4), bid(2, 4), bid(3, 4), bid(4, 3), terms=replace(SEALER, capacity_units=10))
    held = {due.pledge_id: due.must_hold_idr for due in amounts.on_acceptance(closed)} | {TWO: 1_639}
    missing = unpaid(closed, held)
    offered = offer_seats(closed, missing)
    assert missing == {TWO}
    assert offered == (bid(3, 2), bid(4, 2))
    assert amounts.on_offer(closed, unpaid=missing, offered=offered) == (
        AmountDue(TWO, 0, 0, DueReason.DROPPED),
        AmountDue(THREE, 820 + 820, 820 + 820, DueReason.PROMOTED),
        AmountDue(FOUR, 820, 820, DueReason.PROMOTED),
    )


def test_waiters_without_an_offer_wait_no_longer() -> None:
    closed = allocation(bid(1, 9), bid(2, 4), bid(3, 1))
    assert amounts.on_offer(closed, unpaid=frozenset(), offered=()) == (
        AmountDue(TWO, 410, 410, DueReason.ACCEPTED),
        AmountDue(THREE, 0, 0, DueReason.WAITLISTED),
    )


def test_who_has_not_paid_for_the_seats_they_got_is_offered_no_more() -> None:
    closed = allocation(bid(1, 9), bid(2, 4), bid(3, 1))
    offered = offer_seats(closed, {TWO})
    assert offered == (bid(3, 1),)


def test_a_promoted_pledge_that_pays_only_for_its_old_seats_keeps_those() -> None:
    closed = allocation(bid(1, 5), bid(2, 3), bid(3, 4, tolerance=2))
    offered = offer_seats(closed, {TWO})
    assert offered == (bid(3, 2, 0),)
    due = {ONE: 2_050, THREE: 820}
    assert paid_bids(closed, offered, due) == (bid(1, 5), bid(3, 2, tolerance=2))
    assert paid_bids(closed, offered, due | {THREE: 1_640}) == (bid(1, 5), bid(3, 4, tolerance=2))


def test_the_rerun_stays_within_what_the_supplier_accepted() -> None:
    # Fifteen were accepted in the tier from ten: seven paid units are fewer than it binds for, tolerance or not.
    assert isinstance(rerun([bid(1, 7)], SEALER, accepted_quantity=15), Infeasible)
    again = rerun([bid(1, 7, tolerance=3)], SEALER, accepted_quantity=15)
    assert isinstance(again, Allocation)
    assert again.quantity == 10
    # More is paid than was accepted: nobody orders more than the supplier agreed to.
    capped = rerun([bid(1, 25)], SEALER, accepted_quantity=15)
    assert isinstance(capped, Allocation)
    assert capped.quantity == 15


def test_after_the_rerun_everybody_of_the_first_run_has_new_figures() -> None:
    first = allocation(bid(1, 10), bid(2, 5), bid(3, 5), bid(4, 2))
    again = rerun([bid(1, 10), bid(3, 5)], SEALER, accepted_quantity=20)
    assert isinstance(again, Allocation)
    assert amounts.on_rerun(first, again) == (
        AmountDue(ONE, 4_067, 4_067, DueReason.ADJUSTED),
        AmountDue(TWO, 0, 0, DueReason.DROPPED),
        AmountDue(THREE, 2_033, 2_033, DueReason.ADJUSTED),
        AmountDue(FOUR, 0, 0, DueReason.DROPPED),
    )


def test_an_order_is_funded_when_nobody_holds_less_than_they_must() -> None:
    due = amounts.on_acceptance(allocation(bid(1, 6), bid(2, 5)))
    assert amounts.unfunded(due, {ONE: 2_460, TWO: 1_639}) == (TWO,)
    assert amounts.unfunded(due, {}) == (ONE, TWO)
    assert amounts.unfunded(due, {ONE: 2_460, TWO: 1_640}) == ()


@given(pools(), st.data())
@settings(deadline=None, max_examples=150)
def test_no_figure_is_ever_above_a_ceiling_whoever_pays(pool: tuple[Terms, list[Bid]], data: st.DataObject) -> None:
    terms, bids = pool
    first = close(bids, terms)
    if isinstance(first, Infeasible):
        return
    most = Counter[UUID]()
    for own in bids:
        most[own.pledge_id] += own.ceiling_idr * (own.units + own.tolerance_units)

    def within(statements: tuple[AmountDue, ...]) -> dict[UUID, int]:
        assert all(0 <= due.must_hold_idr <= due.may_hold_idr <= most[due.pledge_id] for due in statements)
        assert len({due.pledge_id for due in statements}) == len(statements)
        return {due.pledge_id: due.must_hold_idr for due in statements}

    must = within(amounts.on_acceptance(first))
    assert sum(must.values()) == first.total_idr

    payers = data.draw(st.sets(st.sampled_from(sorted(must)), max_size=len(must)))
    held = {pledge: idr for pledge, idr in must.items() if pledge in payers}
    missing = unpaid(first, held)
    assert missing == {pledge for pledge, idr in must.items() if idr and pledge not in payers}
    offered = offer_seats(first, missing)
    vacated = sum(line.units for line in first.lines if line.pledge_id in missing)
    waiting = sum(own.units for own in first.waiters if own.pledge_id not in missing)
    assert sum(own.units for own in offered) == min(vacated, waiting)

    must |= within(amounts.on_offer(first, unpaid=missing, offered=offered))
    asked = sorted({own.pledge_id for own in offered})
    takers = data.draw(st.sets(st.sampled_from(asked))) if asked else set()
    held |= {pledge: must[pledge] for pledge in takers}
    paid = paid_bids(first, offered, held)
    assert {own.pledge_id for own in paid} == (
        set(held) & {line.pledge_id for line in first.lines if line.units}
    ) | takers
    assert sum(own.units for own in paid) <= first.quantity

    again = rerun(paid, terms, accepted_quantity=first.quantity)
    low = min(q for q in terms.orderable_quantities() if terms.tier(q) == terms.tier(first.quantity))
    assert (again.quantity if isinstance(again, Allocation) else 0) == naive_close(paid, terms, low, first.quantity)
    if isinstance(again, Allocation):
        final = within(amounts.on_rerun(first, again))
        assert sum(final.values()) == again.total_idr == terms.total_idr(again.quantity)
        ceilings = {own.pledge_id: own.ceiling_idr for own in bids}
        assert all(final[line.pledge_id] <= line.units * ceilings[line.pledge_id] for line in again.lines)
        if not missing:
            assert again.quantity == first.quantity
            assert all(final[pledge] == idr for pledge, idr in must.items())


@given(st.integers(0, 10**13), st.integers(0, 100), st.integers(0, 100))
@settings(deadline=None)
def test_payouts_sum_to_what_is_owed_and_the_early_ones_are_never_too_much(
    total: int, down: int, delivery: int
) -> None:
    if down + delivery > 100:
        with pytest.raises(BadPayoutShares):
            PayoutTerms(down, delivery)
        return
    stages = {payout.stage: payout.amount_idr for payout in payouts(total, PayoutTerms(down, delivery))}
    assert sum(stages.values()) == total
    assert all(amount > 0 for amount in stages.values())
    assert stages.get(PayoutStage.DOWN_PAYMENT, 0) == total * down // 100
    assert stages.get(PayoutStage.ON_DELIVERY, 0) == total * delivery // 100


def test_the_odd_rupiah_is_paid_last_and_empty_stages_are_left_out() -> None:
    assert payouts(1_001, PayoutTerms(50, 50)) == (
        Payout(PayoutStage.DOWN_PAYMENT, 500),
        Payout(PayoutStage.ON_DELIVERY, 500),
        Payout(PayoutStage.ON_ACCEPTANCE, 1),
    )
    assert payouts(1_000, PayoutTerms(0, 0)) == (Payout(PayoutStage.ON_ACCEPTANCE, 1_000),)


@pytest.mark.parametrize("shares", [(-1, 50), (50, -1), (60, 41)])
def test_impossible_payout_shares_are_refused(shares: tuple[int, int]) -> None:
    with pytest.raises(BadPayoutShares):
        PayoutTerms(*shares)
