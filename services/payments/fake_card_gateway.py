"""The card port in memory, for tests and benchmarks: deterministic, and passing the real adapter's suite."""

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.payments.card_gateway import (
    CardGatewayRefused,
    CardNotice,
    Charge,
    ChargeTotals,
    Checkout,
    CheckoutState,
    ForgedWebhook,
    Refund,
    StaleWebhook,
)
from services.payments.fake_card_network import FakeCardNetwork, FakeCharge, FakeRefund


class FakeCardGateway:
    """Implements `CardGateway` over a `FakeCardNetwork`, which several gateways may share."""

    def __init__(self, network: FakeCardNetwork) -> None:
        self._network = network

    async def create_customer(self, *, account_id: UUID, key: str) -> str:
        """Make a customer."""

        def work() -> str:
            ref = self._network.new_id("cus")
            self._network.customers.add(ref)
            return ref

        return self._network.once(key, ("customer", account_id), work)

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
        """Open a setup checkout."""
        params = ("setup", customer, pledge_id, success_url, cancel_url, expires_at)
        return self._network.once(
            key, params, lambda: self._network.open_checkout(customer, pledge_id, None, None, expires_at)
        )

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
        """Open a payment checkout."""
        self._network.limits.check_charge(amount_idr)
        params = (customer, pledge_id, attempt_id, amount_idr, description, success_url, cancel_url, expires_at)
        return self._network.once(
            key, params, lambda: self._network.open_checkout(customer, pledge_id, attempt_id, amount_idr, expires_at)
        )

    async def fetch_checkout(self, ref: str) -> CheckoutState:
        """Answer a checkout's state."""
        return self._network.checkout(ref).state

    async def expire_checkout(self, ref: str) -> CheckoutState:
        """Close a checkout that is open."""
        checkout = self._network.checkout(ref)
        if checkout.state.status == "open":
            self._network.expire(checkout)
        return checkout.state

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
        """Charge a saved card."""
        self._network.limits.check_charge(amount_idr)

        def work() -> Charge:
            owner, card = self._network.methods.get(payment_method, ("", "declined"))
            if owner != customer:
                raise CardGatewayRefused("resource_missing", f"{customer} has no {payment_method}")
            charge = self._network.decide(card, amount_idr)
            self._network.charges[charge.ref] = FakeCharge(charge, customer, attempt_id, False, card)
            return charge

        return self._network.once(key, (customer, payment_method, amount_idr, pledge_id, attempt_id), work)

    async def fetch_charge(self, ref: str) -> Charge:
        """Answer a charge's state."""
        return self._network.charge(ref).charge

    async def find_charge(self, *, customer: str, attempt_id: UUID) -> Charge | None:
        """Find the charge of an attempt."""
        for kept in self._network.charges.values():
            if kept.customer == customer and kept.attempt_id == attempt_id and not kept.from_checkout:
                return kept.charge
        return None

    async def cancel_charge(self, ref: str) -> Charge:
        """Give up an unpaid charge."""
        kept = self._network.charge(ref)
        if kept.charge.status in {"succeeded", "cancelled"}:
            return kept.charge
        if kept.from_checkout:
            raise CardGatewayRefused("payment_intent_unexpected_state", "expire the checkout instead")
        kept.charge = replace(kept.charge, status="cancelled", decline_code=None)
        return kept.charge

    async def refund(self, *, charge: str, amount_idr: int, refund_id: UUID, key: str) -> Refund:
        """Give money back."""

        def work() -> Refund:
            totals = self._network.totals(charge)
            if totals.received_idr == 0:
                raise CardGatewayRefused("invalid_request", f"{charge} was not paid")
            if totals.held_idr == 0:
                raise CardGatewayRefused("charge_already_refunded", f"nothing is left of {charge}")
            if not 0 < amount_idr <= totals.held_idr:
                raise CardGatewayRefused("invalid_amount", f"only {totals.held_idr} is left of {charge}")
            waits = self._network.charge(charge).card == "refund_waits"
            refund = Refund(self._network.new_id("re"), "pending" if waits else "succeeded", amount_idr)
            self._network.refunds[refund.ref] = FakeRefund(refund, charge, refund_id)
            return refund

        return self._network.once(key, ("refund", charge, amount_idr, refund_id), work)

    async def fetch_refund(self, ref: str) -> Refund:
        """Answer a refund's state."""
        if ref not in self._network.refunds:
            raise CardGatewayRefused("resource_missing", f"there is no refund {ref}")
        return self._network.refunds[ref].refund

    async def find_refund(self, *, charge: str, refund_id: UUID) -> Refund | None:
        """Find a refund by our id."""
        for kept in self._network.refunds.values():
            if kept.charge == charge and kept.refund_id == refund_id:
                return kept.refund
        return None

    async def fetch_totals(self, charge: str) -> ChargeTotals:
        """Answer what was received and refunded."""
        return self._network.totals(charge)

    def parse_webhook(self, payload: bytes, signature: str, now: datetime) -> CardNotice:
        """Verify and read a webhook that `sign_notice` made."""
        try:
            fields = dict(part.split("=", 1) for part in signature.split(","))
            signed_at = int(fields["t"])
            genuine = hmac.compare_digest(fields["v1"], self._network.signature(signed_at, payload))
        except (KeyError, TypeError, ValueError) as reason:
            raise ForgedWebhook("the signature cannot be read") from reason
        if not genuine:
            raise ForgedWebhook("the signature does not fit")
        if abs(now.timestamp() - signed_at) > self._network.tolerance_s:
            raise StaleWebhook(f"signed at {signed_at}")
        body = json.loads(payload)
        ids = {name: UUID(text) for name, text in body["ids"].items() if name != "charge"}
        return CardNotice(
            id=body["id"],
            type=body["type"],
            subject=body["subject"],
            object_ref=body["object_ref"],
            charge=body["ids"].get("charge"),
            pledge_id=ids.get("pledge_id"),
            attempt_id=ids.get("attempt_id"),
            refund_id=ids.get("refund_id"),
            created=datetime.fromtimestamp(body["created"], UTC),
        )

    async def close(self) -> None:
        """Nothing is open."""
