"""A post's message of the week for its WhatsApp group, ready to be looked over and sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from services.web.forms import Form
from services.web.kit import words
from services.web.kit.things import of_listing, of_pool, of_post
from services.web.pages.posts import api_path
from services.web.reading import NOTHING, address, principal_of, with_times
from services.web.rendering import moment
from services.web.routes import page
from services.web.visit import Visit
from services.web.zones import zone_of
from shared.auth import OPERATOR, require

WEEK: Final = timedelta(days=7)
SOON: Final = timedelta(days=3)
MOST_LETTERS: Final = 3000
_MOST: Final = 20
_MOST_COLLECTING: Final = 5


@page("/posyantek/{post}/ringkasan", policy=OPERATOR)
async def show_digest(visit: Visit) -> web.StreamResponse:
    """Show the message of the week to a post's operators: new products, open pools, deadlines that come."""
    post = await visit.get(api_path(visit.request.match_info["post"]))
    who = principal_of(visit)
    require(who is not None and who.operates(UUID(post["id"])))
    typed = visit.request.query.get("teks", "")[:MOST_LETTERS]
    message = typed.strip() or words.digest(await _week(visit, post))
    return await visit.draw(
        "kit/digest.html",
        section="posts",
        post=post,
        form=Form({"teks": message}),
        message=message,
        most_letters=MOST_LETTERS,
    )


async def _week(visit: Visit, post: dict[str, Any]) -> words.Week:
    now, zone, origin = datetime.now(UTC), zone_of(post["region_code"]), visit.context.settings.public_url
    products, running, collecting = await asyncio.gather(
        visit.maybe(address("/listings", {"post_id": post["id"], "limit": _MOST}), NOTHING),
        visit.maybe(address("/pools", {"post_id": post["id"], "state": "open", "limit": _MOST}), NOTHING),
        visit.maybe(
            address("/pools", {"post_id": post["id"], "state": "collecting", "limit": _MOST_COLLECTING}), NOTHING
        ),
    )
    new = [item for item in with_times(products["items"]) if item["published_at"] >= now - WEEK]
    pools = sorted(with_times(running["items"]), key=lambda pool: pool["deadline"])
    asked = await asyncio.gather(*(visit.maybe(f"/pools/{pool['id']}") for pool in collecting["items"]))
    paying = with_times([pool for pool in asked if pool is not None])
    return words.Week(
        post_name=post["name"],
        post_url=of_post(post, origin).url,
        products=[of_listing(item, origin) for item in new],
        more_products=bool(products["next"]) and len(new) == len(products["items"]),
        pools=[of_pool({"story": "", **pool}, moment("id", pool["deadline"], zone), origin) for pool in pools],
        deadlines=_deadlines(pools, paying, now, zone),
    )


def _deadlines(pools: list[Any], paying: list[Any], now: datetime, zone: timezone) -> list[str]:
    """Tell what ends within days: joining, and paying."""
    ends = [(pool["deadline"], f"Terakhir ikut {pool['title']}") for pool in pools if pool["deadline"] <= now + SOON]
    ends += [
        (pool["payment_window_ends"], f"Terakhir bayar {pool['title']}")
        for pool in paying
        if pool["payment_window_ends"] is not None and pool["payment_window_ends"] > now
    ]
    return [f"{text}: {moment('id', end, zone)}" for end, text in sorted(ends)]
