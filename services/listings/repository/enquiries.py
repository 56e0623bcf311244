"""SQL of enquiries: noting one down, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.enquiry import Outcome
from services.listings.repository.promotions import RUNNING
from shared.db import Reader, Row, Transaction

ON_SALE = (
    """
SELECT listings.id, listings.whatsapp, coalesce(promotion_price_idr, listings.price_idr) AS price_idr
FROM listings JOIN businesses ON businesses.id = business_id"""
    + RUNNING
    + "WHERE listings.id = $1 AND listings.status = 'published' AND erased_at IS NULL"
)


async def on_sale(sql: Reader, listing_id: UUID) -> Row | None:
    """Give the seller's number and the present price, in whole rupiah, of a product on show."""
    return await sql.row(ON_SALE, listing_id)


# Several references are offered, so that one that is taken costs no second try.
ADD = """
INSERT INTO enquiries (id, listing_id, reference, units, variant, price_idr, at)
SELECT $1, $2, offered, $4, $5, $6, $7 FROM unnest($3::text[]) AS offered
WHERE NOT EXISTS (SELECT FROM enquiries WHERE reference = offered) LIMIT 1
ON CONFLICT (reference) DO NOTHING RETURNING reference
"""


async def add(
    tx: Transaction,
    enquiry_id: UUID,
    listing_id: UUID,
    references: Sequence[str],
    *,
    units: int,
    variant: str | None,
    price_idr: int,
    now: datetime,
) -> str | None:
    """Note an enquiry down under the first free reference, which it gives; None where somebody took it this moment."""
    reference: str | None = await tx.value(
        ADD, enquiry_id, listing_id, list(references), units, variant, price_idr, now
    )
    return reference


LISTING_OF = "SELECT listing_id FROM enquiries WHERE id = $1"


async def listing_of(sql: Reader, enquiry_id: UUID) -> UUID | None:
    """Tell of which listing an enquiry is."""
    listing_id: UUID | None = await sql.value(LISTING_OF, enquiry_id)
    return listing_id


SETTLE = "UPDATE enquiries SET outcome = $2, outcome_at = $3 WHERE id = $1"


async def settle(tx: Transaction, enquiry_id: UUID, outcome: Outcome, now: datetime) -> None:
    """Write what became of an enquiry."""
    await tx.run(SETTLE, enquiry_id, outcome, now)


SHOWN = "SELECT id, listing_id, reference, units, variant, price_idr, at, outcome FROM enquiries "

GET = SHOWN + "WHERE id = $1"


async def get(sql: Reader, enquiry_id: UUID) -> Row | None:
    """Give an enquiry as the owner sees it."""
    return await sql.row(GET, enquiry_id)


OF_LISTING = SHOWN + "WHERE listing_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"


async def list_of_listing(sql: Reader, listing_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List a listing's enquiries, newest first."""
    return await sql.rows(OF_LISTING, listing_id, after, limit)
