"""Customers, saved cards, and the account's own money and events."""

from services.payments.stripe_simulator import objects
from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json, parameter_invalid, resource_missing
from services.payments.stripe_simulator.operation import Operation
from services.payments.stripe_simulator.params import (
    PAGING,
    array,
    group,
    integer,
    metadata,
    page,
    text,
)


def create_customer(account: Account, _ident: str, params: Json) -> Json:
    """`POST /v1/customers`."""
    customer = objects.customer(account, params)
    account.put(customer)
    return customer


def retrieve_customer(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/customers/{id}`."""
    return account.need("customer", ident, param="id", status=404)


def retrieve_setup_intent(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/setup_intents/{id}`."""
    return account.need("setup_intent", ident, param="intent", status=404)


def retrieve_payment_method(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/payment_methods/{id}`."""
    return account.need("payment_method", ident, param="payment_method", status=404)


def available(account: Account) -> int:
    """Compute the account's balance (rupiah × 100) from its charges, refunds and transfers; no fees are taken."""
    received: int = sum(
        charge["amount_captured"] - charge["amount_refunded"] for charge in account.newest_first("charge")
    )
    sent: int = sum(transfer["amount"] for transfer in account.newest_first("transfer"))
    gained: int = sum(
        transfer["amount"]
        for other in account.store.accounts()
        for transfer in account.store.all(other, "transfer")
        if transfer["destination"] == account.id
    )
    return received - sent + gained


def retrieve_balance(account: Account, _ident: str, _params: Json) -> Json:
    """`GET /v1/balance`; what was received is available at once."""
    amount = available(account)
    return {
        "object": "balance",
        "available": [{"amount": amount, "currency": "idr", "source_types": {"card": amount}}],
        "livemode": False,
        "pending": [{"amount": 0, "currency": "idr", "source_types": {"card": 0}}],
    }


def create_transfer(account: Account, _ident: str, params: Json) -> Json:
    """`POST /v1/transfers` to a connected account, from received money only."""
    if params["currency"] != "idr":
        raise parameter_invalid("currency", f"Invalid currency: {params['currency']}")
    if not params["destination"].startswith("acct_"):
        raise resource_missing("destination", params["destination"], "destination", 400)
    if "source_transaction" in params:
        account.need("charge", params["source_transaction"], param="source_transaction")
    if params["amount"] > available(account):
        raise ApiError(
            400,
            "You have insufficient available funds in your Stripe account.",
            code="balance_insufficient",
        )
    transfer = objects.transfer(account, params)
    account.put(transfer)
    account.emit("transfer.created", transfer)
    return transfer


def retrieve_transfer(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/transfers/{id}`."""
    return account.need("transfer", ident, param="id", status=404)


def list_transfers(account: Account, _ident: str, params: Json) -> Json:
    """`GET /v1/transfers`, by destination or by transfer group."""
    found = [
        transfer
        for transfer in account.newest_first("transfer")
        if params.get("destination") in {None, transfer["destination"]}
        and params.get("transfer_group") in {None, transfer["transfer_group"]}
    ]
    return page("/v1/transfers", found, params)


def retrieve_event(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/events/{id}`."""
    return account.need("event", ident, param="id", status=404)


def list_events(account: Account, _ident: str, params: Json) -> Json:
    """`GET /v1/events`, by type and time."""
    wanted = {params["type"]} if "type" in params else set(params.get("types", ()))
    created = params.get("created", {})
    found = [
        event
        for event in account.newest_first("event")
        if (not wanted or event["type"] in wanted)
        and created.get("gte", 0) <= event["created"]
        and created.get("gt", -1) < event["created"]
        and event["created"] <= created.get("lte", event["created"])
        and event["created"] < created.get("lt", event["created"] + 1)
    ]
    return page("/v1/events", found, params)


_CREATED = {name: integer() for name in ("gt", "gte", "lt", "lte")}

OPERATIONS = (
    Operation(
        "POST",
        "/v1/customers",
        create_customer,
        {
            "description": text(),
            "email": text(longest=512),
            "metadata": metadata(),
            "name": text(longest=256),
            "phone": text(longest=20),
            "preferred_locales": array(text()),
        },
    ),
    Operation("GET", "/v1/customers/{id}", retrieve_customer, {}),
    Operation("GET", "/v1/setup_intents/{id}", retrieve_setup_intent, {"client_secret": text()}),
    Operation("GET", "/v1/payment_methods/{id}", retrieve_payment_method, {}),
    Operation("GET", "/v1/balance", retrieve_balance, {}),
    Operation(
        "POST",
        "/v1/transfers",
        create_transfer,
        {
            "amount": integer(required=True, least=1),
            "currency": text(required=True),
            "description": text(),
            "destination": text(required=True),
            "metadata": metadata(),
            "source_transaction": text(),
            "transfer_group": text(),
        },
    ),
    Operation("GET", "/v1/transfers", list_transfers, {"destination": text(), "transfer_group": text(), **PAGING}),
    Operation("GET", "/v1/transfers/{id}", retrieve_transfer, {}),
    Operation(
        "GET",
        "/v1/events",
        list_events,
        {"created": group(_CREATED), "type": text(), "types": array(text()), **PAGING},
    ),
    Operation("GET", "/v1/events/{id}", retrieve_event, {}),
)
