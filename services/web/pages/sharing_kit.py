"""The promotion kit of a product, business, pool or post: message, picture, QR code, posters, catalogue, embed code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from aiohttp import web

from services.web.forms import Form
from services.web.kit import printing, words
from services.web.kit.picture import share_picture
from services.web.kit.press import key_of
from services.web.kit.printing import Goods
from services.web.kit.qr import qr_png, qr_svg
from services.web.kit.things import Cover, Thing, of_business, of_listing, of_pool, of_post
from services.web.pages.posts import api_path
from services.web.reading import address, clock_of, path_id, with_times
from services.web.rendering import moment
from services.web.routes import page
from services.web.sessions import Resources
from services.web.visit import Visit
from shared.errors import NotFound, Unavailable

KEPT_S: Final = 300
"""How long browsers and previews use a file without asking again."""
MOST_PHOTO_BYTES: Final = 2 * 1024 * 1024
_PHOTOS_AT_ONCE: Final = 6
_PAGE: Final = 100
_POSTER_PHOTO: Final = 1280
_SMALL_PHOTO: Final = 480
_NOT_PUBLIC: Final = frozenset({"draft", "in_review"})

Make = Callable[[], Awaitable[bytes]]


# What is shared, for everybody's eyes


async def product_of(visit: Visit, listing_id: str) -> Thing:
    """Ask for a product on show. Raises `ApiRefusal`, `NotFound` for one that is not."""
    listing = await visit.get(f"/listings/{listing_id}")
    if listing["status"] != "published":
        raise NotFound
    return of_listing(listing, visit.context.settings.public_url)


async def business_of(visit: Visit, business_id: str) -> Thing:
    """Ask for a verified business. Raises `ApiRefusal`, `NotFound` for one that is not."""
    business = await visit.get(f"/businesses/{business_id}")
    if business["status"] != "verified":
        raise NotFound
    post = await visit.maybe(f"/posts/{business['post_id']}")
    return of_business(business, post, visit.context.settings.public_url)


async def pool_of(visit: Visit, pool_id: str) -> Thing:
    """Ask for a pool that has been opened. Raises `ApiRefusal`, `NotFound` for one that has not."""
    pool = with_times(await visit.get(f"/pools/{pool_id}"))
    if pool["state"] in _NOT_PUBLIC:
        raise NotFound
    until = moment("id", pool["deadline"], await clock_of(visit, pool["post_id"]))
    return of_pool(pool, until, visit.context.settings.public_url)


async def post_of(visit: Visit, name: str) -> Thing:
    """Ask for a post, by its id or slug. Raises `ApiRefusal`, `NotFound`."""
    return of_post(await visit.get(api_path(name)), visit.context.settings.public_url)


# Pages


@page("/produk/{listing_id}/bagikan", for_all=True)
async def share_product(visit: Visit) -> web.StreamResponse:
    """Show a product's kit."""
    listing_id = path_id(visit, "listing_id")
    return await _draw(visit, await product_of(visit, listing_id), f"/sematkan/produk/{listing_id}")


@page("/usaha/{business_id}/bagikan", for_all=True)
async def share_business(visit: Visit) -> web.StreamResponse:
    """Show a business's kit."""
    return await _draw(visit, await business_of(visit, path_id(visit, "business_id")))


@page("/urun/{pool_id}/bagikan", for_all=True)
async def share_pool(visit: Visit) -> web.StreamResponse:
    """Show a pool's kit."""
    pool_id = path_id(visit, "pool_id")
    return await _draw(visit, await pool_of(visit, pool_id), f"/sematkan/urun/{pool_id}")


@page("/posyantek/{post}/bagikan", for_all=True)
async def share_post(visit: Visit) -> web.StreamResponse:
    """Show a post's kit."""
    return await _draw(visit, await post_of(visit, visit.request.match_info["post"]))


async def _draw(visit: Visit, thing: Thing, embed_path: str = "") -> web.Response:
    typed = visit.request.query.get("teks", "")[: words.MOST_LETTERS]
    message = typed.strip() or words.message(thing)
    sections: Mapping[str, Any] = {"product": "products", "business": "products", "pool": "pools", "post": "posts"}
    return await visit.draw(
        "kit/show.html",
        section=sections[thing.kind],
        thing=thing,
        form=Form({"teks": message}),
        message=message,
        most_letters=words.MOST_LETTERS,
        picture_path=f"{thing.path}/bagikan/gambar.png?v={key_of(thing)[:12]}",
        embed_url=f"{visit.context.settings.public_url}{embed_path}" if embed_path else "",
    )


# Files


