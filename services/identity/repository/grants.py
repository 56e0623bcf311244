"""Grants: what accounts may be, over what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.auth import Grant
from shared.db import Reader, Transaction

ADD = """
INSERT INTO grants (account_id, role, scope_kind, scope_id, granted_at, granted_by, cause, cause_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""

REMOVE = "DELETE FROM grants WHERE account_id = $1 AND role = $2 AND scope_kind = $3 AND scope_id = $4"

OF_ACCOUNT = """
SELECT role, scope_kind, scope_id FROM grants WHERE account_id = $1 ORDER BY role, scope_kind, scope_id
"""

HOLDERS = "SELECT account_id FROM grants WHERE role = $1 AND scope_id = $2 ORDER BY account_id FOR UPDATE"


async def add_grant(
    tx: Transaction,
    account_id: UUID,
    grant: Grant,
    now: datetime,
    *,
    granted_by: UUID | None,
    cause: str,
    cause_id: UUID | None,
) -> bool:
    """Give an account a role; tells whether it is new."""
    return await tx.run(ADD, account_id, *grant, now, granted_by, cause, cause_id) > 0


async def remove_grant(tx: Transaction, account_id: UUID, grant: Grant) -> bool:
    """Take a role from an account; tells whether it had it."""
    return await tx.run(REMOVE, account_id, *grant) > 0


async def grants_of(sql: Reader, account_id: UUID) -> list[Grant]:
    """List an account's roles."""
    return [Grant(**row) for row in await sql.rows(OF_ACCOUNT, account_id)]


async def lock_holders(tx: Transaction, grant: Grant) -> list[UUID]:
    """List who holds a role over a scope, and keep it from being taken from them until the commit."""
    return [row["account_id"] for row in await tx.rows(HOLDERS, grant.role, grant.scope_id)]
