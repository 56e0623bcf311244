"""A UKM's business: presenting it to a post, and its page."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from services.web import choices
from services.web.entering import Entered, Outcome
from services.web.kit.linked_data import business_json_ld
from services.web.reading import address, clock_of, cursor_of, next_href, path_id, principal_of, query_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import businesses, listings
from services.web.visit import Visit
from shared.auth import SIGNED_IN

_MOST_OWN = 100


@page("/usaha/baru", policy=SIGNED_IN)
async def ask_business(visit: Visit) -> web.StreamResponse:
    """Ask what a business is called and where it is."""
    me = await visit.get("/accounts/me")
    values = {"posyantek": query_id(visit, "posyantek"), "whatsapp": me["phone"] or ""}
    return await _draw_form(visit, Outcome.fresh(values))


@action("/usaha/baru", policy=SIGNED_IN)
async def register_business(visit: Visit) -> web.StreamResponse:
    """Present a business to its post, which checks it."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {
        "name": entered.text("name"),
        "post_id": entered.text("posyantek"),
        "whatsapp": entered.text("whatsapp"),
        "story": entered.text("story", optional=True),
    }
    if entered.errors:
        return await _draw_form(visit, Outcome.mistyped(entered))
    try:
        business = await visit.post("/businesses", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, names={"post_id": "posyantek"}, slugs={"post-unknown": "posyantek"})
        return await _draw_form(visit, outcome)
    told = visit.gettext("Usaha terdaftar. Petugas %(post)s akan memeriksanya.")
    return visit.go(f"/usaha/{business['id']}", told % {"post": business["post_name"] or "Posyantek"})


async def _draw_form(visit: Visit, outcome: Outcome) -> web.Response:
    posts = await choices.post_options(visit, visit.gettext("Pilih Posyantek"))
    return await visit.draw("business/new.html", section="account", posts=posts, **outcome.context)


@page("/usaha/{business_id}")
async def show_business(visit: Visit) -> web.StreamResponse:
    """Show a business; who runs it also sees how far its check is, what to do next, and products in every state."""
    business = await visit.get(f"/businesses/{path_id(visit, 'business_id')}")
    runs = business["role"] is not None
    found, post, coaching, place, zone = await asyncio.gather(
        _own_products(visit, business) if runs else _products(visit, business),
        visit.maybe(f"/posts/{business['post_id']}"),
        visit.maybe(f"/businesses/{business['id']}/coaching") if runs else _nothing(),
        _place(visit, business),
        clock_of(visit, business["post_id"]),
    )
    is_public = business["status"] == "verified"
    who = principal_of(visit)
    return await visit.draw(
        "business/show.html",
        section="products",
        zone=zone,
        business=business,
        linked_data=business_json_ld(business, post, visit.context.settings.public_url) if is_public else "",
        post=post,
        place_line=place,
        hours_line=businesses.hours_text(business["hours"], visit.locale, visit.gettext),
        is_open=businesses.is_open(business["hours"], datetime.now(zone)),
        permits=businesses.with_days(business["permits"]),
        coaching=coaching,
        is_owner=runs,
        sees_history=runs or (who is not None and who.operates(UUID(business["post_id"]))),
        products=[{**item, "card": listings.card(item)} for item in found["items"]],
        next_href=next_href(visit, found["next"]),
        url=f"{visit.context.settings.public_url}/usaha/{business['id']}",
    )


async def _nothing() -> None:
    return None


async def _place(visit: Visit, business: dict[str, Any]) -> str:
    """Street and kelurahan in one line; empty where neither is known."""
    code = business["kelurahan_code"]
    names = dict(await choices.kelurahan_options(visit, code, "")) if code else {}
    return ", ".join(part for part in (business["address"], names.get(code)) if part)


async def _products(visit: Visit, business: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    wanted = {"business_id": business["id"], "limit": 12, "cursor": cursor_of(visit)}
    return await visit.maybe(address("/listings", wanted), {"items": [], "next": None})


async def _own_products(visit: Visit, business: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    """Drafts and paused products too; the API lists all of an owner's, of which these are picked out."""
    path = address("/listings/mine", {"limit": _MOST_OWN, "cursor": cursor_of(visit)})
    found = await visit.maybe(path, {"items": [], "next": None})
    own = [item for item in found["items"] if item["business_id"] == business["id"] and item["status"] != "archived"]
    return {"items": own, "next": found["next"]}
