"""The purchase order as pools sees it, the stages of its payment, and what was delivered and tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.pools.domain.order import Payout
from shared.db import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order. Amounts in rupiah."""

    id: UUID
    pool_id: UUID
    state: str
    quantity: int
    minimum_quantity: int
    unit_price_idr: int
    total_idr: int
    answer_by: datetime
    fund_by: datetime
    dispatched_units: int


INSERT = """
INSERT INTO orders (id, pool_id, quantity, minimum_quantity, unit_price_idr, total_idr, answer_by, fund_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
OF_POOL = "SELECT * FROM orders WHERE pool_id = $1"
BY_ID = "SELECT * FROM orders WHERE id = $1"
MOVE = "UPDATE orders SET state = $2 WHERE id = $1"
CONFIRM = "UPDATE orders SET state = 'confirmed', quantity = $2, unit_price_idr = $3, total_idr = $4 WHERE id = $1"
DISPATCH = """
WITH new AS (
    INSERT INTO dispatches (id, order_id, units) SELECT $1, orders.id, $3 FROM orders WHERE orders.id = $2
    ON CONFLICT DO NOTHING RETURNING order_id, units
)
UPDATE orders SET dispatched_units = dispatched_units + new.units FROM new WHERE orders.id = new.order_id
RETURNING dispatched_units
"""
REQUEST_PAYOUT = "INSERT INTO payouts (order_id, stage, amount_idr, requested_at) VALUES ($1, $2, $3, $4)"
PAID = "UPDATE payouts SET paid_at = coalesce(paid_at, $3) WHERE order_id = $1 AND stage = $2"
PAID_IDR = "SELECT coalesce(sum(amount_idr), 0)::bigint FROM payouts WHERE order_id = $1 AND paid_at IS NOT NULL"
RECEIPT = "INSERT INTO receipts (id, pool_id, units, note, received_by, at) VALUES ($1, $2, $3, $4, $5, $6)"
INSPECTION = """
INSERT INTO inspections (pool_id, serial_numbers, trained, note, inspected_by, at) VALUES ($1, $2, $3, $4, $5, $6)
"""
ANSWER_CHUNK = """
INSERT INTO securing_answers (pool_id, chunk, chunks, pledge_ids) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
ANSWERED = "SELECT chunks, pledge_ids FROM securing_answers WHERE pool_id = $1 ORDER BY chunk"


async def insert(tx: Transaction, order: Order) -> None:
    """Keep a new order."""
    await tx.run(
        INSERT,
        order.id,
        order.pool_id,
        order.quantity,
        order.minimum_quantity,
        order.unit_price_idr,
        order.total_idr,
        order.answer_by,
        order.fund_by,
    )


async def of_pool(sql: Reader, pool_id: UUID) -> Order | None:
    """Read a pool's order."""
    row = await sql.row(OF_POOL, pool_id)
    return Order(**row) if row else None


async def by_id(sql: Reader, order_id: UUID) -> Order | None:
    """Read an order."""
    row = await sql.row(BY_ID, order_id)
    return Order(**row) if row else None


async def move(tx: Transaction, order_id: UUID, state: str) -> None:
    """Keep an order's new state."""
    await tx.run(MOVE, order_id, state)


async def confirm(tx: Transaction, order_id: UUID, quantity: int, unit_price_idr: int, total_idr: int) -> None:
    """Keep that an order is funded and firm, with its final figures."""
    await tx.run(CONFIRM, order_id, quantity, unit_price_idr, total_idr)


async def dispatch(tx: Transaction, order_id: UUID, dispatch_id: UUID, units: int) -> int | None:
    """Add what the supplier has sent; gives how much that is by now, None where this dispatch is known."""
    dispatched_units: int | None = await tx.value(DISPATCH, dispatch_id, order_id, units)
    return dispatched_units


async def request_payout(tx: Transaction, order_id: UUID, payout: Payout, now: datetime) -> None:
    """Keep that a stage is earned; the primary key allows it once."""
    await tx.run(REQUEST_PAYOUT, order_id, payout.stage.value, payout.amount_idr, now)


async def payout_paid(tx: Transaction, order_id: UUID, stage: str, at: datetime) -> None:
    """Keep that a stage was paid."""
    await tx.run(PAID, order_id, stage, at)


async def paid_idr(sql: Reader, order_id: UUID) -> int:
    """What the supplier has been paid, in rupiah."""
    paid: int = await sql.value(PAID_IDR, order_id)
    return paid


async def receive(
    tx: Transaction, receipt_id: UUID, pool_id: UUID, *, units: int, note: str, by: UUID, now: datetime
) -> None:
    """Keep a receipt of goods."""
    await tx.run(RECEIPT, receipt_id, pool_id, units, note, by, now)


async def inspect(
    tx: Transaction, pool_id: UUID, *, serial_numbers: Sequence[str], trained: int, note: str, by: UUID, now: datetime
) -> None:
    """Keep the acceptance test."""
    await tx.run(INSPECTION, pool_id, serial_numbers, trained, note, by, now)


async def secured_ids(
    tx: Transaction, pool_id: UUID, chunk: int, chunks: int, pledge_ids: Sequence[UUID]
) -> list[UUID] | None:
    """Keep a chunk of the secured pledges; gives all of them once the last chunk is here, else None."""
    await tx.run(ANSWER_CHUNK, pool_id, chunk, chunks, pledge_ids)
    rows = await tx.rows(ANSWERED, pool_id)
    if len(rows) < chunks:
        return None
    return [pledge_id for row in rows for pledge_id in row["pledge_ids"]]
