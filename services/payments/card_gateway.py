"""The port to a card provider: what payments asks of it, in payments' own words.

Every call that changes something carries the caller's idempotency `key`. After `CardGatewayUnavailable`
the outcome is unknown: repeat the call with the same key and the same arguments, and it takes effect once.
Providers forget keys after `KEYS_LAST_S`; a call that is older asks `find_charge` or `find_refund` first.

Errors:
    CardGatewayError
    ├── CardGatewayUnavailable   network, time-out, 5xx, bad credentials: outcome unknown, try again
    ├── CardGatewayRefused       the provider understood and said no: carries `code`; trying again is useless
    └── WebhookRejected
        ├── ForgedWebhook        the signature does not fit, or the body is no notice
        └── StaleWebhook         rightly signed, but long ago: somebody may be replaying it
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

KEYS_LAST_S = 24 * 60 * 60

CheckoutStatus = Literal["open", "complete", "expired"]
ChargeStatus = Literal["succeeded", "declined", "authentication_required", "processing", "cancelled"]
RefundStatus = Literal["succeeded", "pending", "failed"]
Subject = Literal["checkout", "setup", "charge", "refund", "other"]


class CardGatewayError(Exception):
    """Anything that goes wrong between payments and the card provider."""


class CardGatewayUnavailable(CardGatewayError):
    """The provider did not give an answer that can be trusted; what it did is unknown."""


class CardGatewayRefused(CardGatewayError):
    """The provider refused the request; `code` is its error code, or `invalid_<parameter>`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class WebhookRejected(CardGatewayError):
    """A webhook that must change nothing."""


class ForgedWebhook(WebhookRejected):
    """The webhook was not signed with our secret, or is no notice at all."""


class StaleWebhook(WebhookRejected):
    """The webhook was signed too long ago (or too far ahead)."""


@dataclass(frozen=True, slots=True)
class CardLimits:
    """What the provider takes at all.

    The minimum follows the settlement currency (about US$ 0.50, with room for its rate); the maximum is
    Stripe's twelve digits in a currency with two decimals.
    """

    minimum_charge_idr: int = 10_000
    maximum_charge_idr: int = 9_999_999_999
    shortest_checkout_s: int = 30 * 60
    longest_checkout_s: int = 24 * 60 * 60

    def check_charge(self, amount_idr: int) -> None:
        """Raise CardGatewayRefused (`amount_too_small`, `amount_too_large`) for amounts cards cannot carry."""
        if amount_idr < self.minimum_charge_idr:
            raise CardGatewayRefused(
                "amount_too_small", f"{amount_idr} is below the minimum of {self.minimum_charge_idr} rupiah"
            )
        if amount_idr > self.maximum_charge_idr:
            raise CardGatewayRefused(
                "amount_too_large", f"{amount_idr} is above the maximum of {self.maximum_charge_idr} rupiah"
            )


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the provider, opened for one card holder until `expires_at`."""

    ref: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What has become of a checkout.

    `payment_method` is the card used, once complete (of a setup it can be charged later). `charge` is the
    payment behind a payment checkout, once a card was tried. `amount_idr` is None for a setup. `paid` says
    that the money has come.
    """

    ref: str
    status: CheckoutStatus
    payment_method: str | None
    charge: str | None
    amount_idr: int | None
    paid: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """One payment by card; `decline_code` is the bank's reason when it was declined."""

    ref: str
    status: ChargeStatus
    decline_code: str | None
    amount_idr: int


@dataclass(frozen=True, slots=True)
class ChargeTotals:
    """What the provider's own book says of a charge; `held_idr` is what is still there."""

    ref: str
    received_idr: int
    refunded_idr: int

    @property
    def held_idr(self) -> int:
        """Received and not given back, in rupiah."""
        return self.received_idr - self.refunded_idr


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back to the card; `failed` means that it is ours again."""

    ref: str
    status: RefundStatus
    amount_idr: int


@dataclass(frozen=True, slots=True)
class CardNotice:
    """A verified webhook: a hint to fetch the current state of its object, never the state itself.

    Notices come late, twice and in any order. `type` is the provider's own word, kept for the record;
    `subject` says what to fetch. `object_ref` is the ref that the port gave for it (the charge, when a
    charge was refunded).
    """

    id: str
    type: str
    subject: Subject
    object_ref: str
    charge: str | None
    pledge_id: UUID | None
    attempt_id: UUID | None
    refund_id: UUID | None
    created: datetime


class CardGateway(Protocol):
    """The card provider. All amounts are whole rupiah; all times are aware."""

    async def create_customer(self, *, account_id: UUID, key: str) -> str:
        """Make the provider's customer for an account, without personal data, and answer its ref."""
        ...

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
        """Open a page that saves a card for later and charges nothing.

        Raises CardGatewayRefused (`invalid_expires_at`) outside the limits, counted from when the
        provider hears of it.
        """
        ...

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
        """Open a page that takes `amount_idr` now, with the card holder present."""
        ...

    async def fetch_checkout(self, ref: str) -> CheckoutState:
        """Answer the current state of a checkout."""
        ...

    async def expire_checkout(self, ref: str) -> CheckoutState:
        """Close a checkout, unless it is over already; answers how it ended, which may be `complete`."""
        ...

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
        """Charge a saved card, its holder absent. A decline is an answer, not an error."""
        ...

    async def fetch_charge(self, ref: str) -> Charge:
        """Answer the current state of a charge."""
        ...

    async def find_charge(self, *, customer: str, attempt_id: UUID) -> Charge | None:
        """Find the charge that `charge` made for an attempt, when its answer and its key are gone."""
        ...

    async def cancel_charge(self, ref: str) -> Charge:
        """Give up a charge that was not paid; answers how it ended, which may be `succeeded`.

        Raises CardGatewayRefused for the charge of a checkout: expire the checkout.
        """
        ...

    async def refund(self, *, charge: str, amount_idr: int, refund_id: UUID, key: str) -> Refund:
        """Give back a part or all of a charge.

        Raises CardGatewayRefused: `invalid_amount` for more than is left, `charge_already_refunded`
        when nothing is.
        """
        ...

    async def fetch_refund(self, ref: str) -> Refund:
        """Answer the current state of a refund."""
        ...

    async def find_refund(self, *, charge: str, refund_id: UUID) -> Refund | None:
        """Find the refund that was made for `refund_id`, when its answer and its key are gone."""
        ...

    async def fetch_totals(self, charge: str) -> ChargeTotals:
        """Answer what the provider has received and refunded, to compare with our own book."""
        ...

    def parse_webhook(self, payload: bytes, signature: str, now: datetime) -> CardNotice:
        """Verify the raw bytes of a webhook and read them. Raises ForgedWebhook or StaleWebhook."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
