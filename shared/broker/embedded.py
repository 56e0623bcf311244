"""The bus inside PostgreSQL, for one machine without RabbitMQ: rows per consumer, handed out in order under a lease.

Publishing inserts one row per bound queue; a consumer reads its rows in order and deletes each one that was handled. Rows
are found by presence, never by a position, so that a late commit is not passed over. An advisory lock per queue lets one
consumer work at a time, in whichever process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import asyncpg
import structlog

from shared.broker import BrokerDown, Deliver, Envelope, Signal
from shared.broker.embedded_listener import CHANNEL, EmbeddedListener
from shared.retry import backoff

log = structlog.get_logger()

SCHEMA = "bus"
MIGRATIONS = Path(__file__).parent / "migrations"
BATCH = 100
POLL_S = 0.1
"""Another process's events are found by polling; this process's own wake the consumer at once."""

LEASE_CLASS = 7_240_502

BIND = """
WITH unbound AS (DELETE FROM bindings WHERE queue = $1 AND type <> ALL ($2::text[]))
INSERT INTO bindings (queue, type) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING
"""

# A notification costs little here, once for a batch of the relay's; in the transactions of commands it would cost much.
PUBLISH = """
WITH event AS (
    SELECT * FROM
        unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::bytea[], $8::text[])
        WITH ORDINALITY AS event (id, type, source, aggregate_id, version, at, body, traceparent, place)
), sent AS (
    INSERT INTO messages (queue, event_id, type, source, aggregate_id, version, at, body, traceparent)
    SELECT queue, id, event.type, source, aggregate_id, version, at, body, traceparent
    FROM event JOIN bindings USING (type)
    ORDER BY place
)
SELECT count(pg_notify($9, concat_ws(' ', type, aggregate_id, version))) FROM event
"""

NEXT = """
SELECT position, event_id, type, source, aggregate_id, version, at, body, traceparent
FROM messages WHERE queue = $1 ORDER BY position LIMIT $2
"""

DONE = "DELETE FROM messages WHERE position = ANY ($1::bigint[])"

DEPTHS = """
SELECT queue, count(position) AS depth FROM (SELECT DISTINCT queue FROM bindings) AS bound
LEFT JOIN messages USING (queue) GROUP BY queue
"""


class EmbeddedBroker:
    """`Broker` over PostgreSQL, connecting by `dsn` as the bus's own role."""

    def __init__(self, dsn: str, *, connect_timeout_s: float = 5, command_timeout_s: float = 10) -> None:
        self._dsn = dsn
        self._connect_timeout_s = connect_timeout_s
        self._command_timeout_s = command_timeout_s
        self._pool: asyncpg.Pool[Any] | None = None
        self._wakers: dict[str, asyncio.Event] = {}

    async def open(self) -> None:
        """Open a small pool. Raises `BrokerDown`."""
        with _translated():
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_inactive_connection_lifetime=30,
                max_size=4,
                timeout=self._connect_timeout_s,
                command_timeout=self._command_timeout_s,
                reset=_keep_session,
                server_settings={"search_path": SCHEMA, "application_name": "urunbeli-bus", "timezone": "UTC"},
            )

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def declare(self, service: str, types: Sequence[str]) -> None:
        """Bind the service's queue to these types and no others."""
        with _translated():
            await self._connected.execute(BIND, service, list(types))

    async def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Insert a row per event and bound queue: all of them, or `BrokerDown`."""
        columns: list[list[object]] = [[] for _ in range(8)]
        for event in envelopes:
            values = (
                event.id, event.type, event.source, event.aggregate_id, event.version, event.at, event.body,
                event.traceparent,
            )  # fmt: skip
            for column, value in zip(columns, values, strict=True):
                column.append(value)
        with _translated():
            await self._connected.execute(PUBLISH, *columns, CHANNEL)
        for waker in self._wakers.values():
            waker.set()
        return [True] * len(envelopes)

    async def subscribe(self, service: str, deliver: Deliver) -> EmbeddedSubscription:
        """Hand out the service's rows in order while the lease is ours."""
        waker = self._wakers.setdefault(service, asyncio.Event())
        return EmbeddedSubscription(self, service, deliver, waker)

    async def listen(
        self, types: Sequence[str], heard: Callable[[Signal], None], missed: Callable[[], None]
    ) -> EmbeddedListener:
        """Listen on a connection of its own."""
        listener = EmbeddedListener(lambda: self._connect("listener"), types, heard, missed)
        await listener.start()
        return listener

    async def depths(self) -> dict[str, int]:
        """Count the rows that wait."""
        with _translated():
            return {row["queue"]: row["depth"] for row in await self._connected.fetch(DEPTHS)}

    async def dead_depths(self) -> dict[str, int]:
        """Nothing is ever put aside: a row is an event, and one that crashes its consumer stays at the head."""
        return dict.fromkeys(await self.depths(), 0)

    async def redeliver(self, _: str) -> int:
        """There is nothing to redeliver."""
        return 0

    @property
    def _connected(self) -> asyncpg.Pool[Any]:
        if self._pool is None:
            raise BrokerDown("the embedded bus is not open")
        return self._pool

    async def _connect(self, name: str) -> asyncpg.Connection[Any]:
        return await asyncpg.connect(
            self._dsn,
            timeout=self._connect_timeout_s,
            command_timeout=self._command_timeout_s,
            server_settings={"search_path": SCHEMA, "application_name": f"urunbeli-bus-{name}", "timezone": "UTC"},
        )

    @contextlib.asynccontextmanager
    async def leased(self, queue: str) -> AsyncIterator[asyncpg.Connection[Any]]:
        """Hold the queue's lease on a connection of its own; waits until it is free."""
        connection = await self._connect(queue)
        try:
            while not await connection.fetchval(  # noqa: ASYNC110 -- the lease is held in another process
                "SELECT pg_try_advisory_lock($1, $2)", LEASE_CLASS, crc32(queue.encode()) & 0x7FFFFFFF
            ):
                await asyncio.sleep(POLL_S * 5)
            yield connection
        finally:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=2)


