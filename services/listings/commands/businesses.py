"""Businesses: presenting one to a post, changing it, its review there, and forgetting its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.listings.commands import moderation, photos
from services.listings.domain import business as business_rules
from services.listings.domain.business import Business
from services.listings.domain.refusals import PostUnknown
from services.listings.repository import businesses, history, listings, managers, permits, projections, searches
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
        whatsapp=whatsapp,
        status="pending",
        version=1,
        story=story,
        kelurahan_code=kelurahan_code,
        categories=tuple(categories),
        assisted_by=who.assisted_by,
    )
    await businesses.add(tx, business, now)
    await history.add(tx, who, "registered", 1, now, business_id=business.id)
    tx.emit(BusinessRegistered(business_id=business.id, owner_account_id=who.account_id, post_id=post_id, name=name))
    return business.id


async def revise_business(
    tx: Transaction, who: Principal, business_id: UUID, changes: Mapping[str, object], seen_version: int | None = None
) -> None:
    """Change fields of a business that one runs; nothing happens if nothing differs.

    Raises `NotFound`, `NotAllowed`, `StaleBusiness`.
    """
    before = await held_business(tx, business_id)
    require(before.run_by(who.account_id))
    after = business_rules.revised(before, changes, seen_version)
    if after == before:
        return
    await businesses.save(tx, after)
    details = business_rules.differences(before, after)
    await history.add(tx, who, "changed", after.version, await tx.now(), business_id=after.id, details=details)
    tx.emit(*business_rules.told(before, after))


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


async def forget_owner(tx: Transaction, account_id: UUID) -> None:
    """Erase what tells of a person who asked to be forgotten, and take their products off. May be repeated.

    Businesses that the person only managed stay, without them.
    """
    await searches.forget(tx, account_id)
    now = await tx.now()
    await managers.forget(tx, account_id, now)
    gone = await businesses.erase_of_owner(tx, account_id, now)
    if not gone:
        return
    gone_ids = [business_id for business_id, _ in gone]
    await permits.erase_of_businesses(tx, gone_ids)
    await managers.erase_of_businesses(tx, gone_ids)
    taken_off = await listings.erase_of_businesses(tx, gone_ids)
    await photos.forget_photos(tx, [row["id"] for row in taken_off], now)
    await moderation.erase(tx, [row["id"] for row in taken_off], now)
    await history.erase(tx, account_id, gone, [(row["id"], row["version"]) for row in taken_off], now)
    tx.emit(
        *(
            ListingWithdrawn(listing_id=row["id"], business_id=row["business_id"], post_id=row["post_id"])
            for row in taken_off
            if row["was_on_show"]
        )
    )


async def held_business(tx: Transaction, business_id: UUID) -> Business:
    """Give a business and hold it until the commit. Raises `NotFound`."""
    business = await businesses.lock(tx, business_id)
    if business is None:
        raise NotFound
    return business


async def _business_at_own_post(tx: Transaction, who: Principal, business_id: UUID) -> Business:
    business = await held_business(tx, business_id)
    require(who.operates(business.post_id))
    return business


async def _save_review(tx: Transaction, who: Principal, before: Business, after: Business) -> None:
    await businesses.save(tx, after)
    details = {} if before.reason == after.reason else {"reason": [before.reason, after.reason]}
    await history.add(tx, who, after.status, after.version, await tx.now(), business_id=after.id, details=details)
