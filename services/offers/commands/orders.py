"""Purchase orders: what pools says of them, what the supplier answers, what is sent.

Whether an order was accepted in time is decided here and nowhere else: under the lock of its row, by the clock read
after the lock was had. So of an acceptance, the expiry and a calling off at the same moment exactly one comes first.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.offers.domain import order as rules
from services.offers.domain.order import Dispatch, Order, Request
from services.offers.repository import orders as repository
from services.offers.repository.suppliers import read_supplier
from shared.auth import Principal, require
from shared.contracts.offers import (
    GoodsDispatched,
    PurchaseOrderAccepted,
    PurchaseOrderDeclined,
    PurchaseOrderExpired,
)
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id

EXPIRED_AT_ONCE = 100
"""Orders that one run of the job ends; more are found by the next, at once."""


async def request(tx: Transaction, asked: Request) -> None:
    """Put an order before its supplier. Does nothing for one that is known; one called off already is born cancelled."""
    await repository.lock_order_name(tx, asked.order_id)
    if not await repository.insert_order(tx, asked):
        return
    early = await repository.read_early_call_off(tx, asked.order_id)
    if early is not None:
        await repository.save_order(tx, rules.call_off(Order(asked), *early))


async def call_off(tx: Transaction, order_id: UUID, reason: str, at: datetime) -> None:
    """The pool is no more. Remembered for an order that is not known yet. Raises `Contradiction`."""
    await repository.lock_order_name(tx, order_id)
    order = await repository.lock_order(tx, order_id)
    if order is None:
        await repository.insert_early_call_off(tx, order_id, reason, at)
        return
    await repository.save_order(tx, rules.call_off(order, reason, at))


async def accept(tx: Transaction, who: Principal, order_id: UUID) -> Order:
    """Bind the supplier. Raises `NotFound`, `NotAllowed`, `OrderCalledOff`, `AnswerTooLate` or `AlreadyAnswered`."""
    order = rules.accept(await _own_order(tx, who, order_id), who.account_id, now := await tx.now())
    await repository.save_order(tx, order)
    tx.emit(
        PurchaseOrderAccepted(
            order_id=order_id, pool_id=order.request.pool_id, supplier_id=order.request.supplier_id, accepted_at=now
        )
    )
    return order


async def decline(tx: Transaction, who: Principal, order_id: UUID, reason: str) -> Order:
    """Say no. Raises `NotFound`, `NotAllowed`, `OrderCalledOff`, `AnswerTooLate` or `AlreadyAnswered`."""
    order = rules.decline(await _own_order(tx, who, order_id), who.account_id, reason, await tx.now())
    await repository.save_order(tx, order)
    tx.emit(
        PurchaseOrderDeclined(
            order_id=order_id, pool_id=order.request.pool_id, supplier_id=order.request.supplier_id, reason=reason
        )
    )
    return order


async def expire_unanswered(tx: Transaction, due_by: datetime) -> int:
    """End the wait for answers that were due by then; gives how many. An order in other hands is left to the next run."""
    due = await repository.lock_due_orders(tx, due_by, EXPIRED_AT_ONCE)
    now = await tx.now()
    expired = [after.request for order in due if (after := rules.expire(order, now)) is not order]
    await repository.save_expired(tx, [asked.order_id for asked in expired], now)
    tx.emit(
        *(
            PurchaseOrderExpired(order_id=asked.order_id, pool_id=asked.pool_id, supplier_id=asked.supplier_id)
            for asked in expired
        )
    )
    return len(expired)


async def dispatch(tx: Transaction, who: Principal, order_id: UUID, units: int, note: str) -> Order:
    """Send goods. Raises `NotFound`, `NotAllowed`, `NotFundedYet`, `OrderOver` or `MoreThanOrdered`."""
    order = rules.dispatch(await _own_order(tx, who, order_id), units)
    sent = Dispatch(new_id(), units, note, who.account_id, await tx.now())
    await repository.insert_dispatch(tx, order_id, sent)
    await repository.save_order(tx, order)
    tx.emit(
        GoodsDispatched(
            order_id=order_id,
            pool_id=order.request.pool_id,
            supplier_id=order.request.supplier_id,
            dispatch_id=sent.id,
            units=units,
            note=note,
        )
    )
    return order


async def fund(tx: Transaction, order_id: UUID, quantity: int, total_idr: int, at: datetime) -> None:
    """All the money is there (`total_idr`, in rupiah). Raises `LookupError` or `Contradiction`."""
    await repository.save_order(tx, rules.fund(await _heard_of(tx, order_id), quantity, total_idr, at))


async def receive(
    tx: Transaction, event_id: UUID, order_id: UUID, units: int, complete: bool, by: UUID, at: datetime
) -> None:
    """The post has received goods; each event counts once. Raises `LookupError` or `Contradiction`."""
    order = rules.receive(await _heard_of(tx, order_id), units, complete, at)
    if await repository.insert_receipt(tx, event_id, order_id, units, complete, by, at):
        await repository.save_order(tx, order)


async def settle(tx: Transaction, order_id: UUID, at: datetime) -> None:
    """Everything is paid and handed over. Raises `LookupError` or `Contradiction`."""
    await repository.save_order(tx, rules.settle(await _heard_of(tx, order_id), at))


async def _heard_of(tx: Transaction, order_id: UUID) -> Order:
    """Lock an order that must be known: pools speaks of it so only after this service has said that it is accepted."""
    order = await repository.lock_order(tx, order_id)
    if order is None:
        raise LookupError("no such order was requested")
    return order


async def _own_order(tx: Transaction, who: Principal, order_id: UUID) -> Order:
    order = await repository.lock_order(tx, order_id)
    if order is None:
        raise NotFound
    if not who.holds("supplier", order.request.supplier_id):
        supplier = await read_supplier(tx, order.request.supplier_id)
        require(supplier is not None and supplier.account_id == who.account_id)
    return order
