"""Checkout Sessions: the endpoints, and what happens when the card holder submits the hosted page."""

from dataclasses import dataclass
from typing import Literal

from services.payments.stripe_simulator import cards, objects
from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json, parameter_invalid, parameter_missing
from services.payments.stripe_simulator.operation import Operation
from services.payments.stripe_simulator.params import (
    PAGING,
    array,
    choice,
    group,
    integer,
    metadata,
    page,
    text,
)
from services.payments.stripe_simulator.payments_api import attempt, cancel, check_amount, fail

SHORTEST_S = 30 * 60
LONGEST_S = 24 * 60 * 60

Answer = Literal["approve", "refuse"]


@dataclass(frozen=True)
class Submission:
    """What came of a submitted card: done, or the bank asks the card holder, or a decline code."""

    outcome: Literal["complete", "challenge", "declined"]
    decline_code: str | None = None


def create_session(account: Account, _ident: str, params: Json) -> Json:
    """`POST /v1/checkout/sessions` in mode `setup` or `payment`."""
    expires_at = params.get("expires_at", account.now + LONGEST_S)
    if not account.now + SHORTEST_S <= expires_at <= account.now + LONGEST_S:
        raise parameter_invalid(
            "expires_at",
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
        )
    setup = params["mode"] == "setup"
    if setup and "currency" not in params and "allowed_payment_method_types" not in params:
        raise parameter_missing("currency")
    amount = None if setup else _total(params)
    for name in ("line_items", "payment_intent_data") if setup else ("setup_intent_data",):
        if name in params:
            raise parameter_invalid(name, f"You can not pass `{name}` in `{params['mode']}` mode.")
    if "customer" in params:
        account.need("customer", params["customer"], param="customer")
    session = objects.checkout_session(account, params, amount, expires_at)
    if setup:
        intent = objects.setup_intent(
            account, params.get("customer"), params.get("setup_intent_data", {}).get("metadata", {})
        )
        session["setup_intent"] = intent["id"]
        account.put(intent)
    else:
        account.put(
            {
                "object": "checkout_order",  # what the PaymentIntent will be made from; Stripe keeps it to itself
                "id": session["id"],
                "payment_intent_data": params.get("payment_intent_data", {}),
            }
        )
    account.put(session)
    return session


def _total(params: Json) -> int:
    if not params.get("line_items"):
        raise parameter_invalid("line_items", "`line_items` is required in `payment` mode.", "parameter_missing")
    total = 0
    for place, item in enumerate(params["line_items"]):
        price = item["price_data"]
        if price["currency"] != "idr":
            raise parameter_invalid(
                f"line_items[{place}][price_data][currency]", f"Invalid currency: {price['currency']}"
            )
        total += int(price["unit_amount"]) * int(item["quantity"])
    check_amount(total, "idr", param="line_items")
    return total


