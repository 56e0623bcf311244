"""Commands on a pool: what may be done to it, by whom and when. The states stand in `pool_machine`.

Collecting has three windows: first the allocated members pay; then waiters who were offered vacated seats; then, after
the closing rule has run once more, those whose amount changed. Whoever asks for a step passes the time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.pools.domain.closing import Allocation, Infeasible
from services.pools.domain.pool_machine import (
    TRANSITIONS,
    ClosingReason,
    FailureReason,
    Pool,
    PoolState,
    Step,
    Window,
    expect,
    fail,
    take,
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

SECURING_GRACE: Final = timedelta(minutes=30)
"""How long payments may finish what was open at the closing: Stripe's shortest Checkout."""
PAYMENT_WINDOW: Final = timedelta(hours=72)
"""How long allocated members have to pay after the supplier's acceptance."""
WAITERS_WINDOW: Final = timedelta(hours=24)
"""How long waiters have to pay for a vacated seat."""
TOP_UP_WINDOW: Final = timedelta(hours=24)
"""How long members have to pay a difference after the re-run."""
LATER_WINDOWS: Final = WAITERS_WINDOW + TOP_UP_WINDOW
"""By when, after the members' window, an order is funded or the pool has failed."""
MAX_EXTENSION: Final = timedelta(days=30)
MAX_OPEN: Final = timedelta(days=180)
"""How far ahead a deadline may be proposed: the terms are frozen from then on."""


def submit(pool: Pool, *, by: UUID, now: datetime) -> Pool:
    """Ask the post to check a draft. Raises NotTheInitiator, DeadlineNotLater, WrongPoolState."""
    if by != pool.initiator_id:
        raise NotTheInitiator
    if pool.deadline <= now:
        raise DeadlineNotLater
    return replace(take(pool, Step.SUBMIT), verified_by=None)


def send_back(pool: Pool, *, by: UUID, reason: str) -> Pool:
    """An operator returns a pool to its draft. Raises OwnPoolNotVerified, ReasonMissing, WrongPoolState."""
    _check_reviewer(pool, by)
    _check_reason(reason)
    return replace(take(pool, Step.SEND_BACK), verified_by=None)


def verify(pool: Pool, *, by: UUID) -> Pool:
    """An operator other than the initiator has checked the pool. Raises OwnPoolNotVerified, WrongPoolState."""
    _check_reviewer(pool, by)
    return replace(take(pool, Step.VERIFY), verified_by=by)


def open_pool(pool: Pool, *, now: datetime) -> Pool:
    """Let everybody pledge. Raises PoolNotVerified, DeadlinePassed, WrongPoolState."""
    opened = take(pool, Step.OPEN)
    if pool.verified_by is None:
        raise PoolNotVerified(state=pool.state.value, step=Step.OPEN.value)
    if pool.deadline <= now:
        raise DeadlinePassed
    return opened


def extend(pool: Pool, *, by: UUID, deadline: datetime, now: datetime) -> Pool:
    """Move the deadline, once; every member is told.

    Raises NotTheInitiator, WrongPoolState, AlreadyExtended, DeadlinePassed (too late for it), DeadlineNotLater,
    ExtensionTooLong.
    """
    if by != pool.initiator_id:
        raise NotTheInitiator
    extended = take(pool, Step.EXTEND)
    if pool.extended:
        raise AlreadyExtended
    if pool.deadline <= now:
        raise DeadlinePassed
    if deadline <= pool.deadline:
        raise DeadlineNotLater
    if deadline - pool.deadline > MAX_EXTENSION:
        raise ExtensionTooLong(most_days=MAX_EXTENSION.days)
    return replace(extended, deadline=deadline, extended=True)


def start_closing(pool: Pool, *, now: datetime, filled: bool) -> Pool:
    """Take no more pledges: the deadline has come, or `fills_capacity` says `filled`. Raises TooEarly, WrongPoolState."""
    closing = take(pool, Step.START_CLOSING)
    if now < pool.deadline and not filled:
        raise TooEarly(state=pool.state.value, step=Step.START_CLOSING.value)
    reason = ClosingReason.DEADLINE if now >= pool.deadline else ClosingReason.FILLED
    return replace(closing, closing_reason=reason)


def securing_closed(pool: Pool, outcome: Allocation | Infeasible) -> Pool:
    """Payments has named the secured pledges and the closing rule has run: ask the supplier, or fail.

    Raises WrongPoolState.
    """
    expect(pool, PoolState.CLOSING, Step.ASK_SUPPLIER)
    if isinstance(outcome, Infeasible):
        return fail(pool, FailureReason.TARGET_MISSED)
    return replace(take(pool, Step.ASK_SUPPLIER), quantity=outcome.quantity)


def supplier_accepted(pool: Pool, *, now: datetime, window: timedelta = PAYMENT_WINDOW) -> Pool:
    """The supplier is bound if funded: members pay within the payment window. Raises WrongPoolState."""
    expect(pool, PoolState.AWAITING_SUPPLIER, Step.COLLECT)
    return replace(take(pool, Step.COLLECT), window=Window.MEMBERS, pay_by=now + window)


