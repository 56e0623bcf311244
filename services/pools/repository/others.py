"""What pools knows of people, posts and offers: its own small copies, kept from events."""

from __future__ import annotations

from uuid import UUID

from shared.contracts.offers import OfferChanged, OfferPublished
from shared.db import Transaction

KEEP_PERSON = """
INSERT INTO people (account_id, name, version) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, version = excluded.version
WHERE people.version < excluded.version
"""
# The row stays without the name, so that an older profile which comes late does not bring it back.
FORGET_PERSON = """
INSERT INTO people (account_id, version) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET name = NULL, version = greatest(people.version, excluded.version)
"""
KEEP_POST = "INSERT INTO posts (post_id, name) VALUES ($1, $2) ON CONFLICT (post_id) DO UPDATE SET name = excluded.name"
KEEP_OFFER = """
INSERT INTO offers (offer_id, offer_version, supplier_id, supplier_name, supplier_account_id, technology_id, technology, terms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (offer_id) DO UPDATE SET offer_version = excluded.offer_version, supplier_name = excluded.supplier_name,
    technology = excluded.technology, terms = excluded.terms
WHERE offers.offer_version < excluded.offer_version
"""
WITHDRAW_OFFER = "UPDATE offers SET withdrawn = true WHERE offer_id = $1"


async def keep_person(tx: Transaction, account_id: UUID, name: str, version: int) -> None:
    """Keep a person's name, unless a newer one is known."""
    await tx.run(KEEP_PERSON, account_id, name, version)


async def forget_person(tx: Transaction, account_id: UUID, version: int) -> None:
    """Delete a person's name for good."""
    await tx.run(FORGET_PERSON, account_id, version)


async def keep_post(tx: Transaction, post_id: UUID, name: str) -> None:
    """Keep a post's name."""
    await tx.run(KEEP_POST, post_id, name)


async def keep_offer(tx: Transaction, offer: OfferPublished | OfferChanged) -> None:
    """Keep an offer's terms, unless a newer version is known."""
    technology = {
        "slug": offer.technology_slug,
        "name_id": offer.technology_name_id,
        "name_en": offer.technology_name_en,
    }
    await tx.run(
        KEEP_OFFER,
        offer.offer_id,
        offer.offer_version,
        offer.supplier_id,
        offer.supplier_name,
        offer.supplier_account_id,
        offer.technology_id,
        technology,
        offer.terms.model_dump(mode="json"),
    )


async def withdraw_offer(tx: Transaction, offer_id: UUID) -> None:
    """Keep that no pool may open from an offer any more."""
    await tx.run(WITHDRAW_OFFER, offer_id)
