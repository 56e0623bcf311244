"""Offers: publishing, changing into a new version, withdrawing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.offers.commands.suppliers import own_supplier
from services.offers.domain import offer as rules
from services.offers.domain.offer import Offer, OfferStatus
from services.offers.domain.refusals import UnknownTechnology
from services.offers.domain.supplier import expect_verified
from services.offers.domain.terms import check_terms
from services.offers.repository import offers as repository
from services.offers.repository.technologies import listed_technology
from shared.auth import Principal, require
from shared.contracts.offers import OfferChanged, OfferPublished, OfferTerms, OfferWithdrawn
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id


async def publish(
    tx: Transaction, who: Principal, *, supplier_id: UUID, technology_id: UUID, terms: OfferTerms, note: str | None
) -> Offer:
    """Stand by terms. Raises `NotFound`, `NotAllowed`, `SupplierNotVerified`, `UnknownTechnology` or `BadTerms`."""
    supplier = await own_supplier(tx, who, supplier_id)
    expect_verified(supplier)
    technology = await listed_technology(tx, technology_id)
    if technology is None:
        raise UnknownTechnology
    check_terms(terms)
    offer = Offer(
        id=new_id(),
        version=1,
        supplier_id=supplier.id,
        supplier_name=supplier.name,
        supplier_account_id=supplier.account_id,
        technology=technology.ref,
        terms=terms,
        note=note,
    )
    await repository.insert_offer(tx, offer, who.account_id, await tx.now())
    tx.emit(OfferPublished(**_snapshot(offer)))
    return offer


async def change(
    tx: Transaction, who: Principal, offer_id: UUID, *, terms: OfferTerms, note: str | None, seen_version: int | None
) -> Offer:
    """Make a new version. Raises `NotFound`, `NotAllowed`, `OfferWithdrawnAlready`, `OfferChangedMeanwhile`, `BadTerms`."""
    before = await _own_offer(tx, who, offer_id)
    offer = rules.change(before, terms, note, seen_version)
    if offer.version != before.version:
        await repository.insert_version(tx, offer, who.account_id, await tx.now())
        await repository.save_offer(tx, offer)
        tx.emit(OfferChanged(**_snapshot(offer)))
    return offer


async def withdraw(tx: Transaction, who: Principal, offer_id: UUID) -> Offer:
    """Let no pool open from an offer any more; repeating it does nothing. Raises `NotFound` or `NotAllowed`."""
    before = await _own_offer(tx, who, offer_id)
    offer = rules.withdraw(before)
    if before.status is OfferStatus.PUBLISHED:
        await repository.save_offer(tx, offer)
        tx.emit(OfferWithdrawn(offer_id=offer.id, supplier_id=offer.supplier_id))
    return offer


async def _own_offer(tx: Transaction, who: Principal, offer_id: UUID) -> Offer:
    offer = await repository.lock_offer(tx, offer_id)
    if offer is None:
        raise NotFound
    require(offer.supplier_account_id == who.account_id or who.holds("supplier", offer.supplier_id))
    return offer


def _snapshot(offer: Offer) -> dict[str, Any]:
    return {
        "offer_id": offer.id,
        "offer_version": offer.version,
        "supplier_id": offer.supplier_id,
        "supplier_name": offer.supplier_name,
        "supplier_account_id": offer.supplier_account_id,
        "technology_id": offer.technology.id,
        "technology_slug": offer.technology.slug,
        "technology_name_id": offer.technology.name_id,
        "technology_name_en": offer.technology.name_en,
        "terms": offer.terms,
    }
