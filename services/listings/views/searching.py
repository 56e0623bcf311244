"""Looking for products and businesses, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.listings.domain.categories import CategoryCode
from services.listings.views.products import Listing
from shared.contracts.base import MAX_IDR
from shared.http.fields import Blank, Body, Line, QueryMoment, View
from shared.http.paging import Page, PageQuery

DistrictCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$", examples=["31.74.08"])]
"""A Kemendagri code of a kecamatan, dotted."""
Place = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}(\.[0-9]{4})?$", examples=["31.74.08.1003"])]
"""A Kemendagri code of a kelurahan or kecamatan, dotted."""
Order = Literal["best", "newest", "cheapest", "nearest"]


class Search(Body):
    """What is looked for among the products on show. Prices in whole rupiah."""

    q: Annotated[Line | None, Blank()] = Field(None, description="Words; one misspelled by a letter is understood")
    category: CategoryCode | None = None
    post_id: UUID | None = None
    business_id: UUID | None = None
    district_code: DistrictCode | None = None
    lowest_idr: int | None = Field(None, ge=0, le=MAX_IDR)
    highest_idr: int | None = Field(None, ge=0, le=MAX_IDR)
    halal: bool | None = Field(None, description="true: only where an operator has checked a halal certificate")
    made_with_ttg: bool | None = Field(None, description="true: only of makers with a machine bought together")
    ready: bool | None = Field(None, description="true: only what is in stock")
    near: Place | None = Field(None, description="The buyer's kelurahan or kecamatan; what is near it comes first")
    order: Order | None = Field(None, description="`best` with words, `nearest` with `near`, else `newest`")


class ListingQuery(Search, PageQuery):
    """Which of the products on show to list, and how many."""

    since: QueryMoment | None = Field(None, description="Only what came on show after this moment")


class FoundListings(Page[Listing]):
    """Products that were found. `words`: what was looked for instead, where a word seemed misspelled."""

    words: str | None = None


class SuggestionQuery(Body):
    """What has been typed so far."""

    q: Line


class Suggestion(View):
    """What may be meant, as it would be searched for."""

    words: str


class FoundBusiness(View):
    """A business that was found, with the beginning of its story."""

    id: UUID
    name: str
    post_id: UUID
    post_name: str | None
    story: str | None
    categories: list[CategoryCode]


class FoundBusinesses(Page[FoundBusiness]):
    """Businesses that were found. `words`: what was looked for instead, where a word seemed misspelled."""

    words: str | None = None


class BusinessQuery(PageQuery):
    """Which businesses to find, best first."""

    q: Line


class SavedSearch(View):
    """A search that its owner keeps. `seen_at`: when its results were last looked at."""

    id: UUID
    query: Search
    created_at: datetime
    seen_at: datetime
