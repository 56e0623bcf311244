"""What the API answers: pools, pledges and previews as their readers see them. Amounts are whole rupiah."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.offers import OfferTerms
from shared.http.fields import View

Origin = Literal["goods", "freight", "installation", "training"]


class Technology(View):
    """The technology that a pool buys."""

    id: UUID
    slug: str
    name_id: str
    name_en: str


class TierView(View):
    """A price tier still ahead. `missing_units` more, willing to pay its price, reach it."""

    from_units: int
    unit_price_idr: int
    landed_price_idr: int
    missing_units: int


class CostLine(View):
    """A part of an amount, by its origin: *Kenapa Rp segini?*"""

    origin: Origin
    amount_idr: int


class PledgeView(View):
    """A pledge. `held_idr` is what payments holds for it; `amount_idr` what its units cost in the end."""

    id: UUID
    pool_id: UUID
    pool_title: str | None = None
    pool_state: str | None = None
    account_id: UUID
    name: str | None = Field(None, description="The member's name, for those who manage the pool")
    number: int
    units: int
    tolerance_units: int
    ceiling_idr: int
    method: str
    state: str
    reason: str | None = None
    allocated_units: int | None = None
    amount_idr: int | None = None
    breakdown: tuple[CostLine, ...] = ()
    must_hold_idr: int = 0
    may_hold_idr: int
    held_idr: int = 0
    pay_by: datetime | None = None
    assisted: bool = False


class Participant(View):
    """A member in the public list; the name is masked."""

    name_masked: str
    units: int
    number: int
    state: str


class OrderView(View):
    """The purchase order of a pool."""

    id: UUID
    state: str
    quantity: int
    minimum_quantity: int
    unit_price_idr: int
    total_idr: int
    answer_by: datetime
    fund_by: datetime
    dispatched_units: int
    received_units: int


class TimelineEntry(View):
    """Something that happened to a pool."""

    at: datetime
    kind: str


class PoolCard(View):
    """A pool in a list."""

    id: UUID
    title: str
    state: str
    post_id: UUID
    post_name: str | None
    offer_id: UUID
    supplier_name: str
    technology: Technology
    deadline: datetime
    units_pledged: int
    units_secured: int
    people: int
    minimum_units: int
    capacity_units: int
    minimum_landed_idr: int
    cheapest_landed_idr: int
    unit_price_idr: int | None = Field(None, description="The price of the tier that pledged units reach, if any")


class PoolView(PoolCard):
    """A pool whole. What only its people may see is null for others."""

    story: str
    state_reason: str | None
    supplier_id: UUID
    initiator_name_masked: str
    initiator_account_id: UUID | None
    treasurer_name_masked: str
    treasurer_account_id: UUID | None
    terms: OfferTerms
    methods: list[str]
    timing: str
    quantity: int | None
    landed_price_idr: int | None
    next_tier: TierView | None
    order: OrderView | None
    payment_window: str | None
    payment_window_ends: datetime | None
    extended: bool
    extension_notice: str | None
    timeline: list[TimelineEntry]
    version: int = Field(0, description="Rises with each change; the `id:` of its events in the stream")
    my_pledge_id: UUID | None = Field(None, description="The caller's own live pledge")
    i_am_initiator: bool = False
    i_may_verify: bool = False


class YourPreview(View):
    """What somebody with so many units would pay if the pool closed now."""

    units: int
    amount_idr: int
    waitlisted_units: int
    lines: list[CostLine]


class PreviewView(View):
    """*Kalau ditutup sekarang?*"""

    feasible: bool
    quantity: int
    unit_price_idr: int | None
    landed_price_idr: int | None
    missing_to_minimum: int
    next_tiers: list[TierView]
    yours: YourPreview | None
    at_most_idr: int | None = Field(None, description="The most that the asked units could ever cost")


class ProgressView(View):
    """Where a pool is, as everybody may see it: an event's data in the stream. The preview is there while it is open."""

    pool: PoolView
    preview: PreviewView | None
