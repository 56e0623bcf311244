"""Offers and their versions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.offers.domain.offer import Offer, OfferStatus
from services.offers.domain.technology import TechnologyRef
from shared.contracts.offers import OfferTerms
from shared.db import Reader, Row

SELECT = """
SELECT offers.id, offers.version, offers.supplier_id, suppliers.name AS supplier_name, suppliers.account_id,
    offers.technology_id, technologies.slug, technologies.card ->> 'name_id' AS name_id,
    technologies.card ->> 'name_en' AS name_en, offer_versions.terms, offer_versions.note, offers.status
FROM offers
JOIN suppliers ON suppliers.id = offers.supplier_id
JOIN technologies ON technologies.id = offers.technology_id
JOIN offer_versions ON offer_versions.offer_id = offers.id AND offer_versions.version = offers.version
"""

INSERT = "INSERT INTO offers (id, supplier_id, technology_id, version, status) VALUES ($1, $2, $3, $4, $5)"

INSERT_VERSION = """
INSERT INTO offer_versions (offer_id, version, terms, note, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)
"""

UPDATE = "UPDATE offers SET version = $2, status = $3 WHERE id = $1"

# Locked before it is read together with its version: a join under FOR UPDATE may pair a new row with an old version.
LOCK = "SELECT id FROM offers WHERE id = $1 FOR UPDATE"

BY_ID = f"{SELECT} WHERE offers.id = $1"

PUBLISHED = f"""{SELECT}
WHERE offers.status = 'published'
  AND ($1::uuid IS NULL OR offers.technology_id = $1)
  AND ($2::uuid IS NULL OR offers.supplier_id = $2)
  AND ($3::uuid IS NULL OR offers.id < $3)
ORDER BY offers.id DESC LIMIT $4
"""

WITHDRAW_ALL = """
UPDATE offers SET status = 'withdrawn' WHERE supplier_id = ANY ($1::uuid[]) AND status = 'published'
RETURNING id, supplier_id
"""


async def insert_offer(sql: Reader, offer: Offer, by: UUID, now: datetime) -> None:
    """Write a new offer with its first version."""
    await sql.run(INSERT, offer.id, offer.supplier_id, offer.technology.id, offer.version, offer.status)
    await insert_version(sql, offer, by, now)


async def insert_version(sql: Reader, offer: Offer, by: UUID, now: datetime) -> None:
    """Keep the offer's present terms under its present version."""
    terms = offer.terms.model_dump(mode="json")
    await sql.run(INSERT_VERSION, offer.id, offer.version, terms, offer.note, by, now)


async def save_offer(sql: Reader, offer: Offer) -> None:
    """Write what may change of an offer itself."""
    await sql.run(UPDATE, offer.id, offer.version, offer.status)


async def read_offer(sql: Reader, offer_id: UUID) -> Offer | None:
    """Read one at its newest version."""
    row = await sql.row(BY_ID, offer_id)
    return _offer(row) if row else None


async def lock_offer(sql: Reader, offer_id: UUID) -> Offer | None:
    """Read one and keep it from changing until the transaction ends."""
    if await sql.row(LOCK, offer_id) is None:
        return None
    return await read_offer(sql, offer_id)


async def published_offers(
    sql: Reader, technology_id: UUID | None, supplier_id: UUID | None, after: UUID | None, limit: int
) -> list[Offer]:
    """List what pools may open from, newest first."""
    return [_offer(row) for row in await sql.rows(PUBLISHED, technology_id, supplier_id, after, limit)]


async def withdraw_offers_of(sql: Reader, supplier_ids: list[UUID]) -> list[tuple[UUID, UUID]]:
    """Withdraw all that suppliers have published. Gives pairs of offer and supplier."""
    return [(row["id"], row["supplier_id"]) for row in await sql.rows(WITHDRAW_ALL, supplier_ids)]


def _offer(row: Row) -> Offer:
    return Offer(
        id=row["id"],
        version=row["version"],
        supplier_id=row["supplier_id"],
        supplier_name=row["supplier_name"],
        supplier_account_id=row["account_id"],
        technology=TechnologyRef(row["technology_id"], row["slug"], row["name_id"], row["name_en"]),
        terms=OfferTerms.model_validate(row["terms"]),
        note=row["note"],
        status=OfferStatus(row["status"]),
    )
