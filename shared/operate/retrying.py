"""Letting parked events be tried again, and seeing what comes of it.

A body that has expired comes back from the log of whoever said the event. A transient event's is in no log any more: it is
let go, and with it the way is free for what waits behind; the owner's `snapshot` says the present fact anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.config import Settings
from shared.db import Database, Row, Transaction
from shared.operate.opening import find, opened
from shared.operate.parked import Filter, pages
from shared.service import Service

POLL_S = 0.5

RETRY = """
UPDATE parked SET state = 'waiting', attempts = 0, retry_at = clock_timestamp()
WHERE position = ANY ($1::bigint[]) AND body IS NOT NULL RETURNING position
"""

SAID = "SELECT id, body::text AS body FROM events WHERE id = ANY ($1::uuid[]) AND body IS NOT NULL"

RESTORE = """
UPDATE parked SET body = said.body::jsonb
FROM unnest($1::uuid[], $2::text[]) AS said (event_id, body)
WHERE parked.position = ANY ($3::bigint[]) AND parked.event_id = said.event_id
"""

LET_GO = "DELETE FROM parked WHERE position = ANY ($1::bigint[]) AND body IS NULL RETURNING source"

# Tried: what its service has not got at yet. Whatever waits behind an event that fails is not at its turn.
STANDING = """
SELECT count(*) AS parked, count(*) FILTER (WHERE attempts > 0) AS failing,
       count(*) FILTER (WHERE attempts = 0 AND NOT EXISTS (
           SELECT FROM parked AS earlier
           WHERE earlier.aggregate_id = retried.aggregate_id AND earlier.event_id <> retried.event_id
             AND earlier.position < retried.position)) AS untried
FROM parked AS retried WHERE position = ANY ($1::bigint[])
"""

Report = Callable[[str, int], None]
"""Told, now and then, of a service how many of its events have been looked at."""


@dataclass(slots=True)
class Retried:
    """The events that will be tried again, by service, as positions; and the sources of those that were let go."""

    positions: dict[str, list[int]] = field(default_factory=dict)
    let_go: list[str] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How many will be tried again."""
        return sum(len(positions) for positions in self.positions.values())


@dataclass(slots=True)
class Outcome:
    """What came of a retry: handled; failing again; still waiting, for its turn or for its service to run."""

    handled: int = 0
    failing: int = 0
    waiting: int = 0
    untried: int = 0
    """Of those waiting, the ones whose turn it is."""


async def retry_events(
    settings: Settings,
    owner_dsn: str,
    everything: Sequence[Service],
    wanted: Filter,
    report: Report = lambda _, __: None,
) -> Retried:
    """Let dead events be tried again, a page in each transaction. Raises `UnknownName` or `Unavailable`."""
    retried = Retried()
    for service in wanted.services(everything):
        positions = retried.positions.setdefault(service.name, [])
        async with opened(service, settings, owner_dsn) as context, context.db.read() as sql:
            async for rows in pages(sql, wanted):
                said = await _said(settings, owner_dsn, everything, [row for row in rows if row["expired"]])
                await _retry_page(context.db, rows, said, retried, positions)
                report(service.name, len(positions))
    return retried


async def _said(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], expired: Sequence[Row]
) -> dict[UUID, str]:
    """Give the bodies of those events whose owners' logs still have them."""
    found: dict[UUID, str] = {}
    for source in sorted({_source(row) for row in expired}):
        ids = [row["event_id"] for row in expired if _source(row) == source]
        async with opened(find(everything, source), settings, owner_dsn) as context, context.db.read() as sql:
            found.update((row["id"], row["body"]) for row in await sql.rows(SAID, ids))
    return found


async def _retry_page(
    db: Database, rows: Sequence[Row], said: dict[UUID, str], retried: Retried, positions: list[int]
) -> None:
    page = [row["position"] for row in rows]
    async with db.transaction() as tx:
        if said:
            await tx.run(RESTORE, list(said), list(said.values()), page)
        let_go = await _let_go(tx, rows)
        again = [row["position"] for row in await tx.rows(RETRY, page)]
    retried.let_go += let_go
    positions += again


async def _let_go(tx: Transaction, rows: Sequence[Row]) -> list[str]:
    expired = [row["position"] for row in rows if row["expired"]]
    return [_source(row) for row in await tx.rows(LET_GO, expired)] if expired else []


def _source(row: Row) -> str:
    source: str = row["source"].rpartition("/")[2]
    return source


async def outcome(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], retried: Retried, wait_s: float
) -> Outcome:
    """Wait until each of the events has been handled, has failed again or waits behind one that has, or the time is over."""
    deadline = time.monotonic() + wait_s
    while True:
        found = await _look(settings, owner_dsn, everything, retried)
        if found.untried == 0 or time.monotonic() >= deadline:
            return found
        await asyncio.sleep(POLL_S)


async def _look(settings: Settings, owner_dsn: str, everything: Sequence[Service], retried: Retried) -> Outcome:
    found = Outcome()
    for name, positions in retried.positions.items():
        if not positions:
            continue
        async with opened(find(everything, name), settings, owner_dsn) as context, context.db.read() as sql:
            row = await sql.row(STANDING, positions)
        assert row is not None
        found.handled += len(positions) - row["parked"]
        found.failing += row["failing"]
        found.waiting += row["parked"] - row["failing"]
        found.untried += row["untried"]
    return found
