"""The board of needs."""

from __future__ import annotations

from uuid import UUID

from services.posyantek.domain.needs import missing
from services.posyantek.repository import needs_shown as repository
from services.posyantek.views.needs import NeedItem, NeedPage, NeedQuery
from shared.auth import Principal
from shared.db import Reader, Row
from shared.errors import NotFound
from shared.http.paging import Page, decode_cursor, page


async def list_needs(sql: Reader, query: NeedQuery, who: Principal | None) -> Page[NeedItem]:
    """List needs, newest or most wanted first. Raises `BadCursor`."""
    rows = await repository.list_needs(
        sql,
        account_id=who.account_id if who else None,
        post_id=query.post_id,
        district=query.district,
        technology_ids=query.technology_ids,
        state=query.state,
        order=query.order,
        after=decode_cursor(query.cursor, tuple[int, UUID]),
        limit=query.limit + 1,
    )
    items = [NeedItem.model_validate(_fields(row)) for row in rows]
    return page(items, query.limit, lambda item: (item.supporters, item.id))


async def get_need(sql: Reader, need_id: UUID, who: Principal | None) -> NeedPage:
    """Give a need. Raises `NotFound`."""
    row = await repository.get(sql, need_id, who.account_id if who else None)
    if row is None:
        raise NotFound
    return NeedPage.model_validate(_fields(row))


def _fields(row: Row) -> dict[str, object]:
    return {**row, "missing": missing(row["state"], row["supporters"])}
