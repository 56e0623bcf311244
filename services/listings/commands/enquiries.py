"""Enquiries: noting down that somebody goes to the seller with an order in mind, and what became of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from services.listings.commands.owning import require_own_listing
from services.listings.domain import enquiry as rules
from services.listings.domain.enquiry import Outcome
from services.listings.repository import enquiries
from shared.auth import Principal
from shared.db import Transaction
from shared.errors import NotFound, Unavailable
from shared.ids import new_id

_OFFERED = 8


@dataclass(frozen=True, slots=True)
class Noted:
    """An enquiry as the buyer needs it: under which reference, to which number (E.164), at which price of one."""

    reference: str
    whatsapp: str
    price_idr: int


async def enquire(tx: Transaction, listing_id: UUID, *, units: int, variant: str | None = None) -> Noted:
    """Note an enquiry about a product on show down. Nothing tells who it was.

    Raises `NotFound`, and `Unavailable` in the unheard-of case that every reference offered is taken.
    """
    product = await enquiries.on_sale(tx, listing_id)
    if product is None:
        raise NotFound
    offered = [
        rules.reference([secrets.randbelow(len(rules.ALPHABET)) for _ in range(rules.LETTERS)]) for _ in range(_OFFERED)
    ]
    reference = await enquiries.add(
        tx, new_id(), listing_id, offered, units=units, variant=variant, price_idr=product["price_idr"],
        now=await tx.now(),
    )  # fmt: skip
    if reference is None:
        raise Unavailable(part="references")
    return Noted(reference, product["whatsapp"], product["price_idr"])


async def settle_enquiry(tx: Transaction, who: Principal, enquiry_id: UUID, outcome: Outcome) -> None:
    """Say what became of an enquiry about one's own product; may be corrected. Raises `NotFound`, `NotAllowed`."""
    listing_id = await enquiries.listing_of(tx, enquiry_id)
    if listing_id is None:
        raise NotFound
    await require_own_listing(tx, who, listing_id)
    await enquiries.settle(tx, enquiry_id, outcome, await tx.now())
