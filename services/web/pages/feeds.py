"""What machines read: feeds of products for readers and shopping catalogues, and dates for calendars."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from services.web.kit import feeds
from services.web.kit.calendar import Date, calendar
from services.web.pages.campaigns import named
from services.web.pages.sharing_kit import pool_of
from services.web.reading import address, path_id, with_times
from services.web.routes import page
from services.web.sessions import Resources
from services.web.visit import Visit
from shared.errors import NotFound
from shared.ids import made_at

ON_A_FEED: Final = 50
ON_A_PAGE: Final = 100
KEPT_S: Final = 300
PATIENCE_S: Final = 30
"""How long a reader may take for a hundred products."""


@page("/umpan/produk.xml")
async def products_feed(visit: Visit) -> web.StreamResponse:
    """Give the newest products as RSS 2.0: all, or those of a post, a category or a business."""
    wanted, path, about = await _narrowed(visit)
    found = with_times(await visit.get(address("/listings", {**wanted, "limit": ON_A_FEED})))
    origin = visit.context.settings.public_url
    body = feeds.rss(
        f"urunbeli: produk {about}" if about else "urunbeli: produk baru",
        f"Produk baru UKM {about}" if about else "Produk baru UKM tetangga, diperiksa Posyantek",
        origin + visit.request.path_qs,
        origin + path,
        found["items"],
        origin,
    )
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={KEPT_S}"}
    if tag in visit.request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, "Content-Type": "application/rss+xml; charset=utf-8"})


async def _narrowed(visit: Visit) -> tuple[dict[str, str], str, str]:
    """Read what is wanted: for the API, as a page's address, and in words. Raises `NotFound` for what there is not."""
    query = visit.request.query
    if post_id := _id_of(query.get("posyantek")):
        post = await visit.get(f"/posts/{post_id}")
        return {"post_id": post_id}, f"/posyantek/{post['slug']}", post["name"]
    if business_id := _id_of(query.get("usaha")):
        business = await visit.get(f"/businesses/{business_id}")
        return {"business_id": business_id}, f"/usaha/{business_id}", business["name"]
    if category := query.get("kategori"):
        names = {one["code"]: one["name_id"] for one in (await visit.get("/categories"))["items"]}
        if category not in names:
            raise NotFound
        return {"category": category}, address("/produk", {"kategori": category}), names[category]
    return {}, "/produk", ""


def _id_of(typed: str | None) -> str:
    """Read an id; empty where none is given. A reader that asks wrongly must not be given something else."""
    if not typed:
        return ""
    try:
        return str(UUID(typed))
    except ValueError:
        raise NotFound from None


@page("/umpan/katalog.xml")
async def catalogue_feed(visit: Visit) -> web.StreamResponse:
    """Give all products for Google Merchant Center and Meta, a page of the API at a time: memory stays small."""
    resources: Resources = visit.context.resources
    async with resources.press.feeding():
        # What refuses the first page refuses the feed, in words.
        found = await _products(visit, "")
        response = web.StreamResponse(
            headers={"Content-Type": "application/rss+xml; charset=utf-8", "Cache-Control": f"public, max-age={KEPT_S}"}
        )
        await response.prepare(visit.request)
        try:
            await _stream(visit, response, found)
        except (ConnectionError, TimeoutError):
            _break_off(visit)
        except Exception:
            # A feed that ended early would take the rest of the products off the shopping catalogue.
            _break_off(visit)
            raise
    return response


async def _stream(visit: Visit, response: web.StreamResponse, found: dict[str, Any]) -> None:
    origin = visit.context.settings.public_url
    await response.write(feeds.catalogue_head(origin))
    while True:
        async with asyncio.timeout(PATIENCE_S):
            await response.write(feeds.catalogue_items(found["items"], origin))
        if not found["next"]:
            break
        found = await _products(visit, found["next"])
    await response.write(feeds.CATALOGUE_END)


def _break_off(visit: Visit) -> None:
    if visit.request.transport is not None:
        visit.request.transport.abort()


async def _products(visit: Visit, cursor: str) -> dict[str, Any]:
    found: dict[str, Any] = await visit.get(address("/listings", {"limit": ON_A_PAGE, "cursor": cursor}))
    return found


@page("/urun/{pool_id}/batas-waktu.ics")
async def deadline(visit: Visit) -> web.StreamResponse:
    """Give a pool's deadline for a calendar, with a reminder the day before."""
    pool_id = path_id(visit, "pool_id")
    thing, pool = await asyncio.gather(pool_of(visit, pool_id), visit.get(f"/pools/{pool_id}"))
    pool = with_times(pool)
    date = Date(
        uid=f"{pool_id}@urunbeli",
        title=f"Batas ikut: {thing.name}",
        start=pool["deadline"] - timedelta(hours=1),
        end=pool["deadline"],
        stamp=max((entry["at"] for entry in pool["timeline"]), default=pool["deadline"]),
        place=thing.place,
        url=thing.url,
        text=f"Ikut sebelum {thing.progress.until if thing.progress else ''}. {thing.url}",
    )
    return _calendar(date, "batas-waktu.ics")


@page("/kampanye/{slug}/jadwal.ics")
async def campaign_dates(visit: Visit) -> web.StreamResponse:
    """Give a campaign's dates for a calendar, with a reminder the day before. Raises `NotFound` for one that was called off."""
    campaign = with_times(await visit.get(f"/campaigns/{named(visit)}"))
    if campaign["phase"] == "cancelled":
        raise NotFound
    date = Date(
        uid=f"{campaign['id']}@urunbeli",
        title=campaign["title"],
        start=campaign["starts_at"],
        end=campaign["ends_at"],
        stamp=made_at(UUID(campaign["id"])),
        place=campaign["place"],
        url=f"{visit.context.settings.public_url}/kampanye/{campaign['slug']}",
        text=campaign["about"] or "",
    )
    return _calendar(date, "jadwal.ics")


def _calendar(date: Date, file_name: str) -> web.Response:
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "no-cache",
    }
    return web.Response(body=calendar(date), headers=headers)
