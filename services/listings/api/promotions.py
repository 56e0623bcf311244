"""Promotions of a product: planning, listing and ending them."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import promotions as commands
from services.listings.domain.promoting_refusals import (
    PromotionNotCheaper,
    PromotionOver,
    PromotionsOverlap,
    PromotionTimes,
    TooManyPromotions,
)
from services.listings.domain.refusals import WrongListingState
from services.listings.queries import promotions as queries
from services.listings.views.promotions import NewPromotion, Promotion
from shared.auth import SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


@routes.post(
    "/api/v1/listings/{listing_id}/promotions",
    policy=SIGNED_IN,
    body=NewPromotion,
    answer=Promotion,
    status=201,
    refusals=(PromotionNotCheaper, PromotionTimes, PromotionsOverlap, TooManyPromotions, WrongListingState),
)
async def plan_promotion(call: Call, body: NewPromotion) -> Answer:
    """Offer one's own product at a lower price for a time."""
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> Promotion:
        promotion_id = await commands.plan_promotion(tx, call.who, listing_id, **body.model_dump())
        tx.after_commit(lambda: call.context.wake("tell_promotions"))
        return await queries.get_promotion(tx, promotion_id)

    return await call.transact(command)


@routes.get("/api/v1/listings/{listing_id}/promotions", policy=SIGNED_IN, query=PageQuery, answer=Page[Promotion])
async def list_promotions(call: Call, query: PageQuery) -> Page[Promotion]:
    """List a product's promotions as its owner or post, the latest beginning first."""
    async with call.context.db.read() as sql:
        return await queries.list_promotions(sql, call.who, call.id("listing_id"), query)


@routes.delete("/api/v1/promotions/{promotion_id}", policy=SIGNED_IN, answer=Promotion, refusals=(PromotionOver,))
async def end_promotion(call: Call) -> Answer:
    """End a promotion of one's own product, or call it off before it begins."""
    promotion_id = call.id("promotion_id")

    async def command(tx: Transaction) -> Promotion:
        await commands.end_promotion(tx, call.who, promotion_id)
        return await queries.get_promotion(tx, promotion_id)

    return await call.transact(command)
