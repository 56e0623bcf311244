"""Hearing: every event takes effect exactly once, in order per aggregate, and one bad event stops only its own aggregate.

The handler's effect and the row that says "handled" are one transaction. An event whose handler fails is parked with its
reason; later events of that aggregate park behind it and all others go on. `retry_parked` tries again with growing delays
and at last gives the event up as dead: visible and replayable. When the database itself is away nothing can be parked, so
the failure goes back to the broker, which brings the event again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from shared.broker import Envelope
from shared.db import Row, Transaction
from shared.errors import Unavailable
from shared.json import dumps
from shared.service import Consumer, Context, Delivery, Service
from shared.trace import traced

log = structlog.get_logger()

MOST_ATTEMPTS = 12
FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=10)
WAITS_BEHIND = "waits behind an earlier event of the same aggregate"

HANDLED = Counter("urunbeli_events_handled_total", "Events handled", ["service", "outcome"])
LAG = Histogram(
    "urunbeli_event_lag_seconds",
    "From the saying of an event to the end of its handling",
    ["service"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)

CLAIM = "INSERT INTO inbox (handler, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"

# Whatever handler failed: this service must not hear of the aggregate's later events first.
IS_PARKED = "SELECT EXISTS (SELECT FROM parked WHERE aggregate_id = $1 AND event_id <> $2)"

HEARD = """
INSERT INTO heard (source, aggregate_id, version) VALUES ($1, $2, $3)
ON CONFLICT (source, aggregate_id) DO UPDATE SET version = greatest(heard.version, excluded.version)
"""

PARK = """
INSERT INTO parked (handler, event_id, source, aggregate_id, version, type, body, at, traceparent, reason, retry_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
"""

DUE = """
SELECT * FROM parked AS head
WHERE state = 'waiting' AND retry_at <= $1
  AND NOT EXISTS (
      SELECT FROM parked AS earlier
      WHERE earlier.aggregate_id = head.aggregate_id AND earlier.event_id <> head.event_id
        AND earlier.position < head.position)
ORDER BY position LIMIT 50 FOR UPDATE SKIP LOCKED
"""

UNPARK = "DELETE FROM parked WHERE position = $1"

NEXT_MAY_GO = """
UPDATE parked SET retry_at = $2
WHERE state = 'waiting' AND position = (SELECT min(position) FROM parked WHERE aggregate_id = $1)
"""

POSTPONE = "UPDATE parked SET attempts = $2, reason = $3, retry_at = $4, state = $5 WHERE position = $1"


class Receiver:
    """Hands the events of one service to its handlers."""

    def __init__(self, service: Service, context: Context) -> None:
        self._service = service.name
        self._context = context
        self._by_type: dict[str, list[Consumer]] = {}
        self._by_name = {consumer.name: consumer for consumer in service.consumers.all}
        for consumer in service.consumers.all:
            self._by_type.setdefault(consumer.event.type, []).append(consumer)

    async def deliver(self, envelope: Envelope) -> None:
        """Let every handler of this type take the event once. Raises `Unavailable` when it must come again."""
        with traced(envelope.traceparent):
            for consumer in self._by_type.get(envelope.type, ()):
                await self._take(consumer, envelope)
        lag = datetime.now(envelope.at.tzinfo) - envelope.at
        LAG.labels(self._service).observe(max(lag.total_seconds(), 0))

    async def _take(self, consumer: Consumer, envelope: Envelope) -> None:
        try:
            async with self._context.db.transaction() as tx:
                if not await tx.run(CLAIM, consumer.name, envelope.id):
                    HANDLED.labels(self._service, "known").inc()
                    return
                if await tx.value(IS_PARKED, envelope.aggregate_id, envelope.id):
                    await park(tx, consumer, envelope, WAITS_BEHIND)
                    HANDLED.labels(self._service, "parked").inc()
                    return
                await self._handle(tx, consumer, envelope)
            HANDLED.labels(self._service, "handled").inc()
        except Unavailable:
            raise
        except Exception as error:
            log.exception("event parked", handler=consumer.name, event_id=str(envelope.id))
            async with self._context.db.transaction() as tx:
                if await tx.run(CLAIM, consumer.name, envelope.id):
                    await park(tx, consumer, envelope, reason_of(error))
            HANDLED.labels(self._service, "parked").inc()

    async def _handle(self, tx: Transaction, consumer: Consumer, envelope: Envelope) -> None:
        await apply(tx, consumer, envelope, self._context)
        await tx.run(HEARD, envelope.source.rpartition("/")[2], envelope.aggregate_id, envelope.version)

    async def retry_parked(self, now: datetime) -> int:
        """Try the due head of every parked aggregate again; gives how many were handled."""
        handled = 0
        async with self._context.db.transaction() as tx:
            due = await tx.rows(DUE, now)
            for row in due:
                handled += await self._retry(tx, row, now)
        return handled

    async def _retry(self, tx: Transaction, row: Row, now: datetime) -> int:
        consumer = self._by_name.get(row["handler"])
        envelope = _unparked(row)
        try:
            if consumer is None:
                raise LookupError(f"no handler is called {row['handler']}")
            async with tx.savepoint():
                with traced(envelope.traceparent):
                    await self._handle(tx, consumer, envelope)
                await tx.run(UNPARK, row["position"])
                await tx.run(NEXT_MAY_GO, row["aggregate_id"], now)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 -- any failure of a handler parks its event again
            attempts = row["attempts"] + 1
            delay = min(FIRST_DELAY * 2**attempts, LONGEST_DELAY)
            state = "dead" if attempts >= MOST_ATTEMPTS else "waiting"
            log.warning("parked event failed again", handler=row["handler"], attempts=attempts, state=state)
            await tx.run(POSTPONE, row["position"], attempts, reason_of(error), now + delay, state)
            return 0
        return 1


async def apply(tx: Transaction, consumer: Consumer, envelope: Envelope, context: Context) -> None:
    """Let a handler take an event, inside its transaction. Raises `ValidationError`, or whatever the handler does."""
    event = consumer.event.model_validate_json(envelope.body)
    await consumer.handle(
        tx, event, Delivery(envelope.id, envelope.aggregate_id, envelope.version, envelope.at, context)
    )


async def park(tx: Transaction, consumer: Consumer, envelope: Envelope, reason: str) -> None:
    """Keep an event that a handler could not take, to be tried again."""
    await tx.run(
        PARK,
        consumer.name,
        envelope.id,
        envelope.source,
        envelope.aggregate_id,
        envelope.version,
        envelope.type,
        envelope.data(),
        envelope.at,
        envelope.traceparent,
        reason,
        await tx.now() + FIRST_DELAY,
    )


def _unparked(row: Row) -> Envelope:
    return Envelope(
        id=UUID(str(row["event_id"])),
        type=row["type"],
        source=row["source"],
        aggregate_id=UUID(str(row["aggregate_id"])),
        version=row["version"],
        at=row["at"],
        body=dumps(row["body"]),
        traceparent=row["traceparent"],
    )


def reason_of(error: BaseException) -> str:
    """Say what went wrong without the event's values, which may be personal."""
    if isinstance(error, ValidationError):
        places = ", ".join(".".join(map(str, found["loc"])) for found in error.errors(include_input=False))
        return f"the event does not fit its model at: {places}"[:500]
    return f"{type(error).__name__}: {error}"[:500]
