"""The check of every figure against its rows, in every service and between them."""

from __future__ import annotations

from collections.abc import Sequence

from shared.config import Settings
from shared.runner import new_context
from shared.service import Drift, Findings, Service


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
