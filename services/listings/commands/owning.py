"""Who may change what belongs to a business: its owner and its managers."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.listing import Listing
from services.listings.repository import listings, managers
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import NotFound


async def require_own_listing(tx: Transaction, who: Principal, listing_id: UUID) -> Listing:
    """Give a listing of a business that the caller runs, and hold it until the commit. Raises `NotFound`, `NotAllowed`."""
    listing = await listings.lock(tx, listing_id)
    if listing is None:
        raise NotFound
    require(await runs(tx, who, listing.business_id, listing.owner_account_id))
    return listing


async def runs(tx: Transaction, who: Principal, business_id: UUID, owner_account_id: UUID) -> bool:
    """Whether the caller owns or manages a business."""
    return owner_account_id == who.account_id or await managers.manages(tx, business_id, who.account_id)
