"""Photos of listings: sending, putting in order, describing, deleting, and their pictures."""

from __future__ import annotations

from aiohttp import web

from services.listings.api.table import routes
from services.listings.commands import photos as commands
from services.listings.domain.photo import CONTENT_TYPES
from services.listings.domain.photo_refusals import (
    NotAPicture,
    OtherPhotos,
    PhotosBusy,
    PictureBroken,
    PictureTooSlow,
    PictureTooSmall,
    TooManyAtOnce,
    TooManyPhotos,
    TooManyPixels,
)
from services.listings.domain.refusals import WrongListingState
from services.listings.queries import photos as queries
from services.listings.resources import Resources
from services.listings.views.photos import Photo, PhotoChanges, PhotoOrder
from shared.auth import PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.errors import NotFound
from shared.http.call import Answer, Call
from shared.http.paging import Page

MOST_BYTES = 15 * 1024**2
"""Of one file, as it comes from a phone."""
FOR_EVER = "public, max-age=31536000, immutable"


# The same file sent again gives the same photo, so no answer has to be remembered.
@routes.post(
    "/api/v1/listings/{listing_id}/photos",
    policy=SIGNED_IN,
    raw=True,
    max_bytes=MOST_BYTES,
    remembers=False,
    answer=Photo,
    status=201,
    refusals=(
        NotAPicture, PictureBroken, TooManyPixels, PictureTooSmall, PictureTooSlow, TooManyPhotos, TooManyAtOnce, PhotosBusy,
        WrongListingState,
    ),
)  # fmt: skip
async def add_photo(call: Call) -> Answer:
    """Add a photo to one's own product: the body is the file itself, at most 15 MB, of any type that a phone makes.

    What it is, is decided by its bytes: JPEG, PNG, WebP, AVIF, HEIC or GIF. It is turned upright, stripped of everything that
    tells of place, time and camera, and kept in two widths. The same file sent again gives the photo that is there.
    """
    photo = await commands.add_photo(call.context, call.id("listing_id"), call.who, call.raw)
    return Answer.of(queries.photo_view(photo), 201, {"Location": f"/api/v1/photos/{photo.id}/720.avif"})


@routes.get("/api/v1/listings/{listing_id}/photos", policy=PUBLIC, answer=Page[Photo])
async def list_photos(call: Call) -> Page[Photo]:
    """List a product's photos in their order, at most 8; of one that is not on show only as its owner or post."""
    async with call.context.db.read() as sql:
        return await queries.list_photos(sql, call.id("listing_id"), call.principal)


@routes.put(
    "/api/v1/listings/{listing_id}/photos",
    policy=SIGNED_IN,
    body=PhotoOrder,
    answer=Page[Photo],
    refusals=(OtherPhotos, WrongListingState),
)
async def order_photos(call: Call, body: PhotoOrder) -> Answer:
    """Put the photos of one's own product in order; the first is its cover."""
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> Page[Photo]:
        await commands.order_photos(tx, call.who, listing_id, body.ids)
        return await queries.list_photos(tx, listing_id, call.who)

    return await call.transact(command)


@routes.patch(
    "/api/v1/photos/{photo_id}", policy=SIGNED_IN, body=PhotoChanges, answer=Photo, refusals=(WrongListingState,)
)
async def describe_photo(call: Call, body: PhotoChanges) -> Answer:
    """Say what is to be seen on a photo of one's own product."""
    photo_id = call.id("photo_id")

    async def command(tx: Transaction) -> Photo:
        await commands.describe_photo(tx, call.who, photo_id, body.alt)
        return await queries.get_photo(tx, photo_id)

    return await call.transact(command)


@routes.delete("/api/v1/photos/{photo_id}", policy=SIGNED_IN, status=204, refusals=(WrongListingState,))
async def delete_photo(call: Call) -> Answer:
    """Delete a photo of one's own product."""
    photo_id = call.id("photo_id")

    async def command(tx: Transaction) -> None:
        await commands.delete_photo(tx, call.who, photo_id)

    return await call.transact(command)


@routes.get("/api/v1/photos/{photo_id}/{picture}", policy=PUBLIC, raw=True, answer=bytes, media_type="image/*")
async def get_picture(call: Call) -> web.Response:
    """Give a photo's picture: `360.avif`, `360.webp`, `720.avif` or `720.webp`. It never changes."""
    resources: Resources = call.context.resources
    name = call.text("picture")
    async with call.context.db.read() as sql:
        key = await queries.find_file(sql, call.id("photo_id"), name)
    headers = {"Cache-Control": FOR_EVER, "ETag": f'"{key}"'}
    if headers["ETag"] in call.request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = await resources.photos.get(key)
    if body is None:
        raise NotFound
    return web.Response(body=body, headers=headers, content_type=CONTENT_TYPES[name])
