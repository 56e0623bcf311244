"""Photos of one's listings: adding, describing, putting in order, deleting, and removing files that nobody needs."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.listings.commands import moderation
from services.listings.commands.owning import require_own_listing
from services.listings.darkroom import Developed
from services.listings.domain import photo as rules
from services.listings.domain.listing import Listing
from services.listings.domain.photo import MOST_UPLOADS_A_DAY, Photo
from services.listings.domain.photo_refusals import PhotosBusy, TooManyAtOnce
from services.listings.domain.refusals import WrongListingState
from services.listings.repository import photos
from services.listings.resources import Resources
from shared.auth import Principal
from shared.db import Transaction
from shared.errors import NotFound
from shared.ids import new_id
from shared.service import Context

SWEEP_AFTER: Final = timedelta(days=1)
"""How long files stay that no photo needs: whoever looks at a page just now still gets them."""
SWEEP_LEASE: Final = timedelta(minutes=10)
SWEEP_BATCH: Final = 50


async def add_photo(context: Context, listing_id: UUID, who: Principal, body: bytes) -> Photo:
    """Make a photo of a file and put it behind the others of one's listing; a file that is there already gives its photo.

    Opens its own transactions: reading and keeping pictures takes seconds, and no transaction waits for that. Raises
    `NotFound`, `NotAllowed`, `WrongListingState`, `TooManyPhotos`, `TooManyAtOnce`, and what `Darkroom.develop` and the
    store raise.
    """
    resources: Resources = context.resources
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(body).digest())
    async with context.db.transaction() as tx:
        found = await _room_for(tx, who, listing_id, sha256)
    if isinstance(found, Photo):
        return found
    developed = await resources.darkroom.develop(body, who.account_id)
    photo_id = new_id()
    async with context.db.transaction() as tx:
        await _note_files(tx, who, photo_id)
    for name, file in developed.files.items():
        await resources.photos.put(rules.object_key(photo_id, name), file)
    async with context.db.transaction() as tx:
        return await _keep(tx, who, listing_id, photo_id, sha256, developed)


async def describe_photo(tx: Transaction, who: Principal, photo_id: UUID, alt: str | None) -> None:
    """Write what is to be seen on a photo. Raises `NotFound`, `NotAllowed`, `WrongListingState`."""
    photo, _ = await _own_photo(tx, who, photo_id)
    await photos.describe(tx, photo.id, alt)


async def order_photos(tx: Transaction, who: Principal, listing_id: UUID, ids: Sequence[UUID]) -> None:
    """Put all photos of one's listing in order; the first is its cover.

    Raises `NotFound`, `NotAllowed`, `WrongListingState`, `OtherPhotos`.
    """
    await _own_listing(tx, who, listing_id)
    rules.require_same([photo.id for photo in await photos.of_listing(tx, listing_id)], ids)
    await photos.put_in_order(tx, listing_id, ids)
    await photos.renew_covers(tx, [listing_id])


async def delete_photo(tx: Transaction, who: Principal, photo_id: UUID) -> None:
    """Delete a photo of one's own; those behind it move up. Raises `NotFound`, `NotAllowed`, `WrongListingState`."""
    photo, listing = await _own_photo(tx, who, photo_id)
    await photos.delete(tx, photo.id)
    await photos.put_in_order(tx, listing.id, [other.id for other in await photos.of_listing(tx, listing.id)])
    await photos.renew_covers(tx, [listing.id])
    await photos.leave_files(tx, [photo.id], await tx.now() + SWEEP_AFTER)


async def forget_photos(tx: Transaction, listing_ids: Sequence[UUID], now: datetime) -> None:
    """Delete every photo of some listings, whose owner asked to be forgotten."""
    gone = await photos.delete_of_listings(tx, listing_ids)
    if gone:
        await photos.renew_covers(tx, listing_ids)
        await photos.leave_files(tx, gone, now + SWEEP_AFTER)


async def sweep_files(context: Context, now: datetime) -> int:
    """Remove files that no photo needs: of deleted ones, and of those that never came to be. Gives of how many photos."""
    resources: Resources = context.resources
    async with context.db.transaction() as tx:
        due = await photos.claim_due(tx, now, now + SWEEP_LEASE, SWEEP_BATCH)
    if not due:
        return 0
    await resources.photos.delete([key for photo_id in due for key in rules.object_keys(photo_id)])
    async with context.db.transaction() as tx:
        return await photos.forget_files(tx, due)


async def _room_for(tx: Transaction, who: Principal, listing_id: UUID, sha256: bytes) -> Photo | int:
    """Give the photo of the same file, or the place for one more. Holds the listing."""
    await _own_listing(tx, who, listing_id)
    present = await photos.of_listing(tx, listing_id)
    same = next((photo for photo in present if photo.sha256 == sha256), None)
    return same or rules.next_position(len(present))


async def _note_files(tx: Transaction, who: Principal, photo_id: UUID) -> None:
    now = await tx.now()
    if await photos.count_noted(tx, who.account_id, now - timedelta(days=1)) >= MOST_UPLOADS_A_DAY:
        raise TooManyAtOnce(retry_after_s=3600)
    await photos.note_files(tx, photo_id, who.account_id, now, now + SWEEP_AFTER)


async def _keep(
    tx: Transaction, who: Principal, listing_id: UUID, photo_id: UUID, sha256: bytes, developed: Developed
) -> Photo:
    """Write the row at last. Meanwhile somebody may have sent the same file, or the last one that there was room for."""
    found = await _room_for(tx, who, listing_id, sha256)
    if isinstance(found, Photo):
        return found
    photo = Photo(photo_id, listing_id, found, None, developed.sizes, sha256, developed.dhash)
    now = await tx.now()
    if not await photos.keep_files(tx, photo_id, now):
        raise PhotosBusy  # a process that slept for a day: its files are gone
    await photos.add(tx, photo, now)
    await photos.renew_covers(tx, [listing_id])
    await moderation.look_at_photo(tx, listing_id, photo_id, now)
    return photo


async def _own_photo(tx: Transaction, who: Principal, photo_id: UUID) -> tuple[Photo, Listing]:
    """Give a photo as it is once its listing is held."""
    photo = await photos.get(tx, photo_id)
    if photo is None:
        raise NotFound
    listing = await _own_listing(tx, who, photo.listing_id)
    photo = await photos.get(tx, photo_id)
    if photo is None:
        raise NotFound
    return photo, listing


async def _own_listing(tx: Transaction, who: Principal, listing_id: UUID) -> Listing:
    listing = await require_own_listing(tx, who, listing_id)
    if listing.status == "archived":
        raise WrongListingState(listing_status=listing.status)
    return listing
