"""Businesses over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from services.listings.domain.business import BusinessStatus, whatsapp_number
from services.listings.domain.categories import CategoryCode
from shared.http.fields import Blank, Body, Line, Paragraph, View
from shared.http.paging import PageQuery

WhatsApp = Annotated[Line, Field(max_length=32, examples=["0812-3456-7890"]), AfterValidator(whatsapp_number)]
"""A phone number as people type it; kept in E.164."""
KelurahanCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$", examples=["31.71.05.1003"])]
"""A Kemendagri code of a kelurahan, dotted."""


class NewBusiness(Body):
    """A business to present to a post."""

    name: Line
    post_id: UUID
    whatsapp: WhatsApp
    story: Annotated[Paragraph | None, Blank()] = None
    kelurahan_code: Annotated[KelurahanCode | None, Blank()] = None
    categories: list[CategoryCode] = Field(default=[], max_length=5)

    @field_validator("categories")
    @classmethod
    def _each_once(cls, categories: list[CategoryCode]) -> list[CategoryCode]:
        return list(dict.fromkeys(categories))


class Rejection(Body):
    """Why a business is turned down; its owner reads it."""

    reason: Paragraph


class Business(View):
    """A business. `reason` and `assisted_by` are told to its owner and the post only."""

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
    categories: list[CategoryCode]
    made_with_ttg: bool
    assisted_by: UUID | None
    registered_at: datetime
    version: int


class QueueQuery(PageQuery):
    """Of which post; all the caller's posts if none is named."""

    post_id: UUID | None = None
