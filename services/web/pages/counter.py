"""A pool at the counter: its pledges by name, to take cash, find transfers and confirm; goods and the acceptance test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from services.web.entering import Outcome
from services.web.reading import address, clock_of, cursor_of, path_id, principal_of, with_times
from services.web.routes import page
from services.web.showing import pledges
from services.web.visit import Visit
from shared.auth import MONEY_CHECKER

POOL_DESK = re.compile(r"/petugas/urun/([0-9a-f-]{36})")
SHOWN = 25
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class CounterView:
    """Which pledges of which pool are shown: a page of all, or those of one phone number."""

    pool_id: str
    phone: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, pool_id: str, query: Mapping[str, str]) -> CounterView:
        """Read it from an address."""
        return cls(pool_id, query.get("telepon", "").strip()[:40], query.get("cursor", "")[:512])

    def href(self, **changes: str) -> str:
        """Link to this list, or to another part of it."""
        return address(f"/petugas/urun/{self.pool_id}", {"telepon": self.phone, "cursor": self.cursor, **changes})


@page("/petugas/urun/{pool_id}", policy=MONEY_CHECKER)
async def show_counter(visit: Visit) -> web.StreamResponse:
    """Show a pool's pledges with what each must bring."""
    view = CounterView(path_id(visit, "pool_id"), visit.request.query.get("telepon", "").strip()[:40], cursor_of(visit))
    return await draw_counter(visit, view, Outcome())


async def draw_counter(visit: Visit, view: CounterView, outcome: Outcome) -> web.Response:
    """Draw it, with a form of it that was refused, if so. Raises `ApiRefusal`."""
    pool, (found, next_cursor), bank = await asyncio.gather(
        visit.get(f"/pools/{view.pool_id}"), _pledges(visit, view), visit.maybe(f"/custodians/pools/{view.pool_id}")
    )
    pool = with_times(pool)
    who = principal_of(visit)
    operates = who is not None and who.operates(UUID(pool["post_id"]))
    return await visit.draw(
        "desk/counter.html",
        section="account",
        zone=await clock_of(visit, pool["post_id"]),
        pool=pool,
        view=view,
        rows=[_row(pledge, pool, operates=operates) for pledge in found],
        has_bank=bool(bank and bank["bank"]),
        operates=operates,
        missing_units=(pool["order"]["quantity"] - pool["order"]["received_units"]) if pool["order"] else 0,
        next_href=view.href(cursor=next_cursor) if next_cursor else "",
        here=view.href(),
        now=datetime.now(UTC),
        **outcome.context,
    )


def _row(pledge: dict[str, Any], pool: dict[str, Any], *, operates: bool) -> dict[str, Any]:
    """A pledge with what may be done for it at the counter."""
    expected = pledges.expected_at_post_idr(pledge, pool["timing"])
    may_confirm = (
        pool["state"] == "open"
        and pool["timing"] == "after_acceptance"
        and pledge["method"] != "card"
        and pledge["state"] == "made"
    )
    return {"pledge": with_times(pledge), "expected_idr": expected, "may_confirm": operates and may_confirm}


async def _pledges(visit: Visit, view: CounterView) -> tuple[list[dict[str, Any]], str | None]:
    path = f"/pools/{view.pool_id}/pledges"
    if not view.phone:
        found = await visit.get(address(path, {"limit": SHOWN, "cursor": view.cursor}))
        return found["items"], found["next"]
    people = await visit.maybe(address("/accounts/search", {"phone": view.phone}), {"items": []})
    wanted = {person["id"] for person in people["items"]}
    return (await _pledges_of(visit, path, wanted) if wanted else []), None


async def _pledges_of(visit: Visit, path: str, account_ids: set[str]) -> list[dict[str, Any]]:
    """Look through a pool's pledges for those of somebody."""
    mine: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        found = await visit.get(address(path, {"limit": 100, "cursor": cursor}))
        mine += [pledge for pledge in found["items"] if pledge["account_id"] in account_ids]
        cursor = found["next"] or ""
        if not cursor:
            break
    return mine
