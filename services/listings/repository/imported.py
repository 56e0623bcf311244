"""SQL that writes many listings at once, with their history, as an import leads to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.domain.business import Business
from services.listings.domain.listing import Listing
from services.listings.domain.taking import Step
from shared.auth import Principal
from shared.db import Transaction, columns
from shared.json import dumps

FIELDS: Final = (
    ("name", "text"),
    ("description", "text"),
    ("category", "text"),
    ("price_idr", "bigint"),
    ("unit", "text"),
    ("stock", "int"),
    ("ready_in_days", "int"),
)
"""The columns that a row can fill, with their types: those of `domain.listing.REVISABLE` but the variants."""
_NAMES: Final = ", ".join(name for name, _ in FIELDS)
_ARRAYS: Final = ", ".join(f"${place}::{type_}[]" for place, (_, type_) in enumerate(FIELDS, 5))
_SET: Final = ", ".join(f"{name} = given.{name}" for name, _ in FIELDS)

# Both what rows name by their code and what they name by its name; the business is held by the caller.
LOCK_KNOWN = """
SELECT listings.id, business_id, listings.post_id, owner_account_id, businesses.status = 'verified' AS business_verified,
       {names}, listings.status, listings.version
FROM listings JOIN businesses ON businesses.id = business_id
WHERE listings.id IN (
    SELECT id FROM listings WHERE business_id = $1 AND id = ANY ($2::uuid[])
    UNION
    SELECT id FROM listings WHERE business_id = $1 AND status <> 'archived'
                              AND lower(name) = ANY (SELECT lower(name) FROM unnest($3::text[]) AS name)
)
ORDER BY listings.id FOR UPDATE OF listings
""".replace("{names}", ", ".join(f"listings.{name}" for name, _ in FIELDS))


async def lock_known(
    tx: Transaction, business_id: UUID, ids: Collection[UUID], names: Collection[str]
) -> list[Listing]:
    """Give the listings of a business with such ids or names, oldest first, and hold them until the commit."""
    return [Listing(**row) for row in await tx.rows(LOCK_KNOWN, business_id, list(ids), list(names))]


ADD_MANY = """
INSERT INTO listings (id, business_id, post_id, status, version, {names}, created_at, published_at)
SELECT id, $2, $3, status, version, {names}, $1::timestamptz, CASE WHEN status = 'published' THEN $1::timestamptz END
FROM unnest($4::uuid[], {arrays}, ${status}::text[], ${version}::int[]) AS given (id, {names}, status, version)
""".replace("{names}", _NAMES).replace("{arrays}", _ARRAYS)
ADD_MANY = ADD_MANY.replace("{status}", str(len(FIELDS) + 5)).replace("{version}", str(len(FIELDS) + 6))


async def add_many(tx: Transaction, listings: Sequence[Listing], now: datetime) -> None:
    """Write new listings of one business."""
    if listings:
        one = listings[0]
        await tx.run(ADD_MANY, now, one.business_id, one.post_id, *columns([_row(each) for each in listings], _WIDTH))


SAVE_MANY = (
    """
UPDATE listings
SET {set}, status = given.status, version = given.version,
    published_at = CASE WHEN given.status = 'published' THEN coalesce(published_at, $1::timestamptz) ELSE published_at END
FROM unnest($4::uuid[], {arrays}, ${status}::text[], ${version}::int[]) AS given (id, {names}, status, version)
WHERE listings.id = given.id AND business_id = $2 AND post_id = $3
""".replace("{names}", _NAMES)
    .replace("{arrays}", _ARRAYS)
    .replace("{set}", _SET)
)
SAVE_MANY = SAVE_MANY.replace("{status}", str(len(FIELDS) + 5)).replace("{version}", str(len(FIELDS) + 6))


async def save_many(tx: Transaction, listings: Sequence[Listing], now: datetime) -> None:
    """Write changed listings of one business; the first time on show is remembered."""
    if listings:
        one = listings[0]
        await tx.run(SAVE_MANY, now, one.business_id, one.post_id, *columns([_row(each) for each in listings], _WIDTH))


_WIDTH: Final = len(FIELDS) + 3


def _row(listing: Listing) -> tuple[object, ...]:
    return (listing.id, *(getattr(listing, name) for name, _ in FIELDS), listing.status, listing.version)


ADD_HISTORY = """
INSERT INTO history (listing_id, version, what, account_id, assisted_by, at, details)
SELECT listing_id, version, what, $1, $2, $3, details::jsonb
FROM unnest($4::uuid[], $5::int[], $6::text[], $7::text[]) AS steps (listing_id, version, what, details)
"""


async def add_history(tx: Transaction, who: Principal, steps: Sequence[Step], now: datetime) -> None:
    """Remember the versions that listings went through."""
    rows = [(step.listing_id, step.version, step.what, dumps(dict(step.details)).decode()) for step in steps]
    if rows:
        await tx.run(ADD_HISTORY, who.account_id, who.assisted_by, now, *columns(rows, 4))


# Verified businesses stay verified; shared, so that their owners may go on with their other products.
HOLD_BUSINESS = """
SELECT id, owner_account_id, post_id, name, whatsapp, status, reason, assisted_by, reviewed_by, version
FROM businesses WHERE id = $1 AND erased_at IS NULL FOR SHARE
"""


async def hold_business(tx: Transaction, business_id: UUID) -> Business | None:
    """Give a business as it will be until the commit; None once its owner has been forgotten."""
    row = await tx.row(HOLD_BUSINESS, business_id)
    return Business(**row) if row else None
