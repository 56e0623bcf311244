"""PaymentIntents and their Charges."""

from services.payments.stripe_simulator import cards, objects
from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json, parameter_invalid
from services.payments.stripe_simulator.operation import Operation
from services.payments.stripe_simulator.params import (
    PAGING,
    array,
    boolean,
    choice,
    integer,
    metadata,
    page,
    text,
)

SMALLEST_AMOUNT = 800_000  # Rp 8.000 × 100: about the US$ 0.50 that Stripe asks for in the settlement currency
LARGEST_AMOUNT = 999_999_999_999  # twelve digits: https://docs.stripe.com/currencies

CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse amounts (rupiah × 100) that no card may be charged with."""
    if currency != "idr":
        raise parameter_invalid("currency", f"Invalid currency: {currency}. This account charges in idr only.")
    if amount < SMALLEST_AMOUNT:
        raise parameter_invalid(param, "Amount must convert to at least 50 cents.", "amount_too_small")
    if amount > LARGEST_AMOUNT:
        raise parameter_invalid(param, "Amount must be no more than Rp 9.999.999.999,99", "amount_too_large")


def create_intent(account: Account, _ident: str, params: Json) -> Json:
    """`POST /v1/payment_intents`, with `confirm` and `off_session` for a saved card."""
    check_amount(params["amount"], params["currency"])
    confirm = params.get("confirm", False)
    if params.get("off_session") and not confirm:
        raise parameter_invalid("off_session", "`off_session` can only be used with `confirm=true`.")
    if confirm and "payment_method" not in params:
        raise ApiError(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if "customer" in params:
        account.need("customer", params["customer"], param="customer")
    method = _saved_method(account, params) if "payment_method" in params else None
    intent = objects.payment_intent(account, params)
    account.put(intent)
    if confirm and method is not None:
        attempt(account, intent, method, off_session=params.get("off_session", False))
    return intent


def _saved_method(account: Account, params: Json) -> Json:
    """Find the payment method; a saved card can be charged only with the customer whom it belongs to."""
    ident = params["payment_method"]
    method = account.need("payment_method", ident, param="payment_method")
    if method["customer"] is None or method["customer"] != params.get("customer"):
        raise ApiError(
            400,
            f"The customer does not have a payment method with the ID {ident}. The payment method must be "
            "attached to the customer.",
            code="resource_missing",
            param="payment_method",
        )
    return method


def attempt(
    account: Account, intent: Json, method: Json, *, off_session: bool = False, authenticated: bool = False
) -> None:
    """Try to pay `intent` with `method`.

    Leaves it succeeded or waiting for the card holder; raises the 402 card error when the card is
    declined, or when nobody is there to answer the bank's question.
    """
    card = cards.of_method(method)
    intent["payment_method"] = method["id"]
    asks = card.asks_off_session if off_session else card.asks_at_checkout
    if asks and off_session:
        raise fail(account, intent, method, "authentication_required", "authentication_required")
    if asks and not authenticated:
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        account.put(intent)
        account.emit("payment_intent.requires_action", intent)
        return
    if card.charge_decline is not None:
        raise fail(account, intent, method, "card_declined", card.charge_decline)
    charge = objects.charge(account, intent, method, None)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    account.put(charge)
    account.put(intent)
    account.emit("payment_intent.succeeded", intent)


def fail(account: Account, intent: Json, method: Json, code: str, decline_code: str | None) -> ApiError:
    """Record a failed attempt and answer the 402 error for it, which carries the PaymentIntent."""
    message = cards.DECLINE_MESSAGES[decline_code or code]
    failure: Json = {"code": code, "decline_code": decline_code, "message": message, "type": "card_error"}
    charge = objects.charge(account, intent, method, failure)
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        next_action=None,
        payment_method=None,
        last_payment_error=failure | {"charge": charge["id"], "payment_method": method},
    )
    account.put(charge)
    account.put(intent)
    account.emit("payment_intent.payment_failed", intent)
    return ApiError(
        402,
        message,
        type="card_error",
        code=code,
        decline_code=decline_code,
        details={"charge": charge["id"], "payment_intent": intent, "payment_method": method},
    )


def retrieve_intent(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/payment_intents/{id}`."""
    return account.need("payment_intent", ident, param="intent", status=404)


def list_intents(account: Account, _ident: str, params: Json) -> Json:
    """`GET /v1/payment_intents`, all or one customer's."""
    found = [
        intent
        for intent in account.newest_first("payment_intent")
        if params.get("customer") in {None, intent["customer"]}
    ]
    return page("/v1/payment_intents", found, params)


def cancel_intent(account: Account, ident: str, params: Json) -> Json:
    """`POST /v1/payment_intents/{id}/cancel`: only while nothing was received."""
    intent = account.need("payment_intent", ident, param="intent", status=404)
    if intent["status"] not in CANCELABLE:
        raise ApiError(
            400,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
            code="payment_intent_unexpected_state",
            details={"payment_intent": intent},
        )
    if any(session["payment_intent"] == ident for session in account.newest_first("checkout.session")):
        raise ApiError(
            400,
            "You cannot cancel a PaymentIntent that was created by a Checkout Session. Expire the Checkout "
            "Session instead.",
            code="payment_intent_unexpected_state",
            details={"payment_intent": intent},
        )
    return cancel(account, intent, params.get("cancellation_reason"))


def cancel(account: Account, intent: Json, reason: str | None) -> Json:
    """Put an end to a PaymentIntent that has not been paid."""
    intent.update(status="canceled", canceled_at=account.now, cancellation_reason=reason, next_action=None)
    account.put(intent)
    account.emit("payment_intent.canceled", intent)
    return intent


def retrieve_charge(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/charges/{id}`."""
    return account.need("charge", ident, param="id", status=404)


_CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")

OPERATIONS = (
    Operation(
        "POST",
        "/v1/payment_intents",
        create_intent,
        {
            "amount": integer(required=True, least=1),
            "currency": text(required=True),
            "confirm": boolean(),
            "customer": text(),
            "description": text(),
            "metadata": metadata(),
            "off_session": boolean(),
            "payment_method": text(),
            "allowed_payment_method_types": array(choice("card")),
            "statement_descriptor_suffix": text(longest=22),
            "transfer_group": text(),
        },
    ),
    Operation("GET", "/v1/payment_intents", list_intents, {"customer": text(), **PAGING}),
    Operation("GET", "/v1/payment_intents/{id}", retrieve_intent, {"client_secret": text()}),
    Operation(
        "POST",
        "/v1/payment_intents/{id}/cancel",
        cancel_intent,
        {"cancellation_reason": choice(*_CANCELLATION_REASONS)},
    ),
    Operation("GET", "/v1/charges/{id}", retrieve_charge, {}),
)
