"""Stripe's test cards, as far as the simulator plays them, and what each one does.

Source: https://docs.stripe.com/testing. A card number is never kept: a payment method remembers its
fingerprint, as Stripe's do, and the behaviour is found by that.
"""

import hashlib
from dataclasses import dataclass

from services.payments.stripe_simulator.errors import Json


@dataclass(frozen=True)
class SimulatedCard:
    """One test card; a decline is Stripe's decline code, None means that it goes through."""

    number: str
    label: str  # shown on the hosted page, in Bahasa Indonesia
    brand: str = "visa"
    setup_decline: str | None = None
    charge_decline: str | None = None
    asks_at_checkout: bool = False
    asks_off_session: bool = False
    refunds_wait: bool = False

    @property
    def fingerprint(self) -> str:
        """Answer what stands for the number: equal for equal cards, and no number."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


CARDS = (
    SimulatedCard("4242424242424242", "Berhasil"),
    SimulatedCard("5555555555554444", "Berhasil (Mastercard)", brand="mastercard"),
    SimulatedCard(
        "4000000000000002",
        "Ditolak bank",
        setup_decline="generic_decline",
        charge_decline="generic_decline",
    ),
    SimulatedCard(
        "4000000000009995",
        "Saldo tidak cukup",
        setup_decline="insufficient_funds",
        charge_decline="insufficient_funds",
    ),
    SimulatedCard("4000000000000341", "Bisa disimpan, tetapi ditolak saat ditagih", charge_decline="generic_decline"),
    SimulatedCard(
        "4000002760003184",
        "Minta persetujuan bank setiap kali, juga saat ditagih",
        asks_at_checkout=True,
        asks_off_session=True,
    ),
    SimulatedCard("4000002500003155", "Minta persetujuan bank sekali, saat disimpan", asks_at_checkout=True),
    SimulatedCard("4000000000007726", "Berhasil; pengembalian uang diproses dulu", refunds_wait=True),
)

_BY_NUMBER = {card.number: card for card in CARDS}
_BY_FINGERPRINT = {card.fingerprint: card for card in CARDS}

DECLINE_MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "test_mode_live_card": "Your card was declined. Your request was in test mode, but used a non test card.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "payment_intent_authentication_failure": "The provided PaymentMethod has failed authentication.",
    "setup_intent_authentication_failure": "The provided PaymentMethod has failed authentication.",
}


def by_number(typed: str) -> SimulatedCard | None:
    """Find the test card for a number as people type it, with spaces or dashes."""
    return _BY_NUMBER.get("".join(sign for sign in typed if sign.isdecimal()))


def of_method(method: Json) -> SimulatedCard:
    """Find the test card behind a payment method."""
    return _BY_FINGERPRINT[method["card"]["fingerprint"]]
