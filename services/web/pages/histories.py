"""What was done with a business, for those who run it and its post."""

from __future__ import annotations

import asyncio

from aiohttp import web

from services.web.naming import names_of
from services.web.pages.business_profile import labels_of
from services.web.pages.products import shelf_options
from services.web.reading import account_of, address, cursor_of, next_href, path_id, with_times
from services.web.routes import page
from services.web.showing import businesses
from services.web.visit import Visit
from shared.auth import SIGNED_IN

ON_A_PAGE = 20


@page("/usaha/{business_id}/riwayat", policy=SIGNED_IN)
async def show_history(visit: Visit) -> web.StreamResponse:
    """Show who did what with a business, newest first."""
    path = f"/businesses/{path_id(visit, 'business_id')}"
    wanted = {"limit": ON_A_PAGE, "cursor": cursor_of(visit)}
    business, found, shelves = await asyncio.gather(
        visit.get(path), visit.get(address(f"{path}/history", wanted)), shelf_options(visit, "")
    )
    items = with_times(found["items"])
    people = {item[name] for item in items for name in ("account_id", "assisted_by") if item[name]}
    labels, names = labels_of(visit), await names_of(visit, people)
    return await visit.draw(
        "business/history.html",
        section="account",
        business=business,
        steps=[
            {
                **item,
                "role": businesses.actor_role(item, business["owner_account_id"]),
                "name": names.get(item["account_id"], ""),
                "helper": names.get(item["assisted_by"] or "", ""),
                "is_mine": item["account_id"] == account_of(visit),
                "shown": businesses.changes_shown(item["changes"], labels, dict(shelves), visit.locale, visit.gettext),
            }
            for item in items
        ],
        next_href=next_href(visit, found["next"]),
    )
