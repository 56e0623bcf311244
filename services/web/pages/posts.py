"""Posyantek: finding one's own, and a post's page."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from services.web.reading import NOTHING, address, cursor_of, next_href, principal_of, with_times
from services.web.routes import page
from services.web.showing import listings, needs, pools
from services.web.showing import posts as showing
from services.web.visit import Visit
from services.web.zones import zone_of
from shared.errors import NotFound

ON_A_PAGE = 24
_MOST_REGIONS = 30
_MOST_DISTRICTS = 6
_LONGEST_SLUG = 120


@page("/posyantek", for_all=True)
async def list_posts(visit: Visit) -> web.StreamResponse:
    """List posts, of a city if asked; or find those that serve a kecamatan or kelurahan."""
    words = " ".join(visit.request.query.get("q", "").split())[:120]
    if words:
        return await _search(visit, words)
    city = visit.request.query.get("kota", "")
    if city not in dict(showing.CITIES):
        city = ""
    found = await visit.get(address("/posts", {"region": city, "limit": ON_A_PAGE, "cursor": cursor_of(visit)}))
    return await visit.draw(
        "posts/list.html",
        section="posts",
        words="",
        city=city,
        cities=showing.CITIES,
        posts=[{**post, "places": []} for post in found["items"]],
        unserved=[],
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
    )


async def _search(visit: Visit, words: str) -> web.StreamResponse:
    by_words, regions = await asyncio.gather(
        visit.get(address("/posts", {"q": words, "limit": ON_A_PAGE, "cursor": cursor_of(visit)})),
        visit.get(address("/regions", {"q": words, "limit": _MOST_REGIONS})),
    )
    districts = showing.districts_to_ask(regions["items"], _MOST_DISTRICTS)
    above = await visit.get_all(*(address("/posts", {"region": code, "limit": 1}) for code in districts))
    serving = [post for answer in above for post in answer["items"] if post["region_code"] in districts]
    posts = list({post["id"]: post for post in (*by_words["items"], *serving)}.values())
    shown, unserved = showing.found(words, regions["items"], posts)
    return await visit.draw(
        "posts/list.html",
        section="posts",
        words=words,
        city="",
        cities=showing.CITIES,
        posts=shown,
        unserved=unserved[:8],
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, by_words["next"]),
    )


@page("/posyantek/{post}", for_all=True)
async def show_post(visit: Visit) -> web.StreamResponse:
    """Show a post: how to reach it, what is being bought there, and what its businesses sell."""
    post = await visit.get(api_path(visit.request.match_info["post"]))
    running, products, board = await asyncio.gather(
        visit.maybe(address("/pools", {"post_id": post["id"], "state": "open", "limit": 6}), NOTHING),
        visit.maybe(address("/listings", {"post_id": post["id"], "limit": 8}), NOTHING),
        visit.maybe(address("/needs", {"post_id": post["id"], "order": "most_wanted", "limit": 3}), NOTHING),
    )
    who = principal_of(visit)
    return await visit.draw(
        "posts/show.html",
        section="posts",
        zone=zone_of(post["region_code"]),
        post=post,
        pools=[pools.card(item) for item in with_times(running["items"])],
        has_more_pools=bool(running["next"]),
        products=[listings.card(item) for item in products["items"]],
        has_more_products=bool(products["next"]),
        needs=[needs.row(item, visit.locale) for item in board["items"]],
        has_more_needs=bool(board["next"]),
        works_here=who is not None and who.operates(UUID(post["id"])),
        url=f"{visit.context.settings.public_url}/posyantek/{post['slug']}",
        now=datetime.now(UTC),
    )


def api_path(name: str) -> str:
    """Where the API keeps a post: by its id, or by its slug. Raises `NotFound` for what can be neither."""
    try:
        return f"/posts/{UUID(name)}"
    except ValueError:
        pass
    is_slug = name.isascii() and name.replace("-", "").isalnum() and name.islower() and len(name) <= _LONGEST_SLUG
    if not is_slug:
        raise NotFound
    return f"/posts/by-slug/{name}"
