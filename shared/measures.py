"""How many events wait, and where: measured when Prometheus asks, so that no event pays for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from prometheus_client import Counter, Gauge

from shared.broker import Broker
from shared.db import Row
from shared.service import Context

log = structlog.get_logger()

TIMEOUT_S = 3

OUTBOX = Gauge("urunbeli_outbox_waiting", "Events that the broker has not confirmed yet", ["service"])
OUTBOX_AGE = Gauge("urunbeli_outbox_oldest_seconds", "Age of the oldest of them; 0 where none waits", ["service"])
PARKED = Gauge("urunbeli_parked_events", "Events whose handler failed, and those behind them", ["service", "state"])
QUEUE = Gauge("urunbeli_queue_waiting", "Events in a service's queue", ["service"])
DEAD_QUEUE = Gauge("urunbeli_queue_dead", "Messages that a service could not read, or crashed on", ["service"])
FAILED = Counter("urunbeli_measures_failed_total", "Measurements that could not be taken", ["part"])

MEASURE = """
SELECT (SELECT count(*) FROM outbox) AS outbox,
       (SELECT extract(epoch FROM clock_timestamp() - at)::float8
        FROM outbox JOIN events ON id = event_id ORDER BY position LIMIT 1) AS oldest_s,
       (SELECT count(*) FROM parked WHERE state = 'waiting') AS waiting,
       (SELECT count(*) FROM parked WHERE state = 'dead') AS dead
"""


async def measure(contexts: Sequence[Context], broker: Broker) -> None:
    """Take every measurement of these services. One that cannot be taken shows no value, rather than an old one."""
    await asyncio.gather(
        *(_measure_database(context) for context in contexts),
        _measure_broker([context.service for context in contexts], broker),
    )


async def _measure_database(context: Context) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_S), context.db.read() as sql:
            row = await sql.row(MEASURE)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with one part, the others are told
        log.warning("not measured", service=context.service, part="database", error=repr(error))
        FAILED.labels("database").inc()
        _forget_database(context.service)
    else:
        assert row is not None
        _show_database(context.service, row)


def _show_database(service: str, row: Row) -> None:
    OUTBOX.labels(service).set(row["outbox"])
    OUTBOX_AGE.labels(service).set(max(row["oldest_s"] or 0, 0))
    PARKED.labels(service, "waiting").set(row["waiting"])
    PARKED.labels(service, "dead").set(row["dead"])


def _forget_database(service: str) -> None:
    for gauge in (OUTBOX, OUTBOX_AGE, PARKED):
        gauge.remove_by_labels({"service": service})


async def _measure_broker(services: Sequence[str], broker: Broker) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            depths, dead = await broker.depths(), await broker.dead_depths()
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with one part, the others are told
        log.warning("not measured", part="broker", error=repr(error))
        FAILED.labels("broker").inc()
        depths, dead = {}, {}
    for service in services:
        for gauge, found in ((QUEUE, depths), (DEAD_QUEUE, dead)):
            if service in found:
                gauge.labels(service).set(found[service])
            else:
                gauge.remove_by_labels({"service": service})
