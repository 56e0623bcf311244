"""Money to suppliers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts.payments import PayoutStage
from shared.db import Reader, Transaction

PayoutState = Literal["requested", "prepared", "paid"]


@dataclass(frozen=True, slots=True)
class Payout:
    """A stage that a supplier has earned, in rupiah."""

    id: UUID
    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    stage: PayoutStage
    amount_idr: int
    state: PayoutState = "requested"
    prepared_by: UUID | None = None


ADD = """
INSERT INTO payouts (id, order_id, pool_id, supplier_id, stage, amount_idr, state, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7) ON CONFLICT (order_id, stage) DO NOTHING
"""


async def add_payout(tx: Transaction, payout: Payout, now: datetime) -> None:
    """Write a payout down, once for each stage of an order."""
    await tx.run(
        ADD, payout.id, payout.order_id, payout.pool_id, payout.supplier_id, payout.stage, payout.amount_idr, now
    )  # fmt: skip


GET = """
SELECT id, order_id, pool_id, supplier_id, stage, amount_idr, state, prepared_by FROM payouts WHERE id = $1
"""


async def get_payout(sql: Reader, payout_id: UUID) -> Payout:
    """Read a payout; its pool must be locked where it is to be changed."""
    row = await sql.row(GET, payout_id)
    assert row is not None, f"no payout {payout_id}"
    return Payout(**row)


PREPARE = """
UPDATE payouts SET state = 'prepared', prepared_by = $2, reference = $3, prepared_at = $4 WHERE id = $1
"""


async def prepare(tx: Transaction, payout_id: UUID, by: UUID, reference: str, now: datetime) -> None:
    """The first person has sent the money, and names its reference."""
    await tx.run(PREPARE, payout_id, by, reference, now)


PAID = "UPDATE payouts SET state = 'paid', approved_by = $2, receipt_no = $3, paid_at = $4 WHERE id = $1"


async def paid(tx: Transaction, payout_id: UUID, by: UUID, receipt_no: str, now: datetime) -> None:
    """The second person agrees."""
    await tx.run(PAID, payout_id, by, receipt_no, now)
