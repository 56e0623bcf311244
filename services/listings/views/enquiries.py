"""Enquiries over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.listings.domain.enquiry import MOST_UNITS, MOST_VARIANT, Outcome
from shared.http.fields import Blank, Body, Line, View

Variant = Annotated[Line, Field(max_length=MOST_VARIANT, examples=["Pedas, 250 g"])]


class NewEnquiry(Body):
    """What somebody has in mind to order."""

    units: int = Field(1, ge=1, le=MOST_UNITS, strict=True)
    variant: Annotated[Variant | None, Blank()] = None


class EnquiryNoted(View):
    """Under which reference the enquiry is known, the seller's number in E.164, and the price of one in whole rupiah."""

    reference: str
    whatsapp: str
    price_idr: int


class NewOutcome(Body):
    """What became of an enquiry."""

    outcome: Outcome


class Enquiry(View):
    """An enquiry about one's own product. `price_idr`: of one, as the buyer saw it. `outcome` is null until the owner says it."""

    id: UUID
    listing_id: UUID
    reference: str
    units: int
    variant: str | None
    price_idr: int
    at: datetime
    outcome: Outcome | None
