"""What the API reads, and who may see it."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.categories import CATEGORIES
from services.listings.repository import businesses, drifts, listings, projections
from services.listings.repository.listings import Wanted
from services.listings.views import Business, CategoryItem, Listing, ListingPage, ListingQuery, QueueQuery
from shared.auth import Principal, require
from shared.db import Reader, Row
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page
from shared.service import Context, Findings


async def get_business(sql: Reader, business_id: UUID, who: Principal | None) -> Business:
    """Give a business: a verified one to everybody, others to their owner and post. Raises `NotFound`."""
    row = await businesses.get(sql, business_id)
    if row is None:
        raise NotFound
    if _concerns(row, who):
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


async def get_listing(sql: Reader, listing_id: UUID, who: Principal | None) -> ListingPage:
    """Give a product: one on show to everybody, others to their owner and post. Raises `NotFound`."""
    row = await listings.get(sql, listing_id)
    if row is None or not (row["status"] == "published" or _concerns(row, who)):
        raise NotFound
    return ListingPage.model_validate(dict(row))


async def list_on_show(sql: Reader, query: ListingQuery) -> Page[Listing]:
    """List the products on show, newest first. Raises `BadCursor`."""
    wanted = Wanted(
        category=query.category,
        post_id=query.post_id,
        business_id=query.business_id,
        words=query.q,
        after=decode_cursor(query.cursor, UUID),
    )
    rows = await listings.list_on_show(sql, wanted, query.limit + 1)
    return page([Listing.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


async def list_own_listings(sql: Reader, who: Principal, query: PageQuery) -> Page[Listing]:
    """List the caller's products in every state, newest first. Raises `BadCursor`."""
    rows = await listings.list_of_owner(sql, who.account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([Listing.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


def categories() -> Page[CategoryItem]:
    """Give the shelves."""
    shelves = [CategoryItem(code=shelf.code, name_id=shelf.name_id, name_en=shelf.name_en) for shelf in CATEGORIES]
    return Page(items=shelves)


async def verify(sql: Reader, _: Context) -> Findings:
    """Compare businesses and listings with their history and with what others were told. States each post's name."""
    return Findings(
        drifts=[
            *await drifts.unlike_history(sql),
            *await drifts.businesses_unlike_log(sql),
            *await drifts.listings_unlike_log(sql),
            *await drifts.shown_unverified(sql),
        ],
        facts={"post_name": await projections.post_names(sql)},
    )


def _concerns(row: Row, who: Principal | None) -> bool:
    """Whether a thing is the caller's own, or of a post where the caller works."""
    return who is not None and (row["owner_account_id"] == who.account_id or who.operates(row["post_id"]))
