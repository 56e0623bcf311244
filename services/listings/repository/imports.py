"""SQL of imports: the file that was sent, its rows, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.listings.domain.importing import ARCHIVED, CODE_UNKNOWN, Finding, IfKnown, ImportState, known_finding
from services.listings.domain.taking import Outcome
from shared.db import Reader, Row, Transaction, columns
from shared.json import dumps

OPEN_AND_RECENT = """
SELECT count(*) FILTER (WHERE state IN ('checked', 'running')) AS open,
       count(*) FILTER (WHERE created_at > $2) AS recent, min(created_at) FILTER (WHERE created_at > $2) AS oldest
FROM imports WHERE account_id = $1
"""


async def open_and_recent(sql: Reader, account_id: UUID, since: datetime) -> Row:
    """Count an account's unfinished imports, and those sent since a moment with the oldest of them."""
    row = await sql.row(OPEN_AND_RECENT, account_id, since)
    assert row is not None
    return row


KNOWN = """
SELECT number, coded.id IS NOT NULL AS is_coded, coded.status = 'archived' AS is_archived, named.id IS NOT NULL AS is_named
FROM unnest($2::int[], $3::text[], $4::uuid[]) AS given (number, name, id)
LEFT JOIN listings AS coded ON coded.id = given.id AND coded.business_id = $1
LEFT JOIN LATERAL (
    SELECT id FROM listings WHERE business_id = $1 AND lower(name) = lower(given.name) AND status <> 'archived' LIMIT 1
) AS named ON true
"""


async def known_findings(
    sql: Reader, business_id: UUID, rows: Sequence[tuple[int, str | None, str | None]]
) -> dict[int, Finding]:
    """Tell which rows (number, name, code) are about a listing that the business has, by number."""
    found: dict[int, Finding] = {}
    names = {number: name or "" for number, name, _ in rows}
    codes = {number: code for number, _, code in rows}
    for row in await sql.rows(KNOWN, business_id, *columns(rows, 3)):
        number = row["number"]
        if row["is_archived"]:
            found[number] = ARCHIVED
        elif row["is_coded"] or row["is_named"]:
            found[number] = known_finding(names[number])
        elif codes[number]:
            found[number] = CODE_UNKNOWN
    return found


ADD = """
INSERT INTO imports (id, business_id, account_id, assisted_by, file_name, kind, state, notes, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'checked', $7, $8)
"""


@dataclass(frozen=True, slots=True)
class NewImport:
    """A file that was read."""

    id: UUID
    business_id: UUID
    account_id: UUID
    assisted_by: UUID | None
    file_name: str | None
    kind: str
    notes: Sequence[Mapping[str, str]]


async def add(tx: Transaction, new: NewImport, now: datetime) -> None:
    """Write an import that was checked."""
    await tx.run(
        ADD, new.id, new.business_id, new.account_id, new.assisted_by, new.file_name, new.kind, list(new.notes), now
    )  # fmt: skip


ADD_ROWS = """
INSERT INTO import_rows (import_id, number, state, "values", given, findings)
SELECT $1, number, state, vals::jsonb, given::jsonb, findings::jsonb
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) AS read (number, state, vals, given, findings)
"""


async def add_rows(tx: Transaction, import_id: UUID, rows: Sequence[Sequence[Any]]) -> None:
    """Write the rows of an import: number, state, values, given and findings each."""
    written = [(number, state, *(dumps(part).decode() for part in parts)) for number, state, *parts in rows]
    await tx.run(ADD_ROWS, import_id, *columns(written, 5))


ADD_FILES = """
INSERT INTO import_files (import_id, name, content)
SELECT $1, name, content FROM unnest($2::text[], $3::bytea[]) AS files (name, content)
"""


async def add_files(tx: Transaction, import_id: UUID, files: Mapping[str, bytes]) -> None:
    """Keep pictures for when their listings are there."""
    await tx.run(ADD_FILES, import_id, list(files), list(files.values()))


LOCK = "SELECT id, business_id, account_id, state FROM imports WHERE id = $1 FOR UPDATE"


async def lock(tx: Transaction, import_id: UUID) -> Row | None:
    """Give an import and hold it until the commit."""
    return await tx.row(LOCK, import_id)


START = """
UPDATE imports SET state = 'running', if_known = $2, publish = $3, started_at = $4, assisted_by = $5 WHERE id = $1
"""


async def start(
    tx: Transaction, import_id: UUID, if_known: IfKnown, *, publish: bool, assisted_by: UUID | None, now: datetime
) -> None:
    """Let an import run."""
    await tx.run(START, import_id, if_known, publish, now, assisted_by)


END = "UPDATE imports SET state = $2, ended_at = $3 WHERE id = $1"


async def end(tx: Transaction, import_id: UUID, state: ImportState, now: datetime) -> None:
    """End an import."""
    await tx.run(END, import_id, state, now)


RUNNING = """
SELECT imports.id, imports.business_id, imports.account_id, imports.assisted_by, if_known, publish FROM imports
WHERE state = 'running' ORDER BY started_at FOR UPDATE SKIP LOCKED LIMIT 1
"""


async def take_running(tx: Transaction) -> Row | None:
    """Give an import that runs and that nobody else works on, and hold it until the commit."""
    return await tx.row(RUNNING)


READY = """
SELECT number, "values" FROM import_rows WHERE import_id = $1 AND state = 'ready' ORDER BY number LIMIT $2
"""


async def ready_rows(tx: Transaction, import_id: UUID, most: int) -> list[Row]:
    """Give the next rows to take, in the order of the file."""
    return await tx.rows(READY, import_id, most)


KEEP_OUTCOMES = """
UPDATE import_rows SET state = told.state, listing_id = told.listing_id, findings = import_rows.findings || told.findings::jsonb
FROM unnest($2::int[], $3::text[], $4::uuid[], $5::text[]) AS told (number, state, listing_id, findings)
WHERE import_id = $1 AND import_rows.number = told.number
"""


async def keep_outcomes(tx: Transaction, import_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Write what became of rows."""
    rows = [
        (one.number, one.state, one.listing_id, dumps([one.finding.json] if one.finding else []).decode())
        for one in outcomes
    ]
    await tx.run(KEEP_OUTCOMES, import_id, *columns(rows, 4))


DROP_OLD = """
WITH old AS (
    SELECT id FROM imports WHERE state <> 'running' AND coalesce(ended_at, created_at) < $1
    ORDER BY coalesce(ended_at, created_at) LIMIT $2 FOR UPDATE SKIP LOCKED
)
DELETE FROM imports USING old WHERE imports.id = old.id
"""


async def drop_old(tx: Transaction, before: datetime, most: int) -> int:
    """Drop imports with their rows that ended, or were left lying, before a moment; gives how many."""
    return await tx.run(DROP_OLD, before, most)


DROP_OF_ACCOUNT = "DELETE FROM imports WHERE account_id = $1"


async def drop_of_account(tx: Transaction, account_id: UUID) -> None:
    """Drop everything that an account has sent."""
    await tx.run(DROP_OF_ACCOUNT, account_id)
