"""Businesses, as people may see them."""

from __future__ import annotations

from uuid import UUID

from services.listings.queries.rights import concerns
from services.listings.repository import businesses
from services.listings.views.businesses import Business, QueueQuery
from shared.auth import Principal, require
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def get_business(sql: Reader, business_id: UUID, who: Principal | None) -> Business:
    """Give a business: a verified one to everybody, others to their owner and post. Raises `NotFound`."""
    row = await businesses.get(sql, business_id)
    if row is None:
        raise NotFound
    if concerns(row, who):
        return Business.model_validate(dict(row))
    if row["status"] != "verified":
        raise NotFound
    return Business.model_validate({**row, "assisted_by": None})


async def list_own_businesses(sql: Reader, who: Principal, query: PageQuery) -> Page[Business]:
    """List the caller's businesses, newest first. Raises `BadCursor`."""
    rows = await businesses.list_of_owner(sql, who.account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Business.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


async def list_queue(sql: Reader, who: Principal, query: QueueQuery) -> Page[Business]:
    """List what waits for a review at the caller's posts, longest-waiting first. Raises `BadCursor`, `NotAllowed`."""
    posts: list[UUID] | None = None
    if query.post_id is not None:
        require(who.operates(query.post_id))
        posts = [query.post_id]
    elif not who.has("officer"):
        posts = who.scopes("operator")
    rows = await businesses.list_pending(sql, posts, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Business.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)
