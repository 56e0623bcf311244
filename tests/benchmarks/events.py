"""Events: the relay against raw publishing, and the way from a commit to a hearer, calm and while a pool is flooded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import aio_pika
import aiohttp
import asyncpg

import services
from shared.broker.amqp import EXCHANGE, AmqpBroker
from shared.db import Reader
from shared.discovery import discover
from shared.migrate import service_dsn
from shared.processes import spare_port
from shared.relay import BATCH, NEXT, Relay
from shared.testing.running import eventually
from tests.benchmarks.ground import Ground
from tests.benchmarks.hot_pool import Neighbours
from tests.benchmarks.load import load
from tests.benchmarks.measure import Figure, Run, median
from tests.benchmarks.pools import open_pools

RUNS = 3
EVENTS = 10_000
COMMANDS = 1_000
CALM_CLIENTS = 10
FLOOD = 12_000

FILL = """
WITH said AS (
    INSERT INTO pools.events (id, aggregate_id, version, type, transient, body)
    SELECT uuidv7(), pool, version, 'pools.pledges_made.v1', false, jsonb_build_object('pool_id', pool, 'pledges',
        jsonb_build_array(jsonb_build_object('pledge_id', uuidv7(), 'account_id', uuidv7(), 'number', version, 'units', 1,
            'tolerance_units', 0, 'ceiling_idr', 1045834, 'method', 'cash', 'may_hold_idr', 1045834, 'assisted_by', NULL)))
    FROM (SELECT uuidv7() AS pool FROM generate_series(1, $1 / 10)) AS pools, generate_series(1, 10) AS version
    RETURNING id
)
INSERT INTO pools.outbox (event_id) SELECT id FROM said
"""


async def measure(ground: Ground) -> list[Figure]:
    """Measure the relay, then the lags over RabbitMQ and over the bus inside PostgreSQL."""
    return [await _relay(ground), *await _lags(ground)]


async def _relay(ground: Ground) -> Figure:
    dsn = await ground.database("relay")
    everything = discover(services)
    broker = AmqpBroker(ground.rabbitmq.url, {"pools.pledges_made.v1"})
    await broker.open()
    for service in everything:
        await broker.declare(service.name, service.consumers.types())
    connection = await asyncpg.connect(
        service_dsn(ground.settings, dsn, "pools"), server_settings={"search_path": "pools", "timezone": "UTC"}
    )
    sql, relay = Reader(connection), Relay("pools", dsn, broker)
    relayed, raw = [], []
    for _ in range(RUNS):
        await sql.run(FILL, EVENTS)
        bodies = [row["body"].encode() for row in await sql.rows(NEXT, EVENTS)]
        raw.append(await _publish_raw(ground, bodies))
        started = time.perf_counter()
        while await relay.relay_batch(sql):
            pass
        relayed.append(EVENTS / (time.perf_counter() - started))
    await connection.close()
    await broker.close()
    return Figure(
        "relay, outbox to confirmed", median(relayed), "/s", median(raw),
        "raw aio-pika, gathered confirms", at_least=0.5,
    )  # fmt: skip


async def _publish_raw(ground: Ground, bodies: Sequence[bytes]) -> float:
    """Publish the same bodies to the same queues, in batches of the relay's size. Gives messages a second."""
    connection = await aio_pika.connect(ground.rabbitmq.url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(EXCHANGE)
        started = time.perf_counter()
        for begin in range(0, len(bodies), BATCH):
            await asyncio.gather(
                *(
                    exchange.publish(
                        aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT),
                        routing_key="pools.pledges_made.v1",
                    )
                    for body in bodies[begin : begin + BATCH]
                )
            )
        return len(bodies) / (time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Heard:
    """Where pledges are made, and where their events are heard."""

    pools_port: int
    listener_port: int
    pools: Sequence[UUID]

    async def lags(self, at_least: int) -> Run:
        """Give the lags noted since the last time, once there are so many."""
        found: list[float] = []

        async def look() -> int:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.listener_port}/lags") as reply,
            ):
                found.extend(await reply.json())
            return len(found)

        await eventually(look, within_s=60, until=lambda count: count >= at_least)
        return Run(len(found), found)


