"""A promotion: a lower price of a listing for a time. One at a time; it may be ended early, and a lower usual price ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.listings.domain.listing import Listing
from services.listings.domain.promoting_refusals import (
    PromotionNotCheaper,
    PromotionOver,
    PromotionsOverlap,
    PromotionTimes,
    TooManyPromotions,
)
from services.listings.domain.refusals import WrongListingState

LONGEST: Final = timedelta(days=60)
"""What lasts longer is no promotion but the price."""
FARTHEST: Final = timedelta(days=180)
"""How far ahead a promotion may be planned."""
MOST_PLANNED: Final = 10
"""How many promotions of one listing may run or wait."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion as the rules see it. `price_idr` is whole rupiah per unit of the listing."""

    id: UUID
    listing_id: UUID
    price_idr: int
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None = None

    @property
    def runs_until(self) -> datetime:
        """When it ends, or was ended; its beginning if it never ran."""
        return self.ends_at if self.cancelled_at is None else max(self.starts_at, self.cancelled_at)

    def meets(self, other: Promotion) -> bool:
        """Whether both run at some moment. The end itself belongs to neither, and what never ran meets nothing."""
        return max(self.starts_at, other.starts_at) < min(self.runs_until, other.runs_until)


def planned(
    promotion_id: UUID,
    listing: Listing,
    price_idr: int,
    times: tuple[datetime | None, datetime],
    now: datetime,
    known: Sequence[Promotion],
) -> Promotion:
    """Plan a promotion; without a beginning, or with one that has passed, it runs from now. `known`: those not over yet.

    Raises `WrongListingState`, `PromotionTimes`, `PromotionNotCheaper`, `TooManyPromotions`, `PromotionsOverlap`.
    """
    starts_at, ends_at = max(times[0] or now, now), times[1]
    if listing.status == "archived":
        raise WrongListingState(listing_status=listing.status)
    if not (starts_at < ends_at and ends_at - starts_at <= LONGEST and starts_at - now <= FARTHEST):
        raise PromotionTimes(most_days=LONGEST.days, ahead_days=FARTHEST.days)
    if price_idr >= listing.price_idr:
        raise PromotionNotCheaper(usual_price_idr=listing.price_idr)
    if len(known) >= MOST_PLANNED:
        raise TooManyPromotions(most=MOST_PLANNED)
    promotion = Promotion(promotion_id, listing.id, price_idr, starts_at, ends_at)
    for other in known:
        if promotion.meets(other):
            raise PromotionsOverlap(starts_at=other.starts_at.isoformat(), ends_at=other.ends_at.isoformat())
    return promotion


def ended(promotion: Promotion, now: datetime) -> Promotion:
    """End a promotion that runs, or call one off that has not begun. Raises `PromotionOver`."""
    if promotion.cancelled_at is not None or promotion.ends_at <= now:
        raise PromotionOver
    return replace(promotion, cancelled_at=now)
