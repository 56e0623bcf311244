"""Searches that an account keeps, as it sees them."""

from __future__ import annotations

from uuid import UUID

from services.listings.repository import searches
from services.listings.views.searching import SavedSearch
from shared.auth import Principal
from shared.db import Reader
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def list_saved(sql: Reader, who: Principal, query: PageQuery) -> Page[SavedSearch]:
    """List the caller's kept searches, newest first. Raises `BadCursor`."""
    rows = await searches.list_saved(sql, who.account_id, decode_cursor(query.cursor, UUID), query.limit + 1)
    return page([SavedSearch.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)
