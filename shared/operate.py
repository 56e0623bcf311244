"""What an operator of the system does by hand: dead events, and the check of every figure against its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.config import Settings
from shared.runner import new_context
from shared.service import Drift, Findings, Service

DEAD = """
SELECT handler, event_id, aggregate_id, type, state, attempts, reason, parked_at, retry_at
FROM parked WHERE state = 'dead' OR $1 ORDER BY position LIMIT 1000
"""

RETRY = """
UPDATE parked SET state = 'waiting', attempts = 0, retry_at = clock_timestamp()
WHERE body IS NOT NULL AND (state = 'dead' OR event_id::text = $1) AND ($1 = 'all' OR event_id::text = $1)
"""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits or was given up on."""

    service: str
    handler: str
    event_id: str
    aggregate_id: str
    type: str
    state: str
    attempts: int
    reason: str
    parked_at: datetime


async def parked_events(
    settings: Settings, owner_dsn: str, services: Sequence[Service], *, waiting_too: bool
) -> list[ParkedEvent]:
    """List the dead events of all services, and those that wait for their next try if asked."""
    found = []
    for service in services:
        context = new_context(service, settings, owner_dsn)
        await context.db.open()
        try:
            async with context.db.read() as sql:
                for row in await sql.rows(DEAD, waiting_too):
                    found.append(
                        ParkedEvent(
                            service.name, row["handler"], str(row["event_id"]), str(row["aggregate_id"]), row["type"],
                            row["state"], row["attempts"], row["reason"], row["parked_at"],
                        )
                    )  # fmt: skip
        finally:
            await context.db.close()
    return found


async def retry_events(settings: Settings, owner_dsn: str, services: Sequence[Service], which: str) -> int:
    """Let dead events be tried again: one by its id, or "all". Gives how many."""
    count = 0
    for service in services:
        context = new_context(service, settings, owner_dsn)
        await context.db.open()
        try:
            async with context.db.transaction() as tx:
                count += await tx.run(RETRY, which)
        finally:
            await context.db.close()
    return count


async def verify(settings: Settings, owner_dsn: str, services: Sequence[Service]) -> list[Drift]:
    """Recompute every total from its rows, in every service and between them. Gives each drift."""
    drifts: list[Drift] = []
    stated: dict[str, dict[str, dict[str, object]]] = {}
    for service in services:
        if service.verify is None:
            continue
        findings = await _findings(settings, owner_dsn, service)
        drifts += [
            Drift(f"{service.name}: {drift.what}", drift.id, drift.expected, drift.found) for drift in findings.drifts
        ]
        for fact, values in findings.facts.items():
            stated.setdefault(fact, {})[service.name] = values
    return drifts + disagreements(stated)


async def _findings(settings: Settings, owner_dsn: str, service: Service) -> Findings:
    assert service.verify is not None
    context = new_context(service, settings, owner_dsn)
    await context.db.open()
    try:
        async with service.setup(context) as resources:
            context.resources = resources
            async with context.db.read() as sql:
                return await service.verify(sql, context)
    finally:
        await context.db.close()


def disagreements(stated: dict[str, dict[str, dict[str, object]]]) -> list[Drift]:
    """Compare what several services state of the same fact, wherever two of them know the id."""
    drifts = []
    for fact, by_service in stated.items():
        (first, known), *others = sorted(by_service.items())
        for other, values in others:
            for key in sorted(known.keys() & values.keys()):
                if known[key] != values[key]:
                    drifts.append(Drift(f"{fact}: {first} and {other} disagree", key, known[key], values[key]))
    return drifts
