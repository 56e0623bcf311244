"""Figures of attention over the wire."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field, model_validator

from services.listings.domain.attention import MOST_AT_ONCE, MOST_OF_ONE, Seen, What
from shared.http.fields import Body, View


class Noticed(Body):
    """Something happened `n` times to a listing, to a business, or to both."""

    listing_id: UUID | None = None
    business_id: UUID | None = None
    what: What
    n: int = Field(1, ge=1, le=MOST_OF_ONE, strict=True)

    @model_validator(mode="after")
    def _something(self) -> Noticed:
        if self.listing_id is None and self.business_id is None:
            raise ValueError("a listing or a business")
        return self

    @property
    def seen(self) -> list[Seen]:
        """The same, as the rules take it: one of each thing."""
        listings = [] if self.listing_id is None else [Seen("listing", self.listing_id, self.what, self.n)]
        return listings + ([] if self.business_id is None else [Seen("business", self.business_id, self.what, self.n)])


class NoticedList(Body):
    """What the pages have counted."""

    items: list[Noticed] = Field(min_length=1, max_length=MOST_AT_ONCE)


class AttentionDay(View):
    """One day in Jakarta. `enquiries`: orders begun by WhatsApp; `sold`: those of which the owner says that they came about."""

    day: date
    view: int
    share: int
    whatsapp: int
    qr: int
    enquiries: int
    sold: int


class Attention(View):
    """The last four weeks, the oldest day first; today is the last one."""

    days: list[AttentionDay]
