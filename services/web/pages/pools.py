"""Pools for everybody: the list, a pool's page, its members, and its cash book."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from services.web import choices
from services.web.entering import Outcome
from services.web.reading import (
    account_of,
    address,
    clock_of,
    cursor_of,
    next_href,
    path_id,
    principal_of,
    query_id,
    with_times,
)
from services.web.routes import page, routes
from services.web.sessions import Resources
from services.web.showing import charts, pictures, pledges, pools
from services.web.visit import Visit, locale_of
from shared.auth import PUBLIC
from shared.errors import NotFound
from shared.http.call import Call

ALL_STATES = "semua"
STATES = (
    "open", "awaiting_supplier", "collecting", "ordered", "delivered", "inspected", "settled", "failed", "cancelled",
)  # fmt: skip
_BEFORE_OPEN = frozenset({"draft", "in_review"})


@page("/urun", for_all=True)
async def list_pools(visit: Visit) -> web.StreamResponse:
    """List pools: those that are open, unless another state is asked for."""
    query = visit.request.query
    state = query.get("keadaan", "open")
    if state not in {*STATES, ALL_STATES}:
        raise NotFound
    is_mine = bool(query.get("saya")) and visit.token is not None
    chosen = {
        "q": " ".join(query.get("q", "").split())[:120],
        "posyantek": query_id(visit, "posyantek"),
        "alat": query_id(visit, "alat"),
    }
    wanted = {
        "limit": 12,
        "q": chosen["q"],
        "state": "" if state == ALL_STATES else state,
        "post_id": chosen["posyantek"],
        "technology_id": chosen["alat"],
        "mine": "true" if is_mine else "",
        "cursor": cursor_of(visit),
    }
    found, posts, technologies = await asyncio.gather(
        visit.get(address("/pools", wanted)),
        choices.post_options(visit, visit.gettext("Semua Posyantek")),
        choices.technology_options(visit, visit.gettext("Semua alat")),
    )
    return await visit.draw(
        "pools/list.html",
        section="pools",
        cards=[pools.card(item) for item in with_times(found["items"])],
        form=Outcome.fresh({**chosen, "keadaan": state}).form,
        states=STATES,
        posts=posts,
        technologies=technologies,
        is_mine=is_mine,
        is_narrowed=is_mine or state != "open" or bool(chosen["posyantek"] or chosen["alat"]),
        is_signed_in=visit.token is not None,
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
        now=datetime.now(UTC),
    )


@page("/urun/{pool_id}", for_all=True)
async def show_pool(visit: Visit) -> web.StreamResponse:
    """Show a pool: how far it is, what it costs, who holds the money, what has happened, and what this visitor may do."""
    return await draw_pool(visit, path_id(visit, "pool_id"), Outcome())


async def draw_pool(visit: Visit, pool_id: str, outcome: Outcome) -> web.Response:
    """Draw a pool's page, with a form of it that was refused, if so. Raises `ApiRefusal`."""
    units = _asked_units(visit)
    preview_path = address(f"/pools/{pool_id}/preview", {"units": units})
    pool, preview, people, book = await asyncio.gather(
        visit.get(f"/pools/{pool_id}"),
        visit.maybe(preview_path),
        visit.maybe(f"/pools/{pool_id}/participants?limit=5", {"items": [], "next": None}),
        visit.maybe(f"/ledger/pools/{pool_id}?limit=1"),
    )
    pool = with_times(pool)
    mine, bank, zone = await asyncio.gather(
        _own_pledge(visit, pool), _bank(visit, pool), clock_of(visit, pool["post_id"])
    )
    url = f"{visit.context.settings.public_url}/urun/{pool_id}"
    return await visit.draw(
        "pools/show.html",
        section="pools",
        zone=zone,
        **pools.moving(pool, preview if pool["state"] == "open" else None, datetime.now(UTC)),
        is_live=pool["state"] not in {*_BEFORE_OPEN, "settled"},
        preview_lines=_lines(visit, preview),
        units=units,
        photo=pictures.of_technology(pool["technology"]["slug"]),
        technology_name=pool["technology"][f"name_{visit.locale}"],
        steps=pools.steps(pool, visit.gettext),
        people=pools.members(people["items"], visit.gettext),
        more_people=max(0, pool["people"] - len(people["items"])) if people["next"] else 0,
        custodies=pools.custodies(pool, book),
        held_idr=book["balance_idr"] if book else 0,
        mine=with_times(mine),
        bank=bank,
        tools=_tools(visit, pool),
        url=url,
        **outcome.context,
    )


