"""A broker outage of a minute under load: nothing is refused, and the backlog drains faster than it grew."""

from __future__ import annotations

import asyncio
import time

import asyncpg

import services
from shared.broker.amqp import dead_queue_name, queue_name
from shared.discovery import discover
from tests.benchmarks.ground import Ground
from tests.benchmarks.hot_pool import Neighbours
from tests.benchmarks.load import load
from tests.benchmarks.measure import Figure
from tests.benchmarks.pools import open_pools

OUTAGE_S = 60
CLIENTS = 20
PER_SECOND = 150

WAITING = "SELECT count(*) FROM pools.outbox"


async def measure(ground: Ground) -> list[Figure]:
    """Kill the broker under load, start it a minute later, and watch the outbox."""
    dsn = await ground.database("outage")
    pools = await open_pools(ground, dsn, 500)
    names = [name(service.name) for service in discover(services) for name in (queue_name, dead_queue_name)]
    neighbours = Neighbours(ground, PER_SECOND * (OUTAGE_S + 60)).requests(pools)
    watch = await asyncpg.connect(dsn)
    async with ground.server(["services", "run", "pools"], ground.environment(dsn)) as port:
        await asyncio.to_thread(ground.rabbitmq.wait_until_registered, *names)
        running = asyncio.create_task(load(port, neighbours, clients=CLIENTS, pause_s=CLIENTS / PER_SECOND))
        ground.rabbitmq.kill()
        began = time.monotonic()
        await asyncio.sleep(OUTAGE_S)
        backlog = await watch.fetchval(WAITING)
        arrival = backlog / (time.monotonic() - began)
        await asyncio.to_thread(ground.rabbitmq.start)
        drained = await _drained(watch)
        for _ in neighbours:
            pass
        (await running).only(201)
    await watch.close()
    return [
        Figure(
            f"draining the backlog of a {OUTAGE_S} s broker outage", drained + arrival, "/s", arrival,
            "arrival under load", at_least=3,
        )
    ]  # fmt: skip


async def _drained(watch: asyncpg.Connection[asyncpg.Record]) -> float:
    """Give by how many events a second the outbox shrank, from when the relay is back until nothing waits."""
    highest, since = 0, time.monotonic()
    while True:
        waiting = await watch.fetchval(WAITING)
        if waiting > highest:
            highest, since = waiting, time.monotonic()
        if waiting < 10:
            return highest / (time.monotonic() - since)
        await asyncio.sleep(0.02)
