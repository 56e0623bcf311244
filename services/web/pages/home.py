"""The first page, and the search over everything."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web.reading import NOTHING, address, with_times
from services.web.routes import page
from services.web.showing import listings, pictures, pools, technologies
from services.web.visit import Visit

MOST_COUNTED = 100
"""Figures on the first page are counted from one page of each list; beyond it they read "100+"."""
FOUND_OF_A_KIND = 4


@page("/", for_all=True)
async def show_home(visit: Visit) -> web.StreamResponse:
    """Lead the visitor to their kecamatan; show what is open, what is new, and how it works."""
    opened, products, posts, machines, settled = await asyncio.gather(
        visit.maybe(address("/pools", {"state": "open", "limit": MOST_COUNTED}), NOTHING),
        visit.maybe("/listings?limit=8", NOTHING),
        visit.maybe(f"/posts?limit={MOST_COUNTED}", NOTHING),
        visit.maybe(f"/technologies?limit={MOST_COUNTED}", NOTHING),
        visit.maybe(address("/pools", {"state": "settled", "limit": MOST_COUNTED}), NOTHING),
    )
    return await visit.draw(
        "home/home.html",
        section="home",
        pools=[pools.card(item) for item in with_times(_closing_first(opened["items"])[:3])],
        products=[listings.card(item) for item in products["items"]],
        counted={
            "posts": _counted(posts),
            "technologies": _counted(machines),
            "open": _counted(opened),
            "settled": _counted(settled),
        },
        welcome_picture=pictures.of_technology(""),
        now=datetime.now(UTC),
    )


@page("/cari")
async def search(visit: Visit) -> web.StreamResponse:
    """Look for words in everything at the same time; without words, offer the shelves to look through."""
    words = " ".join(visit.request.query.get("q", "").split())[:120]
    if not words:
        shelves, machines = await asyncio.gather(
            visit.maybe("/categories", NOTHING), visit.maybe(f"/technologies?limit={MOST_COUNTED}", NOTHING)
        )
        return await visit.draw(
            "home/shelves.html",
            section="search",
            product_shelves=listings.shelf_options(shelves["items"], visit.locale, "")[1:],
            technology_shelves=technologies.shelves(machines["items"], visit.locale),
        )
    products, businesses, machines, posts, opened = await asyncio.gather(
        visit.maybe(address("/listings", {"q": words, "limit": FOUND_OF_A_KIND}), NOTHING),
        visit.maybe(address("/businesses", {"q": words, "limit": FOUND_OF_A_KIND}), NOTHING),
        visit.maybe(address("/technologies", {"q": words, "limit": FOUND_OF_A_KIND}), NOTHING),
        visit.maybe(address("/posts", {"q": words, "limit": FOUND_OF_A_KIND}), NOTHING),
        visit.maybe(address("/pools", {"q": words, "state": "open", "limit": FOUND_OF_A_KIND}), NOTHING),
    )
    return await visit.draw(
        "home/found.html",
        section="search",
        words=words,
        pools=[pools.card(item) for item in with_times(opened["items"])],
        products=[listings.card(item) for item in products["items"]],
        businesses=businesses["items"],
        understood=products.get("words"),
        technologies=[technologies.card(item, visit.locale) for item in machines["items"]],
        posts=posts["items"],
        more={
            "products": bool(products["next"]),
            "technologies": bool(machines["next"]),
            "posts": bool(posts["next"]),
            "pools": bool(opened["next"]),
        },
        now=datetime.now(UTC),
    )


def _closing_first(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What closes soonest is what a visitor may miss."""
    return sorted(items, key=lambda item: str(item["deadline"]))


def _counted(found: dict[str, Any]) -> tuple[int, bool]:
    """How many there are, and whether there are more than were counted."""
    return len(found["items"]), bool(found["next"])
