"""The JSON shapes of Stripe's objects, each built with the members a fresh one has."""

import secrets

from services.payments.stripe_simulator.account import Account, new_id
from services.payments.stripe_simulator.cards import SimulatedCard
from services.payments.stripe_simulator.errors import Json


def _base(account: Account, prefix: str, kind: str) -> Json:
    return {"id": new_id(prefix), "object": kind, "created": account.now, "livemode": False}


def customer(account: Account, params: Json) -> Json:
    """Build a Customer."""
    return _base(account, "cus", "customer") | {
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "email": params.get("email"),
        "invoice_prefix": secrets.token_hex(4).upper(),
        "metadata": params.get("metadata", {}),
        "name": params.get("name"),
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_method(account: Account, card: SimulatedCard, customer: str | None) -> Json:
    """Build a card PaymentMethod; with `customer` it is saved for later use."""
    return _base(account, "pm", "payment_method") | {
        "allow_redisplay": "limited",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "card": {
            "brand": card.brand,
            "checks": {"cvc_check": "pass"},
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": card.fingerprint,
            "funding": "credit",
            "last4": card.number[-4:],
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer": customer,
        "metadata": {},
        "type": "card",
    }


def setup_intent(account: Account, customer: str | None, metadata: Json) -> Json:
    """Build the SetupIntent of a setup-mode Checkout Session."""
    intent = _base(account, "seti", "setup_intent")
    return intent | {
        "application": None,
        "cancellation_reason": None,
        "client_secret": f"{intent['id']}_secret_{secrets.token_hex(8)}",
        "customer": customer,
        "description": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "mandate": None,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "allowed_payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }


def payment_intent(account: Account, params: Json) -> Json:
    """Build a PaymentIntent that has not been confirmed yet."""
    intent = _base(account, "pi", "payment_intent")
    return intent | {
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent['id']}_secret_{secrets.token_hex(8)}",
        "confirmation_method": "automatic",
        "currency": params["currency"],
        "customer": params.get("customer"),
        "description": params.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": params.get("payment_method"),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_record": None,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_confirmation" if params.get("payment_method") else "requires_payment_method",
        "transfer_data": None,
        "transfer_group": params.get("transfer_group"),
    }


def charge(account: Account, intent: Json, method: Json, failure: Json | None) -> Json:
    """Build the Charge of one attempt to pay `intent`; `failure` is the error object of a declined one."""
    paid = failure is None
    return _base(account, "ch", "charge") | {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "balance_transaction": new_id("txn") if paid else None,
        "billing_details": method["billing_details"],
        "captured": paid,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if failure is None else failure["code"],
        "failure_message": None if failure is None else failure["message"],
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "network_status": "approved_by_network" if paid else "declined_by_network",
            "reason": None if failure is None else failure["decline_code"],
            "seller_message": "Payment complete." if paid else "The bank declined the payment.",
            "type": "authorized" if paid else "issuer_declined",
        },
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": method["card"], "type": "card"},
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "source": None,
        "source_transfer": None,
        "status": "succeeded" if paid else "failed",
        "transfer": None,
        "transfer_group": intent["transfer_group"],
    }


def refund(account: Account, charge: Json, amount: int, params: Json, status: str) -> Json:
    """Build a Refund of `amount` (rupiah × 100)."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "created": account.now,
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {
            "card": {"reference_status": "available" if status == "succeeded" else "pending", "type": "refund"},
            "type": "card",
        },
        "failure_balance_transaction": None,
        "metadata": params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": None if status == "succeeded" else "processing",
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }


def transfer(account: Account, params: Json) -> Json:
    """Build a Transfer to a connected account."""
    moved = _base(account, "tr", "transfer")
    return moved | {
        "amount": params["amount"],
        "amount_reversed": 0,
        "balance_transaction": new_id("txn"),
        "currency": params["currency"],
        "description": params.get("description"),
        "destination": params["destination"],
        "destination_payment": new_id("py"),
        "metadata": params.get("metadata", {}),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{moved['id']}/reversals",
        },
        "reversed": False,
        "source_transaction": params.get("source_transaction"),
        "source_type": "card",
        "transfer_group": params.get("transfer_group"),
    }


def checkout_session(account: Account, params: Json, amount: int | None, expires_at: int) -> Json:
    """Build an open Checkout Session; `amount` (rupiah × 100) is None in setup mode."""
    session = _base(account, "cs_test", "checkout.session")
    return session | {
        "after_expiration": None,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "currency": params.get("currency") or ("idr" if amount is not None else None),
        "custom_fields": [],
        "custom_text": {},
        "customer": params.get("customer"),
        "customer_creation": None,
        "customer_details": None,
        "customer_email": None,
        "expires_at": expires_at,
        "invoice": None,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": params["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "redirect_on_completion": None,
        "payment_status": "no_payment_required" if amount is None else "unpaid",
        "setup_intent": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": None if amount is None else {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{account.public_url}/c/pay/{session['id']}",
    }
