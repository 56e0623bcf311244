"""Durable work of listings: promotions begin, imports are taken with their pictures, old ones are dropped."""

from __future__ import annotations

from datetime import datetime

from services.listings.commands import import_photos, imports, promotions, taking
from services.listings.commands.import_photos import AddPhoto
from services.listings.picture_source_gateway import HttpsPictureSource
from shared.service import Context, Jobs

jobs = Jobs()

ADD_PHOTO: AddPhoto | None = None
"""What puts a picture to a listing. While there is none, pictures of imports wait; nothing of them is lost."""


@jobs.every(5)
async def tell_promotions(context: Context, now: datetime) -> int:
    """Tell others of promotions that have begun; found by rows, so an outage delays but loses none."""
    async with context.db.transaction() as tx:
        return await promotions.tell_started(tx, now)


@jobs.every(2)
async def take_import_rows(context: Context, _: datetime) -> int:
    """Take the next rows of an import that runs; wakes the fetching of pictures."""
    async with context.db.transaction() as tx:
        done = await taking.take_chunk(tx)
    if done:
        context.wake(fetch_import_photos.__name__)
    return done


@jobs.every(5)
async def fetch_import_photos(context: Context, now: datetime) -> int:
    """Fetch the pictures that imported rows name."""
    if ADD_PHOTO is None:
        return 0
    return await import_photos.work_off(context, now, ADD_PHOTO, HttpsPictureSource())


@jobs.every(3600)
async def drop_old_imports(context: Context, now: datetime) -> int:
    """Drop imports that ended 30 days ago, with their rows."""
    async with context.db.transaction() as tx:
        return await imports.drop_old(tx, now)
