"""The relay: takes what a service has said from its outbox to the broker, in order per aggregate, losing nothing.

One relay per service works at a time, under an advisory lock on a connection of its own. Rows are found by presence, never
by "position greater than the last one": that would pass over a transaction that commits late. Of each batch only the
confirmed prefix of every aggregate leaves the outbox; the rest is sent again, and hearers drop what they know.
"""

from __future__ import annotations

import asyncio
import contextlib
from uuid import UUID
from zlib import crc32

import asyncpg
import structlog
from prometheus_client import Counter, Gauge, Histogram

from shared.broker import Broker, BrokerDown, Envelope
from shared.db import Reader, Row
from shared.retry import backoff

log = structlog.get_logger()

BATCH = 200
POLL_S = 0.1
LEASE_CLASS = 7_240_503

PUBLISHED = Counter("urunbeli_events_published_total", "Events confirmed by the broker", ["service"])
BATCHES = Histogram(
    "urunbeli_relay_batch_events",
    "Events that the relay sent at a time",
    ["service"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 150, BATCH),
)
LEASE = Gauge(
    "urunbeli_relay_lease_held", "1 where this process's relay works, 0 where another's does or none", ["service"]
)

NEXT = """
SELECT outbox.position, id, aggregate_id, version, type, transient, body::text AS body, traceparent, at
FROM outbox JOIN events ON id = event_id
ORDER BY outbox.position LIMIT $1
"""

# The body of a transient event is personal: it leaves the log together with the outbox row.
TAKE_OFF = """
WITH gone AS (DELETE FROM outbox WHERE position = ANY ($1::bigint[]) RETURNING event_id)
UPDATE events SET body = NULL FROM gone WHERE id = event_id AND transient
"""


class Relay:
    """Publishes one service's outbox until stopped."""

    def __init__(self, service: str, dsn: str, broker: Broker, *, command_timeout_s: float = 10) -> None:
        self._service = service
        self._dsn = dsn
        self._broker = broker
        self._command_timeout_s = command_timeout_s
        self._waker = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was just committed: look at once."""
        self._waker.set()

    def start(self) -> None:
        """Begin to work in the background."""
        self._task = asyncio.create_task(self._run(), name=f"relay-{self._service}")

    async def stop(self) -> None:
        """Finish the batch in hand, then end."""
        self._stopping = True
        self._waker.set()
        if self._task is not None:
            done, _ = await asyncio.wait([self._task], timeout=10)
            if not done:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        for pause in backoff():
            try:
                connection = await asyncpg.connect(
                    self._dsn,
                    timeout=5,
                    command_timeout=self._command_timeout_s,
                    server_settings={
                        "search_path": self._service,
                        "application_name": f"urunbeli-relay-{self._service}",
                        "timezone": "UTC",
                    },
                )
                try:
                    if await self._lease(connection):
                        LEASE.labels(self._service).set(1)
                        pause.reset()
                        await self._work(Reader(connection))
                finally:
                    LEASE.labels(self._service).set(0)
                    with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                        await connection.close(timeout=2)
            except Exception as error:  # noqa: BLE001 -- a relay that ends unseen is worse than any failure
                log.warning("relay cut off", service=self._service, error=repr(error))
            if self._stopping:
                return
            await pause.wait()

    async def _lease(self, connection: asyncpg.Connection[asyncpg.Record]) -> bool:
        key = crc32(self._service.encode()) & 0x7FFFFFFF
        while not self._stopping:
            if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LEASE_CLASS, key):
                return True
            await asyncio.sleep(POLL_S * 5)
        return False

    async def _work(self, sql: Reader) -> None:
        while not self._stopping:
            self._waker.clear()
            count = await self.relay_batch(sql)
            if count == 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._waker.wait(), POLL_S)

    async def relay_batch(self, sql: Reader) -> int:
        """Publish the oldest events of the outbox; gives how many were confirmed. Raises `BrokerDown`."""
        rows = await sql.rows(NEXT, BATCH)
        if not rows:
            return 0
        BATCHES.labels(self._service).observe(len(rows))
        confirmed = await self._broker.publish([self._envelope(row) for row in rows])
        safe = confirmed_prefix(rows, confirmed)
        if safe:
            await sql.run(TAKE_OFF, safe)
            PUBLISHED.labels(self._service).inc(len(safe))
        if len(safe) < len(rows):
            raise BrokerDown(f"{len(rows) - len(safe)} of {len(rows)} events were not confirmed")
        return len(safe)

    def _envelope(self, row: Row) -> Envelope:
        return Envelope(
            id=UUID(str(row["id"])),
            type=row["type"],
            source=f"/urunbeli/{self._service}",
            aggregate_id=UUID(str(row["aggregate_id"])),
            version=row["version"],
            at=row["at"],
            body=row["body"].encode(),
            traceparent=row["traceparent"],
        )


def confirmed_prefix(rows: list[Row], confirmed: list[bool]) -> list[int]:
    """Give the positions that may leave the outbox: of each aggregate, those before its first unconfirmed event."""
    stuck: set[UUID] = set()
    safe = []
    for row, is_confirmed in zip(rows, confirmed, strict=True):
        if not is_confirmed:
            stuck.add(row["aggregate_id"])
        elif row["aggregate_id"] not in stuck:
            safe.append(row["position"])
    return safe
