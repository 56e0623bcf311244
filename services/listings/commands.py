"""The use cases of listings: businesses and their review, products and their ways on and off show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.listings.domain import business as business_rules
from services.listings.domain import listing as listing_rules
from services.listings.domain.business import Business
from services.listings.domain.listing import Listing, ListingStatus
from services.listings.domain.refusals import PostUnknown
from services.listings.repository import businesses, history, listings, projections
from shared.auth import Principal, require
from shared.contracts.listings import BusinessRegistered, BusinessRejected, BusinessVerified, ListingWithdrawn
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id


async def register_business(
    tx: Transaction,
    who: Principal,
    *,
    post_id: UUID,
    name: str,
    whatsapp: str,
    story: str | None = None,
    kelurahan_code: str | None = None,
    categories: Sequence[str] = (),
) -> UUID:
    """Present a business to a post; gives its id. `whatsapp` in E.164. Raises `PostUnknown`."""
    if not await projections.post_known(tx, post_id):
        raise PostUnknown
    now = await tx.now()
    business = Business(
        id=new_id(),
        owner_account_id=who.account_id,
        post_id=post_id,
        name=name,
        status="pending",
        reason=None,
        assisted_by=who.assisted_by,
        reviewed_by=None,
        version=1,
    )
    await businesses.add(
        tx, business, story=story, whatsapp=whatsapp, kelurahan_code=kelurahan_code, categories=categories, now=now
    )
    await history.add(tx, who, "registered", 1, now, business_id=business.id)
    tx.emit(BusinessRegistered(business_id=business.id, owner_account_id=who.account_id, post_id=post_id, name=name))
    return business.id


async def verify_business(tx: Transaction, who: Principal, business_id: UUID) -> None:
    """Verify a business as an operator of its post. Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `AlreadyReviewed`."""
    business = await _business_at_own_post(tx, who, business_id)
    after = business_rules.verified(business, who.account_id)
    await _save_review(tx, who, business, after)
    tx.emit(
        BusinessVerified(
            business_id=after.id,
            owner_account_id=after.owner_account_id,
            post_id=after.post_id,
            verified_by=who.account_id,
        )
    )


async def reject_business(tx: Transaction, who: Principal, business_id: UUID, reason: str) -> None:
    """Turn a business down as an operator of its post. Raises as `verify_business` does."""
    business = await _business_at_own_post(tx, who, business_id)
    after = business_rules.rejected(business, who.account_id, reason)
    await _save_review(tx, who, business, after)
    tx.emit(
        BusinessRejected(
            business_id=after.id, owner_account_id=after.owner_account_id, post_id=after.post_id, reason=reason
        )
    )


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
) -> UUID:
    """Draft a product of one's own business; gives its id. Raises `NotFound`, `NotAllowed`."""
    business = await businesses.lock(tx, business_id)
    if business is None:
        raise NotFound
    require(business.owner_account_id == who.account_id)
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
    )
    await listings.add(tx, listing, now)
    await history.add(tx, who, "created", 1, now, listing_id=listing.id)
    return listing.id


async def revise_listing(
    tx: Transaction, who: Principal, listing_id: UUID, changes: Mapping[str, object], seen_version: int | None = None
) -> None:
    """Change fields of one's own listing; nothing happens if nothing differs.

    Raises `NotFound`, `NotAllowed`, `StaleVersion`, `WrongListingState`.
    """
    before = await _own_listing(tx, who, listing_id)
    after = listing_rules.revised(before, changes, seen_version)
    if after != before:
        await _save_listing(tx, who, "changed", before, after)


async def move_listing(tx: Transaction, who: Principal, listing_id: UUID, to: ListingStatus) -> None:
    """Publish, pause or archive one's own listing.

    Raises `NotFound`, `NotAllowed`, `WrongListingState`, `BusinessNotVerified`.
    """
    before = await _own_listing(tx, who, listing_id)
    await _save_listing(tx, who, to, before, listing_rules.moved(before, to))


async def forget_owner(tx: Transaction, account_id: UUID) -> None:
    """Erase what tells of a person who asked to be forgotten, and take their products off. May be repeated."""
    now = await tx.now()
    gone = await businesses.erase_of_owner(tx, account_id, now)
    if not gone:
        return
    taken_off = await listings.erase_of_businesses(tx, [business_id for business_id, _ in gone])
    await history.erase(tx, account_id, gone, [(row["id"], row["version"]) for row in taken_off], now)
    tx.emit(
        *(
            ListingWithdrawn(listing_id=row["id"], business_id=row["business_id"], post_id=row["post_id"])
            for row in taken_off
            if row["was_on_show"]
        )
    )


async def _business_at_own_post(tx: Transaction, who: Principal, business_id: UUID) -> Business:
    business = await businesses.lock(tx, business_id)
    if business is None:
        raise NotFound
    require(who.operates(business.post_id))
    return business


async def _save_review(tx: Transaction, who: Principal, before: Business, after: Business) -> None:
    await businesses.save(tx, after)
    details = {} if before.reason == after.reason else {"reason": [before.reason, after.reason]}
    await history.add(tx, who, after.status, after.version, await tx.now(), business_id=after.id, details=details)


async def _own_listing(tx: Transaction, who: Principal, listing_id: UUID) -> Listing:
    listing = await listings.lock(tx, listing_id)
    if listing is None:
        raise NotFound
    require(listing.owner_account_id == who.account_id)
    return listing


async def _save_listing(tx: Transaction, who: Principal, what: str, before: Listing, after: Listing) -> None:
    now = await tx.now()
    await listings.save(tx, after, now)
    details = listing_rules.differences(before, after)
    await history.add(tx, who, what, after.version, now, listing_id=after.id, details=details)
    tx.emit(*listing_rules.told(before, after))
