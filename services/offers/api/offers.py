"""Offers: publishing, changing, withdrawing, finding."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.offers import queries
from services.offers.api.table import routes
from services.offers.commands import offers as commands
from services.offers.domain.offer import Offer
from services.offers.domain.refusals import (
    BadTerms,
    OfferChangedMeanwhile,
    OfferWithdrawnAlready,
    SupplierNotVerified,
    UnknownTechnology,
)
from shared.auth import PUBLIC, SIGNED_IN
from shared.contracts.base import PositiveRupiah, Rupiah, Units
from shared.contracts.offers import OfferTerms
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.fields import Body, Paragraph, View
from shared.http.paging import Page, PageQuery, decode_cursor, page

Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
"""A share of the order's total, in whole percent."""


class TierBody(Body):
    """From this many units the price of one is this, in rupiah."""

    from_units: Units
    unit_price_idr: PositiveRupiah


class FreightBody(Body):
    """From this many units the freight of the whole order costs this, in rupiah."""

    from_units: Units
    cost_idr: Rupiah


class TermsBody(Body):
    """Terms as a supplier enters them. Unlike in the event, an unknown field is refused: it may be a costly misspelling."""

    tiers: list[TierBody] = Field(min_length=1, max_length=20)
    freight: list[FreightBody] = Field(default_factory=list, max_length=20)
    installation_idr: Rupiah = 0
    training_idr: Rupiah = 0
    minimum_units: Units
    pack_units: Units = 1
    capacity_units: Units
    lead_time_days: int = Field(ge=0, le=365, strict=True)
    warranty_months: int = Field(ge=0, le=120, strict=True)
    down_payment_percent: Percent
    on_delivery_percent: Percent

    def terms(self) -> OfferTerms:
        """Give the terms as the contract knows them."""
        return OfferTerms.model_validate(self.model_dump())


class NewOffer(Body):
    """Terms to stand by."""

    supplier_id: UUID
    technology_id: UUID
    terms: TermsBody
    note: Paragraph | None = None


class ChangedOffer(Body):
    """New terms. `version`: the one that was read, so that a change made elsewhere is not overwritten unseen."""

    terms: TermsBody
    note: Paragraph | None = None
    version: int | None = Field(None, ge=1, le=1_000_000, strict=True)


class OfferQuery(PageQuery):
    """Which offers to list."""

    technology_id: UUID | None = None
    supplier_id: UUID | None = None


class TechnologyName(View):
    """A technology by its names."""

    id: UUID
    slug: str
    name_id: str
    name_en: str


class OfferView(View):
    """An offer at its newest version."""

    id: UUID
    version: int
    supplier_id: UUID
    supplier_name: str
    technology: TechnologyName
    terms: OfferTerms
    status: Literal["published", "withdrawn"]
    note: str | None


def offer_view(offer: Offer) -> OfferView:
    """Show an offer."""
    ref = offer.technology
    return OfferView(
        id=offer.id,
        version=offer.version,
        supplier_id=offer.supplier_id,
        supplier_name=offer.supplier_name,
        technology=TechnologyName(id=ref.id, slug=ref.slug, name_id=ref.name_id, name_en=ref.name_en),
        terms=offer.terms,
        status=offer.status.value,
        note=offer.note,
    )


@routes.post(
    "/api/v1/offers",
    policy=SIGNED_IN,
    body=NewOffer,
    answer=OfferView,
    status=201,
    refusals=(SupplierNotVerified, UnknownTechnology, BadTerms),
)
async def publish_offer(call: Call, body: NewOffer) -> Answer:
    """Publish an offer, as the owner of a verified supplier."""

    async def command(tx: Transaction) -> OfferView:
        offer = await commands.publish(
            tx,
            call.who,
            supplier_id=body.supplier_id,
            technology_id=body.technology_id,
            terms=body.terms.terms(),
            note=body.note,
        )
        return offer_view(offer)

    return await call.transact(command, location=lambda offer: f"/api/v1/offers/{offer.id}")


@routes.put(
    "/api/v1/offers/{offer_id}",
    policy=SIGNED_IN,
    body=ChangedOffer,
    answer=OfferView,
    refusals=(OfferWithdrawnAlready, OfferChangedMeanwhile, BadTerms),
)
async def change_offer(call: Call, body: ChangedOffer) -> Answer:
    """Change an offer's terms into a new version; pools that are open keep the one they copied."""
    offer_id = call.id("offer_id")

    async def command(tx: Transaction) -> OfferView:
        offer = await commands.change(
            tx, call.who, offer_id, terms=body.terms.terms(), note=body.note, seen_version=body.version
        )
        return offer_view(offer)

    return await call.transact(command)


@routes.post("/api/v1/offers/{offer_id}/withdraw", policy=SIGNED_IN, answer=OfferView)
async def withdraw_offer(call: Call) -> Answer:
    """Withdraw an offer, so that no pool opens from it any more."""
    offer_id = call.id("offer_id")

    async def command(tx: Transaction) -> OfferView:
        return offer_view(await commands.withdraw(tx, call.who, offer_id))

    return await call.transact(command)


@routes.get("/api/v1/offers", policy=PUBLIC, query=OfferQuery, answer=Page[OfferView])
async def list_offers(call: Call, query: OfferQuery) -> Page[OfferView]:
    """List published offers, newest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        offers = await queries.published_offers(sql, query.technology_id, query.supplier_id, after, query.limit + 1)
    return page([offer_view(offer) for offer in offers], query.limit, lambda offer: offer.id)


@routes.get("/api/v1/offers/{offer_id}", policy=PUBLIC, answer=OfferView)
async def read_offer(call: Call) -> OfferView:
    """Read an offer, published or withdrawn."""
    async with call.context.db.read() as sql:
        return offer_view(await queries.offer(sql, call.id("offer_id")))
