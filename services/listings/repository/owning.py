"""SQL that tells who runs a listing or business."""

from __future__ import annotations

from uuid import UUID

from services.listings.repository.managers import MANAGERS
from shared.db import Reader, Row

OF_LISTING = """
SELECT owner_account_id, listings.post_id, {managers} AS managers, listings.status
FROM listings JOIN businesses ON businesses.id = business_id
WHERE listings.id = $1 AND erased_at IS NULL
""".replace("{managers}", MANAGERS)


async def of_listing(sql: Reader, listing_id: UUID) -> Row | None:
    """Give the owner, the managers, the post and the state of a listing."""
    return await sql.row(OF_LISTING, listing_id)


OF_BUSINESS = """
SELECT owner_account_id, post_id, {managers} AS managers FROM businesses WHERE id = $1 AND erased_at IS NULL
""".replace("{managers}", MANAGERS)


async def of_business(sql: Reader, business_id: UUID) -> Row | None:
    """Give the owner, the managers and the post of a business."""
    return await sql.row(OF_BUSINESS, business_id)
