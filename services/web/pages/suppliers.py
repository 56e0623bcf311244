"""Suppliers: registering, one's own desk, the bank account, and the page that everybody sees."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from services.web import choices
from services.web.entering import Entered, Outcome
from services.web.reading import NOTHING, address, cursor_of, next_href, path_id, query_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import technologies
from services.web.visit import Visit
from shared.auth import IN_PERSON, SIGNED_IN
from shared.errors import NotFound

_BANK = ("bank_name", "account_number", "account_holder")


@page("/pemasok", policy=SIGNED_IN)
async def show_own(visit: Visit) -> web.StreamResponse:
    """Show one's suppliers with their newest offers and the orders that wait."""
    suppliers, waiting = await asyncio.gather(
        visit.get(address("/suppliers/mine", {"limit": 10, "cursor": cursor_of(visit)})),
        visit.maybe("/purchase-orders?state=requested&limit=100", NOTHING),
    )
    offers = await asyncio.gather(
        *(
            visit.maybe(address("/offers", {"supplier_id": supplier["id"], "limit": 10}), NOTHING)
            for supplier in suppliers["items"]
        )
    )
    posts = await choices.post_options(visit, "")
    return await visit.draw(
        "suppliers/own.html",
        section="account",
        suppliers=[
            {**supplier, "offers": [_shown(offer, visit) for offer in found["items"]], "has_more": bool(found["next"])}
            for supplier, found in zip(suppliers["items"], offers, strict=True)
        ],
        post_names=dict(posts),
        waiting_count=len(waiting["items"]),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, suppliers["next"]),
    )


@page("/pemasok/daftar", policy=SIGNED_IN)
async def ask_supplier(visit: Visit) -> web.StreamResponse:
    """Ask who supplies, what, and where to pay."""
    me = await visit.get("/accounts/me")
    values = {"posyantek": query_id(visit, "posyantek"), "whatsapp": me["phone"] or "", "account_holder": me["name"]}
    return await _draw_form(visit, Outcome.fresh(values))


@action("/pemasok/daftar", policy=SIGNED_IN)
async def register_supplier(visit: Visit) -> web.StreamResponse:
    """Present a supplier to a post, which checks it."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {
        "name": entered.text("name"),
        "post_id": entered.text("posyantek"),
        "about": entered.text("about", optional=True),
        "whatsapp": entered.text("whatsapp"),
        **{name: entered.text(name) for name in _BANK},
    }
    if entered.errors:
        return await _draw_form(visit, Outcome.mistyped(entered))
    try:
        await visit.post("/suppliers", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, names={"post_id": "posyantek"}, slugs={"supplier-exists": "name"})
        return await _draw_form(visit, outcome)
    return visit.go("/pemasok", visit.gettext("Pendaftaran tersimpan. Petugas Posyantek akan memeriksanya."))


async def _draw_form(visit: Visit, outcome: Outcome) -> web.Response:
    posts = await choices.post_options(visit, visit.gettext("Pilih Posyantek"))
    return await visit.draw("suppliers/register.html", section="account", posts=posts, **outcome.context)


@page("/pemasok/{supplier_id}")
async def show_supplier(visit: Visit) -> web.StreamResponse:
    """Show a supplier with all its standing offers."""
    supplier_id = path_id(visit, "supplier_id")
    wanted = {"supplier_id": supplier_id, "limit": 12, "cursor": cursor_of(visit)}
    supplier, offers, own = await asyncio.gather(
        visit.get(f"/suppliers/{supplier_id}"), visit.maybe(address("/offers", wanted), NOTHING), _own(visit)
    )
    post = await visit.maybe(f"/posts/{supplier['post_id']}")
    return await visit.draw(
        "suppliers/show.html",
        section="technologies",
        supplier=supplier,
        post=post,
        offers=[_shown(offer, visit) for offer in offers["items"]],
        is_own=supplier_id in {item["id"] for item in own},
        next_href=next_href(visit, offers["next"]),
    )


@page("/pemasok/{supplier_id}/rekening", policy=IN_PERSON)
async def ask_bank_account(visit: Visit) -> web.StreamResponse:
    """Offer the bank account to be changed."""
    supplier = await _own_supplier(visit)
    return await _draw_bank(visit, supplier, Outcome.fresh({name: supplier[name] or "" for name in _BANK}))


@action("/pemasok/{supplier_id}/rekening", policy=IN_PERSON)
async def change_bank_account(visit: Visit) -> web.StreamResponse:
    """Name another bank account to be paid to."""
    fields = await visit.form()
    supplier = await _own_supplier(visit)
    entered = Entered(visit, fields)
    body = {name: entered.text(name) for name in _BANK}
    if entered.errors:
        return await _draw_bank(visit, supplier, Outcome.mistyped(entered))
    try:
        await visit.post(f"/suppliers/{supplier['id']}/payee", body, method="PUT")
    except ApiRefusal as refusal:
        return await _draw_bank(visit, supplier, Outcome.refused(fields, refusal))
    return visit.go("/pemasok", visit.gettext("Rekening tersimpan."))


async def _draw_bank(visit: Visit, supplier: dict[str, Any], outcome: Outcome) -> web.Response:
    return await visit.draw("suppliers/bank.html", section="account", supplier=supplier, **outcome.context)


async def _own(visit: Visit) -> list[dict[str, Any]]:
    if visit.token is None:
        return []
    found = await visit.maybe("/suppliers/mine?limit=100", NOTHING)
    return list(found["items"])


async def _own_supplier(visit: Visit) -> dict[str, Any]:
    """Read one's own supplier. Raises `NotFound` for another's."""
    supplier_id = path_id(visit, "supplier_id")
    for supplier in await _own(visit):
        if supplier["id"] == supplier_id:
            return supplier
    raise NotFound


def _shown(offer: dict[str, Any], visit: Visit) -> dict[str, Any]:
    technology = offer["technology"]
    return {
        **offer,
        "name": technology[f"name_{visit.locale}"],
        "slug": technology["slug"],
        "tiers": technologies.tiers(offer["terms"]),
    }