def _asked_units(visit: Visit) -> int:
    typed = visit.request.query.get("unit", "")
    return int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed[:7]) <= 1_000_000 else 1


def _lines(visit: Visit, preview: dict[str, Any] | None) -> list[dict[str, Any]]:
    yours = preview["yours"] if preview else None
    return pledges.lines(yours["lines"], visit.gettext, yours["units"]) if yours else []


async def _own_pledge(visit: Visit, pool: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON or nothing
    return await visit.maybe(f"/pledges/{pool['my_pledge_id']}") if pool["my_pledge_id"] else None


async def _bank(visit: Visit, pool: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON or nothing
    """Where members transfer to, for those who see to it."""
    if not _keeps_money(visit, pool) or "transfer" not in pool["methods"] or pool["state"] in _BEFORE_OPEN:
        return None
    found = await visit.maybe(f"/custodians/pools/{pool['id']}")
    return found["bank"] if found else None


def _keeps_money(visit: Visit, pool: dict[str, Any]) -> bool:
    """Whether the visitor is the pool's treasurer or an operator of its post, in person."""
    who = principal_of(visit)
    if who is None or who.assisted_by is not None:
        return False
    return account_of(visit) == pool["treasurer_account_id"] or _operates(visit, pool)


def _operates(visit: Visit, pool: dict[str, Any]) -> bool:
    who = principal_of(visit)
    return who is not None and who.operates(UUID(pool["post_id"]))


def _tools(visit: Visit, pool: dict[str, Any]) -> dict[str, bool]:
    """What this visitor may do with the pool besides joining it."""
    state, leads = pool["state"], pool["i_am_initiator"]
    stops = leads or _operates(visit, pool)
    return {
        "edit": leads and state == "draft",
        "verify": pool["i_may_verify"] and state == "in_review",
        "extend": leads and state == "open" and not pool["extended"],
        "cancel": stops
        and state in {"draft", "in_review", "open", "closing", "awaiting_supplier", "reconsenting", "collecting"},
        "bank": _keeps_money(visit, pool) and "transfer" in pool["methods"] and state not in _BEFORE_OPEN,
        "desk": _keeps_money(visit, pool) and state not in _BEFORE_OPEN,
    }


@page("/urun/{pool_id}/peserta")
async def list_participants(visit: Visit) -> web.StreamResponse:
    """List a pool's members, names masked."""
    pool_id = path_id(visit, "pool_id")
    path = address(f"/pools/{pool_id}/participants", {"limit": 50, "cursor": cursor_of(visit)})
    pool, people = await visit.get_all(f"/pools/{pool_id}", path)
    return await visit.draw(
        "pools/people.html",
        section="pools",
        pool=pool,
        people=pools.members(people["items"], visit.gettext),
        next_href=next_href(visit, people["next"]),
    )


@page("/urun/{pool_id}/buku")
async def show_book(visit: Visit) -> web.StreamResponse:
    """Show a pool's cash book: every rupiah in and out, the balance after it, and who holds the money."""
    pool_id = path_id(visit, "pool_id")
    path = address(f"/ledger/pools/{pool_id}", {"limit": 50, "cursor": cursor_of(visit)})
    pool, book = await visit.get_all(f"/pools/{pool_id}", path)
    post, zone = await asyncio.gather(visit.maybe(f"/posts/{pool['post_id']}"), clock_of(visit, pool["post_id"]))
    return await visit.draw(
        "pools/book.html",
        section="pools",
        zone=zone,
        pool=pool,
        book=with_times(book),
        chart=charts.balance_chart(book["items"]),
        post=post,
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, book["next"]),
        url=f"{visit.context.settings.public_url}/urun/{pool_id}/buku",
    )


@routes.get("/urun/{pool_id}/langsung", policy=PUBLIC, raw=True)
async def watch_pool(call: Call) -> web.StreamResponse:
    """Keep the moving parts of a pool's page up to date, until either side leaves."""
    resources: Resources = call.context.resources
    return await resources.watched_pools.watch(call.request, call.remote, call.id("pool_id"), locale_of(call.request))
