"""Products over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from services.listings.domain.business import BusinessStatus
from services.listings.domain.categories import CategoryCode
from services.listings.domain.listing import ListingStatus
from shared.contracts.base import PositiveRupiah
from shared.http.fields import Blank, Body, Line, Paragraph, View
from shared.http.paging import PageQuery

Unit = Annotated[Line, Field(max_length=20, examples=["bungkus"])]
"""What a price is for: one of these."""


class NewListing(Body):
    """A product to draft. `price_idr`: whole rupiah per `unit`."""

    business_id: UUID
    name: Line
    description: Annotated[Paragraph | None, Blank()] = None
    category: CategoryCode
    price_idr: PositiveRupiah
    unit: Annotated[Unit | None, Blank()] = None


class ListingChanges(Body):
    """The fields to change; others stay. `version`: what the caller looked at, so that no change is overwritten."""

    name: Line | None = None
    description: Annotated[Paragraph | None, Blank()] = None
    category: CategoryCode | None = None
    price_idr: PositiveRupiah | None = None
    unit: Annotated[Unit | None, Blank()] = None
    version: int | None = Field(None, ge=1, le=1_000_000, strict=True)

    @field_validator("name", "category", "price_idr")
    @classmethod
    def _not_taken_away(cls, value: object) -> object:
        """A field that is not sent stays; one that is sent as null would leave a product without it."""
        if value is None:
            raise ValueError("required")
        return value

    @property
    def changes(self) -> dict[str, object]:
        """The fields that were sent."""
        return self.model_dump(exclude_unset=True, exclude={"version"})


class ListingQuery(PageQuery):
    """Which of the products on show to list."""

    category: CategoryCode | None = None
    post_id: UUID | None = None
    business_id: UUID | None = None
    q: Annotated[Line | None, Blank()] = Field(None, description="Words of the name or description")


class Listing(View):
    """A product. `price_idr`: whole rupiah per `unit`. `made_with_ttg`: its maker works with a machine bought together."""

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
    status: ListingStatus
    whatsapp: str
    made_with_ttg: bool
    published_at: datetime | None
    version: int


class ListingPage(Listing):
    """A product by itself, with its maker."""

    owner_account_id: UUID
    business_status: BusinessStatus
    business_story: str | None
    kelurahan_code: str | None
    region_name: str | None


class CategoryItem(View):
    """A shelf."""

    code: CategoryCode
    name_id: str
    name_en: str
