"""A pledge's money and its pool, as the rules need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.payments.domain.accounts import Method
from services.payments.domain.reconcile import InFlight, Position
from services.payments.domain.securing import Terms, Timing, is_secured

AttemptKind = Literal["charge", "link"]
AttemptState = Literal[
    "intended",
    "open",
    "processing",
    "succeeded",
    "declined",
    "authentication_required",
    "expired",
    "cancelled",
    "refused",
]
RefundState = Literal["intended", "pending", "requested", "prepared", "paid", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What `pool_opened` said."""

    post_id: UUID
    title: str
    initiator_account_id: UUID
    treasurer_account_id: UUID
    verified_by: UUID
    supplier_id: UUID
    supplier_account_id: UUID
    methods: tuple[Method, ...]
    timing: Timing


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool, as far as payments knows it; `facts` are None until `pool_opened` has been heard."""

    id: UUID
    facts: PoolFacts | None = None
    grace_until: datetime | None = None
    securing_closed_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def known(self) -> PoolFacts:
        """The facts. Raises `LookupError` while they have not been heard: they will come."""
        if self.facts is None:
            raise LookupError(f"pool {self.id} has not been heard of yet")
        return self.facts

    @property
    def closing(self) -> bool:
        """Whether it takes no pledges any more."""
        return self.grace_until is not None

    @property
    def terms(self) -> Terms | None:
        """How it takes money, once known."""
        return Terms(self.facts.timing, self.closing) if self.facts else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to take money by card. `sent`: the provider may have heard of it."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    kind: AttemptKind
    amount_idr: int
    state: AttemptState
    sent: bool
    unwanted: bool
    ref: str | None = None
    url: str | None = None
    charge_ref: str | None = None

    @property
    def in_flight(self) -> bool:
        """Whether its end is not known."""
        return self.state in {"intended", "open", "processing"}


@dataclass(frozen=True, slots=True)
class OpenRefund:
    """A refund that is asked for and has not gone. `begun`: a person or the provider is at it."""

    id: UUID
    pledge_id: UUID
    amount_idr: int
    code_idr: int
    begun: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """A pledge's figures, in rupiah, with what is under way for it."""

    pledge_id: UUID
    pool: Pool
    account_id: UUID
    method: Method | None
    assisted_by: UUID | None
    must_idr: int
    may_idr: int
    pay_by: datetime | None
    dues_version: int
    held_idr: int
    codes_idr: int
    confirmed_idr: int
    card_ref: str | None
    customer: str | None
    blocked_version: int | None
    block_reason: str | None
    secured: bool
    attempt: Attempt | None = None
    refunds: tuple[OpenRefund, ...] = ()

    @property
    def position(self) -> Position:
        """How its money stands."""
        attempt = self.attempt
        return Position(
            must_idr=self.must_idr,
            may_idr=self.may_idr,
            held_idr=self.held_idr,
            refunding_idr=sum(refund.amount_idr for refund in self.refunds),
            recallable_idr=sum(refund.amount_idr for refund in self.refunds if not refund.begun),
            attempt=InFlight(attempt.amount_idr, attempt.sent, attempt.unwanted) if attempt else None,
            chargeable=self.chargeable,
        )

    @property
    def chargeable(self) -> bool:
        """Whether a card is saved that was not declined under the present statement."""
        blocked = self.blocked_version is not None and self.blocked_version >= self.dues_version
        return self.card_ref is not None and not blocked

    @property
    def free_codes_idr(self) -> int:
        """Kode unik that no refund under way gives back."""
        return self.codes_idr - sum(refund.code_idr for refund in self.refunds)

    @property
    def now_secured(self) -> bool:
        """Whether it counts by its present figures."""
        return is_secured(
            timing=self.pool.facts.timing if self.pool.facts else None,
            method=self.method,
            may_idr=self.may_idr,
            held_idr=self.position.staying_idr,
            card_saved=self.card_ref is not None,
            confirmed_idr=self.confirmed_idr,
        )