def supplier_declined(pool: Pool) -> Pool:
    """The supplier of a standing offer says no: the pool fails. Raises WrongPoolState."""
    expect(pool, PoolState.AWAITING_SUPPLIER, Step.FAIL)
    return fail(pool, FailureReason.DECLINED)


def supplier_expired(pool: Pool) -> Pool:
    """The supplier has not answered in time: the pool fails. Raises WrongPoolState."""
    expect(pool, PoolState.AWAITING_SUPPLIER, Step.FAIL)
    return fail(pool, FailureReason.UNANSWERED)


def supplier_countered(pool: Pool) -> Pool:
    """The supplier names other figures: members for whom they are worse are asked. Raises WrongPoolState."""
    return take(pool, Step.COUNTER)


def reconsented(pool: Pool, outcome: Allocation | Infeasible, *, now: datetime) -> Pool:
    """The closing rule has run over those who agreed to the counter: members pay, or the pool fails.

    Raises WrongPoolState.
    """
    expect(pool, PoolState.RECONSENTING, Step.COLLECT)
    if isinstance(outcome, Infeasible):
        return fail(pool, FailureReason.DECLINED)
    collecting = take(pool, Step.COLLECT)
    return replace(collecting, quantity=outcome.quantity, window=Window.MEMBERS, pay_by=now + PAYMENT_WINDOW)


def offer_vacated_seats(pool: Pool, *, now: datetime) -> Pool:
    """The members' window is over and waiters are offered the seats of those who did not pay.

    Raises WrongPoolState, TooEarly.
    """
    again = _window_over(pool, {Window.MEMBERS}, now)
    return replace(again, window=Window.WAITERS, pay_by=now + WAITERS_WINDOW)


def collection_rerun(pool: Pool, outcome: Allocation | Infeasible, *, now: datetime) -> Pool:
    """The closing rule has run over the paid pledges: a last window for differences, or the pool fails.

    Raises WrongPoolState (it runs once only), TooEarly.
    """
    again = _window_over(pool, {Window.MEMBERS, Window.WAITERS}, now)
    if isinstance(outcome, Infeasible):
        return fail(pool, FailureReason.UNFUNDED)
    return replace(again, quantity=outcome.quantity, window=Window.TOP_UP, pay_by=now + TOP_UP_WINDOW)


def collection_ended(pool: Pool, *, now: datetime) -> Pool:
    """The last window is over and money is still missing: the pool fails. Raises WrongPoolState, TooEarly."""
    return fail(_window_over(pool, {Window.TOP_UP}, now), FailureReason.UNFUNDED)


def funding_complete(pool: Pool) -> Pool:
    """Every rupiah of the order is held: it is firm, in whichever window. Raises WrongPoolState."""
    return replace(take(pool, Step.ORDER), window=None, pay_by=None)


def cancel(pool: Pool, *, by: UUID, is_officer: bool, reason: str) -> Pool:
    """Call a pool off before it is ordered. Raises NotYoursToCancel, TooLateToCancel, ReasonMissing."""
    if by != pool.initiator_id and not is_officer:
        raise NotYoursToCancel
    if pool.state not in TRANSITIONS[Step.CANCEL][0]:
        raise TooLateToCancel(state=pool.state.value, step=Step.CANCEL.value)
    _check_reason(reason)
    return replace(take(pool, Step.CANCEL), window=None, pay_by=None)


def goods_received(pool: Pool, *, units: int, complete: bool) -> Pool:
    """The post has received `units`; `complete` says that no more will come, though fewer than ordered came.

    Raises ReceivedTooMany, WrongPoolState.
    """
    missing = pool.quantity - pool.received_units
    step = Step.RECEIVE_ALL if complete or units == missing else Step.RECEIVE_PART
    received = take(pool, step)
    if not 0 < units <= missing:
        raise ReceivedTooMany(missing_units=missing)
    return replace(received, received_units=pool.received_units + units)


def inspection_passed(pool: Pool) -> Pool:
    """The acceptance test went well. Raises WrongPoolState."""
    return take(pool, Step.INSPECT)


def settle(pool: Pool, *, owed_idr: int, escrow_idr: int) -> Pool:
    """Goods are out, and nothing is owed to the supplier or left in escrow. Raises NotYetSettled, WrongPoolState."""
    settled = take(pool, Step.SETTLE)
    if owed_idr or escrow_idr:
        raise NotYetSettled(state=pool.state.value, step=Step.SETTLE.value, owed_idr=owed_idr, escrow_idr=escrow_idr)
    return settled


def _window_over(pool: Pool, expected: set[Window], now: datetime) -> Pool:
    again = take(pool, Step.COLLECT_AGAIN)
    if pool.window not in expected:
        raise WrongPoolState(state=pool.state.value, step=Step.COLLECT_AGAIN.value)
    if pool.pay_by is None or now < pool.pay_by:
        raise TooEarly(state=pool.state.value, step=Step.COLLECT_AGAIN.value)
    return again


def _check_reviewer(pool: Pool, by: UUID) -> None:
    if by == pool.initiator_id:
        raise OwnPoolNotVerified


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
