"""Permits, as a post's operators see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.domain.permits import PermitKind
from services.listings.queries.businesses import posts_of
from services.listings.repository import permits
from services.listings.views.businesses import QueueQuery
from services.listings.views.permits import UncheckedPermit
from shared.auth import Principal
from shared.db import Reader
from shared.http.paging import Page, decode_cursor, page


async def list_queue(sql: Reader, who: Principal, query: QueueQuery) -> Page[UncheckedPermit]:
    """List the permits that wait for a check at the caller's posts, oldest first. Raises `BadCursor`, `NotAllowed`."""
    posts = posts_of(who, query)
    after = decode_cursor(query.cursor, tuple[datetime, UUID, PermitKind])
    rows = await permits.list_unchecked(sql, who.account_id, posts, after, query.limit + 1)
    items = [UncheckedPermit.model_validate(dict(row)) for row in rows]
    return page(items, query.limit, lambda item: [item.since, item.business_id, item.kind])
