"""The operator's desk: one queue by urgency, each item with its form, for those who keep a post's or a group's money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web import choices
from services.web.entering import Outcome
from services.web.reading import account_of, address, clock_of, cursor_of, principal_of, query_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import page
from services.web.showing import desk
from services.web.visit import Visit
from services.web.zones import WIB
from shared.auth import MONEY_CHECKER
from shared.errors import NotFound

SOURCES: Mapping[str, str] = {
    "pembayaran": "/payments/queue",
    "pengembalian": "/refunds/queue",
    "pencairan": "/payouts/queue",
    "urun": "/pools/queue",
    "usaha": "/businesses/queue",
    "izin": "/permits/queue",
    "pemasok": "/suppliers/queue",
    "laporan": "/moderation/queue",
}
"""The queues of the services, by the name that the page gives each."""
SHOWN = 20
MOST_NAMES = 100
"""So many accounts' names the API gives at once."""
_TASKS = {
    "pembayaran": desk.payment_tasks,
    "pengembalian": desk.refund_tasks,
    "pencairan": desk.payout_tasks,
    "usaha": desk.business_tasks,
    "izin": desk.permit_tasks,
    "pemasok": desk.supplier_tasks,
    "laporan": desk.case_tasks,
}


@dataclass(frozen=True, slots=True)
class DeskView:
    """Which part of the desk is shown: a post, one kind of work or all, and a page of that kind."""

    post_id: str = ""
    source: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> DeskView:
        """Read it from a query."""
        return cls(query.get("posyantek", ""), query.get("jenis", ""), query.get("cursor", "")[:512])

    def href(self, **changes: str) -> str:
        """Link to this part of the desk, or to another."""
        return address("/petugas", {"posyantek": self.post_id, "jenis": self.source, "cursor": self.cursor, **changes})


@page("/petugas", policy=MONEY_CHECKER)
async def show_desk(visit: Visit) -> web.StreamResponse:
    """Show what waits, the most urgent first."""
    view = DeskView(query_id(visit, "posyantek"), visit.request.query.get("jenis", ""), cursor_of(visit))
    if view.source and view.source not in SOURCES:
        raise NotFound
    return await draw_desk(visit, view, Outcome())


async def draw_desk(visit: Visit, view: DeskView, outcome: Outcome) -> web.Response:
    """Draw the desk, with a form of it that was refused, if so."""
    post_id = view.post_id or _first_post(visit)
    posts: choices.Options | None = None
    if not post_id:
        posts = await posts_of(visit)
        post_id = posts[0][0] if posts else ""
    view = DeskView(post_id, view.source, view.cursor)
    found, running, posts = await asyncio.gather(
        _ask_queues(visit, view), _running_pools(visit, view), posts_of(visit) if posts is None else _given(posts)
    )
    tasks, names = await _tasks_and_names(visit, found)
    return await visit.draw(
        "desk/queue.html",
        section="account",
        zone=await clock_of(visit, post_id) if post_id else WIB,
        view=view,
        posts=posts,
        sources=list(SOURCES),
        tasks=tasks,
        next_hrefs={
            source: view.href(jenis=source, cursor=reply["next"])
            for source, reply in found.items()
            if reply and reply["next"]
        },
        is_partial=any(reply is None for reply in found.values()),
        running=running,
        names=names,
        me=account_of(visit),
        here=view.href(),
        age=desk.age,
        now=datetime.now(UTC),
        **outcome.context,
    )


async def _given(posts: choices.Options) -> choices.Options:
    return posts


def _first_post(visit: Visit) -> str:
    """A post at which the visitor works, as far as their roles alone tell it."""
    who = principal_of(visit)
    own = [grant for grant in who.grants if grant.scope_kind == "post"] if who else []
    return str(min(grant.scope_id for grant in own)) if own else ""


async def posts_of(visit: Visit) -> choices.Options:
    """The posts at which the visitor works, by id and name; for a province officer every post."""
    who = principal_of(visit)
    if who is None:
        return []
    if who.has("officer"):
        return (await choices.post_options(visit, ""))[1:]
    post_ids = {str(grant.scope_id) for grant in who.grants if grant.scope_kind == "post"}
    groups = [str(grant.scope_id) for grant in who.grants if grant.role == "treasurer" and grant.scope_kind == "group"]
    pools = await asyncio.gather(*(visit.maybe(f"/pools/{group}") for group in groups[:SHOWN]))
    post_ids |= {pool["post_id"] for pool in pools if pool}
    posts = await asyncio.gather(*(visit.maybe(f"/posts/{post_id}") for post_id in sorted(post_ids)))
    return sorted(((post["id"], post["name"]) for post in posts if post), key=lambda option: option[1])


async def _ask_queues(visit: Visit, view: DeskView) -> dict[str, Any]:
    """Ask the services for what waits at the post. A queue that is not this visitor's is left out; one that failed is None."""
    if not view.post_id:
        return {}
    wanted = {"post_id": view.post_id, "limit": SHOWN, "cursor": view.cursor if view.source else ""}
    sources = [view.source] if view.source else list(SOURCES)
    replies = await asyncio.gather(*(visit.ask("GET", address(SOURCES[source], wanted)) for source in sources))
    if view.source and not replies[0].ok:
        raise ApiRefusal(replies[0])
    return {
        source: with_times(reply.body) if reply.ok else None
        for source, reply in zip(sources, replies, strict=True)
        if reply.status != 403
    }


async def _running_pools(visit: Visit, view: DeskView) -> list[dict[str, Any]]:
    """Pools for which money may be brought to the counter, those that collect first."""
    if not view.post_id or view.source:
        return []
    states = ("collecting", "open")
    paths = [address("/pools", {"post_id": view.post_id, "state": state, "limit": SHOWN}) for state in states]
    found = await asyncio.gather(*(visit.maybe(path, {"items": []}) for path in paths))
    return [with_times(item) for page_ in found for item in page_["items"]]


async def _tasks_and_names(visit: Visit, found: Mapping[str, Any]) -> tuple[list[desk.Task], dict[str, str]]:
    """Make tasks of what was found, the most urgent first, with the names of the people in them."""
    tasks = [
        task for source, reply in found.items() if reply and source != "urun" for task in _TASKS[source](reply["items"])
    ]
    items = (found.get("urun") or {"items": []})["items"]
    names, ordered = await asyncio.gather(_names(visit, tasks), _ordered(visit, items))
    return desk.queue([*tasks, *desk.pool_tasks(items, ordered)]), names


async def _ordered(visit: Visit, items: list[dict[str, Any]]) -> dict[str, Any]:
    """Read the ordered pools whole: their orders tell whether goods are on their way."""
    ids = [item["id"] for item in items if item["state"] == "ordered"]
    pools = await asyncio.gather(*(visit.maybe(f"/pools/{pool_id}") for pool_id in ids))
    return {pool["id"]: with_times(pool) for pool in pools if pool}


async def _names(visit: Visit, tasks: list[desk.Task]) -> dict[str, str]:
    """Whose accounts the tasks name; those that may not be read are left out."""
    ids = sorted({account_id for task in tasks for account_id in task.account_ids})
    parts = [",".join(ids[start : start + MOST_NAMES]) for start in range(0, len(ids), MOST_NAMES)]
    found = await asyncio.gather(*(visit.maybe(f"/accounts/names?ids={part}", {"items": []}) for part in parts))
    return {account["id"]: account["name"] for part in found for account in part["items"]}
