"""What stands behind the fake card gateway: its cards, its book, and the hand of the test on every outcome."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from services.payments.card_gateway import (
    CardGatewayRefused,
    CardGatewayUnavailable,
    CardLimits,
    Charge,
    ChargeTotals,
    Checkout,
    CheckoutState,
    Refund,
    RefundStatus,
    Subject,
)

Answer = TypeVar("Answer")
FakeCard = Literal["ok", "declined", "declines_later", "asks", "refund_waits"]


@dataclass
class FakeCheckout:
    """A checkout with what it was opened for."""

    page: Checkout
    customer: str
    pledge_id: UUID
    attempt_id: UUID | None
    state: CheckoutState


@dataclass
class FakeCharge:
    """A charge with the card behind it."""

    charge: Charge
    customer: str
    attempt_id: UUID
    from_checkout: bool
    card: FakeCard


@dataclass
class FakeRefund:
    """A refund with our id for it."""

    refund: Refund
    charge: str
    refund_id: UUID


class FakeCardNetwork:
    """State and switches. A test plays the card holder with `complete_checkout`.

    `decline_next`, `ask_next`, `fail_next` and `lose_next_answer` decide what becomes of the next call;
    `sign_notice` makes a webhook that `parse_webhook` takes.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        limits: CardLimits | None = None,
        webhook_secret: str = "whsec_fake",  # noqa: S107 - it protects nothing outside a test
        webhook_tolerance_s: int = 300,
    ) -> None:
        self._clock = clock
        self.limits = limits or CardLimits()
        self._secret = webhook_secret.encode()
        self.tolerance_s = webhook_tolerance_s
        self._made = 0
        self._answers: dict[str, tuple[object, object]] = {}
        self.customers: set[str] = set()
        self.methods: dict[str, tuple[str, FakeCard]] = {}
        self._checkouts: dict[str, FakeCheckout] = {}
        self.charges: dict[str, FakeCharge] = {}
        self.refunds: dict[str, FakeRefund] = {}
        self._next_decline: str | None = None
        self._next_asks = False
        self._next_fails = False
        self._next_answer_lost = False

    def decline_next(self, decline_code: str = "generic_decline") -> None:
        """Let the bank decline the next charge."""
        self._next_decline = decline_code

    def ask_next(self) -> None:
        """Let the bank ask for the holder's approval at the next charge."""
        self._next_asks = True

    def fail_next(self) -> None:
        """Let the next creating call fail before it does anything."""
        self._next_fails = True

    def lose_next_answer(self) -> None:
        """Let the next creating call do its work and then lose the answer."""
        self._next_answer_lost = True

    def complete_checkout(self, ref: str, card: FakeCard = "ok") -> None:
        """Submit a card on an open checkout and approve whatever the bank asks; a declined card leaves it open."""
        checkout = self.checkout(ref)
        if checkout.state.status != "open":
            raise ValueError(f"checkout {ref} is {checkout.state.status}")
        amount_idr, charge = checkout.state.amount_idr, checkout.state.charge
        declined = card == "declined" or (card == "declines_later" and amount_idr is not None)
        if amount_idr is not None and checkout.attempt_id is not None:
            charge = charge or self.new_id("pi")
            outcome = Charge(
                charge,
                "declined" if declined else "succeeded",
                "generic_decline" if declined else None,
                amount_idr,
            )
            self.charges[charge] = FakeCharge(outcome, checkout.customer, checkout.attempt_id, True, card)
        if declined:
            checkout.state = replace(checkout.state, charge=charge)
            return
        method = self.new_id("pm")
        if amount_idr is None:
            self.methods[method] = (checkout.customer, card)
        checkout.state = replace(
            checkout.state,
            status="complete",
            payment_method=method,
            charge=charge,
            paid=amount_idr is not None,
        )

    def settle_refund(self, ref: str, status: RefundStatus) -> None:
        """Give a pending refund its end."""
        self.refunds[ref].refund = replace(self.refunds[ref].refund, status=status)

    def sign_notice(self, type: str, subject: Subject, object_ref: str, ids: dict[str, str]) -> tuple[bytes, str]:
        """Make a webhook's body and signature; `ids` may carry charge, pledge_id, attempt_id, refund_id."""
        created = int(self._clock().timestamp())
        body = {"id": self.new_id("evt"), "type": type, "subject": subject, "object_ref": object_ref, "ids": ids}
        payload = json.dumps(body | {"created": created}).encode()
        return payload, f"t={created},v1={self.signature(created, payload)}"

    def once(self, key: str, params: object, work: Callable[[], Answer]) -> Answer:
        """Do `work` once for `key`; repeats get the same answer, other parameters are refused."""
        if self._next_fails:
            self._next_fails = False
            raise CardGatewayUnavailable("switched off")
        if key not in self._answers:
            try:
                self._answers[key] = (params, work())
            except CardGatewayRefused as refusal:
                self._answers[key] = (params, refusal)
        saved_params, saved = self._answers[key]
        if saved_params != params:
            raise CardGatewayRefused("idempotency_error", f"{key} was used with other parameters")
        if self._next_answer_lost:
            self._next_answer_lost = False
            raise CardGatewayUnavailable("the answer was lost")
        if isinstance(saved, CardGatewayRefused):
            raise saved
        return saved  # type: ignore[return-value]  # what `work` answered the first time

    def open_checkout(
        self,
        customer: str,
        pledge_id: UUID,
        attempt_id: UUID | None,
        amount_idr: int | None,
        expires_at: datetime,
    ) -> Checkout:
        """Open a checkout within the limits."""
        if customer not in self.customers:
            raise CardGatewayRefused("resource_missing", f"there is no customer {customer}")
        ahead_s = expires_at.timestamp() - self._clock().timestamp()
        if not self.limits.shortest_checkout_s <= ahead_s <= self.limits.longest_checkout_s:
            raise CardGatewayRefused("invalid_expires_at", f"{ahead_s} seconds ahead is outside the limits")
        ref = self.new_id("cs")
        page = Checkout(ref, f"https://card.example/{ref}", expires_at)
        state = CheckoutState(ref, "open", None, None, amount_idr, False)
        self._checkouts[ref] = FakeCheckout(page, customer, pledge_id, attempt_id, state)
        return page

    def decide(self, card: FakeCard, amount_idr: int) -> Charge:
        """Let the bank decide a charge of a saved card."""
        decline, self._next_decline = self._next_decline, None
        asks, self._next_asks = self._next_asks, False
        if card == "asks" or asks:
            return Charge(self.new_id("pi"), "authentication_required", None, amount_idr)
        if card == "declines_later" or decline is not None:
            return Charge(self.new_id("pi"), "declined", decline or "generic_decline", amount_idr)
        return Charge(self.new_id("pi"), "succeeded", None, amount_idr)

    def expire(self, checkout: FakeCheckout) -> None:
        """Close a checkout, and give up the charge behind it."""
        checkout.state = replace(checkout.state, status="expired")
        if checkout.state.charge is not None:
            kept = self.charges[checkout.state.charge]
            kept.charge = replace(kept.charge, status="cancelled", decline_code=None)

    def checkout(self, ref: str) -> FakeCheckout:
        """Answer a checkout as it is now; its time may be over."""
        if ref not in self._checkouts:
            raise CardGatewayRefused("resource_missing", f"there is no checkout {ref}")
        checkout = self._checkouts[ref]
        if checkout.state.status == "open" and self._clock() >= checkout.page.expires_at:
            self.expire(checkout)
        return checkout

    def charge(self, ref: str) -> FakeCharge:
        """Answer a charge, or refuse an unknown one."""
        if ref not in self.charges:
            raise CardGatewayRefused("resource_missing", f"there is no charge {ref}")
        return self.charges[ref]

    def totals(self, ref: str) -> ChargeTotals:
        """Add up what was received and refunded."""
        charge = self.charge(ref).charge
        refunded = sum(
            kept.refund.amount_idr
            for kept in self.refunds.values()
            if kept.charge == ref and kept.refund.status != "failed"
        )
        return ChargeTotals(ref, charge.amount_idr if charge.status == "succeeded" else 0, refunded)

    def new_id(self, prefix: str) -> str:
        """Make the next ref: always the same ones in the same order."""
        self._made += 1
        return f"{prefix}_fake_{self._made}"

    def signature(self, timestamp: int, payload: bytes) -> str:
        """Sign a webhook body."""
        return hmac.new(self._secret, b"%d." % timestamp + payload, hashlib.sha256).hexdigest()
