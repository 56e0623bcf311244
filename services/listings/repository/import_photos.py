"""SQL of the pictures that rows of imports name: those still to be fetched, and the files of the ZIP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Reader, Transaction, columns

ADD = """
INSERT INTO import_photos (import_id, number, place, account_id, listing_id, source, state, due_at)
SELECT $1, number, place, $2, listing_id, source, 'waiting', $3
FROM unnest($4::int[], $5::int[], $6::uuid[], $7::text[]) AS named (number, place, listing_id, source)
"""


async def add(
    tx: Transaction, import_id: UUID, account_id: UUID, named: Sequence[tuple[int, int, UUID, str]], now: datetime
) -> None:
    """Let pictures be fetched: row number, place from 1, listing and source each."""
    if named:
        await tx.run(ADD, import_id, account_id, now, *columns(named, 4))


@dataclass(frozen=True, slots=True)
class DuePhoto:
    """A picture that is to be fetched now. `tries`: with this one."""

    import_id: UUID
    number: int
    place: int
    account_id: UUID
    assisted_by: UUID | None
    listing_id: UUID
    source: str
    tries: int


CLAIM = """
WITH due AS (
    SELECT import_id, number, place FROM import_photos WHERE state = 'waiting' AND due_at <= $1
    ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE import_photos SET tries = tries + 1, due_at = $2
FROM due JOIN imports ON imports.id = due.import_id
WHERE (import_photos.import_id, import_photos.number, import_photos.place) = (due.import_id, due.number, due.place)
RETURNING due.import_id, due.number, due.place, import_photos.account_id, imports.assisted_by, listing_id, source, tries
"""


async def claim(tx: Transaction, now: datetime, again_at: datetime, most: int) -> list[DuePhoto]:
    """Take pictures that are due; whoever took them and never comes back leaves them due again at `again_at`."""
    return [DuePhoto(**row) for row in await tx.rows(CLAIM, now, again_at, most)]


FILE = "SELECT content FROM import_files WHERE import_id = $1 AND name = $2"


async def file(sql: Reader, import_id: UUID, name: str) -> bytes | None:
    """Give a picture of an import's ZIP, by its lower-case name."""
    content: bytes | None = await sql.value(FILE, import_id, name)
    return content


SETTLE = """
UPDATE import_photos SET state = $4, reason = $5
WHERE import_id = $1 AND number = $2 AND place = $3 AND state = 'waiting'
"""


async def settle(tx: Transaction, photo: DuePhoto, reason: str | None) -> None:
    """Write that a picture is there, or why not."""
    await tx.run(SETTLE, photo.import_id, photo.number, photo.place, "failed" if reason else "done", reason)


LATER = "UPDATE import_photos SET due_at = $4 WHERE import_id = $1 AND number = $2 AND place = $3 AND state = 'waiting'"


async def try_later(tx: Transaction, photo: DuePhoto, due_at: datetime) -> None:
    """Let a picture be tried again at a later time."""
    await tx.run(LATER, photo.import_id, photo.number, photo.place, due_at)


CANCEL = "UPDATE import_photos SET state = 'failed', reason = $2 WHERE import_id = $1 AND state = 'waiting'"


async def cancel(tx: Transaction, import_id: UUID, reason: str) -> None:
    """Give up the pictures of an import that are still to be fetched."""
    await tx.run(CANCEL, import_id, reason)


DROP_FILES = """
DELETE FROM import_files USING imports
WHERE import_id = $1 AND imports.id = import_id AND state IN ('done', 'cancelled')
  AND NOT EXISTS (SELECT FROM import_photos WHERE import_photos.import_id = $1 AND import_photos.state = 'waiting')
"""


async def drop_files(tx: Transaction, import_id: UUID) -> None:
    """Drop the files of an import that has ended and for which no picture waits."""
    await tx.run(DROP_FILES, import_id)
