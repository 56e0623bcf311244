"""Looking for products and businesses, suggestions while typing, and searches that one keeps."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import searches as commands
from services.listings.domain.refusals import TooManySaved
from services.listings.queries import searches, searching
from services.listings.views.searching import (
    BusinessQuery,
    FoundBusinesses,
    FoundListings,
    ListingQuery,
    SavedSearch,
    Search,
    Suggestion,
    SuggestionQuery,
)
from shared.auth import PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery, Rows


@routes.get("/api/v1/listings", policy=PUBLIC, query=ListingQuery, answer=FoundListings)
async def list_listings(call: Call, query: ListingQuery) -> Rows:
    """List or search the products on show."""
    async with call.context.db.read() as sql:
        return await searching.list_on_show(sql, query)


@routes.get("/api/v1/listings/suggestions", policy=PUBLIC, query=SuggestionQuery, answer=Page[Suggestion])
async def suggest(call: Call, query: SuggestionQuery) -> Page[Suggestion]:
    """Complete or correct what is being typed, most common first."""
    async with call.context.db.read() as sql:
        return await searching.suggest(sql, query.q)


@routes.get("/api/v1/businesses", policy=PUBLIC, query=BusinessQuery, answer=FoundBusinesses)
async def find_businesses(call: Call, query: BusinessQuery) -> Rows:
    """Find verified businesses by words of their name or story, best first."""
    async with call.context.db.read() as sql:
        return await searching.find_businesses(sql, query)


@routes.post(
    "/api/v1/saved-searches", policy=SIGNED_IN, body=Search, answer=SavedSearch, status=201, refusals=(TooManySaved,)
)
async def save_search(call: Call, body: Search) -> Answer:
    """Keep a search; one that is kept already is answered as it is."""

    async def command(tx: Transaction) -> SavedSearch:
        return await commands.save_search(tx, call.who, body)

    return await call.transact(command)


@routes.get("/api/v1/saved-searches", policy=SIGNED_IN, query=PageQuery, answer=Page[SavedSearch])
async def list_saved_searches(call: Call, query: PageQuery) -> Page[SavedSearch]:
    """List the searches that one keeps, newest first."""
    async with call.context.db.read() as sql:
        return await searches.list_saved(sql, call.who, query)


@routes.post("/api/v1/saved-searches/{search_id}/seen", policy=SIGNED_IN, answer=SavedSearch)
async def see_search(call: Call) -> Answer:
    """Remember that one has looked at its results; the answer tells when one had looked before."""
    search_id = call.id("search_id")

    async def command(tx: Transaction) -> SavedSearch:
        return await commands.see_search(tx, call.who, search_id)

    return await call.transact(command)


@routes.delete("/api/v1/saved-searches/{search_id}", policy=SIGNED_IN, status=204)
async def forget_search(call: Call) -> Answer:
    """Keep a search no longer."""
    search_id = call.id("search_id")

    async def command(tx: Transaction) -> None:
        await commands.forget_search(tx, call.who, search_id)

    return await call.transact(command)
