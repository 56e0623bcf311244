"""The card port over Stripe: Checkout, off-session PaymentIntents, Refunds, webhooks."""

from datetime import datetime
from uuid import UUID

import aiohttp
import stripe

from services.payments import stripe_answers
from services.payments.card_gateway import (
    CardGatewayRefused,
    CardLimits,
    CardNotice,
    Charge,
    ChargeTotals,
    Checkout,
    CheckoutState,
    Refund,
)
from services.payments.stripe_answers import Json, stripe_amount
from services.payments.stripe_requests import ask, create, declined_intent

WEBHOOK_TOLERANCE_S = 300


class StripeCardGateway:
    """Stripe, or with `api_base` the simulator. Implements `CardGateway`.

    `timeout_s` bounds each request. `network_retries` are the SDK's own, with the same key; jobs retry
    anyway, so there are none unless asked for.
    """

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        api_base: str | None = None,
        timeout_s: float = 10.0,
        limits: CardLimits | None = None,
        network_retries: int = 0,
        webhook_tolerance_s: int = WEBHOOK_TOLERANCE_S,
    ) -> None:
        # Telemetry would tell of our machine, and writes an id into the home directory.
        stripe.enable_telemetry = False
        self._http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=timeout_s))
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            http_client=self._http,
            max_network_retries=network_retries,
        )
        self._webhook_secret = webhook_secret
        self._webhook_tolerance_s = webhook_tolerance_s
        self._limits = limits or CardLimits()

    async def create_customer(self, *, account_id: UUID, key: str) -> str:
        """Make a Customer that carries our account's id and nothing about the person."""

        async def send(key: str) -> str:
            customer = await self._client.v1.customers.create_async(
                {"metadata": {"account_id": str(account_id)}}, {"idempotency_key": key}
            )
            return customer.id

        return await create(send, key)

    async def start_setup(
        self,
        *,
        customer: str,
        pledge_id: UUID,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout:
        """Open a Checkout Session in mode `setup`."""
        metadata = {"pledge_id": str(pledge_id)}

        async def send(key: str) -> Checkout:
            session = await self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "setup",
                    "customer": customer,
                    "allowed_payment_method_types": ["card"],
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "expires_at": int(expires_at.timestamp()),
                    "locale": "id",
                    "metadata": metadata,
                    "setup_intent_data": {"metadata": metadata},
                },
                {"idempotency_key": key},
            )
            return stripe_answers.checkout(session.to_dict())

        return await create(send, key)

    async def start_payment(
        self,
        *,
        customer: str,
        pledge_id: UUID,
        attempt_id: UUID,
        amount_idr: int,
        description: str,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout:
        """Open a Checkout Session in mode `payment`."""
        self._limits.check_charge(amount_idr)
        metadata = {"pledge_id": str(pledge_id), "attempt_id": str(attempt_id)}

        async def send(key: str) -> Checkout:
            session = await self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "customer": customer,
                    "allowed_payment_method_types": ["card"],
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": "idr",
                                "unit_amount": stripe_amount(amount_idr),
                                "product_data": {"name": description},
                            },
                        }
                    ],
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "expires_at": int(expires_at.timestamp()),
                    "locale": "id",
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata, "description": description},
                },
                {"idempotency_key": key},
            )
            return stripe_answers.checkout(session.to_dict())

        return await create(send, key)

    async def fetch_checkout(self, ref: str) -> CheckoutState:
        """Retrieve a Checkout Session with its intent."""
        session = await ask(
            self._client.v1.checkout.sessions.retrieve_async(ref, {"expand": ["setup_intent", "payment_intent"]})
        )
        return stripe_answers.checkout_state(session.to_dict())

    async def expire_checkout(self, ref: str) -> CheckoutState:
        """Expire a Checkout Session; one that is over already answers its state."""
        try:
            await ask(self._client.v1.checkout.sessions.expire_async(ref))
        except CardGatewayRefused:
            state = await self.fetch_checkout(ref)
            if state.status == "open":
                raise
            return state
        return await self.fetch_checkout(ref)

    async def charge(
        self,
        *,
        customer: str,
        payment_method: str,
        amount_idr: int,
        pledge_id: UUID,
        attempt_id: UUID,
        key: str,
    ) -> Charge:
        """Create and confirm an off-session PaymentIntent."""
        self._limits.check_charge(amount_idr)

        async def send(key: str) -> Charge:
            try:
                intent = await self._client.v1.payment_intents.create_async(
                    {
                        "amount": stripe_amount(amount_idr),
                        "currency": "idr",
                        "customer": customer,
                        "payment_method": payment_method,
                        "allowed_payment_method_types": ["card"],
                        "confirm": True,
                        "off_session": True,
                        "metadata": {
                            "pledge_id": str(pledge_id),
                            "attempt_id": str(attempt_id),
                            "purpose": "charge",  # tells it from a payment link of the same attempt
                        },
                    },
                    {"idempotency_key": key},
                )
            except stripe.CardError as declined:
                return stripe_answers.charge(declined_intent(declined))
            return stripe_answers.charge(intent.to_dict())

        return await create(send, key, lambda: self.find_charge(customer=customer, attempt_id=attempt_id))

    async def fetch_charge(self, ref: str) -> Charge:
        """Retrieve a PaymentIntent."""
        intent = await ask(self._client.v1.payment_intents.retrieve_async(ref))
        return stripe_answers.charge(intent.to_dict())

    async def find_charge(self, *, customer: str, attempt_id: UUID) -> Charge | None:
        """Look through the customer's PaymentIntents; lists, unlike Stripe's search, are never behind."""

        async def look() -> Charge | None:
            intents = await self._client.v1.payment_intents.list_async({"customer": customer, "limit": 100})
            async for intent in intents.auto_paging_iter():
                found: Json = intent.to_dict()
                marks: Json = found["metadata"]
                if marks.get("attempt_id") == str(attempt_id) and marks.get("purpose") == "charge":
                    return stripe_answers.charge(found)
            return None

        return await ask(look())

    async def cancel_charge(self, ref: str) -> Charge:
        """Cancel a PaymentIntent; one that is decided already answers its state."""
        try:
            intent = await ask(self._client.v1.payment_intents.cancel_async(ref))
        except CardGatewayRefused:
            charge = await self.fetch_charge(ref)
            if charge.status not in {"succeeded", "cancelled"}:
                raise
            return charge
        return stripe_answers.charge(intent.to_dict())

    async def refund(self, *, charge: str, amount_idr: int, refund_id: UUID, key: str) -> Refund:
        """Create a Refund of a PaymentIntent."""

        async def send(key: str) -> Refund:
            refund = await self._client.v1.refunds.create_async(
                {
                    "payment_intent": charge,
                    "amount": stripe_amount(amount_idr),
                    "metadata": {"refund_id": str(refund_id)},
                },
                {"idempotency_key": key},
            )
            return stripe_answers.refund(refund.to_dict())

        return await create(send, key, lambda: self.find_refund(charge=charge, refund_id=refund_id))

    async def fetch_refund(self, ref: str) -> Refund:
        """Retrieve a Refund."""
        refund = await ask(self._client.v1.refunds.retrieve_async(ref))
        return stripe_answers.refund(refund.to_dict())

    async def find_refund(self, *, charge: str, refund_id: UUID) -> Refund | None:
        """Look through the Refunds of a PaymentIntent."""

        async def look() -> Refund | None:
            refunds = await self._client.v1.refunds.list_async({"payment_intent": charge, "limit": 100})
            async for refund in refunds.auto_paging_iter():
                found: Json = refund.to_dict()
                if (found["metadata"] or {}).get("refund_id") == str(refund_id):
                    return stripe_answers.refund(found)
            return None

        return await ask(look())

    async def fetch_totals(self, charge: str) -> ChargeTotals:
        """Retrieve a PaymentIntent with its Charge, which knows what was refunded."""
        intent = await ask(self._client.v1.payment_intents.retrieve_async(charge, {"expand": ["latest_charge"]}))
        return stripe_answers.totals(intent.to_dict())

    def parse_webhook(self, payload: bytes, signature: str, now: datetime) -> CardNotice:
        """Verify and read a webhook."""
        return stripe_answers.notice(payload, signature, self._webhook_secret, now, self._webhook_tolerance_s)

    async def close(self) -> None:
        """Close the HTTP connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK gives it no types
