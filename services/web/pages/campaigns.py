"""Campaigns of a post: bazaars and seasons, the products that take part, and joining with one's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from aiohttp import web

from services.web.reading import (
    NOTHING,
    account_of,
    address,
    cursor_of,
    next_href,
    nothing,
    principal_of,
    query_id,
    with_times,
)
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import listings
from services.web.visit import Visit
from services.web.zones import zone_of
from shared.auth import SIGNED_IN
from shared.errors import NotFound

ON_A_PAGE = 12
_NAME = re.compile(r"[a-z0-9-]{1,80}")


@page("/kampanye", for_all=True)
async def list_campaigns(visit: Visit) -> web.StreamResponse:
    """List the campaigns that run or come, of a post if asked."""
    post_id = query_id(visit, "posyantek")
    wanted = {"post_id": post_id, "limit": ON_A_PAGE, "cursor": cursor_of(visit)}
    found = await visit.get(address("/campaigns", wanted))
    who = principal_of(visit)
    return await visit.draw(
        "campaigns/list.html",
        section="products",
        campaigns=with_times(found["items"]),
        is_narrowed=bool(post_id),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
        own_posts=who.scopes("operator") if who else [],
    )


@page("/kampanye/{slug}", for_all=True)
async def show_campaign(visit: Visit) -> web.StreamResponse:
    """Show a campaign with its products; owners join here with theirs, and its operators change it."""
    path = f"/campaigns/{named(visit)}"
    campaign, found, own, entered = await asyncio.gather(
        visit.get(path),
        visit.get(address(f"{path}/listings", {"limit": ON_A_PAGE, "cursor": cursor_of(visit)})),
        visit.maybe("/listings/mine?limit=100", NOTHING) if account_of(visit) else nothing(),
        visit.maybe(f"{path}/listings?mine=true&limit=100", NOTHING) if account_of(visit) else nothing(),
    )
    works_here = works_at(visit, campaign["post_id"])
    taking_part = {item["id"] for item in entered["items"]}
    return await visit.draw(
        "campaigns/show.html",
        section="products",
        zone=zone_of(campaign["region_code"] or ""),
        campaign=with_times(campaign),
        products=[{**listings.card(item), "id": item["id"]} for item in found["items"]],
        next_href=next_href(visit, found["next"]),
        is_first_page=not cursor_of(visit),
        is_logged_in=bool(account_of(visit)),
        works_here=works_here,
        own_inside=entered["items"],
        own_outside=[
            (item["id"], item["name"])
            for item in own["items"]
            if item["status"] == "published" and item["id"] not in taking_part
        ],
        url=f"{visit.context.settings.public_url}/kampanye/{campaign['slug']}",
    )


@action("/kampanye/{slug}/ikut", policy=SIGNED_IN)
async def join_campaign(visit: Visit) -> web.StreamResponse:
    """Take part with a product of one's own."""
    fields = await visit.form()
    slug = named(visit)
    body = {"listing_id": fields.get("produk", "")}
    key = f"{fields.get('_key', '')}-{body['listing_id']}"
    return await _told(visit, slug, visit.post(f"/campaigns/{slug}/listings", body, key=key), _joined(visit))


@action("/kampanye/{slug}/keluar", policy=SIGNED_IN)
async def leave_campaign(visit: Visit) -> web.StreamResponse:
    """Leave with a product of one's own; or, as an operator, take a product out."""
    fields = await visit.form()
    slug, listing_id = named(visit), fields.get("produk", "")
    if not re.fullmatch(r"[0-9a-f-]{36}", listing_id):
        raise NotFound
    step = visit.post(f"/campaigns/{slug}/listings/{listing_id}", method="DELETE")
    return await _told(visit, slug, step, visit.gettext("Produk dikeluarkan dari kampanye."))


def _joined(visit: Visit) -> str:
    return visit.gettext("Produk Anda ikut kampanye ini.")


async def _told(visit: Visit, slug: str, step: Any, done: str) -> web.Response:  # noqa: ANN401
    """Do a step and say what came of it on the campaign's page."""
    try:
        await step
    except ApiRefusal as refusal:
        if refusal.problem_status not in {400, 409, 422}:
            raise
        return visit.go(f"/kampanye/{slug}", refusal.text, "bad")
    return visit.go(f"/kampanye/{slug}", done)


def named(visit: Visit) -> str:
    """Read a campaign's slug or id from the page's address. Raises `NotFound` for what can be neither."""
    name = visit.request.match_info["slug"]
    if not _NAME.fullmatch(name):
        raise NotFound
    return name


def works_at(visit: Visit, post_id: str) -> bool:
    """Whether the visitor does the work of a post."""
    who = principal_of(visit)
    return who is not None and who.operates(UUID(post_id))


async def campaign_at_own_post(visit: Visit) -> Mapping[str, Any]:
    """Read a campaign of the visitor's own post. Raises `NotFound` for another's."""
    campaign: Mapping[str, Any] = with_times(await visit.get(f"/campaigns/{named(visit)}"))
    if not works_at(visit, campaign["post_id"]):
        raise NotFound
    return campaign
