"""A pool's states and steps, and the table of which step is allowed where.

draft → in_review → open → closing → awaiting_supplier → collecting → ordered → delivered → inspected → settled

On the way the supplier may counter (awaiting_supplier → reconsenting → collecting), an operator may send a pool in
review back to its draft, and every state before *ordered* can end in cancelled, those with a closing behind them in
failed. A pool that ended so is over for good once every held amount is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.pools.domain.refusals import WrongPoolState


class PoolState(StrEnum):
    """Where a pool stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OPEN = "open"
    CLOSING = "closing"
    AWAITING_SUPPLIER = "awaiting_supplier"
    RECONSENTING = "reconsenting"
    COLLECTING = "collecting"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    INSPECTED = "inspected"
    SETTLED = "settled"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Window(StrEnum):
    """Who is expected to pay while a pool is collecting."""

    MEMBERS = "members"
    WAITERS = "waiters"
    TOP_UP = "top_up"


class ClosingReason(StrEnum):
    """Why no pledge is taken any more."""

    DEADLINE = "deadline"
    FILLED = "filled"


class FailureReason(StrEnum):
    """Why a pool has come to nothing."""

    TARGET_MISSED = "target_missed"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    UNFUNDED = "unfunded"


class Step(StrEnum):
    """Everything that can happen to a pool."""

    SUBMIT = "submit"
    SEND_BACK = "send_back"
    VERIFY = "verify"
    OPEN = "open"
    EXTEND = "extend"
    START_CLOSING = "start_closing"
    ASK_SUPPLIER = "ask_supplier"
    COUNTER = "counter"
    COLLECT = "collect"
    COLLECT_AGAIN = "collect_again"
    ORDER = "order"
    RECEIVE_PART = "receive_part"
    RECEIVE_ALL = "receive_all"
    INSPECT = "inspect"
    SETTLE = "settle"
    FAIL = "fail"
    CANCEL = "cancel"


_S = PoolState
TRANSITIONS: Final[Mapping[Step, tuple[frozenset[PoolState], PoolState]]] = {
    Step.SUBMIT: (frozenset({_S.DRAFT}), _S.IN_REVIEW),
    Step.SEND_BACK: (frozenset({_S.IN_REVIEW}), _S.DRAFT),
    Step.VERIFY: (frozenset({_S.IN_REVIEW}), _S.IN_REVIEW),
    Step.OPEN: (frozenset({_S.IN_REVIEW}), _S.OPEN),
    Step.EXTEND: (frozenset({_S.OPEN}), _S.OPEN),
    Step.START_CLOSING: (frozenset({_S.OPEN}), _S.CLOSING),
    Step.ASK_SUPPLIER: (frozenset({_S.CLOSING}), _S.AWAITING_SUPPLIER),
    Step.COUNTER: (frozenset({_S.AWAITING_SUPPLIER}), _S.RECONSENTING),
    Step.COLLECT: (frozenset({_S.AWAITING_SUPPLIER, _S.RECONSENTING}), _S.COLLECTING),
    Step.COLLECT_AGAIN: (frozenset({_S.COLLECTING}), _S.COLLECTING),
    Step.ORDER: (frozenset({_S.COLLECTING}), _S.ORDERED),
    Step.RECEIVE_PART: (frozenset({_S.ORDERED}), _S.ORDERED),
    Step.RECEIVE_ALL: (frozenset({_S.ORDERED}), _S.DELIVERED),
    Step.INSPECT: (frozenset({_S.DELIVERED}), _S.INSPECTED),
    Step.SETTLE: (frozenset({_S.INSPECTED}), _S.SETTLED),
    Step.FAIL: (frozenset({_S.CLOSING, _S.AWAITING_SUPPLIER, _S.RECONSENTING, _S.COLLECTING}), _S.FAILED),
    Step.CANCEL: (
        frozenset(
            {
                _S.DRAFT,
                _S.IN_REVIEW,
                _S.OPEN,
                _S.CLOSING,
                _S.AWAITING_SUPPLIER,
                _S.RECONSENTING,
                _S.COLLECTING,
            }
        ),
        _S.CANCELLED,
    ),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """What the machine must know of a pool. `quantity` is what is ordered (0 before the closing), in units."""

    initiator_id: UUID
    deadline: datetime
    state: PoolState = PoolState.DRAFT
    verified_by: UUID | None = None
    extended: bool = False
    closing_reason: ClosingReason | None = None
    failure: FailureReason | None = None
    quantity: int = 0
    window: Window | None = None
    pay_by: datetime | None = None
    received_units: int = 0


def take(pool: Pool, step: Step) -> Pool:
    """Bring a pool to the state that `step` leads to. Raises WrongPoolState where the table does not allow it."""
    allowed, state = TRANSITIONS[step]
    if pool.state not in allowed:
        raise WrongPoolState(state=pool.state.value, step=step.value)
    return replace(pool, state=state)


def expect(pool: Pool, state: PoolState, step: Step) -> None:
    """Raise WrongPoolState unless the pool is in the one of several states that the command at hand is about."""
    if pool.state is not state:
        raise WrongPoolState(state=pool.state.value, step=step.value)


def fail(pool: Pool, reason: FailureReason) -> Pool:
    """End a pool that has come to nothing. Raises WrongPoolState where there is no closing behind it, or an order."""
    return replace(take(pool, Step.FAIL), failure=reason, window=None, pay_by=None)
