"""Money in: payments, and members' words that they have transferred."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.payments.domain.accounts import Account, Method
from shared.db import Reader, Transaction

PaymentState = Literal["awaiting_check", "received", "rejected"]


@dataclass(frozen=True, slots=True)
class Received:
    """A payment that has come: `amount_idr` counts for the pledge, `code_idr` is kode unik."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    method: Method
    amount_idr: int
    custodian: Account
    receipt_no: str
    code_idr: int = 0
    attempt_id: UUID | None = None
    bank_account_id: UUID | None = None
    reference: str | None = None
    note: str | None = None
    recorded_by: UUID | None = None
    assisted_by: UUID | None = None


ADD = """
INSERT INTO payments
    (id, pledge_id, pool_id, method, state, amount_idr, code_idr, custodian, attempt_id, bank_account_id, reference, note,
     recorded_by, assisted_by, receipt_no, at, decided_at)
VALUES ($1, $2, $3, $4, 'received', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
"""


async def add_received(tx: Transaction, payment: Received, now: datetime) -> None:
    """Write a payment that has come. Raises `UniqueViolation` for a bank reference that is known."""
    await tx.run(
        ADD, payment.id, payment.pledge_id, payment.pool_id, payment.method, payment.amount_idr, payment.code_idr,
        payment.custodian.code, payment.attempt_id, payment.bank_account_id, payment.reference, payment.note,
        payment.recorded_by, payment.assisted_by, payment.receipt_no, now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """A member's word that they have transferred, in rupiah with the kode unik."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    told_idr: int
    bank_account_id: UUID
    state: PaymentState = "awaiting_check"
    reference: str | None = None
    note: str | None = None


ADD_NOTICE = """
INSERT INTO payments
    (id, pledge_id, pool_id, method, state, told_idr, bank_account_id, reference, note, told_by, assisted_by, at)
VALUES ($1, $2, $3, 'transfer', 'awaiting_check', $4, $5, $6, $7, $8, $9, $10)
"""


async def add_notice(tx: Transaction, notice: Notice, told_by: UUID, assisted_by: UUID | None, now: datetime) -> None:
    """Write down a member's word. Raises `UniqueViolation` where one awaits its check."""
    await tx.run(
        ADD_NOTICE, notice.id, notice.pledge_id, notice.pool_id, notice.told_idr, notice.bank_account_id,
        notice.reference, notice.note, told_by, assisted_by, now,
    )  # fmt: skip


NOTICE = """
SELECT id, pledge_id, pool_id, told_idr, bank_account_id, state, reference, note FROM payments
WHERE method = 'transfer' AND told_idr IS NOT NULL AND (id = $1 OR (pledge_id = $2 AND state = 'awaiting_check'))
"""


async def notice(sql: Reader, payment_id: UUID) -> Notice | None:
    """Read a member's word by its id."""
    row = await sql.row(NOTICE, payment_id, None)
    return Notice(**row) if row else None


async def awaiting_notice(sql: Reader, pledge_id: UUID) -> Notice | None:
    """Find the word about a pledge that awaits its check."""
    row = await sql.row(NOTICE, None, pledge_id)
    return Notice(**row) if row else None


ACCEPT = """
UPDATE payments SET state = 'received', amount_idr = $2, code_idr = $3, custodian = $4, reference = coalesce($5, reference),
    recorded_by = $6, receipt_no = $7, decided_at = $8
WHERE id = $1
"""


async def accept(tx: Transaction, payment: Received, now: datetime) -> None:
    """The transfer that was told of is on the bank account. Raises `UniqueViolation` for a reference that is known."""
    await tx.run(
        ACCEPT, payment.id, payment.amount_idr, payment.code_idr, payment.custodian.code, payment.reference,
        payment.recorded_by, payment.receipt_no, now,
    )  # fmt: skip


REJECT = "UPDATE payments SET state = 'rejected', reason = $2, recorded_by = $3, decided_at = $4 WHERE id = $1"


async def reject(tx: Transaction, payment_id: UUID, reason: str, by: UUID, now: datetime) -> None:
    """The transfer that was told of is not to be found."""
    await tx.run(REJECT, payment_id, reason, by, now)


FORGET_NOTES = (
    "UPDATE payments SET note = NULL FROM holdings WHERE holdings.pledge_id = payments.pledge_id AND account_id = $1"
)


async def forget_notes(tx: Transaction, account_id: UUID) -> None:
    """Empty what a member wrote beside their transfers."""
    await tx.run(FORGET_NOTES, account_id)
