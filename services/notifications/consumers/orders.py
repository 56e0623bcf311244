"""The order: put to the supplier, answered, and firm."""

from __future__ import annotations

from services.notifications.commands import telling
from services.notifications.consumers.around import known_pool, to_all
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice
from services.notifications.repository import members, surroundings
from shared.contracts.offers import PurchaseOrderAccepted, PurchaseOrderDeclined, PurchaseOrderExpired
from shared.contracts.pools import PoolOrdered, PurchaseOrderRequested
from shared.db import Transaction
from shared.service import Delivery


@consumers.reaction(PurchaseOrderRequested)
async def ask_supplier(tx: Transaction, event: PurchaseOrderRequested, delivery: Delivery) -> None:
    """Ask the supplier to answer."""
    notice = Notice(
        event.supplier_account_id,
        "order_requested",
        object_id=event.order_id,
        subject_id=event.pool_id,
        facts={
            "units": event.quantity,
            "least_units": event.minimum_quantity,
            "unit_price_idr": event.unit_price_idr,
            "total_idr": event.total_idr,
            "answer_by_at": event.answer_by,
        },
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(PurchaseOrderAccepted)
async def tell_order_accepted(tx: Transaction, event: PurchaseOrderAccepted, delivery: Delivery) -> None:
    """Tell the initiator that the supplier has accepted. Raises `LookupError` before the pool is heard of."""
    pool = await known_pool(tx, event.pool_id)
    await telling.tell(tx, delivery, to_all([pool.initiator_account_id], "order_accepted", pool.id))


@consumers.reaction(PurchaseOrderDeclined)
async def tell_order_declined(tx: Transaction, event: PurchaseOrderDeclined, delivery: Delivery) -> None:
    """Tell the initiator why the supplier has declined. Raises `LookupError` before the pool is heard of."""
    pool = await known_pool(tx, event.pool_id)
    notices = to_all([pool.initiator_account_id], "order_declined", pool.id, facts={"reason": event.reason})
    await telling.tell(tx, delivery, notices)


@consumers.reaction(PurchaseOrderExpired)
async def tell_order_expired(tx: Transaction, event: PurchaseOrderExpired, delivery: Delivery) -> None:
    """Tell initiator and supplier that the time to answer is over. Raises `LookupError` before the pool is heard of."""
    pool = await known_pool(tx, event.pool_id)
    notices = to_all([pool.initiator_account_id], "order_expired", pool.id)
    if pool.supplier_account_id is not None:
        notices.append(Notice(pool.supplier_account_id, "order_lapsed", object_id=event.order_id, subject_id=pool.id))
    await telling.tell(tx, delivery, notices)


@consumers.reaction(PoolOrdered)
async def tell_pool_ordered(tx: Transaction, event: PoolOrdered, delivery: Delivery) -> None:
    """Tell everybody in the pool that the order is firm, and the supplier to start."""
    facts = {"units": event.quantity, "total_idr": event.total_idr}
    notices = to_all(await members.around_pool(tx, event.pool_id), "pool_ordered", event.pool_id, facts=facts)
    pool = await surroundings.pool(tx, event.pool_id)
    if pool is not None and pool.supplier_account_id is not None:
        notices.append(
            Notice(
                pool.supplier_account_id,
                "order_funded",
                object_id=event.order_id,
                subject_id=event.pool_id,
                facts=facts,
            )
        )
    await telling.tell(tx, delivery, notices)
