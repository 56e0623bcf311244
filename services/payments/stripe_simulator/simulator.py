"""The simulator itself: its accounts, its clock, its switches, and the tasks that run beside the requests."""

import asyncio
import hashlib
import heapq
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from services.payments.stripe_simulator import checkout_api, refunds_api
from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.accounts_api import available
from services.payments.stripe_simulator.errors import Json
from services.payments.stripe_simulator.faults import FaultSwitches
from services.payments.stripe_simulator.idempotency import IdempotencyKeys, forget_old_keys
from services.payments.stripe_simulator.store import Store
from services.payments.stripe_simulator.webhooks import WebhookDelivery, WebhookEndpoint

SWEEP_INTERVAL_S = 1.0


class StripeSimulator:
    """One Stripe with one platform account, and a connected account for every `acct_…` that is named.

    `public_url` is where the browser and the API client reach it, the mount prefix included; `clock`
    answers aware datetimes. With `state_file` everything survives a restart. `webhook_url` is the first
    of `endpoints`; more may be appended.
    """

    def __init__(
        self,
        public_url: str,
        secret_key: str,
        webhook_secret: str,
        webhook_url: str | None,
        state_file: Path | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.public_url = public_url.rstrip("/")
        self.secret_key = secret_key
        self.platform = "acct_" + hashlib.sha256(secret_key.encode()).hexdigest()[:16]
        self.clock = clock
        self.faults = FaultSwitches()
        self.keys = IdempotencyKeys()
        self.store = Store(state_file)
        self.endpoints = [] if webhook_url is None else [WebhookEndpoint(webhook_url, webhook_secret)]
        self.deliveries = WebhookDelivery(self.store, self.endpoints, self.faults, clock)
        self._deadlines: list[tuple[int, str, str]] = []  # a heap of (expires_at, account, session id)
        for account in self.store.accounts():
            self._watch(account, self.store.all(account, "checkout.session"))
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to deliver webhooks and to expire Checkout Sessions in time."""
        self.deliveries.requeue_undelivered()
        await self.deliveries.start()
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def stop(self) -> None:
        """Stop the tasks and close the state file; undelivered webhooks go out after the next start."""
        self.faults.release_held()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self.deliveries.stop()
        self.store.close()

    def now(self) -> int:
        """Answer the time in epoch seconds."""
        return int(self.clock().timestamp())

    def account(self, ident: str, request_id: str | None = None, idempotency_key: str | None = None) -> Account:
        """Open an account for one request."""
        return Account(
            ident,
            self.store,
            self.now(),
            self.public_url,
            len(self.endpoints),
            request_id,
            idempotency_key,
        )

    def commit(self, account: Account) -> None:
        """Journal what the request changed, then hand its events to the webhook delivery."""
        self._watch(account.id, account.sessions)
        self.store.commit()
        self.deliveries.enqueue(account.id, account.events)
        account.events.clear()
        account.sessions.clear()

    def sweep(self) -> None:
        """Expire the sessions that are over, and forget old idempotency keys."""
        while self._deadlines and self._deadlines[0][0] <= self.now():
            _, owner, session_id = heapq.heappop(self._deadlines)
            account = self.account(owner)
            session = account.find("checkout.session", session_id)
            if session is not None and session["status"] == "open":
                checkout_api.expire(account, session)
                self.commit(account)
        for owner in self.store.accounts():
            forget_old_keys(self.store, owner, self.now())
        self.store.commit()

    def find_session(self, session_id: str) -> tuple[Account, Json] | None:
        """Find a Checkout Session of any account, for the hosted page, which knows only its id."""
        for owner in self.store.accounts():
            session = self.store.find(owner, "checkout.session", session_id)
            if session is not None:
                return self.account(owner), session
        return None

    def submit_card(
        self, session_id: str, number: str, answer: checkout_api.Answer | None = None
    ) -> checkout_api.Submission:
        """Submit a card on an open session, as the hosted page does; raises KeyError for an unknown session."""
        self.sweep()
        found = self.find_session(session_id)
        if found is None:
            raise KeyError(session_id)
        account, session = found
        if session["status"] == "complete":
            return checkout_api.Submission("complete")
        if session["status"] == "expired":
            return checkout_api.Submission("declined", "expired")
        submission = checkout_api.submit(account, session, number, answer)
        self.commit(account)
        return submission

    def settle_refund(self, refund_id: str, status: str) -> Json:
        """Let the card network decide a refund: `succeeded` or `failed`."""
        account = self.account(self.platform)
        refund = refunds_api.settle_refund(account, refund_id, status)
        self.commit(account)
        return refund

    def ledger(self) -> Json:
        """Answer what was received, refunded and transferred, in whole as by payment (rupiah × 100)."""
        account = self.account(self.platform)
        payments = [_payment_row(account, intent) for intent in account.newest_first("payment_intent")]
        transfers = account.newest_first("transfer")
        return {
            "amount_received": sum(row["amount_received"] for row in payments),
            "amount_refunded": sum(row["amount_refunded"] for row in payments),
            "amount_transferred": sum(transfer["amount"] for transfer in transfers),
            "balance": available(account),
            "payment_intents": payments,
            "transfers": [
                {name: transfer[name] for name in ("id", "amount", "destination", "metadata")} for transfer in transfers
            ],
        }

    def _watch(self, account: str, sessions: Sequence[Json]) -> None:
        for session in sessions:
            if session["status"] == "open":
                heapq.heappush(self._deadlines, (session["expires_at"], account, session["id"]))

    async def _sweep_forever(self) -> None:
        while True:
            self.sweep()
            await asyncio.sleep(SWEEP_INTERVAL_S)


def _payment_row(account: Account, intent: Json) -> Json:
    charge = account.find("charge", intent["latest_charge"]) if intent["latest_charge"] else None
    row = {name: intent[name] for name in ("id", "status", "amount", "amount_received", "customer", "metadata")}
    return row | {"amount_refunded": 0 if charge is None else charge["amount_refunded"]}
