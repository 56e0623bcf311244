"""Businesses over the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from services.listings.domain import business as rules
from services.listings.domain.business import BusinessStatus, Role, whatsapp_number
from services.listings.domain.categories import CategoryCode
from services.listings.domain.permits import PermitKind
from services.listings.views.changes import Changes, not_taken_away
from shared.http.fields import Blank, Body, Line, Paragraph, View
from shared.http.paging import PageQuery

WhatsApp = Annotated[Line, Field(max_length=32, examples=["0812-3456-7890"]), AfterValidator(whatsapp_number)]
"""A phone number as people type it; kept in E.164."""
KelurahanCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$", examples=["31.71.05.1003"])]
"""A Kemendagri code of a kelurahan, dotted."""

Address = Annotated[Line, Field(max_length=200, examples=["Jl. Rawasari Timur II No. 7, RT 04/RW 09"])]
"""Street, number, RT and RW."""
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day."""
Weekday = Annotated[int, Field(ge=1, le=7, strict=True)]
"""1 is Monday (ISO 8601)."""


def _each_once(categories: list[CategoryCode]) -> list[CategoryCode]:
    return list(dict.fromkeys(categories))


Categories = Annotated[list[CategoryCode], Field(max_length=5), AfterValidator(_each_once)]


class NewBusiness(Body):
    """A business to present to a post."""

    name: Line
    post_id: UUID
    whatsapp: WhatsApp
    story: Annotated[Paragraph | None, Blank()] = None
    kelurahan_code: Annotated[KelurahanCode | None, Blank()] = None
    categories: Categories = Field(default=[])


class HoursBody(Body):
    """When a business is open. `closes` before `opens`: past midnight."""

    open_days: list[Weekday] = Field(min_length=1, max_length=7)
    opens: Clock = Field(examples=["08:00"])
    closes: Clock = Field(examples=["17:00"])

    @field_validator("open_days")
    @classmethod
    def _in_order(cls, days: list[int]) -> list[int]:
        return sorted(set(days))

    @field_validator("closes")
    @classmethod
    def _not_at_once(cls, closes: str, info: ValidationInfo) -> str:
        """Refuse a day that ends when it begins."""
        if closes == info.data.get("opens"):
            raise ValueError("closes when it opens")
        return closes


class BusinessChanges(Changes):
    """The fields to change; others stay. `version`: what the caller looked at, so that no change is overwritten.

    `hours` null: by appointment.
    """

    name: Line | None = None
    story: Annotated[Paragraph | None, Blank()] = None
    whatsapp: WhatsApp | None = None
    kelurahan_code: Annotated[KelurahanCode | None, Blank()] = None
    address: Annotated[Address | None, Blank()] = None
    hours: HoursBody | None = None
    categories: Categories | None = None
    welcomes_visits: bool | None = None

    _stays = field_validator("name", "whatsapp", "categories", "welcomes_visits")(not_taken_away)

    @property
    def changes(self) -> dict[str, object]:
        """The fields that were sent, as the rules name them."""
        sent = super().changes
        if self.hours is not None:
            sent["hours"] = rules.Hours(tuple(self.hours.open_days), self.hours.opens, self.hours.closes)
        if self.categories is not None:
            sent["categories"] = tuple(self.categories)
        return sent


class Rejection(Body):
    """Why a business is turned down; its owner reads it."""

    reason: Paragraph


class Hours(View):
    """When a business is open: ISO weekdays, 1 is Monday. `closes` before `opens`: past midnight."""

    open_days: list[int]
    opens: str
    closes: str


class Permit(View):
    """A permit's number. `checked_on`: the day on which the post compared it with the paper; null: not yet."""

    kind: PermitKind
    number: str
    checked_on: date | None


class Business(View):
    """A business. `reason` and `assisted_by` are told to those who run it and the post only.

    No `hours`: by appointment. `halal`: a halal certificate is there and was checked. `role`: what the caller is to it.
    `welcomes_visits`: others may come and see its machine at work.
    """

    id: UUID
    name: str
    post_id: UUID
    post_name: str | None
    owner_account_id: UUID
    status: BusinessStatus
    reason: str | None
    whatsapp: str
    story: str | None
    kelurahan_code: str | None
    address: str | None
    hours: Hours | None
    categories: list[CategoryCode]
    permits: list[Permit]
    halal: bool
    made_with_ttg: bool
    welcomes_visits: bool
    role: Role | None
    assisted_by: UUID | None
    registered_at: datetime
    version: int


class QueueQuery(PageQuery):
    """Of which post; all the caller's posts if none is named."""

    post_id: UUID | None = None
