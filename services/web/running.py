"""Who runs which business: what its owner's pages ask before they show themselves."""

from __future__ import annotations

from typing import Any

from services.web.reading import path_id
from services.web.visit import Visit
from shared.errors import NotFound


async def own_business(visit: Visit, *, owner_only: bool = False) -> dict[str, Any]:
    """Read the business of this page, which the visitor runs. Raises `NotFound` for another's."""
    business: dict[str, Any] = await visit.get(f"/businesses/{path_id(visit, 'business_id')}")
    if business["role"] is None or (owner_only and business["role"] != "owner"):
        raise NotFound
    return business


async def own_listing(visit: Visit) -> dict[str, Any]:
    """Read the product of this page, of a business that the visitor runs. Raises `NotFound` for another's."""
    listing: dict[str, Any] = await visit.get(f"/listings/{path_id(visit, 'listing_id')}")
    if listing["role"] is None:
        raise NotFound
    return listing
