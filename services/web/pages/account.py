"""One's own account: what is unfinished, what one takes part in, and one's lists."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web.reading import NOTHING, address, cursor_of, next_href, principal_of, with_times
from services.web.routes import page
from services.web.showing import listings, pools, unfinished
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

SHOWN = 3
"""How many of each list stand on the first page of the account."""
_LOOKED_THROUGH = 30
"""In how many of the newest things unfinished ones are looked for."""
_MOST_HOLDINGS = 12
LISTS = {
    "komitmen": "/pledges/mine",
    "urun": "/pools?mine=true",
    "usaha": "/businesses/mine",
    "jualan": "/listings/mine",
}


@page("/akun", policy=SIGNED_IN)
async def show_account(visit: Visit) -> web.StreamResponse:
    """Lead to what is unfinished; show the newest of everything that is the visitor's."""
    limit = f"limit={_LOOKED_THROUGH}"
    me, pledges, own_pools, businesses, own_listings, suppliers, orders = with_times(
        await asyncio.gather(
            visit.get("/accounts/me"),
            visit.maybe(f"/pledges/mine?{limit}", NOTHING),
            visit.maybe(f"/pools?mine=true&{limit}", NOTHING),
            visit.maybe(f"/businesses/mine?{limit}", NOTHING),
            visit.maybe(f"/listings/mine?{limit}", NOTHING),
            visit.maybe(f"/suppliers/mine?{limit}", NOTHING),
            visit.maybe(f"/purchase-orders?{limit}", NOTHING),
        )
    )
    holdings = await _holdings(visit, pledges["items"])
    tasks = [
        *unfinished.of_form(visit.kept_path, visit.gettext),
        *unfinished.of_pledges(pledges["items"], holdings, visit.gettext),
        *unfinished.of_supplier(suppliers["items"], orders["items"], visit.gettext),
        *unfinished.of_pools(own_pools["items"], visit.gettext),
        *unfinished.of_business(businesses["items"], own_listings["items"], visit.gettext),
    ]
    who = principal_of(visit)
    return await visit.draw(
        "account/show.html",
        section="account",
        me=me,
        tasks=tasks,
        pledges=pledges["items"][:SHOWN],
        pools=own_pools["items"][:SHOWN],
        businesses=businesses["items"][:SHOWN],
        listings=own_listings["items"][:SHOWN],
        suppliers=suppliers["items"],
        works_at_post=who is not None and who.has("operator", "officer", "treasurer", "chair"),
        in_person=visit.assisted is None,
        now=datetime.now(UTC),
    )


async def _holdings(visit: Visit, pledges: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask payments what the pledges that are alive wait for."""
    alive = [pledge["id"] for pledge in pledges if pledge["state"] in unfinished.LIVE_PLEDGES][:_MOST_HOLDINGS]
    found = await asyncio.gather(*(visit.maybe(f"/holdings/{pledge_id}") for pledge_id in alive))
    return {pledge_id: with_times(holding) for pledge_id, holding in zip(alive, found, strict=True) if holding}


@page("/akun/daftar/{name}", policy=SIGNED_IN)
async def list_own(visit: Visit) -> web.StreamResponse:
    """Show one of the visitor's own lists whole: pledges, pools, businesses or products."""
    name = visit.request.match_info["name"]
    if name not in LISTS:
        raise NotFound
    path, _, fixed = LISTS[name].partition("?")
    wanted = {"limit": 20, "cursor": cursor_of(visit), **dict([fixed.split("=")] if fixed else [])}
    found = with_times(await visit.get(address(path, wanted)))
    items = found["items"]
    if name == "urun":
        items = [pools.card(item) for item in items]
    if name == "jualan":
        items = [{**item, "reference": listings.reference(item["id"])} for item in items]
    return await visit.draw(
        "account/list.html",
        section="account",
        name=name,
        items=items,
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
        now=datetime.now(UTC),
    )
