"""Replaying: projections handle again what a service has said, in order, in a transaction that is already open.

A transient event's body has left the log. Of each thing the owner still knows the present fact, and that is handled in the
place, and with the version, of the newest such event: the copy becomes what it was, and nobody else hears anything twice.

An event that fails is parked, and so are later ones of its aggregate, as if it had just arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.broker import Envelope
from shared.contracts.base import Event
from shared.db import Reader, Row, Transaction
from shared.errors import Unavailable
from shared.inbox import WAITS_BEHIND, apply, park, reason_of
from shared.service import Consumer, Context, Service

PAGE = 500
"""Events read, and handled, at a time."""

CLAIM = "INSERT INTO inbox (handler, event_id) SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT DO NOTHING"

HEARD = """
INSERT INTO heard (source, aggregate_id, version)
SELECT $1, aggregate_id, max(version) FROM unnest($2::uuid[], $3::bigint[]) AS said (aggregate_id, version) GROUP BY 2
ON CONFLICT (source, aggregate_id) DO UPDATE SET version = greatest(heard.version, excluded.version)
"""

ONE_VIEW = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"

COUNT = "SELECT count(*) FROM events WHERE type = ANY ($1::text[])"

# By aggregate and version: the order that every hearer is promised, and that no clock can disturb.
NEXT = """
SELECT id, aggregate_id, version, type, transient, body::text AS body, traceparent, at,
       (SELECT min(later.version) FROM events AS later
        WHERE events.transient AND later.aggregate_id = events.aggregate_id AND later.type = events.type
          AND later.version > events.version) AS next_version
FROM events
WHERE type = ANY ($1::text[]) AND (aggregate_id, version) > ($2, $3)
ORDER BY aggregate_id, version LIMIT $4
"""

_DATABASE_FAILS = (
    Unavailable,
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
"""The whole replay fails by these, not an event."""

Aggregate = tuple[str, UUID]
"""The service that speaks of it, and its id."""

Versions = dict[str, int]
"""Of each handler that has parked events of an aggregate, the version of the oldest."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one source's log has been read, in events."""

    source: str
    done: int
    total: int


Report = Callable[[Progress], None]


@dataclass(slots=True)
class Counts:
    """How often a handler took an event, and how often not: because it failed, or because it was parked before."""

    handled: int = 0
    failed: int = 0
    left_parked: int = 0


