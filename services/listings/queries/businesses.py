"""Businesses, as people may see them."""

from __future__ import annotations

from uuid import UUID

from services.listings.queries.rights import concerns, role_in
from services.listings.repository import businesses
from services.listings.views.businesses import Business, QueueQuery
from shared.auth import Principal, require
from shared.db import Reader, Row
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def get_business(sql: Reader, business_id: UUID, who: Principal | None) -> Business:
    """Give a business: a verified one to everybody, others to their owner and post. Raises `NotFound`."""
    row = await businesses.get(sql, business_id)
    if row is None:
        raise NotFound
    if concerns(row, who):
        return _shown(row, who)
    if row["status"] != "verified":
        raise NotFound
    return _shown(row, who).model_copy(update={"assisted_by": None})


async def list_own_businesses(sql: Reader, who: Principal, query: PageQuery) -> Page[Business]:
    """List the businesses that the caller owns or manages, newest first. Raises `BadCursor`."""
    rows = await businesses.list_run_by(sql, who.account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([_shown(row, who) for row in rows], query.limit, lambda item: item.id)


async def list_queue(sql: Reader, who: Principal, query: QueueQuery) -> Page[Business]:
    """List what waits for a review at the caller's posts, longest-waiting first. Raises `BadCursor`, `NotAllowed`."""
    posts = posts_of(who, query)
    rows = await businesses.list_pending(sql, posts, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([_shown(row, who) for row in rows], query.limit, lambda item: item.id)


def posts_of(who: Principal, query: QueueQuery) -> list[UUID] | None:
    """Give of which posts a queue is asked for; None: of all. Raises `NotAllowed`."""
    if query.post_id is not None:
        require(who.operates(query.post_id))
        return [query.post_id]
    return None if who.has("officer") else who.scopes("operator")


def _shown(row: Row, who: Principal | None) -> Business:
    return Business.model_validate({**row, "role": role_in(row, who)})
