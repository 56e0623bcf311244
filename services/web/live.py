"""Pages whose figures move: one stream of the API per watched pool, drawn once per change and language, sent to all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timezone
from typing import Any

import aiohttp
import structlog

from services.web.catalogues import LOCALES
from services.web.reading import with_times
from services.web.rendering import render
from services.web.showing import pools
from services.web.zones import WIB, zone_of
from shared.errors import NotFound, Unavailable
from shared.http.client import ApiClient
from shared.http.event_source import StreamRefused, new_session, receive
from shared.http.streaming import Channel, Message, Streams
from shared.json import loads
from shared.retry import backoff
from shared.service import Context

log = structlog.get_logger()

SPACING_S = 0.5
"""Nobody reads faster, and a phone on a slow network has the rest of the page to fetch."""


@asynccontextmanager
async def following(context: Context, api: ApiClient) -> AsyncIterator[Streams]:
    """Let pools be watched until the block ends."""
    async with new_session() as session:

        async def feed(channel: Channel) -> None:
            await _follow(channel, session, api)

        streams = Streams(context.service, feed, context.stopping, spacing_s=SPACING_S)
        async with streams.open():
            yield streams


async def _follow(channel: Channel, session: aiohttp.ClientSession, api: ApiClient) -> None:
    """Follow a pool for as long as somebody watches. Raises `NotFound` or `Unavailable` if there is nothing to begin with."""
    url = f"{api.base_url}/api/v1/pools/{channel.key}/stream"
    # The API counts streams by address; this one is on the account of whoever began to watch.
    headers = {"X-Forwarded-For": channel.opened_by}
    zone: timezone | None = None
    for pause in backoff():
        try:
            async for event in receive(session, url, headers=headers):
                pause.reset()
                progress = loads(event.data)
                zone = zone or await _zone_of(api, progress["pool"]["post_id"])
                channel.publish(draw(event.id, progress, zone))
        except StreamRefused as error:
            if channel.newest is None:
                raise NotFound if error.status == 404 else Unavailable(part="api") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("live view cut off", pool_id=str(channel.key), error=repr(error))
            if channel.newest is None:
                raise Unavailable(part="api") from error
        await pause.wait()


async def _zone_of(api: ApiClient, post_id: str) -> timezone:
    try:
        reply = await api.send("GET", f"/api/v1/posts/{post_id}")
    except Unavailable:
        return WIB
    return zone_of(reply.body["region_code"]) if reply.ok else WIB


def draw(id_: str, progress: dict[str, Any], zone: timezone = WIB) -> Message:
    """Draw a pool's moving parts in every language."""
    parts = pools.moving(with_times(progress["pool"]), progress["preview"], datetime.now(UTC))
    # What is held stands in payments' book, which this stream does not follow; the page itself tells it.
    drawn = {str(locale): render("pools/_live.html", locale, zone, **parts, held_idr=None) for locale in LOCALES}
    return Message.of(id_, {locale: _without_margins(html) for locale, html in drawn.items()})


def _without_margins(html: str) -> str:
    """Leave out what only readers of the source would miss; it would go to every phone with every change."""
    return "\n".join(line for line in map(str.strip, html.splitlines()) if line)
