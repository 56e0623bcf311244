"""Refunds: never more than was paid, and what the card network makes of them later."""

from services.payments.stripe_simulator import cards, objects
from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json, parameter_invalid
from services.payments.stripe_simulator.operation import Operation
from services.payments.stripe_simulator.params import PAGING, choice, integer, metadata, page, text


def create_refund(account: Account, _ident: str, params: Json) -> Json:
    """`POST /v1/refunds`, in full or in part, never more than was paid and not yet refunded."""
    charge = _charge_to_refund(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    if left == 0:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise ApiError(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    method = account.need("payment_method", charge["payment_method"], param="payment_method")
    status = "pending" if cards.of_method(method).refunds_wait else "succeeded"
    refund = objects.refund(account, charge, amount, params, status)
    before = charge["amount_refunded"]
    charge["amount_refunded"] = before + amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    account.put(refund)
    account.put(charge)
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge, {"amount_refunded": before})
    if status == "succeeded":
        account.emit("refund.updated", refund, {"destination_details": {"card": {"reference_status": "pending"}}})
    return refund


def _charge_to_refund(account: Account, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        raise parameter_invalid("charge", "One of the following params should be provided: payment_intent or charge.")
    if "charge" in params:
        charge = account.need("charge", params["charge"], param="charge")
    else:
        ident = params["payment_intent"]
        intent = account.need("payment_intent", ident, param="payment_intent")
        found = account.find("charge", intent["latest_charge"]) if intent["latest_charge"] else None
        if found is None:
            raise ApiError(400, f"The PaymentIntent {ident} does not have a successful charge to refund.")
        charge = found
    if not charge["paid"]:
        raise ApiError(400, f"Charge {charge['id']} failed, so there is nothing to refund.")
    return charge


def settle_refund(account: Account, ident: str, status: str) -> Json:
    """Give a refund its final status, as the card network does later; a failed one gives the money back to us."""
    refund = account.need("refund", ident, param="refund", status=404)
    if refund["status"] == status:
        return refund
    if refund["status"] == "failed":
        raise ApiError(400, f"Refund {ident} has failed, and a failed refund stays so.")
    previous = {"status": refund["status"]}
    refund["status"] = status
    if status == "failed":
        refund["failure_reason"] = "unknown"
        charge = account.need("charge", refund["charge"], param="charge")
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        account.put(charge)
        account.emit("refund.failed", refund)
    account.put(refund)
    account.emit("refund.updated", refund, previous)
    return refund


def retrieve_refund(account: Account, ident: str, _params: Json) -> Json:
    """`GET /v1/refunds/{id}`."""
    return account.need("refund", ident, param="refund", status=404)


def list_refunds(account: Account, _ident: str, params: Json) -> Json:
    """`GET /v1/refunds`, all or one payment's."""
    found = [
        refund
        for refund in account.newest_first("refund")
        if params.get("payment_intent") in {None, refund["payment_intent"]}
        and params.get("charge") in {None, refund["charge"]}
    ]
    return page("/v1/refunds", found, params)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/refunds",
        create_refund,
        {
            "amount": integer(least=1),
            "charge": text(),
            "metadata": metadata(),
            "payment_intent": text(),
            "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
        },
    ),
    Operation("GET", "/v1/refunds", list_refunds, {"charge": text(), "payment_intent": text(), **PAGING}),
    Operation("GET", "/v1/refunds/{id}", retrieve_refund, {}),
)
