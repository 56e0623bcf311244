"""SQL of photos: what there is, in which order, the cover of their listing, and which files have to go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.photo import Photo, Size
from shared.db import Reader, Row, Transaction
from shared.service import Drift

_TWO_64 = 2**64

_COLUMNS = "SELECT id, listing_id, position, alt, widths, heights, sha256, dhash FROM photos"

OF_LISTING = _COLUMNS + " WHERE listing_id = $1 ORDER BY position"


async def of_listing(sql: Reader, listing_id: UUID) -> list[Photo]:
    """List a listing's photos in their order."""
    return [_photo(row) for row in await sql.rows(OF_LISTING, listing_id)]


GET = _COLUMNS + " WHERE id = $1"


async def get(sql: Reader, photo_id: UUID) -> Photo | None:
    """Give a photo."""
    row = await sql.row(GET, photo_id)
    return _photo(row) if row else None


OF_IDS = _COLUMNS + " WHERE id = ANY ($1::uuid[])"


async def of_ids(sql: Reader, ids: Collection[UUID]) -> list[Photo]:
    """Give those photos that are still there."""
    return [_photo(row) for row in await sql.rows(OF_IDS, list(ids))]


def _photo(row: Row) -> Photo:
    sizes = tuple(Size(width, height) for width, height in zip(row["widths"], row["heights"], strict=True))
    return Photo(
        row["id"], row["listing_id"], row["position"], row["alt"], sizes, bytes(row["sha256"]), row["dhash"] % _TWO_64
    )


ADD = """
INSERT INTO photos (id, listing_id, position, alt, widths, heights, sha256, dhash, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def add(tx: Transaction, photo: Photo, now: datetime) -> None:
    """Write a new photo. Its listing must be held."""
    signed = photo.dhash - _TWO_64 if photo.dhash >= _TWO_64 // 2 else photo.dhash
    await tx.run(
        ADD, photo.id, photo.listing_id, photo.position, photo.alt, [size.width for size in photo.sizes],
        [size.height for size in photo.sizes], photo.sha256, signed, now,
    )  # fmt: skip


DESCRIBE = "UPDATE photos SET alt = $2 WHERE id = $1"


async def describe(tx: Transaction, photo_id: UUID, alt: str | None) -> None:
    """Write what is to be seen on a photo."""
    await tx.run(DESCRIBE, photo_id, alt)


ORDER = """
UPDATE photos SET position = wanted.position
FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, position)
WHERE photos.listing_id = $1 AND photos.id = wanted.id
"""


async def put_in_order(tx: Transaction, listing_id: UUID, ids: Sequence[UUID]) -> None:
    """Give all of a listing's photos their places anew. The listing must be held."""
    await tx.run(ORDER, listing_id, list(ids))


DELETE = "DELETE FROM photos WHERE id = $1"


async def delete(tx: Transaction, photo_id: UUID) -> None:
    """Delete a photo; its files stay until they are swept."""
    await tx.run(DELETE, photo_id)


DELETE_OF_LISTINGS = "DELETE FROM photos WHERE listing_id = ANY ($1::uuid[]) RETURNING id"


async def delete_of_listings(tx: Transaction, listings: Sequence[UUID]) -> list[UUID]:
    """Delete every photo of some listings. Gives their ids."""
    return [row["id"] for row in await tx.rows(DELETE_OF_LISTINGS, list(listings))]


COVER = """
UPDATE listings SET cover = (
    SELECT jsonb_build_object('id', photos.id, 'widths', to_jsonb(widths),
                              'width', widths[cardinality(widths)], 'height', heights[cardinality(heights)])
    FROM photos WHERE photos.listing_id = listings.id ORDER BY position LIMIT 1
) WHERE id = ANY ($1::uuid[])
"""


async def renew_covers(tx: Transaction, listings: Sequence[UUID]) -> None:
    """Write the first photo of some listings beside their names."""
    await tx.run(COVER, list(listings))


NOTE_FILES = "INSERT INTO photo_files (photo_id, account_id, noted_at, sweep_at) VALUES ($1, $2, $3, $4)"


async def note_files(tx: Transaction, photo_id: UUID, account_id: UUID, now: datetime, sweep_at: datetime) -> None:
    """Note that a photo is about to have files, to be swept unless it is kept."""
    await tx.run(NOTE_FILES, photo_id, account_id, now, sweep_at)


NOTED_SINCE = "SELECT count(*) FROM photo_files WHERE account_id = $1 AND noted_at > $2"


async def count_noted(sql: Reader, account_id: UUID, since: datetime) -> int:
    """Count the photos that an account has sent since a moment."""
    count: int = await sql.value(NOTED_SINCE, account_id, since)
    return count


KEEP_FILES = "UPDATE photo_files SET sweep_at = NULL WHERE photo_id = $1 AND sweep_at > $2"


async def keep_files(tx: Transaction, photo_id: UUID, now: datetime) -> bool:
    """Keep a photo's files from being swept; False where it is too late."""
    return bool(await tx.run(KEEP_FILES, photo_id, now))


LEAVE_FILES = "UPDATE photo_files SET sweep_at = $2 WHERE photo_id = ANY ($1::uuid[])"


async def leave_files(tx: Transaction, photos: Sequence[UUID], sweep_at: datetime) -> None:
    """Leave photos' files to be swept at a moment."""
    await tx.run(LEAVE_FILES, list(photos), sweep_at)


CLAIM_DUE = """
UPDATE photo_files SET sweep_at = $2
WHERE photo_id IN (
    SELECT photo_id FROM photo_files WHERE sweep_at <= $1 ORDER BY sweep_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
RETURNING photo_id
"""


async def claim_due(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[UUID]:
    """Take photos whose files are due to be removed; nobody else takes them before `until`."""
    return [row["photo_id"] for row in await tx.rows(CLAIM_DUE, now, until, limit)]


FORGET_FILES = "DELETE FROM photo_files WHERE photo_id = ANY ($1::uuid[]) AND sweep_at IS NOT NULL"


async def forget_files(tx: Transaction, photos: Sequence[UUID]) -> int:
    """Forget photos whose files are gone. Gives how many."""
    return await tx.run(FORGET_FILES, list(photos))


COVERS_UNLIKE_PHOTOS = """
SELECT listings.id, cover->>'id' AS cover_id, first.id::text AS first_id
FROM listings LEFT JOIN (
    SELECT DISTINCT ON (listing_id) listing_id, id FROM photos ORDER BY listing_id, position
) AS first ON first.listing_id = listings.id
WHERE cover->>'id' IS DISTINCT FROM first.id::text ORDER BY listings.id
"""


async def covers_unlike_photos(sql: Reader) -> list[Drift]:
    """Find listings whose cover is not their first photo."""
    return [
        Drift("a listing's cover and its photos", str(row["id"]), row["first_id"], row["cover_id"])
        for row in await sql.rows(COVERS_UNLIKE_PHOTOS)
    ]
