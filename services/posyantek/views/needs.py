"""The board of needs, over the wire. Of people there are counts alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.posyantek.domain.needs import MOST_UNITS, BoardOrder, NeedState, OperatorsEnding
from services.posyantek.views.posts import RegionCode
from shared.contracts.posyantek import NeedEnding
from shared.http.fields import Blank, Body, Ids, Paragraph, View
from shared.http.paging import PageQuery

Words = Annotated[Paragraph, Field(max_length=500)]
"""Up to 500 characters of a person's text."""

UnitsWanted = Annotated[int, Field(ge=1, le=MOST_UNITS, strict=True)]
"""Machines that one person needs."""


class NeedQuery(PageQuery):
    """Which needs to list. Without `state`, those that stand: open and matured."""

    post_id: UUID | None = None
    district: RegionCode | None = Field(None, description="A kecamatan, or a region of any level: posts within it")
    technology_ids: Ids = Field(default_factory=list, description="Any of these technologies, with commas between")
    state: NeedState | None = None
    order: BoardOrder = "newest"


class NewNeed(Body):
    """A technology that somebody needs at a post. `note` is read by everybody."""

    post_id: UUID
    technology_id: UUID
    units: UnitsWanted = 1
    note: Annotated[Words | None, Blank()] = None


class Support(Body):
    """How many of them somebody needs."""

    units: UnitsWanted = 1


class Closing(Body):
    """Why a need is closed; `words` are read by everybody."""

    ending: OperatorsEnding
    words: Annotated[Words | None, Blank()] = None


class NeedItem(View):
    """A need in a list. `supporters`: people who need it; `units`: wanted altogether; `joined`: the caller is one of them.

    `missing`: people until it matures and a pool may be proposed.
    """

    id: UUID
    post_id: UUID
    post_name: str
    technology_id: UUID
    technology_slug: str
    technology_name_id: str
    technology_name_en: str
    supporters: int
    units: int
    missing: int
    state: NeedState
    raised_at: datetime
    joined: bool


class NeedPage(NeedItem):
    """A need by itself. `note`: of whoever raised it; `own_units`: what the caller wants."""

    note: str | None
    own_units: int | None
    matured_at: datetime | None
    closed_at: datetime | None
    ending: NeedEnding | None
    ending_words: str | None
