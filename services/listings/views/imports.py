"""Imports over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from services.listings.domain.business import BusinessStatus
from services.listings.domain.importing import IfKnown, ImportState, Level, RowState
from shared.http.fields import Blank, Body, Line, View
from shared.http.paging import PageQuery


class NewImportQuery(Body):
    """Whose products the file is about. The file is the body; what it is, its bytes say."""

    business_id: UUID
    file_name: Annotated[Line | None, Blank()] = Field(None, description="The file's name, to find it again")


class ImportStart(Body):
    """How to take the rows. `if_known`: what to do with products that the business has already; `publish`: put on show."""

    if_known: IfKnown
    publish: bool = Field(strict=True)


class RowQuery(PageQuery):
    """Which rows to list."""

    only: Literal["findings"] | None = Field(None, description="Only the rows with findings")


class FindingItem(View):
    """What is to be said of a row or a file, in Indonesian. An error keeps the row out. `column`: its title, or empty."""

    column: str
    code: str
    message: str
    level: Level


class ImportItem(View):
    """An import, counted. `rows_ready` are still to be taken once it runs, `rows_wrong` never are."""

    id: UUID
    business_id: UUID
    business_name: str
    business_status: BusinessStatus
    file_name: str | None
    kind: Literal["xlsx", "csv", "zip"]
    state: ImportState
    if_known: IfKnown | None
    publish: bool | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    rows_total: int
    rows_with_findings: int
    rows_ready: int
    rows_wrong: int
    rows_added: int
    rows_updated: int
    rows_unchanged: int
    rows_skipped: int
    rows_failed: int
    photos_waiting: int
    photos_done: int
    photos_failed: int


class ImportPage(ImportItem):
    """An import by itself. `notes`: findings of the file as a whole."""

    notes: list[FindingItem]


class PhotoItem(View):
    """A picture that a row names. `reason`: why it could not be had."""

    source: str
    state: Literal["waiting", "done", "failed"]
    reason: str | None


class ImportRow(View):
    """A row of an import. `number`: as in the spreadsheet; `values`: what was read; `given`: the cells as they stand there."""

    number: int
    state: RowState
    values: dict[str, Any]
    given: dict[str, str]
    findings: list[FindingItem]
    photos: list[PhotoItem]
    listing_id: UUID | None