def retrieve_session(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/checkout/sessions/{id}`."""
    return account.need("checkout.session", ident, param="session", status=404)


def list_sessions(account: Account, _ident: str, params: Json) -> Json:
    """`GET /v1/checkout/sessions`, by customer, payment or status."""
    found = [
        session
        for session in account.newest_first("checkout.session")
        if all(params.get(name) in {None, session[name]} for name in ("customer", "payment_intent", "status"))
    ]
    return page("/v1/checkout/sessions", found, params)


def expire_session(account: Account, ident: str, _params: Json) -> Json:
    """`POST /v1/checkout/sessions/{id}/expire`: only an open one."""
    session = account.need("checkout.session", ident, param="session", status=404)
    if session["status"] != "open":
        raise ApiError(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of `{session['status']}`.",
        )
    expire(account, session)
    return session


def expire(account: Account, session: Json) -> None:
    """Close an open session for good, with the unpaid intent behind it."""
    session.update(status="expired", url=None)
    account.put(session)
    if session["setup_intent"] is not None:
        intent = account.need("setup_intent", session["setup_intent"], param="setup_intent")
        intent.update(status="canceled", cancellation_reason="abandoned", next_action=None)
        account.put(intent)
    if session["payment_intent"] is not None:
        payment = account.need("payment_intent", session["payment_intent"], param="payment_intent")
        cancel(account, payment, "abandoned")
    account.emit("checkout.session.expired", session)


def submit(account: Account, session: Json, number: str, answer: Answer | None) -> Submission:
    """Play the card holder: submit a card, and with `answer` reply to the bank's question.

    The session must be open. Declines leave it open, so that another card can be tried.
    """
    card = cards.by_number(number)
    if card is None:
        return Submission("declined", "test_mode_live_card")
    run = _save_card if session["mode"] == "setup" else _pay
    try:
        done = run(account, session, card, answer)
    except ApiError as refusal:
        return Submission("declined", refusal.decline_code or refusal.code)
    if not done:
        return Submission("challenge")
    session.update(status="complete", url=None)
    account.put(session)
    account.emit("checkout.session.completed", session)
    return Submission("complete")


def _save_card(account: Account, session: Json, card: cards.SimulatedCard, answer: Answer | None) -> bool:
    intent = account.need("setup_intent", session["setup_intent"], param="setup_intent")
    if card.asks_at_checkout and answer is None:
        intent.update(status="requires_action", next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}})
        account.put(intent)
        return False
    if card.asks_at_checkout and answer == "refuse":
        raise _setup_failed(account, intent, "setup_intent_authentication_failure", None)
    if card.setup_decline is not None:
        raise _setup_failed(account, intent, "card_declined", card.setup_decline)
    method = objects.payment_method(account, card, session["customer"])
    intent.update(status="succeeded", payment_method=method["id"], next_action=None, last_setup_error=None)
    account.put(method)
    account.put(intent)
    account.emit("setup_intent.succeeded", intent)
    return True


def _setup_failed(account: Account, intent: Json, code: str, decline_code: str | None) -> ApiError:
    """Record why a card could not be saved, and answer the error for it."""
    message = cards.DECLINE_MESSAGES[decline_code or code]
    failure = {"type": "card_error", "code": code, "decline_code": decline_code, "message": message}
    intent.update(status="requires_payment_method", next_action=None, last_setup_error=failure)
    account.put(intent)
    return ApiError(402, message, type="card_error", code=code, decline_code=decline_code)


def _pay(account: Account, session: Json, card: cards.SimulatedCard, answer: Answer | None) -> bool:
    intent = _payment_of(account, session)
    method = objects.payment_method(account, card, None)
    account.put(method)
    if card.asks_at_checkout and answer == "refuse":
        raise fail(account, intent, method, "payment_intent_authentication_failure", None)
    attempt(account, intent, method, authenticated=answer == "approve")
    if intent["status"] != "succeeded":
        return False
    session["payment_status"] = "paid"
    return True


def _payment_of(account: Account, session: Json) -> Json:
    """Find the PaymentIntent of a session; like Stripe's it comes into being with the first submitted card."""
    if session["payment_intent"] is not None:
        return account.need("payment_intent", session["payment_intent"], param="payment_intent")
    data = account.need("checkout_order", session["id"], param="session")["payment_intent_data"]
    intent = objects.payment_intent(
        account,
        {"amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]} | data,
    )
    account.put(intent)
    session["payment_intent"] = intent["id"]
    account.put(session)
    return intent


_PRODUCT = {"name": text(required=True), "description": text()}
_PRICE = {
    "currency": text(required=True),
    "product_data": group(_PRODUCT, required=True),
    "unit_amount": integer(required=True, least=1),
}
_LINE_ITEM = {"price_data": group(_PRICE, required=True), "quantity": integer(required=True, least=1)}
_PAYMENT_DATA = {
    "description": text(),
    "metadata": metadata(),
    "statement_descriptor_suffix": text(longest=22),
    "transfer_group": text(),
}

OPERATIONS = (
    Operation(
        "POST",
        "/v1/checkout/sessions",
        create_session,
        {
            "cancel_url": text(),
            "client_reference_id": text(longest=200),
            "currency": choice("idr"),
            "customer": text(),
            "expires_at": integer(),
            "line_items": array(group(_LINE_ITEM)),
            "locale": text(),
            "metadata": metadata(),
            "mode": choice("setup", "payment", required=True),
            "payment_intent_data": group(_PAYMENT_DATA),
            "allowed_payment_method_types": array(choice("card")),
            "setup_intent_data": group({"description": text(), "metadata": metadata()}),
            "success_url": text(required=True),
        },
    ),
    Operation(
        "GET",
        "/v1/checkout/sessions",
        list_sessions,
        {
            "customer": text(),
            "payment_intent": text(),
            "status": choice("open", "complete", "expired"),
            **PAGING,
        },
    ),
    Operation("GET", "/v1/checkout/sessions/{id}", retrieve_session, {}),
    Operation("POST", "/v1/checkout/sessions/{id}/expire", expire_session, {}),
)
