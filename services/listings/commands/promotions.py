"""Promotions: planning one, ending it, and telling others when it begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.commands.owning import require_own_listing
from services.listings.domain import promotion as rules
from services.listings.repository import promotions
from shared.auth import Principal
from shared.contracts.listings import PromotionStarted
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id

MOST_TOLD_AT_ONCE = 200


async def plan_promotion(
    tx: Transaction,
    who: Principal,
    listing_id: UUID,
    *,
    price_idr: int,
    ends_at: datetime,
    starts_at: datetime | None = None,
) -> UUID:
    """Plan a promotion of one's own listing, from now if no beginning is named; gives its id.

    Raises `NotFound`, `NotAllowed`, `WrongListingState`, `PromotionTimes`, `PromotionNotCheaper`, `TooManyPromotions`,
    `PromotionsOverlap`.
    """
    listing = await require_own_listing(tx, who, listing_id)
    now = await tx.now()
    known = await promotions.not_over(tx, listing_id, now)
    promotion = rules.planned(new_id(), listing, price_idr, (starts_at, ends_at), now, known)
    await promotions.add(tx, promotion, who)
    return promotion.id


async def end_promotion(tx: Transaction, who: Principal, promotion_id: UUID) -> None:
    """End a promotion of one's own listing, or call it off before it begins. Raises `NotFound`, `NotAllowed`, `PromotionOver`."""
    listing_id = await promotions.listing_of(tx, promotion_id)
    if listing_id is None:
        raise NotFound
    await require_own_listing(tx, who, listing_id)
    promotion = await promotions.lock(tx, promotion_id)
    assert promotion is not None, "promotions are never deleted"
    now = await tx.now()
    rules.ended(promotion, now)
    await promotions.cancel(tx, [promotion_id], now)


async def tell_started(tx: Transaction, now: datetime) -> int:
    """Tell others of promotions that run by now; each once. Gives how many."""
    due = await promotions.take_due(tx, now, MOST_TOLD_AT_ONCE)
    if due:
        await promotions.mark_told(tx, [row["id"] for row in due], now)
    for row in due:
        tx.emit(
            PromotionStarted(
                promotion_id=row["id"],
                listing_id=row["listing_id"],
                business_id=row["business_id"],
                post_id=row["post_id"],
                price_idr=row["price_idr"],
                ends_at=row["ends_at"],
            )
        )
    return len(due)
