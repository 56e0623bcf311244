"""The suppliers' table."""

# ruff: noqa: S608 -- nothing but constants of these modules is put into SQL text

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from services.offers.domain.supplier import Payee, Status, Supplier
from shared.db import Reader, Row

COLUMNS = """
id, account_id, assisted_by, post_id, name, about, whatsapp, bank_name, account_number, account_holder, status, reason,
decided_by, decided_at, registered_at
"""

INSERT = f"""
INSERT INTO suppliers ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""

UPDATE = """
UPDATE suppliers
SET name = $2, about = $3, whatsapp = $4, bank_name = $5, account_number = $6, account_holder = $7, status = $8,
    reason = $9, decided_by = $10, decided_at = $11
WHERE id = $1
"""

BY_ID = f"SELECT {COLUMNS} FROM suppliers WHERE id = $1"

BY_IDS = f"SELECT {COLUMNS} FROM suppliers WHERE id = ANY ($1::uuid[]) ORDER BY id"

LOCK = f"{BY_ID} FOR UPDATE"

LOCK_OF_ACCOUNT = f"SELECT {COLUMNS} FROM suppliers WHERE account_id = $1 ORDER BY id FOR UPDATE"

OF_ACCOUNT = f"""
SELECT {COLUMNS} FROM suppliers
WHERE (account_id = $1 OR id = ANY ($2::uuid[])) AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
"""

OWNED_IDS = "SELECT id FROM suppliers WHERE account_id = $1 OR id = ANY ($2::uuid[])"

QUEUE = f"""
SELECT {COLUMNS} FROM suppliers
WHERE post_id = $1 AND status = 'pending' AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
"""


async def insert_supplier(sql: Reader, supplier: Supplier) -> None:
    """Write a new supplier. Raises `UniqueViolation` when the account has one of that name."""
    await sql.run(
        INSERT,
        supplier.id,
        supplier.account_id,
        supplier.assisted_by,
        supplier.post_id,
        supplier.name,
        supplier.about,
        supplier.whatsapp,
        *_payee_columns(supplier),
        supplier.status,
        supplier.reason,
        supplier.decided_by,
        supplier.decided_at,
        supplier.registered_at,
    )


async def save_supplier(sql: Reader, supplier: Supplier) -> None:
    """Write what may change of a supplier."""
    await sql.run(
        UPDATE,
        supplier.id,
        supplier.name,
        supplier.about,
        supplier.whatsapp,
        *_payee_columns(supplier),
        supplier.status,
        supplier.reason,
        supplier.decided_by,
        supplier.decided_at,
    )


async def read_supplier(sql: Reader, supplier_id: UUID) -> Supplier | None:
    """Read one."""
    row = await sql.row(BY_ID, supplier_id)
    return _supplier(row) if row else None


async def read_suppliers(sql: Reader, supplier_ids: Sequence[UUID]) -> list[Supplier]:
    """Read some."""
    return [_supplier(row) for row in await sql.rows(BY_IDS, supplier_ids)]


async def lock_supplier(sql: Reader, supplier_id: UUID) -> Supplier | None:
    """Read one and keep it from changing until the transaction ends."""
    row = await sql.row(LOCK, supplier_id)
    return _supplier(row) if row else None


async def lock_suppliers_of(sql: Reader, account_id: UUID) -> list[Supplier]:
    """Read an account's suppliers and keep them from changing until the transaction ends."""
    return [_supplier(row) for row in await sql.rows(LOCK_OF_ACCOUNT, account_id)]


async def suppliers_of(
    sql: Reader, account_id: UUID, granted: Collection[UUID], after: UUID | None, limit: int
) -> list[Supplier]:
    """List what an account owns or holds the role over (`granted`), oldest first."""
    return [_supplier(row) for row in await sql.rows(OF_ACCOUNT, account_id, list(granted), after, limit)]


async def owned_supplier_ids(sql: Reader, account_id: UUID, granted: Collection[UUID]) -> list[UUID]:
    """Give the ids of what an account owns or holds the role over (`granted`)."""
    return [row["id"] for row in await sql.rows(OWNED_IDS, account_id, list(granted))]


async def pending_suppliers(sql: Reader, post_id: UUID, after: UUID | None, limit: int) -> list[Supplier]:
    """List who waits for a post's check, oldest first."""
    return [_supplier(row) for row in await sql.rows(QUEUE, post_id, after, limit)]


def _payee_columns(supplier: Supplier) -> tuple[str | None, str | None, str | None]:
    payee = supplier.payee
    return (payee.bank_name, payee.account_number, payee.account_holder) if payee else (None, None, None)


def _supplier(row: Row) -> Supplier:
    payee = None
    if row["account_number"] is not None:
        payee = Payee(row["bank_name"], row["account_number"], row["account_holder"])
    return Supplier(
        id=row["id"],
        account_id=row["account_id"],
        assisted_by=row["assisted_by"],
        post_id=row["post_id"],
        name=row["name"],
        about=row["about"],
        whatsapp=row["whatsapp"],
        payee=payee,
        registered_at=row["registered_at"],
        status=Status(row["status"]),
        reason=row["reason"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )
