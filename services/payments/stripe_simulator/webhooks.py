"""Signed webhooks: sent after the commit, retried with growing delays, re-sent after a restart."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from services.payments.stripe_simulator.errors import Json
from services.payments.stripe_simulator.faults import FaultSwitches
from services.payments.stripe_simulator.store import Store

_log = logging.getLogger(__name__)

ATTEMPT_TIMEOUT_S = 10.0
REORDER_WINDOW_S = 0.2
RETRY_DELAYS_S: tuple[float, ...] = (1, 5, 30, 120, 600, 3600, *[6 * 3600.0] * 11)  # about three days in all


def signature_header(payload: str, secret: str, timestamp: int) -> str:
    """Make the `Stripe-Signature` header: HMAC-SHA256 of `timestamp.payload`."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass(frozen=True)
class WebhookEndpoint:
    """Where events are posted, and the secret they are signed with."""

    url: str
    secret: str


class WebhookDelivery:
    """Posts events to all endpoints. First attempts go one after another; retries wait on their own."""

    def __init__(
        self,
        store: Store,
        endpoints: Sequence[WebhookEndpoint],
        faults: FaultSwitches,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._endpoints = endpoints
        self._faults = faults
        self._clock = clock
        self._queue: deque[tuple[str, str]] = deque()
        self._arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.retry_delays_s: Sequence[float] = RETRY_DELAYS_S

    def enqueue(self, account: str, event_ids: Sequence[str]) -> None:
        """Queue events that have been committed; without `start` they wait."""
        self._queue.extend((account, ident) for ident in event_ids)
        if event_ids:
            self._arrived.set()

    def requeue_undelivered(self) -> None:
        """Queue every event that some endpoint has not confirmed, as left by an earlier run."""
        for account in self._store.accounts():
            pending = [event["id"] for event in self._store.all(account, "event") if event["pending_webhooks"] > 0]
            self.enqueue(account, pending)

    async def start(self) -> None:
        """Begin to deliver."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ATTEMPT_TIMEOUT_S))
        self._spawn(self._run())

    async def stop(self) -> None:
        """Stop delivering; what is not confirmed stays pending in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            reorder = self._faults.webhooks_out_of_order
            wait_s = max(self._faults.webhook_delay_s, REORDER_WINDOW_S if reorder else 0.0)
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            batch = list(self._queue)
            self._queue.clear()
            if reorder:
                batch.reverse()
            for account, event_id in batch:
                await self._send(account, event_id)

    async def _send(self, account: str, event_id: str) -> None:
        event = self._store.find(account, "event", event_id)
        if event is None:
            return
        if self._faults.webhooks_suppressed:
            event["pending_webhooks"] = 0
            self._save(account, event)
            return
        for endpoint in self._endpoints:
            for _ in range(self._faults.webhook_copies):
                if not await self._attempt(account, event, endpoint):
                    self._spawn(self._retry(account, event, endpoint))

    async def _retry(self, account: str, event: Json, endpoint: WebhookEndpoint) -> None:
        for delay_s in self.retry_delays_s:
            await asyncio.sleep(delay_s)
            if await self._attempt(account, event, endpoint):
                return
        _log.warning("webhook %s was never accepted by %s", event["id"], endpoint.url)

    async def _attempt(self, account: str, event: Json, endpoint: WebhookEndpoint) -> bool:
        """Post one event once; True when the endpoint answered 2xx. Every attempt is signed afresh."""
        assert self._session is not None, "deliveries were not started"
        payload = json.dumps(event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature_header(payload, endpoint.secret, int(self._clock().timestamp())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        accepted = False
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.post(
                endpoint.url, data=payload.encode(), headers=headers, allow_redirects=False
            ) as answer:
                accepted = 200 <= answer.status < 300
        if accepted and event["pending_webhooks"] > 0:
            event["pending_webhooks"] -= 1
            self._save(account, event)
        return accepted

    def _save(self, account: str, event: Json) -> None:
        self._store.put(account, event)
        self._store.commit()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
