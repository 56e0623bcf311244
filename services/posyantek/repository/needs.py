"""SQL of needs and their supporters: writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.posyantek.domain.needs import Need
from shared.db import Reader, Row, Transaction, columns

_NEED = "SELECT id, post_id, technology_id, state, supporters, units, version FROM needs "


def _need(row: Row) -> Need:
    return Need(
        row["id"], row["post_id"], row["technology_id"], row["state"], row["supporters"], row["units"], row["version"]
    )  # fmt: skip


KNOWN = """
SELECT EXISTS (SELECT FROM posts WHERE id = $1) AS post_known,
       EXISTS (SELECT FROM technologies WHERE technology_id = $2) AS technology_known
"""


async def known(sql: Reader, post_id: UUID, technology_id: UUID) -> tuple[bool, bool]:
    """Look whether there is such a post, and such a technology."""
    row = await sql.row(KNOWN, post_id, technology_id)
    assert row is not None
    return row["post_known"], row["technology_known"]


ADD = """
INSERT INTO needs (id, post_id, technology_id, raised_by, note, raised_at, state, supporters, units, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (post_id, technology_id) WHERE state <> 'closed' DO NOTHING
"""


async def add(tx: Transaction, need: Need, raised_by: UUID, note: str | None, now: datetime) -> bool:
    """Write a new need; tells whether none stands for the same. Waits for one that is being raised this moment."""
    written = await tx.run(
        ADD, need.id, need.post_id, need.technology_id, raised_by, note, now, need.state, need.supporters, need.units,
        need.version,
    )  # fmt: skip
    return written == 1


LOCK = _NEED + "WHERE id = $1 FOR UPDATE"
LOCK_STANDING = _NEED + "WHERE post_id = $1 AND technology_id = $2 AND state <> 'closed' FOR UPDATE"


async def lock(tx: Transaction, need_id: UUID) -> Need | None:
    """Give a need, and hold it until the commit."""
    row = await tx.row(LOCK, need_id)
    return _need(row) if row else None


async def lock_standing(tx: Transaction, post_id: UUID, technology_id: UUID) -> Need | None:
    """Give the need that stands for a technology at a post, and hold it until the commit."""
    row = await tx.row(LOCK_STANDING, post_id, technology_id)
    return _need(row) if row else None


# Held in one order, so that no two who hold several wait for each other in a ring.
LOCK_SUPPORTED = """
SELECT id, post_id, technology_id, state, supporters, units, version FROM needs
WHERE id IN (SELECT need_id FROM need_supporters WHERE account_id = $1) ORDER BY id FOR UPDATE
"""


async def lock_supported(tx: Transaction, account_id: UUID) -> list[Need]:
    """Give every need that an account supports, and hold them until the commit."""
    return [_need(row) for row in await tx.rows(LOCK_SUPPORTED, account_id)]


SAVE = """
UPDATE needs
SET state = saved.state, supporters = saved.supporters, units = saved.units, version = saved.version,
    matured_at = CASE WHEN saved.state = 'matured' THEN coalesce(matured_at, $6) ELSE matured_at END,
    closed_at = CASE WHEN saved.state = 'closed' THEN coalesce(closed_at, $6) END,
    closed_by = coalesce(closed_by, $7), ending = CASE WHEN saved.state = 'closed' THEN coalesce(ending, $8) END,
    ending_words = coalesce(ending_words, $9)
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::bigint[])
    AS saved (id, state, supporters, units, version)
WHERE needs.id = saved.id
"""


async def save(
    tx: Transaction,
    needs: Sequence[Need],
    now: datetime,
    *,
    ending: str = "abandoned",
    by: UUID | None = None,
    words: str | None = None,
) -> None:
    """Write needs as they are now. `ending`, `by` and `words` are those of the needs that are closed by it."""
    rows = [(need.id, need.state, need.supporters, need.units, need.version) for need in needs]
    await tx.run(SAVE, *columns(rows, 5), now, by, ending, words)


UNITS_OF = "SELECT units FROM need_supporters WHERE need_id = $1 AND account_id = $2"


async def units_of(sql: Reader, need_id: UUID, account_id: UUID) -> int | None:
    """Give how many units an account wants; None if it does not support the need."""
    found: int | None = await sql.value(UNITS_OF, need_id, account_id)
    return found


COUNT_SUPPORTED = """
SELECT count(*) FROM need_supporters JOIN needs ON id = need_id WHERE account_id = $1 AND state <> 'closed'
"""


async def count_supported(sql: Reader, account_id: UUID) -> int:
    """Count the standing needs that an account supports."""
    count: int = await sql.value(COUNT_SUPPORTED, account_id)
    return count


JOIN = """
INSERT INTO need_supporters (need_id, account_id, units, assisted_by, joined_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (need_id, account_id) DO UPDATE SET units = excluded.units, assisted_by = excluded.assisted_by
"""


async def join(
    tx: Transaction, need_id: UUID, account_id: UUID, units: int, assisted_by: UUID | None, now: datetime
) -> None:
    """Write that an account supports a need, or the new number of its units."""
    await tx.run(JOIN, need_id, account_id, units, assisted_by, now)


LEAVE = "DELETE FROM need_supporters WHERE need_id = $1 AND account_id = $2"


async def leave(tx: Transaction, need_id: UUID, account_id: UUID) -> None:
    """Write that an account supports a need no longer."""
    await tx.run(LEAVE, need_id, account_id)


LEAVE_ALL = "DELETE FROM need_supporters WHERE account_id = $1 AND need_id = ANY ($2::uuid[]) RETURNING need_id, units"
FORGET_WORDS = "UPDATE needs SET raised_by = NULL, note = NULL WHERE raised_by = $1"


async def forget(tx: Transaction, account_id: UUID, need_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Take an account out of needs that are held, and its words out of all; gives how many units it wanted of each."""
    await tx.run(FORGET_WORDS, account_id)
    return {row["need_id"]: row["units"] for row in await tx.rows(LEAVE_ALL, account_id, list(need_ids))}
