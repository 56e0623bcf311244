"""What offers hears: the orders that pools places and how they go on, and people who ask to be forgotten."""

from __future__ import annotations

from services.offers.commands import orders, suppliers
from services.offers.domain.order import Request
from shared.contracts.identity import AccountErased
from shared.contracts.pools import (
    GoodsReceived,
    PoolCancelled,
    PoolFailed,
    PoolOrdered,
    PoolSettled,
    PurchaseOrderRequested,
)
from shared.db import Transaction
from shared.service import Consumers, Delivery

consumers = Consumers()


@consumers.reaction(PurchaseOrderRequested)
async def on_order_requested(tx: Transaction, event: PurchaseOrderRequested, delivery: Delivery) -> None:
    """Put the order before its supplier."""
    asked = Request(
        order_id=event.order_id,
        pool_id=event.pool_id,
        supplier_id=event.supplier_id,
        post_id=event.post_id,
        offer_id=event.offer_id,
        offer_version=event.offer_version,
        technology_id=event.technology_id,
        title=event.title,
        quantity=event.quantity,
        minimum_quantity=event.minimum_quantity,
        unit_price_idr=event.unit_price_idr,
        total_idr=event.total_idr,
        answer_by=event.answer_by,
        fund_by=event.fund_by,
        requested_at=delivery.at,
    )
    await orders.request(tx, asked)


@consumers.reaction(PoolOrdered)
async def on_pool_ordered(tx: Transaction, event: PoolOrdered, delivery: Delivery) -> None:
    """The order is firm: the supplier may start."""
    await orders.fund(tx, event.order_id, event.quantity, event.total_idr, delivery.at)


@consumers.reaction(PoolCancelled)
async def on_pool_cancelled(tx: Transaction, event: PoolCancelled, delivery: Delivery) -> None:
    """Take back the question, if one was asked."""
    if event.order_id is not None:
        await orders.call_off(tx, event.order_id, event.reason, delivery.at)


@consumers.reaction(PoolFailed)
async def on_pool_failed(tx: Transaction, event: PoolFailed, delivery: Delivery) -> None:
    """Take back the question, if one was asked."""
    if event.order_id is not None:
        await orders.call_off(tx, event.order_id, event.reason, delivery.at)


@consumers.reaction(GoodsReceived)
async def on_goods_received(tx: Transaction, event: GoodsReceived, delivery: Delivery) -> None:
    """The post has received goods."""
    await orders.receive(
        tx, delivery.event_id, event.order_id, event.units, event.complete, event.received_by, delivery.at
    )


@consumers.reaction(PoolSettled)
async def on_pool_settled(tx: Transaction, event: PoolSettled, delivery: Delivery) -> None:
    """Close the order."""
    await orders.settle(tx, event.order_id, delivery.at)


@consumers.reaction(AccountErased)
async def on_account_erased(tx: Transaction, event: AccountErased, _: Delivery) -> None:
    """Forget a supplier's owner."""
    await suppliers.erase_account(tx, event.account_id)
