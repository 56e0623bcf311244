"""SQL of promotions: planning, ending, telling, and the price that holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.promotion import Promotion
from shared.auth import Principal
from shared.db import Reader, Row, Transaction

RUNNING = """
LEFT JOIN LATERAL (
    SELECT promotions.price_idr AS promotion_price_idr, promotions.ends_at AS promotion_ends_at FROM promotions
    WHERE promotions.listing_id = listings.id AND promotions.price_idr < listings.price_idr
      AND promotions.starts_at <= statement_timestamp() AND promotions.runs_until > statement_timestamp()
) AS promotion ON true
"""
"""To be put behind `FROM listings`: adds the columns `promotion_price_idr` and `promotion_ends_at`, NULL where none runs.

At most one row each, as the database lets no two promotions of one listing overlap.
"""

_RUNNING_OF = """
SELECT listings.id, promotion_price_idr, promotion_ends_at FROM listings {running}
WHERE listings.id = ANY ($1::uuid[]) AND promotion_price_idr IS NOT NULL
"""
RUNNING_OF = _RUNNING_OF.replace("{running}", RUNNING)


async def running(sql: Reader, listing_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, datetime]]:
    """Give the price in whole rupiah and the end of the promotion that runs now, of those listings that have one."""
    rows = await sql.rows(RUNNING_OF, list(listing_ids))
    return {row["id"]: (row["promotion_price_idr"], row["promotion_ends_at"]) for row in rows}


_COLUMNS = "SELECT id, listing_id, price_idr, starts_at, ends_at, cancelled_at FROM promotions"

NOT_OVER = _COLUMNS + " WHERE listing_id = $1 AND runs_until > $2 AND cancelled_at IS NULL ORDER BY starts_at"


async def not_over(tx: Transaction, listing_id: UUID, now: datetime) -> list[Promotion]:
    """List what runs or waits of a listing, which the caller holds, so that nothing is added meanwhile."""
    return [Promotion(**row) for row in await tx.rows(NOT_OVER, listing_id, now)]


ADD = """
INSERT INTO promotions (id, listing_id, price_idr, starts_at, ends_at, account_id, assisted_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(tx: Transaction, promotion: Promotion, who: Principal) -> None:
    """Write a new promotion. Raises `DataRefused` if it overlaps another."""
    await tx.run(
        ADD, promotion.id, promotion.listing_id, promotion.price_idr, promotion.starts_at, promotion.ends_at,
        who.account_id, who.assisted_by,
    )  # fmt: skip


LISTING_OF = "SELECT listing_id FROM promotions WHERE id = $1"


async def listing_of(sql: Reader, promotion_id: UUID) -> UUID | None:
    """Tell whose promotion it is."""
    listing_id: UUID | None = await sql.value(LISTING_OF, promotion_id)
    return listing_id


LOCK = _COLUMNS + " WHERE id = $1 FOR UPDATE"


async def lock(tx: Transaction, promotion_id: UUID) -> Promotion | None:
    """Give a promotion and hold it until the commit."""
    row = await tx.row(LOCK, promotion_id)
    return Promotion(**row) if row else None


CANCEL = "UPDATE promotions SET cancelled_at = $2 WHERE id = ANY ($1::uuid[])"


async def cancel(tx: Transaction, promotion_ids: Sequence[UUID], now: datetime) -> None:
    """End promotions early, or call them off."""
    await tx.run(CANCEL, list(promotion_ids), now)


END_OUTPRICED = """
UPDATE promotions SET cancelled_at = $2 FROM listings
WHERE listings.id = listing_id AND listing_id = ANY ($1::uuid[]) AND promotions.price_idr >= listings.price_idr
  AND cancelled_at IS NULL AND ends_at > $2
"""


async def end_outpriced(tx: Transaction, listing_ids: Sequence[UUID], now: datetime) -> None:
    """End what is no promotion any more, after the prices of listings, which the caller holds, were changed."""
    if listing_ids:
        await tx.run(END_OUTPRICED, list(listing_ids), now)


# Neither the listing nor the promotion is waited for: whoever holds one may be ending it, and the next look finds out.
DUE = """
SELECT promotions.id, listing_id, business_id, post_id, promotions.price_idr, ends_at
FROM promotions JOIN listings ON listings.id = listing_id
WHERE told_at IS NULL AND cancelled_at IS NULL AND starts_at <= $1 AND ends_at > $1
  AND listings.status = 'published' AND promotions.price_idr < listings.price_idr
ORDER BY starts_at, promotions.id LIMIT $2
FOR UPDATE OF promotions SKIP LOCKED FOR SHARE OF listings SKIP LOCKED
"""


async def take_due(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Take promotions of products on show that run and that nobody has been told of."""
    return await tx.rows(DUE, now, limit)


TOLD = "UPDATE promotions SET told_at = $2 WHERE id = ANY ($1::uuid[])"


async def mark_told(tx: Transaction, promotion_ids: Sequence[UUID], now: datetime) -> None:
    """Remember that others have been told."""
    await tx.run(TOLD, list(promotion_ids), now)


SHOWN = """
SELECT id, listing_id, price_idr, starts_at, ends_at, cancelled_at,
       CASE WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN ends_at <= statement_timestamp() THEN 'over'
            WHEN starts_at <= statement_timestamp() THEN 'running' ELSE 'coming' END AS status
FROM promotions
"""

GET = SHOWN + "WHERE id = $1"


async def get(sql: Reader, promotion_id: UUID) -> Row | None:
    """Give a promotion as its owner sees it."""
    return await sql.row(GET, promotion_id)


OF_LISTING = (
    SHOWN
    + """
WHERE listing_id = $1 AND ($2::timestamptz IS NULL OR (starts_at, id) < ($2, $3::uuid))
ORDER BY starts_at DESC, id DESC LIMIT $4
"""
)


async def list_of_listing(sql: Reader, listing_id: UUID, after: tuple[datetime, UUID] | None, limit: int) -> list[Row]:
    """List a listing's promotions, the latest beginning first."""
    return await sql.rows(OF_LISTING, listing_id, *(after or (None, None)), limit)
