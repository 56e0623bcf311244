"""What offers says: technologies, suppliers, their offers, and their answers to purchase orders."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import Event, Moment, Part, PositiveRupiah, Rupiah, Units


class TechnologyPublished(Event):
    """A technology stands in the catalogue."""

    type = "offers.technology_published.v1"
    aggregate = "technology_id"

    technology_id: UUID
    slug: str
    name_id: str
    name_en: str


class SupplierRegistered(Event):
    """A workshop has presented itself to a post."""

    type = "offers.supplier_registered.v1"
    aggregate = "supplier_id"

    supplier_id: UUID
    account_id: UUID
    post_id: UUID
    name: str


class SupplierVerified(Event):
    """An operator has checked the supplier; identity grants the role, payments may pay it."""

    type = "offers.supplier_verified.v1"
    aggregate = "supplier_id"

    supplier_id: UUID
    account_id: UUID
    post_id: UUID
    verified_by: UUID


class SupplierRejected(Event):
    """An operator has turned the supplier down, with a reason for its owner."""

    type = "offers.supplier_rejected.v1"
    aggregate = "supplier_id"

    supplier_id: UUID
    account_id: UUID
    post_id: UUID
    reason: str


class SupplierPayeeChanged(Event):
    """Where a supplier is paid. The account may be a person's, so this does not stay in the log."""

    type = "offers.supplier_payee_changed.v1"
    aggregate = "supplier_id"
    transient: ClassVar[bool] = True

    supplier_id: UUID
    bank_name: str
    account_number: str
    account_holder: str


class OfferTier(Part):
    """From this many units the price of one is this, in rupiah."""

    from_units: Units
    unit_price_idr: PositiveRupiah


class FreightStep(Part):
    """From this many units the freight of the whole order costs this, in rupiah."""

    from_units: Units
    cost_idr: Rupiah


class OfferTerms(Part):
    """Everything that decides what an order costs and when it comes."""

    tiers: list[OfferTier] = Field(min_length=1, max_length=20)
    freight: list[FreightStep] = Field(default_factory=list, max_length=20)
    installation_idr: Rupiah = 0
    training_idr: Rupiah = 0
    minimum_units: Units
    pack_units: Units = 1
    capacity_units: Units
    lead_time_days: int = Field(ge=0, le=365)
    warranty_months: int = Field(ge=0, le=120)
    down_payment_percent: int = Field(ge=0, le=100, description="Paid out when the order is funded.")
    on_delivery_percent: int = Field(
        ge=0, le=100, description="Paid out when the goods are received; the rest on acceptance."
    )


class _Offer(Event):
    type = "offers.offer_published.v1"
    aggregate = "offer_id"

    offer_id: UUID
    offer_version: int
    supplier_id: UUID
    supplier_name: str
    supplier_account_id: UUID
    technology_id: UUID
    technology_slug: str
    technology_name_id: str
    technology_name_en: str
    terms: OfferTerms


class OfferPublished(_Offer):
    """A supplier stands by these terms."""

    type = "offers.offer_published.v1"


class OfferChanged(_Offer):
    """New terms, for pools that open from now on; open ones keep the version they copied."""

    type = "offers.offer_changed.v1"


class OfferWithdrawn(Event):
    """No pool may open from this offer any more."""

    type = "offers.offer_withdrawn.v1"
    aggregate = "offer_id"

    offer_id: UUID
    supplier_id: UUID


class PurchaseOrderAccepted(Event):
    """The supplier is bound for any quantity from `minimum_quantity` to `quantity`, if funded by `fund_by`."""

    type = "offers.purchase_order_accepted.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    accepted_at: Moment


class PurchaseOrderDeclined(Event):
    """The supplier has said no."""

    type = "offers.purchase_order_declined.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    reason: str


class PurchaseOrderExpired(Event):
    """The supplier has not answered in time."""

    type = "offers.purchase_order_expired.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID


class GoodsDispatched(Event):
    """A delivery of a confirmed order is on its way; there may be several."""

    type = "offers.goods_dispatched.v1"
    aggregate = "order_id"

    order_id: UUID
    pool_id: UUID
    supplier_id: UUID
    dispatch_id: UUID
    units: Units
    note: str
