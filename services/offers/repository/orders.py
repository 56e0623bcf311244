"""Purchase orders, what has been sent for them and what has been received."""

# ruff: noqa: S608 -- nothing but constants of these modules is put into SQL text

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.offers.domain.order import Answer, Dispatch, Order, OrderState, Request
from shared.db import Reader, Row

REQUEST_COLUMNS = """
id, pool_id, supplier_id, post_id, offer_id, offer_version, technology_id, title, quantity, minimum_quantity,
unit_price_idr, total_idr, answer_by, fund_by, requested_at
"""

COLUMNS = f"""{REQUEST_COLUMNS}, state, answer, answered_at, answered_by, decline_reason, called_off_at, call_off_reason,
ordered_quantity, ordered_total_idr, ordered_at, dispatched_units, received_units, received_at, settled_at
"""

INSERT = f"""
INSERT INTO purchase_orders ({REQUEST_COLUMNS}, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'requested')
ON CONFLICT (id) DO NOTHING
"""

UPDATE = """
UPDATE purchase_orders
SET state = $2, answer = $3, answered_at = $4, answered_by = $5, decline_reason = $6, called_off_at = $7,
    call_off_reason = $8, ordered_quantity = $9, ordered_total_idr = $10, ordered_at = $11, dispatched_units = $12,
    received_units = $13, received_at = $14, settled_at = $15
WHERE id = $1
"""

BY_ID = f"SELECT {COLUMNS} FROM purchase_orders WHERE id = $1"

LOCK = f"{BY_ID} FOR UPDATE"

DUE = f"""
SELECT {COLUMNS} FROM purchase_orders
WHERE state = 'requested' AND answer_by <= $1 ORDER BY answer_by LIMIT $2 FOR UPDATE SKIP LOCKED
"""

SAVE_EXPIRED = """
UPDATE purchase_orders SET state = 'expired', answer = 'expired', answered_at = $2 WHERE id = ANY ($1::uuid[])
"""

OF_SUPPLIERS = f"""
SELECT {COLUMNS} FROM purchase_orders
WHERE supplier_id = ANY ($1::uuid[]) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
"""

INSERT_DISPATCH = """
INSERT INTO dispatches (id, order_id, units, note, dispatched_by, dispatched_at) VALUES ($1, $2, $3, $4, $5, $6)
"""

DISPATCHES = "SELECT id, units, note, dispatched_by, dispatched_at FROM dispatches WHERE order_id = $1 ORDER BY id"

