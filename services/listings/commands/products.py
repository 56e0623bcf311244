"""Products: drafting them, and their ways on and off show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.listings.commands import moderation
from services.listings.commands.owning import require_own_listing
from services.listings.domain import listing as listing_rules
from services.listings.domain.listing import Listing, ListingStatus, Variant
from services.listings.repository import businesses, history, listings, promotions, words
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id


async def create_listing(
    tx: Transaction,
    who: Principal,
    *,
    business_id: UUID,
    name: str,
    category: str,
    price_idr: int,
    description: str | None = None,
    unit: str | None = None,
    stock: int | None = None,
    ready_in_days: int | None = None,
    variants: Sequence[Variant] = (),
    claims_ttg: bool = True,
) -> UUID:
    """Draft a product of one's own business; gives its id. Raises `NotFound`, `NotAllowed`, `StockOrDays`, `VariantTwice`."""
    business = await businesses.lock(tx, business_id)
    if business is None:
        raise NotFound
    require(business.run_by(who.account_id))
    now = await tx.now()
    listing = Listing(
        id=new_id(),
        business_id=business.id,
        post_id=business.post_id,
        owner_account_id=business.owner_account_id,
        business_verified=business.status == "verified",
        name=name,
        description=description,
        category=category,
        price_idr=price_idr,
        unit=unit,
        status="draft",
        version=1,
        stock=stock,
        ready_in_days=ready_in_days,
        variants=tuple(variants),
        claims_ttg=claims_ttg,
    )
    await listings.add(tx, listing_rules.checked(listing), now)
    await history.add(tx, who, "created", 1, now, listing_id=listing.id)
    return listing.id


async def revise_listing(
    tx: Transaction, who: Principal, listing_id: UUID, changes: Mapping[str, object], seen_version: int | None = None
) -> None:
    """Change fields of one's own listing; nothing happens if nothing differs.

    Raises `NotFound`, `NotAllowed`, `StaleVersion`, `WrongListingState`, `StockOrDays`, `VariantTwice`, `ForbiddenGoods`.
    """
    before = await require_own_listing(tx, who, listing_id)
    after = listing_rules.revised(before, changes, seen_version)
    if after != before:
        await _save_listing(tx, who, "changed", before, after)


async def move_listing(tx: Transaction, who: Principal, listing_id: UUID, to: ListingStatus) -> None:
    """Publish, pause or archive one's own listing.

    Raises `NotFound`, `NotAllowed`, `WrongListingState`, `BusinessNotVerified`, `ForbiddenGoods`.
    """
    before = await require_own_listing(tx, who, listing_id)
    await _save_listing(tx, who, to, before, listing_rules.moved(before, to))


async def _save_listing(tx: Transaction, who: Principal, what: str, before: Listing, after: Listing) -> None:
    now = await tx.now()
    await listings.save(tx, after, now)
    details = listing_rules.differences(before, after)
    if after.on_show and (not before.on_show or "name" in details):
        await words.learn(tx, [after.name])
    if "price_idr" in details:
        await promotions.end_outpriced(tx, [after.id], now)
    await history.add(tx, who, what, after.version, now, listing_id=after.id, details=details)
    tx.emit(*listing_rules.told(before, after))
    await moderation.follow(tx, before, after, now)
