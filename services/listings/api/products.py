"""Products: drafting, changing, putting on show, and reading them."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import products as commands
from services.listings.domain.listing import ListingStatus
from services.listings.domain.moderation_refusals import ForbiddenGoods
from services.listings.domain.refusals import (
    BusinessNotVerified,
    StaleVersion,
    StockOrDays,
    VariantTwice,
    WrongListingState,
)
from services.listings.queries import products as queries
from services.listings.views.products import (
    CategoryItem,
    Listing,
    ListingChanges,
    ListingPage,
    NewListing,
)
from shared.auth import PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


@routes.post(
    "/api/v1/listings",
    policy=SIGNED_IN,
    body=NewListing,
    answer=ListingPage,
    status=201,
    refusals=(StockOrDays, VariantTwice),
)
async def create_listing(call: Call, body: NewListing) -> Answer:
    """Draft a product of one's own business."""

    async def command(tx: Transaction) -> ListingPage:
        listing_id = await commands.create_listing(tx, call.who, **body.fields)
        return await queries.get_listing(tx, listing_id, call.who)

    return await call.transact(command, location=lambda listing: f"/api/v1/listings/{listing.id}")


@routes.get("/api/v1/listings/mine", policy=SIGNED_IN, query=PageQuery, answer=Page[Listing])
async def list_own_listings(call: Call, query: PageQuery) -> Page[Listing]:
    """List the products of the businesses that one owns or manages, in every state, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_own_listings(sql, call.who, query)


@routes.get("/api/v1/listings/{listing_id}", policy=PUBLIC, answer=ListingPage)
async def get_listing(call: Call) -> ListingPage:
    """Read a product; one that is not on show only as its owner or post."""
    async with call.context.db.read() as sql:
        return await queries.get_listing(sql, call.id("listing_id"), call.principal)


@routes.patch(
    "/api/v1/listings/{listing_id}",
    policy=SIGNED_IN,
    body=ListingChanges,
    answer=ListingPage,
    refusals=(StaleVersion, WrongListingState, StockOrDays, VariantTwice, ForbiddenGoods),
)
async def revise_listing(call: Call, body: ListingChanges) -> Answer:
    """Change some fields of one's own product."""
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> ListingPage:
        await commands.revise_listing(tx, call.who, listing_id, body.changes, body.version)
        return await queries.get_listing(tx, listing_id, call.who)

    return await call.transact(command)


@routes.post(
    "/api/v1/listings/{listing_id}/publish",
    policy=SIGNED_IN,
    answer=ListingPage,
    refusals=(BusinessNotVerified, WrongListingState, ForbiddenGoods),
)
async def publish_listing(call: Call) -> Answer:
    """Put one's own product on show."""
    return await _move(call, "published")


@routes.post("/api/v1/listings/{listing_id}/pause", policy=SIGNED_IN, answer=ListingPage, refusals=(WrongListingState,))
async def pause_listing(call: Call) -> Answer:
    """Take one's own product off show for a while."""
    return await _move(call, "paused")


@routes.post(
    "/api/v1/listings/{listing_id}/archive", policy=SIGNED_IN, answer=ListingPage, refusals=(WrongListingState,)
)
async def archive_listing(call: Call) -> Answer:
    """Put one's own product away for good."""
    return await _move(call, "archived")


@routes.get("/api/v1/categories", policy=PUBLIC, answer=Page[CategoryItem])
async def list_categories(_: Call) -> Page[CategoryItem]:
    """List the shelves that products are put on."""
    return queries.categories()


async def _move(call: Call, to: ListingStatus) -> Answer:
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> ListingPage:
        await commands.move_listing(tx, call.who, listing_id, to)
        return await queries.get_listing(tx, listing_id, call.who)

    return await call.transact(command)
