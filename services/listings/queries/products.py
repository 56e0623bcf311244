"""Products, as people may see them."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.categories import CATEGORIES
from services.listings.queries.rights import concerns, role_in
from services.listings.repository import listings
from services.listings.views.products import CategoryItem, Listing, ListingPage
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def get_listing(sql: Reader, listing_id: UUID, who: Principal | None) -> ListingPage:
    """Give a product: one on show to everybody, others to their owner and post. Raises `NotFound`."""
    row = await listings.get(sql, listing_id)
    if row is None or not (row["status"] == "published" or concerns(row, who)):
        raise NotFound
    return ListingPage.model_validate({**row, "role": role_in(row, who)})


async def list_own_listings(sql: Reader, who: Principal, query: PageQuery) -> Page[Listing]:
    """List the caller's products in every state, newest first. Raises `BadCursor`."""
    rows = await listings.list_of_owner(sql, who.account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Listing.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


def categories() -> Page[CategoryItem]:
    """Give the shelves."""
    shelves = [CategoryItem(code=shelf.code, name_id=shelf.name_id, name_en=shelf.name_en) for shelf in CATEGORIES]
    return Page(items=shelves)