@page("/produk/{listing_id}/bagikan/{name}")
async def product_file(visit: Visit) -> web.StreamResponse:
    """Give a file of a product's kit."""
    return await _file(visit, await product_of(visit, path_id(visit, "listing_id")))


@page("/usaha/{business_id}/bagikan/{name}")
async def business_file(visit: Visit) -> web.StreamResponse:
    """Give a file of a business's kit; its catalogue too."""
    business_id = path_id(visit, "business_id")
    business = await business_of(visit, business_id)
    if visit.request.match_info["name"] == "katalog.pdf":
        return await _catalogue(visit, business, business_id)
    return await _file(visit, business)


@page("/urun/{pool_id}/bagikan/{name}")
async def pool_file(visit: Visit) -> web.StreamResponse:
    """Give a file of a pool's kit."""
    return await _file(visit, await pool_of(visit, path_id(visit, "pool_id")))


@page("/posyantek/{post}/bagikan/{name}")
async def post_file(visit: Visit) -> web.StreamResponse:
    """Give a file of a post's kit."""
    return await _file(visit, await post_of(visit, visit.request.match_info["post"]))


async def _file(visit: Visit, thing: Thing) -> web.Response:
    name = visit.request.match_info["name"]
    url = thing.scanned_url
    makers: Mapping[str, Make] = {
        "gambar.png": partial(_with_photo, visit, thing, share_picture),
        "qr.svg": partial(asyncio.to_thread, qr_svg, url),
        "qr.png": partial(asyncio.to_thread, qr_png, url),
        "poster-a4.pdf": partial(_with_photo, visit, thing, partial(_poster, "a4")),
        "poster-a5.pdf": partial(_with_photo, visit, thing, partial(_poster, "a5")),
    }
    if name not in makers:
        raise NotFound
    about = url if name.startswith("qr.") else thing
    return await _answer(visit, name, key_of(name, about), makers[name])


def _poster(paper: printing.Paper, thing: Thing, photo: bytes | None) -> bytes:
    return printing.poster(thing, paper, photo)


async def _with_photo(visit: Visit, thing: Thing, make: Callable[[Thing, bytes | None], bytes]) -> bytes:
    photo = await photo_of(visit, thing.cover, _POSTER_PHOTO)
    return await asyncio.to_thread(make, thing, photo)


async def _catalogue(visit: Visit, business: Thing, business_id: str) -> web.Response:
    items = await _all_products(visit, business_id)
    things = [of_listing(item, visit.context.settings.public_url) for item in items]

    async def make() -> bytes:
        limit = asyncio.Semaphore(_PHOTOS_AT_ONCE)

        async def goods(thing: Thing) -> Goods:
            async with limit:
                raw = await photo_of(visit, thing.cover, _SMALL_PHOTO)
                return Goods(thing, await asyncio.to_thread(printing.small_photo, raw) if raw else None)

        cover = await photo_of(visit, business.cover, _POSTER_PHOTO)
        photographed = await asyncio.gather(*(goods(thing) for thing in things))
        return await asyncio.to_thread(printing.catalogue, business, photographed, cover)

    return await _answer(visit, "katalog.pdf", key_of("katalog.pdf", business, things), make)


async def _all_products(visit: Visit, business_id: str) -> list[Any]:
    """Ask for a business's products on show, as many as a catalogue takes."""
    items: list[Any] = []
    cursor: str | None = ""
    while cursor is not None and len(items) < printing.MOST_PRODUCTS:
        found = await visit.get(address("/listings", {"business_id": business_id, "limit": _PAGE, "cursor": cursor}))
        items += found["items"]
        cursor = found["next"]
    return items[: printing.MOST_PRODUCTS]


async def photo_of(visit: Visit, cover: Cover | None, width: int) -> bytes | None:
    """Ask for a photo; None where there is none. Raises `Unavailable`, so that no outage is kept as a missing photo."""
    if cover is None:
        return None
    reply = await visit.ask("GET", cover.path(width))
    if reply.status >= 500:
        raise Unavailable(part="photos")
    is_photo = reply.ok and isinstance(reply.body, bytes) and len(reply.body) <= MOST_PHOTO_BYTES
    return reply.body if is_photo else None


_TYPES: Final = {".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf"}


async def _answer(visit: Visit, name: str, key: str, make: Make) -> web.Response:
    """Give a file that its key tells all about; whoever has it already is only told so."""
    headers = {"ETag": f'"{key}"', "Cache-Control": f"public, max-age={KEPT_S}"}
    if f'"{key}"' in visit.request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    resources: Resources = visit.context.resources
    body = await resources.press.get(key, make)
    headers |= {"Content-Type": _TYPES[name[name.rindex(".") :]], "Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(body=body, headers=headers)
