"""Stripe's JSON read into the port's own words: amounts, statuses and webhooks."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from services.payments.card_gateway import (
    CardGatewayRefused,
    CardNotice,
    Charge,
    ChargeStatus,
    ChargeTotals,
    Checkout,
    CheckoutState,
    CheckoutStatus,
    ForgedWebhook,
    Refund,
    RefundStatus,
    StaleWebhook,
    Subject,
)

Json = dict[str, Any]

STRIPE_UNITS_PER_RUPIAH = 100  # in Stripe's API the rupiah has two decimals: https://docs.stripe.com/currencies

_CHARGE_STATUS: dict[str, ChargeStatus] = {
    "succeeded": "succeeded",
    "processing": "processing",
    "requires_capture": "processing",
    "requires_confirmation": "processing",
    "requires_action": "authentication_required",
    "canceled": "cancelled",
}
_CHECKOUT_STATUS: dict[str, CheckoutStatus] = {"open": "open", "complete": "complete", "expired": "expired"}
_REFUND_STATUS: dict[str, RefundStatus] = {
    "succeeded": "succeeded",
    "pending": "pending",
    "requires_action": "pending",
    "failed": "failed",
    "canceled": "failed",
}
_SUBJECT: dict[str, Subject] = {
    "checkout.session": "checkout",
    "setup_intent": "setup",
    "payment_intent": "charge",
    "charge": "charge",
    "refund": "refund",
}


def stripe_amount(amount_idr: int) -> int:
    """Convert whole rupiah to Stripe's units; `rupiah` is the way back."""
    return amount_idr * STRIPE_UNITS_PER_RUPIAH


def rupiah(amount: int) -> int:
    """Convert Stripe's units to whole rupiah.

    Raises CardGatewayRefused for a part of a rupiah: we never ask for one, and rounding would hide that
    somebody else did.
    """
    whole, rest = divmod(amount, STRIPE_UNITS_PER_RUPIAH)
    if rest:
        raise CardGatewayRefused("fractional_rupiah", f"Stripe says {amount}, which is no whole rupiah")
    return whole


def checkout(session: Json) -> Checkout:
    """Read a Checkout Session that was just opened."""
    return Checkout(session["id"], session["url"] or "", datetime.fromtimestamp(session["expires_at"], UTC))


def checkout_state(session: Json) -> CheckoutState:
    """Read a Checkout Session whose intents were expanded."""
    intent = session["payment_intent"] if session["mode"] == "payment" else session["setup_intent"]
    complete = session["status"] == "complete"
    return CheckoutState(
        ref=session["id"],
        status=_CHECKOUT_STATUS[session["status"]],
        payment_method=intent["payment_method"] if complete and intent else None,
        charge=intent["id"] if session["mode"] == "payment" and intent else None,
        amount_idr=None if session["amount_total"] is None else rupiah(session["amount_total"]),
        paid=session["payment_status"] == "paid",
    )


def charge(intent: Json) -> Charge:
    """Read a PaymentIntent.

    An off-session charge that the bank asks about ends in `requires_payment_method` with the code
    `authentication_required`, with the holder present in `requires_action`: both mean the same to us.
    """
    failure: Json = intent["last_payment_error"] or {}
    if intent["status"] != "requires_payment_method":
        status = _CHARGE_STATUS[intent["status"]]
    elif not failure:
        status = "processing"  # no card has been tried yet
    elif failure.get("code") == "authentication_required":
        status = "authentication_required"
    else:
        status = "declined"
    decline_code = failure.get("decline_code") or failure.get("code") if status == "declined" else None
    return Charge(intent["id"], status, decline_code, rupiah(intent["amount"]))


def totals(intent: Json) -> ChargeTotals:
    """Read a PaymentIntent whose latest charge was expanded."""
    latest = intent["latest_charge"]
    refunded = latest["amount_refunded"] if latest else 0
    return ChargeTotals(intent["id"], rupiah(intent["amount_received"]), rupiah(refunded))


def refund(answer: Json) -> Refund:
    """Read a Refund."""
    return Refund(answer["id"], _REFUND_STATUS[answer["status"]], rupiah(answer["amount"]))


def notice(payload: bytes, signature: str, secret: str, now: datetime, tolerance_s: int) -> CardNotice:
    """Verify a webhook and read it. Raises ForgedWebhook or StaleWebhook.

    The age is judged here and not by the SDK, which looks at the machine's clock instead of `now`.
    """
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret)
    except (stripe.SignatureVerificationError, TypeError, ValueError) as reason:
        raise ForgedWebhook("the signature does not fit") from reason
    signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    if abs(now.timestamp() - signed_at) > tolerance_s:
        raise StaleWebhook(f"signed at {signed_at}, more than {tolerance_s} seconds from now")
    try:
        return _read_event(json.loads(payload))
    except (KeyError, TypeError, ValueError) as reason:
        raise ForgedWebhook("the body is no event") from reason


def _read_event(event: Json) -> CardNotice:
    thing: Json = event["data"]["object"]
    metadata: Json = thing.get("metadata") or {}
    payment = thing.get("payment_intent")
    if thing["object"] == "payment_intent":
        payment = thing["id"]
    return CardNotice(
        id=event["id"],
        type=event["type"],
        subject=_SUBJECT.get(thing["object"], "other"),
        object_ref=payment if thing["object"] == "charge" and payment else thing["id"],
        charge=payment,
        pledge_id=_uuid(metadata.get("pledge_id")),
        attempt_id=_uuid(metadata.get("attempt_id")),
        refund_id=_uuid(metadata.get("refund_id")),
        created=datetime.fromtimestamp(event["created"], UTC),
    )


def _uuid(text: object) -> UUID | None:
    """Read an id of ours; the same Stripe account may carry things that are not."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
