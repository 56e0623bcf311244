"""SQL of who supports a need."""

from __future__ import annotations

from uuid import UUID

from shared.db import Reader, Transaction

KEEP = """
INSERT INTO need_supporters (need_id, account_id, supports, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (need_id, account_id) DO UPDATE SET supports = excluded.supports, version = excluded.version
WHERE need_supporters.version < excluded.version
"""


async def keep_supporter(tx: Transaction, need_id: UUID, account_id: UUID, *, supports: bool, version: int) -> None:
    """Keep whether an account supports a need."""
    await tx.run(KEEP, need_id, account_id, supports, version)


async def supporters(sql: Reader, need_id: UUID) -> list[UUID]:
    """Give the accounts that support a need."""
    rows = await sql.rows("SELECT account_id FROM need_supporters WHERE need_id = $1 AND supports", need_id)
    return [row["account_id"] for row in rows]
