"""Campaigns over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, field_validator

from services.listings.domain.campaign import CampaignStatus
from services.listings.views.changes import Changes, not_taken_away
from shared.contracts.base import Moment
from shared.http.fields import Blank, Body, Line, Paragraph, View
from shared.http.paging import PageQuery


class NewCampaign(Body):
    """A campaign to announce in the name of a post."""

    post_id: UUID
    title: Line
    about: Annotated[Paragraph | None, Blank()] = None
    place: Line
    starts_at: Moment
    ends_at: Moment


class CampaignChanges(Changes):
    """The fields to change; others stay. `version`: what the caller looked at, so that no change is overwritten."""

    title: Line | None = None
    about: Annotated[Paragraph | None, Blank()] = None
    place: Line | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    _stays = field_validator("title", "place", "starts_at", "ends_at")(not_taken_away)


class CampaignQuery(PageQuery):
    """Of which post; all if none is named."""

    post_id: UUID | None = None


class CampaignListingQuery(PageQuery):
    """Which of the products that take part."""

    mine: bool = Field(False, description="Only the caller's own")


class Joining(Body):
    """A product that is to take part."""

    listing_id: UUID


class Campaign(View):
    """A campaign. `phase` is its state by the clock; `region_code` that of the post, which tells the place's zone."""

    id: UUID
    post_id: UUID
    post_name: str | None
    region_code: str | None
    slug: str
    title: str
    about: str | None
    place: str
    starts_at: datetime
    ends_at: datetime
    status: CampaignStatus
    phase: Literal["coming", "running", "over", "cancelled"]
    listings_count: int
    version: int