INSERT_RECEIPT = """
INSERT INTO receipts (event_id, order_id, units, complete, received_by, received_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""

# The request and the calling off of one order may be heard at the same moment; each must see what the other has written.
LOCK_NAME = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7240601))"

INSERT_EARLY_CALL_OFF = """
INSERT INTO early_call_offs (order_id, call_off_reason, called_off_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""

EARLY_CALL_OFF = "SELECT call_off_reason, called_off_at FROM early_call_offs WHERE order_id = $1"


async def lock_order_name(sql: Reader, order_id: UUID) -> None:
    """Let one transaction at a time decide whether an order exists."""
    await sql.value(LOCK_NAME, str(order_id))


async def insert_order(sql: Reader, request: Request) -> bool:
    """Write a new order; tells whether it is new."""
    return (
        await sql.run(
            INSERT,
            request.order_id,
            request.pool_id,
            request.supplier_id,
            request.post_id,
            request.offer_id,
            request.offer_version,
            request.technology_id,
            request.title,
            request.quantity,
            request.minimum_quantity,
            request.unit_price_idr,
            request.total_idr,
            request.answer_by,
            request.fund_by,
            request.requested_at,
        )
        > 0
    )


async def save_order(sql: Reader, order: Order) -> None:
    """Write what may change of an order, with the state that follows from it."""
    await sql.run(
        UPDATE,
        order.request.order_id,
        order.state,
        order.answer,
        order.answered_at,
        order.answered_by,
        order.decline_reason,
        order.called_off_at,
        order.call_off_reason,
        order.ordered_quantity,
        order.ordered_total_idr,
        order.ordered_at,
        order.dispatched_units,
        order.received_units,
        order.received_at,
        order.settled_at,
    )


async def read_order(sql: Reader, order_id: UUID) -> Order | None:
    """Read one."""
    row = await sql.row(BY_ID, order_id)
    return order_of(row) if row else None


async def lock_order(sql: Reader, order_id: UUID) -> Order | None:
    """Read one and keep it from changing until the transaction ends."""
    row = await sql.row(LOCK, order_id)
    return order_of(row) if row else None


async def lock_due_orders(sql: Reader, now: datetime, limit: int) -> list[Order]:
    """Lock orders whose time to answer is over, those that wait longest first; rows in other hands are left to them."""
    return [order_of(row) for row in await sql.rows(DUE, now, limit)]


async def save_expired(sql: Reader, order_ids: Sequence[UUID], now: datetime) -> None:
    """Write that these orders got no answer in time."""
    await sql.run(SAVE_EXPIRED, order_ids, now)


async def orders_of(
    sql: Reader, supplier_ids: Sequence[UUID], state: OrderState | None, after: UUID | None, limit: int
) -> list[Order]:
    """List the orders of some suppliers, newest first."""
    return [order_of(row) for row in await sql.rows(OF_SUPPLIERS, supplier_ids, state, after, limit)]


async def insert_dispatch(sql: Reader, order_id: UUID, sent: Dispatch) -> None:
    """Write what has been sent."""
    await sql.run(INSERT_DISPATCH, sent.id, order_id, sent.units, sent.note, sent.dispatched_by, sent.dispatched_at)


async def dispatches_of(sql: Reader, order_id: UUID) -> list[Dispatch]:
    """List what has been sent, oldest first."""
    return [Dispatch(**row) for row in await sql.rows(DISPATCHES, order_id)]


async def insert_receipt(
    sql: Reader, event_id: UUID, order_id: UUID, units: int, complete: bool, by: UUID, at: datetime
) -> bool:
    """Write what the post has received; tells whether that was new."""
    return await sql.run(INSERT_RECEIPT, event_id, order_id, units, complete, by, at) > 0


async def insert_early_call_off(sql: Reader, order_id: UUID, reason: str, at: datetime) -> None:
    """Remember that an order is off before it was heard of."""
    await sql.run(INSERT_EARLY_CALL_OFF, order_id, reason, at)


async def read_early_call_off(sql: Reader, order_id: UUID) -> tuple[str, datetime] | None:
    """Tell why and when an order was called off before it was heard of, if it was."""
    row = await sql.row(EARLY_CALL_OFF, order_id)
    return (row["call_off_reason"], row["called_off_at"]) if row else None


def order_of(row: Row) -> Order:
    """Make an order of a row with `COLUMNS`. Its state is computed anew, not read."""
    request = Request(
        order_id=row["id"],
        pool_id=row["pool_id"],
        supplier_id=row["supplier_id"],
        post_id=row["post_id"],
        offer_id=row["offer_id"],
        offer_version=row["offer_version"],
        technology_id=row["technology_id"],
        title=row["title"],
        quantity=row["quantity"],
        minimum_quantity=row["minimum_quantity"],
        unit_price_idr=row["unit_price_idr"],
        total_idr=row["total_idr"],
        answer_by=row["answer_by"],
        fund_by=row["fund_by"],
        requested_at=row["requested_at"],
    )
    return Order(
        request,
        answer=Answer(row["answer"]) if row["answer"] else None,
        answered_at=row["answered_at"],
        answered_by=row["answered_by"],
        decline_reason=row["decline_reason"],
        called_off_at=row["called_off_at"],
        call_off_reason=row["call_off_reason"],
        ordered_quantity=row["ordered_quantity"],
        ordered_total_idr=row["ordered_total_idr"],
        ordered_at=row["ordered_at"],
        dispatched_units=row["dispatched_units"],
        received_units=row["received_units"],
        received_at=row["received_at"],
        settled_at=row["settled_at"],
    )
