"""Figures without cookies: how often products and businesses are looked at, shared, asked about and scanned."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import attention as commands
from services.listings.queries import attention as queries
from services.listings.resources import Resources
from services.listings.views.attention import Attention, NoticedList
from shared.auth import PUBLIC, SIGNED_IN
from shared.errors import TooMany
from shared.http.call import Answer, Call


@routes.post("/api/v1/attention", policy=PUBLIC, body=NoticedList, status=204, refusals=(TooMany,))
async def add_attention(call: Call, body: NoticedList) -> Answer:
    """Add to today's counts of products and businesses; those that are not known are ignored."""
    resources: Resources = call.context.resources
    resources.attention.take(call.remote)
    return await call.transact(
        lambda tx: commands.add_attention(tx, [seen for item in body.items for seen in item.seen])
    )


@routes.get("/api/v1/listings/{listing_id}/attention", policy=SIGNED_IN, answer=Attention)
async def get_listing_attention(call: Call) -> Attention:
    """Read the last four weeks of a product, as its owner or post."""
    async with call.context.db.read() as sql:
        return await queries.get_attention(sql, call.who, "listing", call.id("listing_id"))


@routes.get("/api/v1/businesses/{business_id}/attention", policy=SIGNED_IN, answer=Attention)
async def get_business_attention(call: Call) -> Attention:
    """Read the last four weeks of a business's page, as its owner or post."""
    async with call.context.db.read() as sql:
        return await queries.get_attention(sql, call.who, "business", call.id("business_id"))
