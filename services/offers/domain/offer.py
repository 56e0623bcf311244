"""Offers: terms that a supplier stands by. Each change is a new version; pools keep the version that they copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.offers.domain.refusals import OfferChangedMeanwhile, OfferWithdrawnAlready
from services.offers.domain.technology import TechnologyRef
from services.offers.domain.terms import check_terms
from shared.contracts.offers import OfferTerms


class OfferStatus(StrEnum):
    """Whether pools may open from an offer."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer at its newest version. `supplier_account_id`: who owns the supplier."""

    id: UUID
    version: int
    supplier_id: UUID
    supplier_name: str
    supplier_account_id: UUID
    technology: TechnologyRef
    terms: OfferTerms
    note: str | None
    status: OfferStatus = OfferStatus.PUBLISHED


def change(offer: Offer, terms: OfferTerms, note: str | None, seen_version: int | None) -> Offer:
    """Give the next version; the same one where nothing differs.

    `seen_version`: the version that the caller has changed, where told. Raises `OfferWithdrawnAlready`,
    `OfferChangedMeanwhile` or a `BadTerms` refusal.
    """
    if offer.status is OfferStatus.WITHDRAWN:
        raise OfferWithdrawnAlready
    if seen_version is not None and seen_version != offer.version:
        raise OfferChangedMeanwhile(current_version=offer.version)
    if (terms, note) == (offer.terms, offer.note):
        return offer
    check_terms(terms)
    return replace(offer, version=offer.version + 1, terms=terms, note=note)


def withdraw(offer: Offer) -> Offer:
    """Let no pool open from the offer any more; the same offer if it is withdrawn already."""
    return replace(offer, status=OfferStatus.WITHDRAWN)
