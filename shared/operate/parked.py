"""Events that a service could not handle: finding them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.config import Settings
from shared.db import Reader, Row
from shared.operate.opening import find, opened
from shared.service import Service

PAGE = 1000
"""Rows read at a time."""

MATCHES = """
($1::uuid IS NULL OR event_id = $1) AND ($2::text IS NULL OR handler = $2 OR split_part(handler, ':', 1) = $2)
AND ($3::text IS NULL OR type = $3) AND (state = 'dead' OR $4)
"""

COUNT = f"SELECT handler, type, state, count(*) AS events FROM parked WHERE {MATCHES} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"  # noqa: S608

LIST = f"""
SELECT position, handler, event_id, aggregate_id, source, type, state, attempts, reason, parked_at, body IS NULL AS expired
FROM parked WHERE {MATCHES} AND position > $5 ORDER BY position LIMIT $6
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Filter:
    """Which parked events are meant; None: any. `handler`: with or without the type behind it."""

    event_id: UUID | None = None
    service: str | None = None
    handler: str | None = None
    type: str | None = None
    waiting_too: bool = False
    """Those that wait for their next try as well, not only dead ones."""

    def services(self, everything: Sequence[Service]) -> Sequence[Service]:
        """Give the services that are meant. Raises `UnknownName`."""
        return everything if self.service is None else [find(everything, self.service)]

    def arguments(self) -> tuple[object, ...]:
        """Give the arguments of `MATCHES`. An event that is named may be waiting."""
        return (self.event_id, self.handler, self.type, self.waiting_too or self.event_id is not None)


@dataclass(frozen=True, slots=True)
class ParkedCount:
    """How many events of a type a handler has parked."""

    service: str
    handler: str
    type: str
    state: str
    events: int


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits or was given up on. `expired`: its body is gone."""

    service: str
    handler: str
    event_id: UUID
    aggregate_id: UUID
    source: str
    type: str
    state: str
    attempts: int
    reason: str
    parked_at: datetime
    expired: bool


async def count_parked(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], wanted: Filter
) -> list[ParkedCount]:
    """Count parked events by handler, type and state."""
    found = []
    for service in wanted.services(everything):
        async with opened(service, settings, owner_dsn) as context, context.db.read() as sql:
            for row in await sql.rows(COUNT, *wanted.arguments()):
                found.append(ParkedCount(service.name, **row))
    return found


async def parked_events(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], wanted: Filter
) -> AsyncIterator[ParkedEvent]:
    """Go through all parked events that are wanted, in the order in which they will be tried, a page at a time."""
    for service in wanted.services(everything):
        async with opened(service, settings, owner_dsn) as context, context.db.read() as sql:
            async for rows in pages(sql, wanted):
                for row in rows:
                    values = {name: value for name, value in row.items() if name != "position"}
                    yield ParkedEvent(service.name, **values)


async def pages(sql: Reader, wanted: Filter) -> AsyncIterator[list[Row]]:
    """Go through one service's parked rows that are wanted, by their position."""
    after = 0
    while rows := await sql.rows(LIST, *wanted.arguments(), after, PAGE):
        yield rows
        after = rows[-1]["position"]
