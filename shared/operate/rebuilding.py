"""Rebuilding a service's copies of others' facts: emptied, and filled again from the logs of those who said them.

It all happens in one transaction of the service, so a reader sees the old copy until the new one is there, and a rebuild that
breaks off has changed nothing. The service may run meanwhile: the inbox is locked, so what arrives waits or comes again,
and an event that was replayed is known when it arrives later. Reactions are never run.

A parked event stays parked, with all that waits behind it: `retry` is for those.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from shared.config import Settings
from shared.db import Transaction
from shared.operate.opening import UnknownName, find, opened
from shared.operate.replaying import Aggregate, Counts, Replay, Report, Versions, source_of
from shared.service import Consumer, Service

# The inbox keeps live deliveries out, `parked` the job that tries parked events again. Both wait, and at last come again.
LOCK = "LOCK TABLE inbox, parked IN EXCLUSIVE MODE"
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '30s'"

FORGET_HANDLED = """
DELETE FROM inbox WHERE handler = ANY ($1::text[])
AND NOT EXISTS (SELECT FROM parked WHERE parked.handler = inbox.handler AND parked.event_id = inbox.event_id)
"""
PARKED = "SELECT handler, source, aggregate_id, min(version) AS version FROM parked GROUP BY 1, 2, 3"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Which projections were rebuilt, in which tables, and how it went."""

    handlers: list[str]
    tables: list[str]
    counts: Counts = field(default_factory=Counts)


def chosen(service: Service, names: Collection[str]) -> list[Consumer]:
    """Give the projections of these names or tables, all if none is named, with all others that fill a table of theirs.

    Raises `UnknownName`.
    """
    projections = [consumer for consumer in service.consumers.all if consumer.rebuildable]
    for name in names:
        if not any(_is_called(consumer, name) for consumer in projections):
            raise UnknownName(f"{service.name} has no projection {name}; it has {', '.join(_names(projections))}")
    found = [consumer for consumer in projections if not names or any(_is_called(consumer, name) for name in names)]
    while True:
        tables = {table for consumer in found for table in consumer.fills}
        wider = [consumer for consumer in projections if consumer.fills & tables]
        if len(wider) == len(found):
            return found
        found = wider


def _names(projections: Sequence[Consumer]) -> list[str]:
    return sorted({consumer.name.partition(":")[0] for consumer in projections} | _tables(projections))


def _tables(projections: Sequence[Consumer]) -> set[str]:
    return {table for consumer in projections for table in consumer.fills}


def _is_called(consumer: Consumer, name: str) -> bool:
    return name in {consumer.name, consumer.name.partition(":")[0], *consumer.fills}


async def rebuild(
    settings: Settings,
    owner_dsn: str,
    services: Sequence[Service],
    name: str,
    names: Collection[str] = (),
    report: Report = lambda _: None,
) -> Rebuilt:
    """Rebuild the projections of a service: those of these names or tables, or all. Raises `UnknownName` or `Unavailable`."""
    service = find(services, name)
    projections = chosen(service, names)
    sources = _sources(services, projections)
    rebuilt = Rebuilt([consumer.name for consumer in projections], sorted(_tables(projections)))
    if not projections:
        return rebuilt
    async with AsyncExitStack() as stack:
        context = await stack.enter_async_context(opened(service, settings, owner_dsn))
        tx = await stack.enter_async_context(context.db.transaction())
        await tx.run(LOCK_TIMEOUT)
        await tx.run(LOCK)
        await clear(tx, projections)
        replay = Replay(tx, context, projections, await _parked(tx), rebuilt.counts)
        for source in sources:
            async with opened(source, settings, owner_dsn) as said_by, said_by.db.transaction() as log:
                await replay.run(source, log, report)
    return rebuilt


def _sources(services: Sequence[Service], projections: Sequence[Consumer]) -> list[Service]:
    """Give the services whose logs are read. Raises `UnknownName` where one is not there or cannot tell what left its log."""
    found = {}
    for consumer in projections:
        source = find(services, source_of(consumer))
        if consumer.event.transient and source.snapshot is None:
            raise UnknownName(f"{source.name} has no snapshot, so {consumer.name} cannot be rebuilt")
        found[source.name] = source
    return [found[name] for name in sorted(found)]


async def clear(tx: Transaction, projections: Sequence[Consumer]) -> None:
    """Take out what these projections keep, and forget that they have handled anything but what is parked."""
    await tx.run(FORGET_HANDLED, [consumer.name for consumer in projections])
    cleared: set[str] = set()
    for consumer in projections:
        if consumer.clear is not None:
            await consumer.clear(tx)
            cleared |= consumer.fills
    for table in sorted(_tables(projections) - cleared):
        await tx.run(f"DELETE FROM {table}")  # noqa: S608 -- named in code; not TRUNCATE, so that readers see the old copy


async def _parked(tx: Transaction) -> dict[Aggregate, Versions]:
    """Give, of each aggregate by its source, the oldest version that each handler has parked."""
    found: dict[Aggregate, Versions] = {}
    for row in await tx.rows(PARKED):
        source = row["source"].rpartition("/")[2]
        found.setdefault((source, row["aggregate_id"]), {})[row["handler"]] = row["version"]
    return found
