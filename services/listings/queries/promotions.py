"""Promotions, as their owner and post see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.queries.owning import require_concerned
from services.listings.repository import promotions
from services.listings.views.promotions import Promotion
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def get_promotion(sql: Reader, promotion_id: UUID) -> Promotion:
    """Give a promotion that the caller has just written. Raises `NotFound`."""
    row = await promotions.get(sql, promotion_id)
    if row is None:
        raise NotFound
    return Promotion.model_validate(dict(row))


async def list_promotions(sql: Reader, who: Principal, listing_id: UUID, query: PageQuery) -> Page[Promotion]:
    """List a listing's promotions, the latest beginning first. Raises `NotFound`, `NotAllowed`, `BadCursor`."""
    await require_concerned(sql, who, "listing", listing_id)
    after = decode_cursor(query.cursor, tuple[datetime, UUID])
    rows = await promotions.list_of_listing(sql, listing_id, after, query.limit + 1)
    items = [Promotion.model_validate(dict(row)) for row in rows]
    return page(items, query.limit, lambda item: (item.starts_at, item.id))
