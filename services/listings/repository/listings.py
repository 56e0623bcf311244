"""SQL of listings: writing, locking, and as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.domain.listing import Listing
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO listings (id, business_id, post_id, name, description, category, price_idr, unit, status, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def add(tx: Transaction, listing: Listing, now: datetime) -> None:
    """Write a new listing."""
    await tx.run(
        ADD, listing.id, listing.business_id, listing.post_id, listing.name, listing.description, listing.category,
        listing.price_idr, listing.unit, listing.status, listing.version, now,
    )  # fmt: skip


# The business is held too: it must not lose its verification between the look and the commit.
LOCK = """
SELECT listings.id, business_id, listings.post_id, owner_account_id, businesses.status = 'verified' AS business_verified,
       listings.name, description, category, price_idr, unit, listings.status, listings.version
FROM listings JOIN businesses ON businesses.id = business_id
WHERE listings.id = $1 AND erased_at IS NULL
FOR UPDATE OF listings FOR SHARE OF businesses
"""


async def lock(tx: Transaction, listing_id: UUID) -> Listing | None:
    """Give a listing and hold it until the commit."""
    row = await tx.row(LOCK, listing_id)
    return Listing(**row) if row else None


SAVE = """
UPDATE listings
SET name = $2, description = $3, category = $4, price_idr = $5, unit = $6, status = $7, version = $8,
    published_at = CASE WHEN $7 = 'published' THEN coalesce(published_at, $9) ELSE published_at END
WHERE id = $1
"""


async def save(tx: Transaction, listing: Listing, now: datetime) -> None:
    """Write a changed listing; the first time on show is remembered."""
    await tx.run(
        SAVE, listing.id, listing.name, listing.description, listing.category, listing.price_idr, listing.unit,
        listing.status, listing.version, now,
    )  # fmt: skip


ERASE = """
WITH before AS (SELECT id, status FROM listings WHERE business_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)
UPDATE listings SET name = 'Produk dihapus', description = NULL, status = 'archived', version = version + 1
FROM before WHERE listings.id = before.id
RETURNING listings.id, business_id, post_id, version, before.status = 'published' AS was_on_show
"""


async def erase_of_businesses(tx: Transaction, businesses: Sequence[UUID]) -> list[Row]:
    """Take every listing of some businesses off, with its texts. Tells which were on show."""
    return await tx.rows(ERASE, list(businesses))


_SHOWN = """
SELECT listings.id, business_id, businesses.name AS business_name, owner_account_id, listings.post_id,
       posts.name AS post_name, listings.name, description, category, price_idr, unit, listings.status,
       businesses.whatsapp, listings.version, published_at,
       EXISTS (SELECT FROM machine_owned WHERE account_id = owner_account_id) AS made_with_ttg,
       story AS business_story, businesses.status AS business_status, kelurahan_code, posts.region_name
FROM {source} JOIN businesses ON businesses.id = business_id LEFT JOIN posts ON posts.post_id = listings.post_id
"""
SHOWN = _SHOWN.replace("{source}", "listings")

GET = SHOWN + "WHERE listings.id = $1 AND erased_at IS NULL"


async def get(sql: Reader, listing_id: UUID) -> Row | None:
    """Give a listing as people see it."""
    return await sql.row(GET, listing_id)


OF_OWNER = (
    SHOWN
    + """
WHERE owner_account_id = $1 AND erased_at IS NULL AND ($2::uuid IS NULL OR listings.id < $2)
ORDER BY listings.id DESC LIMIT $3
"""
)


async def list_of_owner(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List an account's own listings in every state, newest first."""
    return await sql.rows(OF_OWNER, account_id, after, limit)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the listings on show are wanted; empty fields do not narrow. `after`: the last one seen."""

    category: str | None = None
    post_id: UUID | None = None
    business_id: UUID | None = None
    words: str | None = None
    after: UUID | None = None


_CONDITIONS: Final = {
    "category": "category = {}",
    "post_id": "post_id = {}",
    "business_id": "business_id = {}",
    "words": "search @@ websearch_to_tsquery('indonesian', {})",
    "after": "(published_at, id) < (SELECT published_at, id FROM listings WHERE id = {})",
}

# A page is cut out before anything is joined: a common word must not look up a hundred thousand businesses.
PAGE_ON_SHOW = """(
    SELECT * FROM listings WHERE status = 'published'{conditions} ORDER BY published_at DESC, id DESC LIMIT $1
) AS listings"""
ON_SHOW = _SHOWN.replace("{source}", PAGE_ON_SHOW) + "ORDER BY published_at DESC, listings.id DESC"


async def list_on_show(sql: Reader, wanted: Wanted, limit: int) -> list[Row]:
    """List what is on show, newest first.

    Only the conditions that are wanted are sent, so that each combination gets a plan of its own: one statement with
    `$1 IS NULL OR …` for all of them would be planned once for none of them.
    """
    conditions, arguments = "", [limit]
    for field, condition in _CONDITIONS.items():
        value = getattr(wanted, field)
        if value is not None:
            arguments.append(value)
            conditions += " AND " + condition.format(f"${len(arguments)}")
    return await sql.rows(ON_SHOW.format(conditions=conditions), *arguments)
