"""A purchase order: what pools has asked, what the supplier has answered, and how far the goods have come.

requested → accepted | declined | expired | cancelled;  accepted → cancelled
accepted → confirmed → partly_dispatched → dispatched → received → closed

The state follows from facts, each of which is recorded once: the supplier's answer, and what pools has said. So what
pools says may come in any order, or twice, and ends in the same state. What the supplier does is refused where the
state forbids it; what pools says is never refused, but a statement that contradicts the facts raises `Contradiction`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.offers.domain.refusals import (
    AlreadyAnswered,
    AnswerTooLate,
    MoreThanOrdered,
    NotFundedYet,
    OrderCalledOff,
    OrderOver,
)


class Contradiction(ValueError):
    """Pools has said what cannot be, going by what was said before. The event stays parked for a person to look at."""


class Answer(StrEnum):
    """How the question to the supplier ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class OrderState(StrEnum):
    """Where an order stands."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    PARTLY_DISPATCHED = "partly_dispatched"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CLOSED = "closed"


ENDED_UNMET = frozenset({OrderState.DECLINED, OrderState.EXPIRED, OrderState.CANCELLED})
"""Nothing is delivered any more."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the supplier is asked: accepting binds for `minimum_quantity` … `quantity` units. Amounts in rupiah."""

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    post_id: UUID
    offer_id: UUID
    offer_version: int
    technology_id: UUID
    title: str
    quantity: int
    minimum_quantity: int
    unit_price_idr: int
    total_idr: int
    answer_by: datetime
    fund_by: datetime
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A request with all that has happened to it. `ordered_*`: the firm order; `received_at`: all goods are there."""

    request: Request
    answer: Answer | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    decline_reason: str | None = None
    called_off_at: datetime | None = None
    call_off_reason: str | None = None
    ordered_quantity: int | None = None
    ordered_total_idr: int | None = None
    ordered_at: datetime | None = None
    dispatched_units: int = 0
    received_units: int = 0
    received_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def quantity(self) -> int:
        """The units of the firm order, or else those asked for."""
        return self.request.quantity if self.ordered_quantity is None else self.ordered_quantity

    @property
    def total_idr(self) -> int:
        """What the firm order costs, or else the one asked for, in rupiah."""
        return self.request.total_idr if self.ordered_total_idr is None else self.ordered_total_idr

    @property
    def state(self) -> OrderState:  # noqa: PLR0911 -- a table of facts, first match wins
        """The state that follows from the facts."""
        if self.answer is Answer.DECLINED:
            return OrderState.DECLINED
        if self.answer is Answer.EXPIRED:
            return OrderState.EXPIRED
        if self.called_off_at is not None:
            return OrderState.CANCELLED
        if self.answer is None:
            return OrderState.REQUESTED
        if self.settled_at is not None:
            return OrderState.CLOSED
        if self.received_at is not None:
            return OrderState.RECEIVED
        return self._funded_state()

    def _funded_state(self) -> OrderState:
        if self.ordered_quantity is None:
            return OrderState.ACCEPTED
        if self.dispatched_units == 0:
            return OrderState.CONFIRMED
        whole = self.dispatched_units == self.ordered_quantity
        return OrderState.DISPATCHED if whole else OrderState.PARTLY_DISPATCHED


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Goods on their way."""

    id: UUID
    units: int
    note: str
    dispatched_by: UUID
    dispatched_at: datetime


def accept(order: Order, by: UUID, now: datetime) -> Order:
    """Bind the supplier, strictly before `answer_by`. Raises `OrderCalledOff`, `AnswerTooLate` or `AlreadyAnswered`."""
    _expect_answerable(order, now)
    return replace(order, answer=Answer.ACCEPTED, answered_at=now, answered_by=by)


def decline(order: Order, by: UUID, reason: str, now: datetime) -> Order:
    """Say no, strictly before `answer_by`. Raises `OrderCalledOff`, `AnswerTooLate` or `AlreadyAnswered`."""
    _expect_answerable(order, now)
    return replace(order, answer=Answer.DECLINED, answered_at=now, answered_by=by, decline_reason=reason)


def expire(order: Order, now: datetime) -> Order:
    """End the wait for an answer once `answer_by` has come; the same order where there is nothing to end."""
    if order.state is not OrderState.REQUESTED or now < order.request.answer_by:
        return order
    return replace(order, answer=Answer.EXPIRED, answered_at=now)


def dispatch(order: Order, units: int) -> Order:
    """Send some of the goods. Raises `NotFundedYet`, `OrderOver` or `MoreThanOrdered`."""
    if order.state in {OrderState.REQUESTED, OrderState.ACCEPTED}:
        raise NotFundedYet
    if order.state in ENDED_UNMET or order.state in {OrderState.RECEIVED, OrderState.CLOSED}:
        raise OrderOver(state=order.state.value)
    left_units = order.quantity - order.dispatched_units
    if units > left_units:
        raise MoreThanOrdered(left_units=left_units)
    return replace(order, dispatched_units=order.dispatched_units + units)


def call_off(order: Order, reason: str, at: datetime) -> Order:
    """The pool has failed or was cancelled. The same order where it has ended anyway; never after the firm order."""
    if order.ordered_at is not None:
        raise Contradiction("called off after the firm order")
    if order.state in ENDED_UNMET:
        return order
    return replace(order, called_off_at=at, call_off_reason=reason)


def fund(order: Order, quantity: int, total_idr: int, at: datetime) -> Order:
    """All the money (`total_idr`, in rupiah) is there for `quantity` units, within what was accepted."""
    _expect_accepted(order, "a firm order")
    if order.ordered_at is not None:
        if (quantity, total_idr) != (order.ordered_quantity, order.ordered_total_idr):
            raise Contradiction("a second firm order with other figures")
        return order
    if not order.request.minimum_quantity <= quantity <= order.request.quantity:
        raise Contradiction("a firm order for a quantity that was not accepted")
    return replace(order, ordered_quantity=quantity, ordered_total_idr=total_idr, ordered_at=at)


def receive(order: Order, units: int, complete: bool, at: datetime) -> Order:
    """The post has received goods; `complete` says that nothing more is to come. The caller counts each receipt once."""
    _expect_accepted(order, "a receipt of goods")
    received_at = order.received_at or (at if complete else None)
    return replace(order, received_units=order.received_units + units, received_at=received_at)


def settle(order: Order, at: datetime) -> Order:
    """The supplier is paid and the goods are with their owners."""
    _expect_accepted(order, "a settlement")
    return replace(order, settled_at=order.settled_at or at)


def _expect_answerable(order: Order, now: datetime) -> None:
    if order.state is OrderState.CANCELLED:
        raise OrderCalledOff
    expired = order.answer is Answer.EXPIRED
    if expired or (order.answer is None and now >= order.request.answer_by):
        raise AnswerTooLate(answer_by=order.request.answer_by)
    if order.answer is not None:
        raise AlreadyAnswered(answer=order.answer.value, answered_at=order.answered_at)


def _expect_accepted(order: Order, what: str) -> None:
    if order.answer is not Answer.ACCEPTED or order.called_off_at is not None:
        raise Contradiction(f"{what} for an order that is {order.state.value}")
