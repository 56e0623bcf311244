"""Moderation: reports and suspicions open a case, operators decide it, owners appeal.

Whoever writes holds the listing first and its case then, so that no two of them wait for each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.listings.commands.owning import require_own_listing, runs
from services.listings.domain import moderation as rules
from services.listings.domain.forbidden import to_check
from services.listings.domain.listing import Listing, said, told
from services.listings.domain.moderation import Case, Reason
from services.listings.domain.moderation_refusals import OwnListing
from services.listings.repository import history, listings, moderation, photos, words
from services.listings.repository.moderation import Suspicion
from shared.auth import Principal, require
from shared.contracts.listings import ListingAppealRejected, ListingHidden, ListingRestored
from shared.db import Transaction
from shared.errors import NotFound


async def report(
    tx: Transaction, who: Principal | None, listing_id: UUID, key: str | None, reason: Reason, text: str | None
) -> None:
    """Report a product on show. `key`: of a visitor's form, so that sending it twice is one report.

    Raises `NotFound`, `OwnListing`, `WordsMissing`.
    """
    rules.require_words(reason, text)
    listing = await listings.lock(tx, listing_id)
    if listing is None or not listing.on_show:
        raise NotFound
    if who and await runs(tx, who, listing.business_id, listing.owner_account_id):
        raise OwnListing
    form = hashlib.sha256(f"{listing_id} {key}".encode()).digest() if key and who is None else None
    if form and await moderation.case_of_form(tx, form):
        await moderation.change_report(tx, form, reason, text)
        return
    now = await tx.now()
    await moderation.open_cases(tx, [listing_id], now)
    case = await moderation.lock(tx, listing_id)
    assert case is not None, "it was opened just now, or before"
    await moderation.add_report(tx, case.id, who.account_id if who else None, form, reason, text, now)


async def look_at(tx: Transaction, shown: Sequence[Listing], now: datetime, photos_of: Collection[UUID] = ()) -> None:
    """Look at products that are on show, with new words, and at the photos of those among them that have just come on show."""
    found = [suspicion for listing in shown if (suspicion := _words_of(listing))]
    if photos_of:
        found += await moderation.alike(tx, list(photos_of), rules.ALIKE_BITS)
    if found:
        await moderation.suspect(tx, found, now)


async def look_at_photo(tx: Transaction, listing_id: UUID, photo_id: UUID, now: datetime) -> None:
    """Look whether a new photo is another's; a draft's photos are looked at once it goes on show."""
    found = await moderation.alike(tx, [listing_id], rules.ALIKE_BITS, photo_id)
    if found:
        await moderation.suspect(tx, found, now)


async def follow(tx: Transaction, before: Listing, after: Listing, now: datetime) -> None:
    """Do what an owner's change of a product leads to: have a look at what is new on show; close what is over."""
    if after.status == "archived":
        await moderation.close(tx, [after.id], now)
    elif after.on_show and not before.on_show:
        await look_at(tx, [after], now, [after.id])
    elif after.on_show and said(before) != said(after):
        await look_at(tx, [after], now)


async def dismiss(tx: Transaction, who: Principal, case_id: UUID, note: str) -> None:
    """Let a product be, as an operator of its post. Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `WrongCaseState`."""
    case, _ = await _held(tx, who, case_id)
    after = rules.dismissed(case, who.account_id)
    await moderation.save(tx, after, await tx.now(), dismissed_by=who.account_id, note=note)


async def hide(tx: Transaction, who: Principal, case_id: UUID, reason: Reason, text: str) -> None:
    """Hide a product, as an operator of its post. `text`: for its owner.

    Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `WrongCaseState`, `WrongListingState`.
    """
    case, before = await _held(tx, who, case_id)
    hidden, after = rules.hidden(case, before, who.account_id, reason)
    now = await tx.now()
    await moderation.save(tx, hidden, now, words=text)
    await _save_listing(tx, who, "hidden", before, after, now, {"reason": [None, reason]})
    tx.emit(ListingHidden(**_about(after), reason=reason))


