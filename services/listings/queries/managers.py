"""Who runs a business, and what an invitation is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.domain.invitations import hash_of
from services.listings.domain.refusals import InvitationOver
from services.listings.queries.rights import require_concern
from services.listings.repository import businesses, managers
from services.listings.views.managers import Invited, Manager
from shared.auth import Principal
from shared.db import Reader
from shared.http.paging import Page, PageQuery, decode_cursor, page


async def list_managers(sql: Reader, business_id: UUID, who: Principal, query: PageQuery) -> Page[Manager]:
    """List who runs a business beside its owner, for those whom it concerns.

    Raises `BadCursor`, `NotFound`, `NotAllowed`.
    """
    require_concern(await businesses.get(sql, business_id), who)
    after = decode_cursor(query.cursor, tuple[datetime, UUID])
    rows = await managers.list_of_business(sql, business_id, after, query.limit + 1)
    items = [Manager.model_validate(dict(row)) for row in rows]
    return page(items, query.limit, lambda item: [item.added_at, item.account_id])


async def read_invitation(sql: Reader, code: str, now: datetime) -> Invited:
    """Tell what an invitation is about, to whoever has its code. Raises `InvitationOver`."""
    row = await managers.get_invitation(sql, hash_of(code), now)
    if row is None:
        raise InvitationOver
    return Invited.model_validate(dict(row))
