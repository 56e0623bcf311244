"""Durable work of listings: promotions begin, imports are taken with their pictures, and what nobody needs is dropped."""

from __future__ import annotations

from datetime import datetime

from services.listings.commands import import_photos, imports, photos, promotions, taking
from services.listings.picture_source_gateway import HttpsPictureSource
from shared.service import Context, Jobs

jobs = Jobs()


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
    """Fetch the pictures that imported rows name, and put them to their listings."""
    return await import_photos.work_off(context, now, photos.add_photo, HttpsPictureSource())


@jobs.every(3600)
async def drop_old_imports(context: Context, now: datetime) -> int:
    """Drop imports that ended 30 days ago, with their rows."""
    async with context.db.transaction() as tx:
        return await imports.drop_old(tx, now)


@jobs.every(600)
async def sweep_photo_files(context: Context, now: datetime) -> int:
    """Remove the files of photos that were deleted, or never came to be, a day ago."""
    return await photos.sweep_files(context, now)
