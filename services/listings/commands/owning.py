"""Who may change what belongs to a listing: its owner."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.listing import Listing
from services.listings.repository import listings
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import NotFound


async def require_owner(tx: Transaction, who: Principal, listing_id: UUID) -> Listing:
    """Give one's own listing and hold it until the commit. Raises `NotFound`, `NotAllowed`."""
    listing = await listings.lock(tx, listing_id)
    if listing is None:
        raise NotFound
    require(listing.owner_account_id == who.account_id)
    return listing
