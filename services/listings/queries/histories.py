"""What was done with a business or a listing, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.listings.queries.rights import require_concern
from services.listings.repository import businesses, history, listings
from services.listings.views.histories import Change, HistoryItem
from shared.auth import Principal
from shared.db import Reader, Row
from shared.errors import BadCursor
from shared.http.paging import Page, PageQuery, decode_cursor, page

_MOST_VERSIONS = 2**31


async def business_history(sql: Reader, business_id: UUID, who: Principal, query: PageQuery) -> Page[HistoryItem]:
    """List what was done with a business, newest first. Raises `BadCursor`, `NotFound`, `NotAllowed`."""
    require_concern(await businesses.get(sql, business_id), who)
    return _page(await history.list_of_business(sql, business_id, _before(query), query.limit + 1), query)


async def listing_history(sql: Reader, listing_id: UUID, who: Principal, query: PageQuery) -> Page[HistoryItem]:
    """List what was done with a listing, newest first. Raises `BadCursor`, `NotFound`, `NotAllowed`."""
    require_concern(await listings.get(sql, listing_id), who)
    return _page(await history.list_of_listing(sql, listing_id, _before(query), query.limit + 1), query)


def _before(query: PageQuery) -> int | None:
    version = decode_cursor(query.cursor, int)
    if version is not None and not 0 < version < _MOST_VERSIONS:
        raise BadCursor
    return version


def _page(rows: Sequence[Row], query: PageQuery) -> Page[HistoryItem]:
    return page([_item(row) for row in rows], query.limit, lambda item: item.version)


def _item(row: Row) -> HistoryItem:
    changes = [
        Change(field=field, before=before, after=after) for field, (before, after) in sorted(row["details"].items())
    ]
    return HistoryItem.model_validate({**row, "changes": changes})
