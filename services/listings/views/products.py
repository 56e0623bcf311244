"""Products over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from services.listings.domain.business import BusinessStatus, Role
from services.listings.domain.categories import CategoryCode
from services.listings.domain.listing import ListingStatus, Variant
from services.listings.views.changes import Changes, not_taken_away
from services.listings.views.photos import Cover
from shared.contracts.base import PositiveRupiah
from shared.http.fields import Blank, Body, Line, Paragraph, View

Unit = Annotated[Line, Field(max_length=20, examples=["bungkus"])]
"""What a price is for: one of these."""


class VariantItem(Body):
    """A flavour, size or colour. `price_idr`: whole rupiah per unit; none where it costs what the product costs."""

    name: Annotated[Line, Field(max_length=60)]
    price_idr: PositiveRupiah | None = None


Stock = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
"""Units that are there."""
Days = Annotated[int, Field(ge=1, le=90, strict=True)]
"""Days that it takes to make one to order."""
Variants = Annotated[list[VariantItem], Field(max_length=20)]


class NewListing(Body):
    """A product to draft. `price_idr`: whole rupiah per `unit`. Made to order within `ready_in_days`, or else in stock."""

    business_id: UUID
    name: Line
    description: Annotated[Paragraph | None, Blank()] = None
    category: CategoryCode
    price_idr: PositiveRupiah
    unit: Annotated[Unit | None, Blank()] = None
    stock: Stock | None = None
    ready_in_days: Days | None = None
    variants: Variants = Field(default=[])
    claims_ttg: bool = Field(default=True, description="false: made without the machine that its owner has")

    @property
    def fields(self) -> dict[str, Any]:
        """All of them, as the rules know them."""
        return {**self.model_dump(exclude={"variants"}), "variants": _as_rules_know(self.variants)}


def _as_rules_know(variants: list[VariantItem]) -> tuple[Variant, ...]:
    return tuple(Variant(item.name, item.price_idr) for item in variants)


class ListingChanges(Changes):
    """The fields to change; others stay. `version`: what the caller looked at, so that no change is overwritten."""

    name: Line | None = None
    description: Annotated[Paragraph | None, Blank()] = None
    category: CategoryCode | None = None
    price_idr: PositiveRupiah | None = None
    unit: Annotated[Unit | None, Blank()] = None
    stock: Stock | None = None
    ready_in_days: Days | None = None
    variants: Variants | None = None
    claims_ttg: bool | None = None

    _stays = field_validator("name", "category", "price_idr", "variants", "claims_ttg")(not_taken_away)

    @property
    def changes(self) -> dict[str, object]:
        """The fields that were sent."""
        sent = super().changes
        return sent if self.variants is None else {**sent, "variants": _as_rules_know(self.variants)}


class Listing(View):
    """A product. `price_idr`: whole rupiah per `unit`. `made_with_ttg`: its maker works with a machine bought together.

    `stock`: units that are there, null where nobody counts; `ready_in_days`: made to order, null where it is in stock.
    `promotion_price_idr`: what it costs until `promotion_ends_at`, where a promotion runs.
    """

    id: UUID
    business_id: UUID
    business_name: str
    post_id: UUID
    post_name: str | None
    name: str
    description: str | None
    category: CategoryCode
    price_idr: int
    unit: str | None
    stock: int | None
    ready_in_days: int | None
    variants: list[VariantItem]
    halal: bool
    made_with_ttg: bool
    cover: Cover | None
    status: ListingStatus
    whatsapp: str
    published_at: datetime | None
    version: int
    promotion_price_idr: int | None
    promotion_ends_at: datetime | None


class OwnMachine(View):
    """A machine of a product's maker, and the post that has tested it."""

    technology_id: UUID
    slug: str
    name_id: str
    name_en: str
    post_id: UUID
    post_name: str | None


class ListingPage(Listing):
    """A product by itself, with its maker. `role`: what the caller is to it.

    `made_with`: the machines that earn it the badge, or would if it were claimed.
    """

    owner_account_id: UUID
    business_status: BusinessStatus
    business_story: str | None
    kelurahan_code: str | None
    district_code: str | None
    region_name: str | None
    claims_ttg: bool
    role: Role | None
    made_with: list[OwnMachine]


class CategoryItem(View):
    """A shelf."""

    code: CategoryCode
    name_id: str
    name_en: str
