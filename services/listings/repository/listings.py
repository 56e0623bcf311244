"""SQL of listings: writing, locking, and as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.listing import Listing, Variant
from services.listings.repository.machines import MADE_WITH
from services.listings.repository.managers import MANAGERS, RUN_BY
from services.listings.repository.promotions import RUNNING
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO listings (id, business_id, post_id, name, description, category, price_idr, unit, stock, ready_in_days,
                      variants, claims_ttg, status, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""


async def add(tx: Transaction, listing: Listing, now: datetime) -> None:
    """Write a new listing."""
    await tx.run(
        ADD, listing.id, listing.business_id, listing.post_id, listing.name, listing.description, listing.category,
        listing.price_idr, listing.unit, listing.stock, listing.ready_in_days, _variants(listing),
        listing.claims_ttg, listing.status, listing.version, now,
    )  # fmt: skip


def _variants(listing: Listing) -> list[dict[str, object]]:
    return [{"name": variant.name, "price_idr": variant.price_idr} for variant in listing.variants]


# The business is held too: it must not lose its verification between the look and the commit.
LOCK = """
SELECT listings.id, business_id, listings.post_id, owner_account_id, businesses.status = 'verified' AS business_verified,
       listings.name, description, category, price_idr, unit, stock, ready_in_days, variants, claims_ttg,
       listings.status, listings.version
FROM listings JOIN businesses ON businesses.id = business_id
WHERE listings.id = $1 AND erased_at IS NULL
FOR UPDATE OF listings FOR SHARE OF businesses
"""


async def lock(tx: Transaction, listing_id: UUID) -> Listing | None:
    """Give a listing and hold it until the commit."""
    row = await tx.row(LOCK, listing_id)
    if row is None:
        return None
    return Listing(**{**row, "variants": tuple(Variant(**variant) for variant in row["variants"])})


SAVE = """
UPDATE listings
SET name = $2, description = $3, category = $4, price_idr = $5, unit = $6, stock = $7, ready_in_days = $8,
    variants = $9, status = $10, version = $11,
    published_at = CASE WHEN $10 = 'published' THEN coalesce(published_at, $12) ELSE published_at END,
    claims_ttg = $13
WHERE id = $1
"""


async def save(tx: Transaction, listing: Listing, now: datetime) -> None:
    """Write a changed listing; the first time on show is remembered."""
    await tx.run(
        SAVE, listing.id, listing.name, listing.description, listing.category, listing.price_idr, listing.unit,
        listing.stock, listing.ready_in_days, _variants(listing), listing.status, listing.version, now,
        listing.claims_ttg,
    )  # fmt: skip


ERASE = """
WITH before AS (SELECT id, status FROM listings WHERE business_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)
UPDATE listings SET name = 'Produk dihapus', description = NULL, variants = '[]', cover = NULL,
    status = 'archived', version = version + 1
FROM before WHERE listings.id = before.id
RETURNING listings.id, business_id, post_id, version, before.status = 'published' AS was_on_show
"""


async def erase_of_businesses(tx: Transaction, businesses: Sequence[UUID]) -> list[Row]:
    """Take every listing of some businesses off, with its texts. Tells which were on show."""
    return await tx.rows(ERASE, list(businesses))


SHOWN = """
listings.id, business_id, business_name, listings.post_id, post_name, listings.name, description, category, price_idr, unit,
stock, ready_in_days, variants, listings.halal, listings.made_with_ttg, cover, listings.status, listings.whatsapp, published_at,
listings.version, promotion_price_idr, promotion_ends_at
"""
"""The columns of a product in a list, by the names of `views.products.Listing`: of its own row, and of `promotions.RUNNING`."""

GET = (
    """
SELECT {SHOWN}, {MANAGERS} AS managers, owner_account_id, businesses.status AS business_status, story AS business_story,
       businesses.kelurahan_code, listings.district_code, claims_ttg, posts.region_name, {MADE_WITH} AS made_with
FROM listings JOIN businesses ON businesses.id = business_id LEFT JOIN posts ON posts.post_id = listings.post_id {RUNNING}
WHERE listings.id = $1 AND erased_at IS NULL
""".replace("{SHOWN}", SHOWN)
    .replace("{RUNNING}", RUNNING)
    .replace("{MANAGERS}", MANAGERS)
    .replace("{MADE_WITH}", MADE_WITH)
)


async def get(sql: Reader, listing_id: UUID) -> Row | None:
    """Give a listing as people see it."""
    return await sql.row(GET, listing_id)


OF_OWNER = (
    """
SELECT {SHOWN} FROM listings JOIN businesses ON businesses.id = business_id {RUNNING}
WHERE business_id = ANY ({RUN_BY}) AND erased_at IS NULL AND ($2::uuid IS NULL OR listings.id < $2)
ORDER BY listings.id DESC LIMIT $3
""".replace("{SHOWN}", SHOWN)
    .replace("{RUNNING}", RUNNING)
    .replace("{RUN_BY}", RUN_BY)
)


async def list_of_owner(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List the listings of the businesses that an account owns or manages, in every state, newest first."""
    return await sql.rows(OF_OWNER, account_id, after, limit)
