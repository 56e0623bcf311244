"""What was done with a business or a listing."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.queries import histories
from services.listings.views.histories import HistoryItem
from shared.auth import SIGNED_IN
from shared.http.call import Call
from shared.http.paging import Page, PageQuery


@routes.get("/api/v1/businesses/{business_id}/history", policy=SIGNED_IN, query=PageQuery, answer=Page[HistoryItem])
async def list_business_history(call: Call, query: PageQuery) -> Page[HistoryItem]:
    """List who did what with a business, newest first; for those who run it and its post."""
    async with call.context.db.read() as sql:
        return await histories.business_history(sql, call.id("business_id"), call.who, query)


@routes.get("/api/v1/listings/{listing_id}/history", policy=SIGNED_IN, query=PageQuery, answer=Page[HistoryItem])
async def list_listing_history(call: Call, query: PageQuery) -> Page[HistoryItem]:
    """List who did what with a product, newest first; for those who run its business and its post."""
    async with call.context.db.read() as sql:
        return await histories.listing_history(sql, call.id("listing_id"), call.who, query)