async def _lags(ground: Ground) -> list[Figure]:
    calm, flooded, embedded, commits = [], [], [], []
    async with _over_rabbitmq(ground) as heard:
        for _ in range(RUNS):
            beside = asyncio.create_task(_commits(ground))
            calm.append(await _calm(ground, heard))
            commits.append(await beside)
            flooded.append(await _flooded(ground, heard))
    async with _embedded(ground) as heard:
        for _ in range(RUNS):
            embedded.append(await _calm(ground, heard))

    def at(percent: float, runs: Sequence[Run]) -> float:
        return median([run.percentile_ms(percent) for run in runs])

    # An event's time is read a little before its commit: what the commit takes belongs to the command.
    commit_ms = at(50, commits)
    return [
        Figure("a durable commit alone, p50", commit_ms, "ms"),
        Figure("commit to hearer over RabbitMQ, 100 commands/s, p50", at(50, calm) - commit_ms, "ms", at_most=5),
        Figure("the same, p99, commit included", at(99, calm), "ms", at_most=20),
        Figure("the same while one pool is flooded, p99, commit included", at(99, flooded), "ms", at_most=50),
        Figure(
            "over the embedded bus, p50", at(50, embedded) - commit_ms, "ms", at_most=2 * (at(50, calm) - commit_ms)
        ),
        Figure("the same, p99, commit included", at(99, embedded), "ms", at_most=2 * at(99, calm)),
    ]


async def _commits(ground: Ground) -> Run:
    """Commit one row a hundred times, while others write too. Gives how long the commits took."""
    took = []
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS committed (at timestamptz)")
    for _ in range(100):
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("INSERT INTO committed VALUES (clock_timestamp())")
        began = time.perf_counter()
        await transaction.commit()
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    await connection.close()
    return Run(len(took), took)


async def _calm(ground: Ground, heard: Heard) -> Run:
    """A hundred commands a second on many pools."""
    await heard.lags(0)
    requests = Neighbours(ground, COMMANDS).requests(heard.pools[1:])
    await load(heard.pools_port, requests, clients=CALM_CLIENTS, pause_s=CALM_CLIENTS / 100)
    return await heard.lags(COMMANDS * 9 // 10)


async def _flooded(ground: Ground, heard: Heard) -> Run:
    """The same while 64 clients pledge on one pool as fast as they can; only lags during the flood count."""
    flood, beside = Neighbours(ground, FLOOD).requests(heard.pools[:1]), Neighbours(ground, COMMANDS)
    await heard.lags(0)
    others = beside.requests(heard.pools[1:])
    running = asyncio.create_task(load(heard.pools_port, others, clients=CALM_CLIENTS, pause_s=CALM_CLIENTS / 100))
    await load(heard.pools_port, flood, clients=64)
    lags = await heard.lags(100)
    list(islice(others, COMMANDS))  # let the calm clients end
    await running
    return lags


@asynccontextmanager
async def _over_rabbitmq(ground: Ground) -> AsyncIterator[Heard]:
    """Pools and the hearer as processes of their own."""
    dsn = await ground.database("lag_rabbitmq")
    pools = await open_pools(ground, dsn, 200)
    environment = ground.environment(dsn)
    alone = {**environment, "LISTENER_PORT": str(spare_port())}
    alone["HTTP_PORT"] = alone["LISTENER_PORT"]
    async with (
        ground.server(["services", "run", "pools"], environment) as port,
        ground.server(["tests.benchmarks.listener"], alone) as listener_port,
    ):
        yield Heard(port, listener_port, pools)


@asynccontextmanager
async def _embedded(ground: Ground) -> AsyncIterator[Heard]:
    """Both in one process, as the embedded bus is used."""
    dsn = await ground.database("lag_embedded")
    pools = await open_pools(ground, dsn, 200)
    environment = ground.environment(dsn, LISTENER_PORT=str(spare_port()), AMQP_URL="")
    async with ground.server(["tests.benchmarks.listener", "pools"], environment) as port:
        yield Heard(port, int(environment["LISTENER_PORT"]), pools)
