"""Campaigns, as everybody sees them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.domain.campaign import id_of
from services.listings.repository import campaigns
from services.listings.views.campaigns import Campaign, CampaignListingQuery, CampaignQuery
from services.listings.views.products import Listing
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound, NotSignedIn
from shared.http.paging import Page, decode_cursor, page


async def get_campaign(sql: Reader, named: str) -> Campaign:
    """Give a campaign by its id or slug, also one that is over. Raises `NotFound`."""
    row = await campaigns.get(sql, id_of(named), named)
    if row is None:
        raise NotFound
    return Campaign.model_validate(dict(row))


async def list_campaigns(sql: Reader, query: CampaignQuery) -> Page[Campaign]:
    """List the campaigns that run or come, in the order in which they begin. Raises `BadCursor`."""
    after = decode_cursor(query.cursor, tuple[datetime, UUID])
    rows = await campaigns.list_announced(sql, query.post_id, after, query.limit + 1)
    items = [Campaign.model_validate(dict(row)) for row in rows]
    return page(items, query.limit, lambda item: (item.starts_at, item.id))


async def list_products(sql: Reader, who: Principal | None, named: str, query: CampaignListingQuery) -> Page[Listing]:
    """List the products that take part, all or the caller's. Raises `NotFound`, `NotSignedIn`, `BadCursor`."""
    if query.mine and who is None:
        raise NotSignedIn
    row = await campaigns.get(sql, id_of(named), named)
    if row is None:
        raise NotFound
    owner = who.account_id if who and query.mine else None
    rows = await campaigns.list_listings(sql, row["id"], owner, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Listing.model_validate(dict(item)) for item in rows], query.limit, lambda item: item.id)
