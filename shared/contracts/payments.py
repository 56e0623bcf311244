"""What payments says: what is held for a pledge, and what has been paid out."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Event, PositiveRupiah, Rupiah

PayoutStage = Literal["down_payment", "on_delivery", "on_acceptance"]
"""When a supplier is paid: each stage exactly once for an order."""


class PledgeSecured(Event):
    """A pledge counts: its card is saved, its deposit is here, or an operator has confirmed it. For display only.

    `may_hold_idr`: the figures that are secured, in rupiah; a pledge that was raised since is not secured by it.
    """

    type = "payments.pledge_secured.v1"
    aggregate = "pledge_id"

    pledge_id: UUID
    pool_id: UUID
    may_hold_idr: Rupiah | None = None


class SecuringClosed(Event):
    """The answer to `pools.pool_closing`: these pledges are secured, and none will be added. Long lists come in chunks."""

    type = "payments.securing_closed.v1"
    aggregate = "pool_id"

    pool_id: UUID
    secured_pledge_ids: list[UUID] = Field(max_length=500)
    chunk: int = Field(ge=1, description="This chunk's number, from 1.")
    chunks: int = Field(ge=1)


class HoldingChanged(Event):
    """What is held for a pledge now: received less refunded, in rupiah. Absolute, so only the newest counts."""

    type = "payments.holding_changed.v1"
    aggregate = "pledge_id"

    pledge_id: UUID
    pool_id: UUID
    held_idr: Rupiah


class ChargeDeclined(Event):
    """A card could not be charged; the member may pay another way until the window ends."""

    type = "payments.charge_declined.v1"
    aggregate = "pledge_id"

    pledge_id: UUID
    pool_id: UUID
    account_id: UUID
    reason: str
    action_needed: bool = Field(description="The bank asks the member to confirm the payment.")


class RefundPaid(Event):
    """Money went back to a member, in rupiah."""

    type = "payments.refund_paid.v1"
    aggregate = "pledge_id"

    pledge_id: UUID
    pool_id: UUID
    account_id: UUID
    amount_idr: PositiveRupiah


class PayoutApproved(Event):
    """A second person has agreed that the supplier is paid this stage."""

    type = "payments.payout_approved.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    stage: PayoutStage
    amount_idr: PositiveRupiah
    approved_by: UUID


class PayoutPaid(Event):
    """The supplier has been paid this stage."""

    type = "payments.payout_paid.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    stage: PayoutStage
    amount_idr: PositiveRupiah