async def appeal(tx: Transaction, who: Principal, listing_id: UUID, text: str) -> None:
    """Speak against the hiding of one's own product. Raises `NotFound`, `NotAllowed`, `WrongCaseState`, `AppealUsed`."""
    listing = await require_own_listing(tx, who, listing_id)
    case = await moderation.lock(tx, listing_id)
    if case is None or listing.status != "hidden":
        raise NotFound
    before = await moderation.decided_appeals(tx, case.id)
    after = rules.appealed(case, before, await _seen(tx, listing))
    now = await tx.now()
    await moderation.save(tx, after, now)
    await moderation.add_appeal(tx, after, len(before) + 1, who, text, now)


async def restore(tx: Transaction, who: Principal, case_id: UUID, answer: str | None) -> None:
    """Grant an appeal, as another operator than who hid the product.

    Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `WrongCaseState`, `SameOperator`, `WrongListingState`.
    """
    case, before = await _held(tx, who, case_id)
    restored, after = rules.restored(case, before, who.account_id)
    now = await tx.now()
    # What the operator has before them is not brought up again when its owner pauses and publishes it.
    await look_at(tx, [after], now)
    seen = await _seen(tx, before)
    await moderation.decide_appeal(tx, case_id, who.account_id, now, is_granted=True, answer=answer, seen=seen)
    await moderation.save(tx, restored, now)
    await _save_listing(tx, who, "restored", before, after, now, {})
    tx.emit(ListingRestored(**_about(after)))


async def uphold(tx: Transaction, who: Principal, case_id: UUID, answer: str) -> None:
    """Turn an appeal down, as another operator than who hid the product. `answer`: for its owner.

    Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `WrongCaseState`, `SameOperator`.
    """
    case, listing = await _held(tx, who, case_id)
    after = rules.upheld(case, who.account_id)
    now, seen = await tx.now(), await _seen(tx, listing)
    await moderation.decide_appeal(tx, case_id, who.account_id, now, is_granted=False, answer=answer, seen=seen)
    await moderation.save(tx, after, now)
    may_repeat = len(await moderation.appeals_of(tx, case_id)) < rules.MOST_APPEALS
    tx.emit(ListingAppealRejected(**_about(listing), may_repeat=may_repeat))


async def forget(tx: Transaction, account_id: UUID) -> None:
    """Forget that somebody reported or appealed, with their words. May be repeated."""
    await moderation.forget(tx, account_id)


async def erase(tx: Transaction, listing_ids: Sequence[UUID], now: datetime) -> None:
    """Close the cases of products whose owner asked to be forgotten, and empty their texts."""
    await moderation.close(tx, listing_ids, now)
    await moderation.erase_of_listings(tx, listing_ids)


def _words_of(listing: Listing) -> Suspicion | None:
    found = to_check(listing.name, listing.description)
    if found is None:
        return None
    texts = "\0".join([listing.name, listing.description or ""])
    key = f"words:{hashlib.sha256(texts.encode()).hexdigest()}"
    return Suspicion(listing.id, key, "forbidden_goods", word=found.word, goods=found.group.code)


async def _held(tx: Transaction, who: Principal, case_id: UUID) -> tuple[Case, Listing]:
    """Give a case of one's post and its listing, and hold both until the commit."""
    listing_id = await moderation.listing_of(tx, case_id)
    listing = await listings.lock(tx, listing_id) if listing_id else None
    case = await moderation.lock(tx, listing.id, case_id) if listing else None
    if listing is None or case is None:
        raise NotFound
    require(who.operates(case.post_id))
    return case, listing


async def _seen(tx: Transaction, listing: Listing) -> str:
    return rules.seen(listing.version, [photo.id for photo in await photos.of_listing(tx, listing.id)])


async def _save_listing(
    tx: Transaction,
    who: Principal,
    what: str,
    before: Listing,
    after: Listing,
    now: datetime,
    details: Mapping[str, object],
) -> None:
    await listings.save(tx, after, now)
    if after.on_show:
        await words.learn(tx, [after.name])
    changed = {"status": [before.status, after.status], **details}
    await history.add(tx, who, what, after.version, now, listing_id=after.id, details=changed)
    tx.emit(*told(before, after))


def _about(listing: Listing) -> dict[str, object]:
    return {
        "listing_id": listing.id,
        "business_id": listing.business_id,
        "post_id": listing.post_id,
        "owner_account_id": listing.owner_account_id,
        "name": listing.name,
    }