class Replay:
    """Lets projections take, in one transaction, what some services have said. `parked` as it stood at its beginning."""

    def __init__(
        self,
        tx: Transaction,
        context: Context,
        projections: Sequence[Consumer],
        parked: Mapping[Aggregate, Versions],
        counts: Counts,
    ) -> None:
        self._tx = tx
        self._context = context
        self._projections = projections
        self._parked = parked
        self._failed: dict[Aggregate, int] = {}
        self._counts = counts

    async def run(self, source: Service, log: Transaction, report: Report) -> None:
        """Handle what one service's log has for these projections. Raises what the database raises."""
        await log.run(ONE_VIEW)  # the log and the present facts are of one moment
        types = sorted({consumer.event.type for consumer in self._projections if source_of(consumer) == source.name})
        total, done = await log.value(COUNT, types), 0
        after: tuple[UUID, int] = (UUID(int=0), 0)
        report(Progress(source.name, done, total))
        while rows := await log.rows(NEXT, types, *after, PAGE):
            await self._take(source.name, rows, await _present_facts(source, log, rows))
            after = (rows[-1]["aggregate_id"], rows[-1]["version"])
            done += len(rows)
            report(Progress(source.name, done, total))

    async def _take(self, source: str, rows: Sequence[Row], facts: Mapping[tuple[str, UUID], Event]) -> None:
        taken: list[tuple[Consumer, Row]] = []
        work: list[tuple[Consumer, Envelope]] = []
        for row in rows:
            for consumer in self._projections:
                if consumer.event.type != row["type"]:
                    continue
                end = self._end((source, row["aggregate_id"]), consumer)
                if end is not None and row["version"] >= end:
                    self._counts.left_parked += 1
                    continue
                taken.append((consumer, row))
                if (body := _body(row, end, facts)) is not None:
                    work.append((consumer, _envelope(source, row, body)))
        await self._handle(source, work)
        await self._tx.run(CLAIM, [consumer.name for consumer, _ in taken], [row["id"] for _, row in taken])
        heard = [row for _, row in taken if not self._behind((source, row["aggregate_id"]), row["version"] + 1)]
        await self._tx.run(HEARD, source, [row["aggregate_id"] for row in heard], [row["version"] for row in heard])

    def _end(self, aggregate: Aggregate, consumer: Consumer) -> int | None:
        """Give the version from which on a handler must wait, if any: at its own parked event, or after another's."""
        parked = self._parked.get(aggregate, {})
        return min(
            (version if handler == consumer.name else version + 1 for handler, version in parked.items()), default=None
        )

    def _behind(self, aggregate: Aggregate, version: int) -> bool:
        return self._failed.get(aggregate, version) < version

    async def _handle(self, source: str, work: Sequence[tuple[Consumer, Envelope]]) -> None:
        """Handle a page as a whole; only if something in it fails, or has before, one by one."""
        if not any((source, envelope.aggregate_id) in self._failed for _, envelope in work):
            try:
                async with self._tx.savepoint():
                    for consumer, envelope in work:
                        await apply(self._tx, consumer, envelope, self._context)
            except _DATABASE_FAILS:
                raise
            except Exception:  # noqa: BLE001, S110 -- any failure of a handler; which one, the second round tells
                pass
            else:
                self._counts.handled += len(work)
                return
        for consumer, envelope in work:
            await self._handle_one((source, envelope.aggregate_id), consumer, envelope)

    async def _handle_one(self, aggregate: Aggregate, consumer: Consumer, envelope: Envelope) -> None:
        reason = WAITS_BEHIND
        try:
            if not self._behind(aggregate, envelope.version):
                async with self._tx.savepoint():
                    await apply(self._tx, consumer, envelope, self._context)
                self._counts.handled += 1
                return
        except _DATABASE_FAILS:
            raise
        except Exception as error:  # noqa: BLE001 -- any failure of a handler parks its event
            reason = reason_of(error)
        await park(self._tx, consumer, envelope, reason)
        self._failed.setdefault(aggregate, envelope.version)
        self._counts.failed += 1


def source_of(consumer: Consumer) -> str:
    """Name the service that says what a handler hears."""
    return consumer.event.type.partition(".")[0]


async def _present_facts(source: Service, log: Reader, rows: Sequence[Row]) -> dict[tuple[str, UUID], Event]:
    ids = sorted({row["aggregate_id"] for row in rows if row["transient"]})
    if not ids:
        return {}
    assert source.snapshot is not None
    return {(fact.type, fact.aggregate_id): fact for fact in await source.snapshot(log, ids)}


def _body(row: Row, end: int | None, facts: Mapping[tuple[str, UUID], Event]) -> bytes | None:
    """Give what is to be handled, or None for a transient event that a newer one, or its owner's erasure, has overtaken."""
    if not row["transient"]:
        return bytes(row["body"], "utf-8")
    newer = row["next_version"]
    if newer is not None and (end is None or newer < end):
        return None
    fact = facts.get((row["type"], row["aggregate_id"]))
    return fact.model_dump_json().encode() if fact is not None else None


def _envelope(source: str, row: Row, body: bytes) -> Envelope:
    return Envelope(
        id=UUID(str(row["id"])),
        type=row["type"],
        source=f"/urunbeli/{source}",
        aggregate_id=UUID(str(row["aggregate_id"])),
        version=row["version"],
        at=row["at"],
        body=body,
        traceparent=row["traceparent"],
    )
