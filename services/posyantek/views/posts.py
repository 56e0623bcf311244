"""Regions, posts and officers, over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from services.posyantek.domain.posts import OfficerRole, PostLevel, whatsapp_number
from services.posyantek.regions import Level
from shared.http.fields import Blank, Body, Line, Paragraph, View
from shared.http.paging import PageQuery

RegionCode = Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$", examples=["31.71.05"])]
"""A Kemendagri code of any level, dotted."""

WhatsApp = Annotated[Line, Field(max_length=32, examples=["0812-3456-7890"]), AfterValidator(whatsapp_number)]
"""A phone number as people type it; kept in E.164."""


class RegionQuery(PageQuery):
    """Which regions to list. `parent` alone gives its direct parts; with `level`, all parts of that level."""

    level: Level | None = None
    parent: RegionCode | None = None
    q: Annotated[Line | None, Blank()] = Field(
        None, description="Words of the name, of where it lies, or a postal code"
    )


class RegionItem(View):
    """A region, and its post if it has one."""

    code: str
    level: Level
    name: str
    parent_code: str | None
    path: str
    post_id: UUID | None


class PostQuery(PageQuery):
    """Which posts to list: those within `region`, those whose name or place answers `q`."""

    region: RegionCode | None = None
    q: Annotated[Line | None, Blank()] = None


class PostItem(View):
    """A post in a list."""

    id: UUID
    slug: str
    name: str
    region_code: str
    region_name: str
    region_level: PostLevel
    region_path: str
    whatsapp: str | None
    address: str | None
    pilot: bool


class PostPage(PostItem):
    """A post by itself. `officers_count`: how many people serve there."""

    hours: str | None
    cash_box_name: str
    officers_count: int


class NewPost(Body):
    """A post to register."""

    region_code: RegionCode
    name: Line
    address: Annotated[Paragraph | None, Blank()] = None
    whatsapp: Annotated[WhatsApp | None, Blank()] = None
    hours: Annotated[Line | None, Blank()] = None
    pilot: StrictBool = False


class NewOfficer(Body):
    """Whom to appoint, as what."""

    account_id: UUID
    role: OfficerRole


class OfficerQuery(PageQuery):
    """Which officers to list."""

    former: bool = Field(False, description="Those who serve no longer, too")


class OfficerItem(View):
    """Somebody's time of service."""

    id: UUID
    post_id: UUID
    account_id: UUID
    role: OfficerRole
    appointed_at: datetime
    dismissed_at: datetime | None
