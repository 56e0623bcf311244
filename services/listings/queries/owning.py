"""Who may read what belongs to a listing or business."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.attention import Kind
from services.listings.queries.rights import concerns, role_in
from services.listings.repository import owning
from shared.auth import Principal, require
from shared.db import Reader
from shared.errors import NotFound


async def require_concerned(sql: Reader, who: Principal, kind: Kind, id_: UUID) -> None:
    """Let whoever runs it and the operators of its post pass. Raises `NotFound`, `NotAllowed`."""
    row = await (owning.of_listing(sql, id_) if kind == "listing" else owning.of_business(sql, id_))
    if row is None:
        raise NotFound
    require(concerns(row, who))


async def require_own(sql: Reader, who: Principal, listing_id: UUID) -> None:
    """Let whoever runs a listing's business pass. Raises `NotFound`, `NotAllowed`."""
    row = await owning.of_listing(sql, listing_id)
    if row is None:
        raise NotFound
    require(role_in(row, who) is not None)
