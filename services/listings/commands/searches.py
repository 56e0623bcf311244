"""Searches that an account keeps."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.listings.domain.refusals import TooManySaved
from services.listings.repository import searches
from services.listings.views.searching import SavedSearch, Search
from shared.auth import Principal
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id

MOST_SAVED: Final = 30


async def save_search(tx: Transaction, who: Principal, search: Search) -> SavedSearch:
    """Keep a search, once. Raises `TooManySaved`."""
    query = search.model_dump(mode="json", exclude_none=True)
    row = await searches.find(tx, who.account_id, query)
    if row is None:
        if await searches.count(tx, who.account_id) >= MOST_SAVED:
            raise TooManySaved(most=MOST_SAVED)
        row = await searches.add(tx, new_id(), who.account_id, query, await tx.now())
    return SavedSearch.model_validate(dict(row))


async def see_search(tx: Transaction, who: Principal, search_id: UUID) -> SavedSearch:
    """Remember that the results were looked at; gives when that was before. Raises `NotFound`."""
    row = await searches.see(tx, search_id, who.account_id, await tx.now())
    if row is None:
        raise NotFound
    return SavedSearch.model_validate(dict(row))


async def forget_search(tx: Transaction, who: Principal, search_id: UUID) -> None:
    """Keep a search no longer. Raises `NotFound`."""
    if not await searches.remove(tx, search_id, who.account_id):
        raise NotFound
