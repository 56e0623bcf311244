"""Events as a bad day brings them: repeated, overtaken by later ones, and one that nobody can handle."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from types import TracebackType
from typing import Self
from uuid import UUID

import aio_pika
import asyncpg

from shared.broker import Envelope
from shared.broker.amqp import queue_name
from shared.broker.amqp_message import write_message
from shared.ids import new_id
from shared.json import dumps
from shared.testing.running import eventually
from tests.faults.system import Process, System

_COLUMNS = "id, aggregate_id, version, type, body::text AS body, traceparent, at"
_SAID = "SELECT {columns} FROM {speaker}.events WHERE at >= $1 AND body IS NOT NULL ORDER BY random() LIMIT 40"
_UNSENT = "SELECT {columns} FROM {speaker}.events JOIN {speaker}.outbox ON event_id = id WHERE body IS NOT NULL"


class Forger:
    """Puts copies of real events, with their own ids, straight into the hearers' queues."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._connection: aio_pika.abc.AbstractConnection
        self._channel: aio_pika.abc.AbstractChannel

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self._system.rabbitmq.url, timeout=10)
        self._channel = await self._connection.channel()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._connection.close()

    async def repeat(self, random: Random, since: datetime) -> None:
        """Send some events again, shuffled."""
        async with self._system.sql() as sql:
            for speaker in ("pools", "payments", "offers"):
                rows = await sql.fetch(_SAID.format(columns=_COLUMNS, speaker=speaker), since)
                await self._send(random, speaker, rows)

    async def overtake(self, random: Random, process: Process) -> None:
        """Keep a relay's next message back until what is unsent has come by another way, shuffled."""
        (speaker,) = process.services
        waiting, go_on = asyncio.Event(), asyncio.Event()

        async def hold() -> bool:
            waiting.set()
            await go_on.wait()
            return True

        process.broker.trap("before_publish", 1, hold)
        try:
            async with asyncio.timeout(1):
                await waiting.wait()
                await asyncio.sleep(random.uniform(0.05, 0.5))  # more is said meanwhile
        except TimeoutError:
            return  # nobody spoke
        finally:
            async with self._system.sql() as sql:
                await self._send(random, speaker, await sql.fetch(_UNSENT.format(columns=_COLUMNS, speaker=speaker)))
            go_on.set()

    async def _send(self, random: Random, speaker: str, rows: Sequence[asyncpg.Record]) -> None:
        copies = [
            (queue_name(service.name), _envelope(speaker, row))
            for row in rows
            for service in self._system.services
            if row["type"] in service.consumers.types()
        ]
        random.shuffle(copies)
        for queue, envelope in copies:
            await self._channel.default_exchange.publish(write_message(envelope), routing_key=queue, timeout=10)


def _envelope(speaker: str, row: asyncpg.Record) -> Envelope:
    return Envelope(
        id=UUID(str(row["id"])),
        type=row["type"],
        source=f"/urunbeli/{speaker}",
        aggregate_id=UUID(str(row["aggregate_id"])),
        version=row["version"],
        at=row["at"],
        body=row["body"].encode(),
        traceparent=row["traceparent"],
    )


_SAY = """
WITH said AS (
    INSERT INTO pools.events (id, aggregate_id, version, type, transient, body) VALUES ($1, $2, $3, $4, false, $5::jsonb)
    RETURNING id
)
INSERT INTO pools.outbox (event_id) SELECT id FROM said
"""


_REPAIR = """
UPDATE {hearer}.parked SET body = $2::jsonb, state = 'waiting', retry_at = clock_timestamp() WHERE event_id = $1
"""


@dataclass(frozen=True, slots=True)
class Poison:
    """An event that does not fit its model, and a good one of the same aggregate after it."""

    pool_id: UUID
    event_id: UUID
    good: dict[str, object]

    async def repair(self, system: System) -> None:
        """See that it has stopped its own aggregate and nothing else; then repair it and let it be tried again."""
        async with system.sql() as sql:

            async def parked() -> list[int]:
                rows = await sql.fetch("SELECT * FROM payments.parked ORDER BY position")
                assert {row["aggregate_id"] for row in rows} <= {self.pool_id}, rows
                return [row["version"] for row in rows]

            await eventually(parked, until=lambda versions: versions == [1, 2])
            body = dumps(self.good).decode()
            for service in system.services:
                if service.migrations is not None:
                    await sql.execute(_REPAIR.format(hearer=service.name), self.event_id, body)


async def poison(system: System) -> Poison:
    """Let pools say an event that no hearer can read, as a faulty release would, and then a good one."""
    pool_id, pledge_id, account_id, event_id = new_id(), new_id(), new_id(), new_id()
    line: dict[str, object] = {
        "pledge_id": pledge_id, "account_id": account_id, "number": 1, "units": 1, "tolerance_units": 0,
        "ceiling_idr": 100_000, "method": "cash", "may_hold_idr": 100_000,
    }  # fmt: skip
    withdrawn = {"pool_id": pool_id, "pledge_id": pledge_id, "account_id": account_id}
    bad = {"pool_id": pool_id, "pledges": []}
    async with system.sql() as sql:
        await sql.execute("INSERT INTO pools.aggregates (aggregate_id, version) VALUES ($1, 2)", pool_id)
        for version, (id_, type_, body) in enumerate(
            ((event_id, "pools.pledges_made.v1", bad), (new_id(), "pools.pledge_withdrawn.v1", withdrawn)), start=1
        ):
            await sql.execute(_SAY, id_, pool_id, version, type_, dumps(body).decode())
    return Poison(pool_id, event_id, {"pool_id": pool_id, "pledges": [line]})
