"""Which step is allowed in which state of a pool, to whom and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from services.pools.domain import pool as commands
from services.pools.domain.amounts import DueReason
from services.pools.domain.closing import Allocation, Infeasible, InfeasibleReason, Outcome, close
from services.pools.domain.order import PayoutStage
from services.pools.domain.pool_machine import (
    ClosingReason,
    FailureReason,
    Pool,
    PoolState,
    Window,
)
from services.pools.domain.refusals import (
    AlreadyExtended,
    DeadlineNotLater,
    DeadlinePassed,
    ExtensionTooLong,
    NotTheInitiator,
    NotYetSettled,
    NotYoursToCancel,
    OwnPoolNotVerified,
    PoolNotVerified,
    ReasonMissing,
    ReceivedTooMany,
    TooEarly,
    TooLateToCancel,
    WrongPoolState,
)
from services.pools.domain.terms import Terms, Tier
from shared.contracts import payments, pools
from shared.errors import Refusal
from tests.pools.closing_oracle import bid

INITIATOR, OPERATOR = UUID(int=1), UUID(int=2)
DEADLINE = datetime(2026, 11, 30, 10, tzinfo=UTC)
BEFORE, AFTER = DEADLINE - timedelta(seconds=1), DEADLINE + timedelta(days=30)
HOPELESS = Infeasible(InfeasibleReason.TOO_FEW_UNITS, 2)
S = PoolState


def orders(quantity: int) -> Allocation:
    outcome = close([bid(1, quantity)], Terms((Tier(1, 1_000),), 1, 100))
    assert isinstance(outcome, Allocation)
    return outcome


def pool(state: PoolState = S.OPEN, **changes: Any) -> Pool:
    """A pool as it stands in `state`, with what has happened to it before."""
    facts: dict[str, Any] = {"initiator_id": INITIATOR, "deadline": DEADLINE, "state": state}
    if state is not S.DRAFT:
        facts["verified_by"] = OPERATOR
    if state in (S.AWAITING_SUPPLIER, S.RECONSENTING, S.COLLECTING, S.ORDERED, S.DELIVERED):
        facts["quantity"] = 10
    if state is S.COLLECTING:
        facts |= {"window": Window.MEMBERS, "pay_by": DEADLINE}
    return Pool(**(facts | changes))


def collecting(window: Window = Window.MEMBERS) -> Pool:
    return pool(S.COLLECTING, window=window)


COMMANDS: dict[str, Callable[[Pool], Pool]] = {
    "submit": lambda p: commands.submit(p, by=INITIATOR, now=BEFORE),
    "send_back": lambda p: commands.send_back(p, by=OPERATOR, reason="Harga belum jelas."),
    "verify": lambda p: commands.verify(p, by=OPERATOR),
    "open": lambda p: commands.open_pool(p, now=BEFORE),
    "extend": lambda p: commands.extend(p, by=INITIATOR, deadline=DEADLINE + timedelta(days=3), now=BEFORE),
    "start_closing": lambda p: commands.start_closing(p, now=DEADLINE, filled=False),
    "securing_closed": lambda p: commands.securing_closed(p, orders(10)),
    "securing_closed_hopeless": lambda p: commands.securing_closed(p, HOPELESS),
    "accepted": lambda p: commands.supplier_accepted(p, now=AFTER),
    "declined": commands.supplier_declined,
    "expired": commands.supplier_expired,
    "countered": commands.supplier_countered,
    "reconsented": lambda p: commands.reconsented(p, orders(8), now=AFTER),
    "reconsented_hopeless": lambda p: commands.reconsented(p, HOPELESS, now=AFTER),
    "offer_seats": lambda p: commands.offer_vacated_seats(p, now=AFTER),
    "rerun": lambda p: commands.collection_rerun(p, orders(8), now=AFTER),
    "rerun_hopeless": lambda p: commands.collection_rerun(p, HOPELESS, now=AFTER),
    "funded": commands.funding_complete,
    "cancel": lambda p: commands.cancel(p, by=INITIATOR, is_officer=False, reason="Pindah alat."),
    "receive_part": lambda p: commands.goods_received(p, units=4, complete=False),
    "receive_all": lambda p: commands.goods_received(p, units=10, complete=False),
    "inspect": commands.inspection_passed,
    "settle": lambda p: commands.settle(p, owed_idr=0, escrow_idr=0),
}

ALLOWED = {
    (S.DRAFT, "submit"): S.IN_REVIEW,
    (S.DRAFT, "cancel"): S.CANCELLED,
    (S.IN_REVIEW, "send_back"): S.DRAFT,
    (S.IN_REVIEW, "verify"): S.IN_REVIEW,
    (S.IN_REVIEW, "open"): S.OPEN,
    (S.IN_REVIEW, "cancel"): S.CANCELLED,
    (S.OPEN, "extend"): S.OPEN,
    (S.OPEN, "start_closing"): S.CLOSING,
    (S.OPEN, "cancel"): S.CANCELLED,
    (S.CLOSING, "securing_closed"): S.AWAITING_SUPPLIER,
    (S.CLOSING, "securing_closed_hopeless"): S.FAILED,
    (S.CLOSING, "cancel"): S.CANCELLED,
    (S.AWAITING_SUPPLIER, "accepted"): S.COLLECTING,
    (S.AWAITING_SUPPLIER, "declined"): S.FAILED,
    (S.AWAITING_SUPPLIER, "expired"): S.FAILED,
    (S.AWAITING_SUPPLIER, "countered"): S.RECONSENTING,
    (S.AWAITING_SUPPLIER, "cancel"): S.CANCELLED,
    (S.RECONSENTING, "reconsented"): S.COLLECTING,
    (S.RECONSENTING, "reconsented_hopeless"): S.FAILED,
    (S.RECONSENTING, "cancel"): S.CANCELLED,
    (S.COLLECTING, "offer_seats"): S.COLLECTING,
    (S.COLLECTING, "rerun"): S.COLLECTING,
    (S.COLLECTING, "rerun_hopeless"): S.FAILED,
    (S.COLLECTING, "funded"): S.ORDERED,
    (S.COLLECTING, "cancel"): S.CANCELLED,
    (S.ORDERED, "receive_part"): S.ORDERED,
    (S.ORDERED, "receive_all"): S.DELIVERED,
    (S.DELIVERED, "inspect"): S.INSPECTED,
    (S.INSPECTED, "settle"): S.SETTLED,
}


@pytest.mark.parametrize("state", list(PoolState))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_allowed_exactly_where_the_table_says(state: PoolState, command: str) -> None:
    wanted = ALLOWED.get((state, command))
    if wanted is None:
        with pytest.raises(WrongPoolState) as refused:
            COMMANDS[command](pool(state))
        assert refused.value.details["state"] == state.value
    else:
        assert COMMANDS[command](pool(state)).state is wanted


OTHER = UUID(int=3)
REFUSED: dict[str, tuple[type[Refusal], Callable[[], Pool]]] = {
    "submitting another's pool": (NotTheInitiator, lambda: commands.submit(pool(S.DRAFT), by=OTHER, now=BEFORE)),
    "submitting too late": (DeadlineNotLater, lambda: commands.submit(pool(S.DRAFT), by=INITIATOR, now=DEADLINE)),
    "verifying one's own": (OwnPoolNotVerified, lambda: commands.verify(pool(S.IN_REVIEW), by=INITIATOR)),
    "sending one's own back": (
        OwnPoolNotVerified,
        lambda: commands.send_back(pool(S.IN_REVIEW), by=INITIATOR, reason="x"),
    ),
    "sending back without a word": (
        ReasonMissing,
        lambda: commands.send_back(pool(S.IN_REVIEW), by=OPERATOR, reason=" "),
    ),
    "opening unverified": (
        PoolNotVerified,
        lambda: commands.open_pool(pool(S.IN_REVIEW, verified_by=None), now=BEFORE),
    ),
    "opening too late": (DeadlinePassed, lambda: commands.open_pool(pool(S.IN_REVIEW), now=DEADLINE)),
    "closing too early": (TooEarly, lambda: commands.start_closing(pool(), now=BEFORE, filled=False)),
    "offering seats too early": (TooEarly, lambda: commands.offer_vacated_seats(collecting(), now=BEFORE)),
    "offering seats twice": (
        WrongPoolState,
        lambda: commands.offer_vacated_seats(collecting(Window.WAITERS), now=AFTER),
    ),
    "re-running too early": (TooEarly, lambda: commands.collection_rerun(collecting(), orders(8), now=BEFORE)),
    "re-running twice": (
        WrongPoolState,
        lambda: commands.collection_rerun(collecting(Window.TOP_UP), orders(8), now=AFTER),
    ),
    "giving up too early": (TooEarly, lambda: commands.collection_ended(collecting(Window.TOP_UP), now=BEFORE)),
    "giving up without a re-run": (WrongPoolState, lambda: commands.collection_ended(collecting(), now=AFTER)),
    "cancelling another's pool": (
        NotYoursToCancel,
        lambda: commands.cancel(pool(), by=OTHER, is_officer=False, reason="x"),
    ),
    "cancelling without a word": (
        ReasonMissing,
        lambda: commands.cancel(pool(), by=INITIATOR, is_officer=False, reason=""),
    ),
    "cancelling an order": (
        TooLateToCancel,
        lambda: commands.cancel(pool(S.ORDERED), by=INITIATOR, is_officer=True, reason="x"),
    ),
    "receiving too many": (ReceivedTooMany, lambda: commands.goods_received(pool(S.ORDERED), units=11, complete=False)),
    "receiving nothing": (ReceivedTooMany, lambda: commands.goods_received(pool(S.ORDERED), units=0, complete=True)),
    "settling with debts": (NotYetSettled, lambda: commands.settle(pool(S.INSPECTED), owed_idr=5, escrow_idr=0)),
    "settling with money left": (NotYetSettled, lambda: commands.settle(pool(S.INSPECTED), owed_idr=0, escrow_idr=1)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_command_is_refused_with_something_to_act_on(what: str) -> None:
    refusal, ask = REFUSED[what]
    with pytest.raises(refusal) as refused:
        ask()
    assert type(refused.value) is refusal
    for language in ("id", "en"):
        assert "{" not in refused.value.message(language)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"by": OTHER}, NotTheInitiator),
        ({"deadline": DEADLINE}, DeadlineNotLater),
        ({"deadline": DEADLINE + timedelta(days=31)}, ExtensionTooLong),
        ({"now": DEADLINE}, DeadlinePassed),
    ],
)
def test_an_initiator_extends_within_bounds(changes: dict[str, Any], refusal: type[Refusal] | None) -> None:
    later = DEADLINE + timedelta(days=30)
    request: dict[str, Any] = {"by": INITIATOR, "deadline": later, "now": BEFORE}
    request |= changes
    if refusal is not None:
        with pytest.raises(refusal):
            commands.extend(pool(), **request)
    else:
        assert commands.extend(pool(), **request).deadline == later


def test_an_initiator_extends_once_only() -> None:
    extended = COMMANDS["extend"](pool())
    with pytest.raises(AlreadyExtended):
        commands.extend(extended, by=INITIATOR, deadline=extended.deadline + timedelta(1), now=BEFORE)


@pytest.mark.parametrize(
    ("now", "filled", "reason"),
    [
        (DEADLINE, False, ClosingReason.DEADLINE),
        (AFTER, True, ClosingReason.DEADLINE),
        (BEFORE, True, ClosingReason.FILLED),
    ],
)
def test_a_pool_closes_at_its_deadline_or_when_full(now: datetime, filled: bool, reason: ClosingReason) -> None:
    assert commands.start_closing(pool(), now=now, filled=filled).closing_reason is reason


def test_verification_is_forgotten_when_a_pool_goes_back_to_its_draft() -> None:
    again = COMMANDS["submit"](COMMANDS["send_back"](pool(S.IN_REVIEW)))
    assert (again.state, again.verified_by) == (S.IN_REVIEW, None)


def test_money_is_collected_in_three_windows_and_then_the_pool_fails() -> None:
    accepted = commands.supplier_accepted(pool(S.AWAITING_SUPPLIER), now=DEADLINE)
    assert (accepted.window, accepted.pay_by) == (Window.MEMBERS, DEADLINE + timedelta(hours=72))
    now = DEADLINE + timedelta(hours=72)
    offered = commands.offer_vacated_seats(accepted, now=now)
    assert (offered.window, offered.pay_by) == (Window.WAITERS, now + commands.WAITERS_WINDOW)
    now += commands.WAITERS_WINDOW
    again = commands.collection_rerun(offered, orders(8), now=now)
    assert (again.window, again.pay_by, again.quantity) == (Window.TOP_UP, now + commands.TOP_UP_WINDOW, 8)
    now += commands.TOP_UP_WINDOW
    assert now == accepted.pay_by + commands.LATER_WINDOWS
    failed = commands.collection_ended(again, now=now)
    assert (failed.state, failed.failure, failed.pay_by) == (S.FAILED, FailureReason.UNFUNDED, None)


@pytest.mark.parametrize("window", list(Window))
def test_an_order_is_firm_as_soon_as_all_money_is_there(window: Window) -> None:
    ordered = commands.funding_complete(pool(S.COLLECTING, window=window))
    assert (ordered.state, ordered.window, ordered.pay_by) == (S.ORDERED, None, None)


@pytest.mark.parametrize(
    ("command", "state", "failure"),
    [
        ("securing_closed_hopeless", S.CLOSING, FailureReason.TARGET_MISSED),
        ("declined", S.AWAITING_SUPPLIER, FailureReason.DECLINED),
        ("expired", S.AWAITING_SUPPLIER, FailureReason.UNANSWERED),
        ("reconsented_hopeless", S.RECONSENTING, FailureReason.DECLINED),
        ("rerun_hopeless", S.COLLECTING, FailureReason.UNFUNDED),
    ],
)
def test_a_failed_pool_says_why(command: str, state: PoolState, failure: FailureReason) -> None:
    assert COMMANDS[command](pool(state)).failure is failure


def test_an_officer_cancels_a_pool_of_somebody_else() -> None:
    assert commands.cancel(pool(), by=OPERATOR, is_officer=True, reason="Penipuan.").state is S.CANCELLED


def test_goods_come_in_parts_and_a_short_delivery_can_be_final() -> None:
    part = commands.goods_received(pool(S.ORDERED), units=4, complete=False)
    assert (part.state, part.received_units) == (S.ORDERED, 4)
    rest = commands.goods_received(part, units=6, complete=False)
    assert (rest.state, rest.received_units) == (S.DELIVERED, 10)
    short = commands.goods_received(part, units=5, complete=True)
    assert (short.state, short.received_units) == (S.DELIVERED, 9)


def test_the_domain_speaks_the_words_of_the_contracts() -> None:
    assert set(ClosingReason) == set(get_args(pools.PoolClosing.model_fields["reason"].annotation))
    assert set(FailureReason) == set(get_args(pools.PoolFailed.model_fields["reason"].annotation))
    assert set(DueReason) <= set(get_args(pools.AmountDue.model_fields["reason"].annotation))
    assert set(Outcome) <= set(get_args(pools.AllocationLine.model_fields["outcome"].annotation))
    assert set(PayoutStage) == set(get_args(payments.PayoutStage))
    assert set(PayoutStage) == set(get_args(pools.PayoutRequested.model_fields["stage"].annotation))


def test_a_pool_runs_from_draft_to_settled() -> None:
    way = ["submit", "verify", "open", "start_closing", "securing_closed", "accepted", "funded"]
    way += ["receive_part", "receive_part", "receive_short", "inspect", "settle"]
    steps = COMMANDS | {"receive_short": lambda p: commands.goods_received(p, units=1, complete=True)}
    running = replace(pool(S.DRAFT), verified_by=None)
    for command in way:
        running = steps[command](running)
    assert (running.state, running.received_units, running.quantity) == (S.SETTLED, 9, 10)
