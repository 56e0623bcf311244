"""Moderation over the wire: reports, cases and what is decided, appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.listings.domain.listing import ListingStatus
from services.listings.domain.moderation import MOST_REPORT_WORDS, CaseState, Reason, SuspicionKind
from services.listings.views.photos import Photo
from shared.http.fields import Blank, Body, Paragraph, View

Words = Annotated[Paragraph, Field(max_length=1000)]
"""What an operator writes."""


class NewReport(Body):
    """What is wrong with a product. `words`: needed where the reason is `other`; do not give names or numbers."""

    reason: Reason
    words: Annotated[Annotated[Paragraph, Field(max_length=MOST_REPORT_WORDS)] | None, Blank()] = None


class Dismissal(Body):
    """Why a product is let be; for the next operator."""

    note: Words


class NewHiding(Body):
    """Why a product is hidden; its owner reads the words."""

    reason: Reason
    words: Words


class NewAppeal(Body):
    """Why a product should be shown again."""

    words: Annotated[Paragraph, Field(min_length=10, max_length=1000, examples=["Barangnya memang seperti di foto."])]


class Granting(Body):
    """That a product is shown again, with a word to its owner, if any."""

    answer: Annotated[Words | None, Blank()] = None


class Upholding(Body):
    """Why a product stays hidden; its owner reads it."""

    answer: Words


class WaitingCase(View):
    """A case that waits for an operator: an open one, or an appeal (`appealed`). `since`: when it began to wait.

    `hidden_by_you`: the caller hid the product, so another operator decides the appeal.
    """

    id: UUID
    listing_id: UUID
    listing_name: str
    listing_status: ListingStatus
    business_id: UUID
    business_name: str
    post_id: UUID
    state: CaseState
    since: datetime
    reports_count: int
    reasons: list[Reason]
    suspicions: list[SuspicionKind]
    hidden_by_you: bool


class Suspicion(View):
    """What the rules found: a word and the goods for which it stands, or two photos that look alike (null once deleted)."""

    kind: SuspicionKind
    at: datetime
    word: str | None
    goods_id: str | None
    goods_en: str | None
    source: str | None
    photo: Photo | None
    other_photo: Photo | None
    other_listing_id: UUID | None
    other_listing_name: str | None
    other_business_name: str | None


class Report(View):
    """A report. Who made it is told to nobody."""

    id: UUID
    reason: Reason
    words: str | None
    at: datetime


class Appeal(View):
    """An appeal against a hiding. `is_granted`: null while it waits. Words are null once their writer was forgotten."""

    number: int
    words: str | None
    at: datetime
    ended_at: datetime | None
    is_granted: bool | None
    answer: str | None


class Case(View):
    """A case, as the operators of its post see it. `words`: what the owner was told; `note`: why the product was let be."""

    id: UUID
    listing_id: UUID
    listing_name: str
    listing_status: ListingStatus
    business_id: UUID
    business_name: str
    post_id: UUID
    state: CaseState
    created_at: datetime
    ended_at: datetime | None
    reason: Reason | None
    words: str | None
    note: str | None
    hidden_by: UUID | None
    hidden_by_you: bool
    dismissed_by: UUID | None
    reports_count: int
    suspicions: list[Suspicion]
    appeals: list[Appeal]


class PastCase(View):
    """A case of a product in short."""

    id: UUID
    state: CaseState
    created_at: datetime
    ended_at: datetime | None
    reason: Reason | None
    words: str | None
    note: str | None
    reports_count: int


class Hiding(View):
    """Why one's own product is hidden, and what became of appeals. `may_appeal`: an appeal may be made now."""

    reason: Reason
    words: str | None
    at: datetime
    appeals: list[Appeal]
    may_appeal: bool
    may_repeat: bool
    """Whether one may be made once the product was changed."""