class EmbeddedSubscription:
    """The consumer of one queue."""

    def __init__(self, broker: EmbeddedBroker, queue: str, deliver: Deliver, waker: asyncio.Event) -> None:
        self._broker = broker
        self._queue = queue
        self._deliver = deliver
        self._waker = waker
        self._stopping = False
        self._has_lease = False
        self._task = asyncio.create_task(self._run(), name=f"bus-{queue}")

    async def stop(self) -> None:
        """Finish the event in hand, then end."""
        self._stopping = True
        self._waker.set()
        if not self._has_lease:  # another process works, so nothing is in hand here
            self._task.cancel()
        done, _ = await asyncio.wait([self._task], timeout=10)
        if not done:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        for pause in backoff():
            try:
                async with self._broker.leased(self._queue) as connection:
                    pause.reset()
                    self._has_lease = True
                    await self._work(connection)
                if self._stopping:
                    return
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("bus cut off", queue=self._queue, error=repr(error))
            except Exception:  # whatever it was, a consumer that ended here would be missed by nobody but the users
                log.exception("bus consumer failed", queue=self._queue)
            finally:
                self._has_lease = False
            if self._stopping:
                return
            await pause.wait()

    async def _work(self, connection: asyncpg.Connection[Any]) -> None:
        failures = backoff(longest_s=10)
        while not self._stopping:
            self._waker.clear()
            rows = await connection.fetch(NEXT, self._queue, BATCH)
            handled, failed = await self._deliver_all(rows)
            if handled:
                await connection.execute(DONE, handled)
            if failed:
                await next(failures).wait()
            elif not rows:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._waker.wait(), POLL_S)
            if handled:
                failures = backoff(longest_s=10)

    async def _deliver_all(self, rows: Sequence[asyncpg.Record]) -> tuple[list[int], bool]:
        """Deliver in order until one fails. Gives the positions that were handled, and whether one failed."""
        handled: list[int] = []
        for row in rows:
            if self._stopping:
                break
            try:
                await self._deliver(_envelope(row))
            except Exception as error:  # noqa: BLE001 -- whatever went wrong, the event stays and comes again
                log.warning("event comes again", queue=self._queue, event_id=str(row["event_id"]), error=repr(error))
                return handled, True
            handled.append(row["position"])
        return handled, False


def _envelope(row: asyncpg.Record) -> Envelope:
    return Envelope(
        id=UUID(str(row["event_id"])),
        type=row["type"],
        source=row["source"],
        aggregate_id=UUID(str(row["aggregate_id"])),
        version=row["version"],
        at=row["at"],
        body=row["body"],
        traceparent=row["traceparent"],
    )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise BrokerDown(repr(error)) from error


async def _keep_session(_: asyncpg.Connection[Any]) -> None:
    """No session state is changed on pooled connections."""
