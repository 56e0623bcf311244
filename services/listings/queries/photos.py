"""Photos, as people may see them."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain import photo as rules
from services.listings.queries.rights import concerns
from services.listings.repository import owning, photos
from services.listings.views.photos import Photo, PhotoSize
from shared.auth import Principal
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page


async def list_photos(sql: Reader, listing_id: UUID, who: Principal | None) -> Page[Photo]:
    """List a listing's photos: of one on show to everybody, of others to their owner and post. Raises `NotFound`."""
    listing = await owning.of_listing(sql, listing_id)
    if listing is None or not (listing["status"] == "published" or concerns(listing, who)):
        raise NotFound
    return Page(items=[photo_view(photo) for photo in await photos.of_listing(sql, listing_id)])


async def get_photo(sql: Reader, photo_id: UUID) -> Photo:
    """Give a photo. Raises `NotFound`."""
    photo = await photos.get(sql, photo_id)
    if photo is None:
        raise NotFound
    return photo_view(photo)


async def find_file(sql: Reader, photo_id: UUID, name: str) -> str:
    """Give the store's key of a photo's file. Raises `NotFound`, for a deleted photo too."""
    photo = await photos.get(sql, photo_id)
    stored = rules.stored_name(name, len(photo.sizes)) if photo else None
    if stored is None:
        raise NotFound
    return rules.object_key(photo_id, stored)


def photo_view(photo: rules.Photo) -> Photo:
    """Show a photo over the wire."""
    return Photo(
        id=photo.id,
        listing_id=photo.listing_id,
        position=photo.position,
        alt=photo.alt,
        width=photo.width,
        height=photo.height,
        sizes=[PhotoSize(width=size.width, height=size.height) for size in photo.sizes],
    )
