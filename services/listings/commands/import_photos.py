"""Working off the pictures that imports name: taken from the ZIP or fetched by their links, outside any transaction."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from services.listings.domain.refusals import WrongListingState
from services.listings.picture_source_gateway import PictureRefused, PictureSource, PictureUnreachable
from services.listings.repository import import_photos
from services.listings.repository.import_photos import DuePhoto
from shared.auth import Principal
from shared.errors import Refusal, Unavailable
from shared.service import Context

log = structlog.get_logger()

AT_ONCE: Final = 4
MOST_TRIES: Final = 3
_LEASE: Final = timedelta(minutes=3)
_FIRST_PAUSE: Final = timedelta(seconds=30)
_NOT_KEPT: Final = "Gambar ini tidak ada di dalam ZIP."
_GIVEN_UP: Final = "Foto ini tidak dapat disimpan. Unggah langsung di halaman jualan."
_MOST_REASON: Final = 500


class AddPhoto(Protocol):
    """Puts a picture to a listing, in a transaction of its own. Raises a `Refusal` that its owner can act on.

    Killed between that and the note that it is done, the same picture is offered again: it must not stand there twice.
    """

    async def __call__(self, context: Context, listing_id: UUID, who: Principal, body: bytes) -> object:
        """Add the picture in the owner's name."""
        ...


async def work_off(context: Context, now: datetime, add_photo: AddPhoto, source: PictureSource) -> int:
    """Fetch the pictures that are due and put them to their listings; gives how many were tried."""
    async with context.db.transaction() as tx:
        due = await import_photos.claim(tx, now, now + _LEASE, AT_ONCE)
    await asyncio.gather(*(_work_off_one(context, now, photo, add_photo, source) for photo in due))
    return len(due)


async def _work_off_one(
    context: Context, now: datetime, photo: DuePhoto, add_photo: AddPhoto, source: PictureSource
) -> None:
    reason: str | None = None
    try:
        if photo.tries > MOST_TRIES:
            raise PictureRefused(_GIVEN_UP)
        content = await _content(context, photo, source)
        await add_photo(context, photo.listing_id, Principal(photo.account_id, assisted_by=photo.assisted_by), content)
    except (PictureUnreachable, Unavailable) as trouble:
        if photo.tries < MOST_TRIES:
            async with context.db.transaction() as tx:
                await import_photos.try_later(tx, photo, now + _FIRST_PAUSE * 4 ** (photo.tries - 1))
            return
        reason = trouble.reason if isinstance(trouble, PictureUnreachable) else _GIVEN_UP
    except PictureRefused as refused:
        reason = refused.reason
    except WrongListingState:
        reason = "Jualan ini sudah diarsipkan."
    except Refusal as refusal:
        reason = refusal.message()
    except Exception:
        # Left to its lease: tried again, and given up after the third time. The others go on.
        log.exception("photo of an import not added", listing_id=str(photo.listing_id), tries=photo.tries)
        return
    async with context.db.transaction() as tx:
        await import_photos.settle(tx, photo, reason[:_MOST_REASON] if reason else None)
        await import_photos.drop_files(tx, photo.import_id)


async def _content(context: Context, photo: DuePhoto, source: PictureSource) -> bytes:
    if "://" in photo.source:
        return await source.fetch(photo.source)
    async with context.db.read() as sql:
        content = await import_photos.file(sql, photo.import_id, photo.source.lower())
    if content is None:
        raise PictureRefused(_NOT_KEPT)
    return content
