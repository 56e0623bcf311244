"""SQL of the searches that an account keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from shared.db import Reader, Row, Transaction

FIND = "SELECT id, query, created_at, seen_at FROM saved_searches WHERE account_id = $1 AND query = $2"


async def find(sql: Reader, account_id: UUID, query: Mapping[str, object]) -> Row | None:
    """Give a search that is kept already."""
    return await sql.row(FIND, account_id, dict(query))


COUNT = "SELECT count(*)::int FROM saved_searches WHERE account_id = $1"


async def count(sql: Reader, account_id: UUID) -> int:
    """Count an account's kept searches."""
    return int(await sql.value(COUNT, account_id))


ADD = """
INSERT INTO saved_searches (id, account_id, query, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (account_id, query) DO UPDATE SET query = excluded.query RETURNING id, query, created_at, seen_at
"""


async def add(tx: Transaction, search_id: UUID, account_id: UUID, query: Mapping[str, object], now: datetime) -> Row:
    """Keep a search; of two who keep the same at once, both get the first."""
    row = await tx.row(ADD, search_id, account_id, dict(query), now)
    assert row is not None
    return row


LIST = """
SELECT id, query, created_at, seen_at FROM saved_searches
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_saved(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List an account's kept searches, newest first."""
    return await sql.rows(LIST, account_id, after, limit)


SEE = """
WITH before AS (SELECT * FROM saved_searches WHERE id = $1 AND account_id = $2 FOR UPDATE),
     seen AS (UPDATE saved_searches SET seen_at = $3 FROM before WHERE saved_searches.id = before.id)
SELECT id, query, created_at, seen_at FROM before
"""


async def see(tx: Transaction, search_id: UUID, account_id: UUID, now: datetime) -> Row | None:
    """Remember that the results were looked at now; gives the search as it was before."""
    return await tx.row(SEE, search_id, account_id, now)


REMOVE = "DELETE FROM saved_searches WHERE id = $1 AND account_id = $2"


async def remove(tx: Transaction, search_id: UUID, account_id: UUID) -> bool:
    """Keep a search no longer; whether it was there."""
    return bool(await tx.run(REMOVE, search_id, account_id))


FORGET = "DELETE FROM saved_searches WHERE account_id = $1"


async def forget(tx: Transaction, account_id: UUID) -> None:
    """Forget what an account looked for."""
    await tx.run(FORGET, account_id)
