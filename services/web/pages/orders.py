"""Purchase orders for a supplier: answering them by their deadline, and telling what was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.reading import address, clock_of, cursor_of, next_href, path_id, principal_of, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import SIGNED_IN, SUPPLIER
from shared.errors import NotFound

STATES = (
    "requested", "accepted", "confirmed", "partly_dispatched", "dispatched", "received", "closed", "declined",
    "expired", "cancelled",
)  # fmt: skip


@page("/pesanan", policy=SUPPLIER)
async def list_orders(visit: Visit) -> web.StreamResponse:
    """List the supplier's orders, newest first."""
    state = visit.request.query.get("keadaan", "")
    if state and state not in STATES:
        raise NotFound
    path = address("/purchase-orders", {"limit": 20, "state": state, "cursor": cursor_of(visit)})
    found = await visit.get(path)
    return await visit.draw(
        "orders/list.html",
        section="account",
        orders=with_times(found["items"]),
        state=state,
        states=STATES,
        next_href=next_href(visit, found["next"]),
        now=datetime.now(UTC),
    )


@page("/pesanan/{order_id}", policy=SIGNED_IN)
async def show_order(visit: Visit) -> web.StreamResponse:
    """Show an order: what is asked, by when, and what comes next."""
    return await _draw_order(visit, path_id(visit, "order_id"), Outcome())


async def _draw_order(visit: Visit, order_id: str, outcome: Outcome) -> web.Response:
    order = with_times(await visit.get(f"/purchase-orders/{order_id}"))
    post = await visit.maybe(f"/posts/{order['post_id']}")
    now = datetime.now(UTC)
    return await visit.draw(
        "orders/show.html",
        section="account",
        zone=await clock_of(visit, order["post_id"]),
        order=order,
        post=post,
        is_supplier=_is_supplier(visit, order),
        may_answer=order["state"] == "requested" and now < order["answer_by"],
        left_units=order["quantity"] - order["dispatched_units"],
        now=now,
        **outcome.context,
    )


def _is_supplier(visit: Visit, order: dict[str, Any]) -> bool:
    who = principal_of(visit)
    return who is not None and order["supplier_id"] in map(str, who.scopes("supplier"))


@action("/pesanan/{order_id}/terima", policy=SUPPLIER)
async def accept_order(visit: Visit) -> web.StreamResponse:
    """Accept an order, bindingly."""
    entered = Entered(visit, await visit.form())
    said = visit.gettext("Pesanan diterima. Peserta sekarang diminta membayar; Anda dikabari begitu dananya lengkap.")
    return await _act(visit, "accept", {}, entered, said)


@action("/pesanan/{order_id}/tolak", policy=SUPPLIER)
async def decline_order(visit: Visit) -> web.StreamResponse:
    """Decline an order, with a reason."""
    entered = Entered(visit, await visit.form())
    body = {"reason": entered.text("reason")}
    return await _act(visit, "decline", body, entered, visit.gettext("Pesanan ditolak. Peserta diberi tahu alasannya."))


@action("/pesanan/{order_id}/kirim", policy=SUPPLIER)
async def dispatch_goods(visit: Visit) -> web.StreamResponse:
    """Tell that goods go out."""
    entered = Entered(visit, await visit.form())
    body = {"units": entered.whole("units"), "note": entered.text("note", optional=True)}
    return await _act(visit, "dispatches", body, entered, visit.gettext("Pengiriman tercatat. Posyantek dikabari."))


async def _act(visit: Visit, step: str, body: dict[str, Any], entered: Entered, said: str) -> web.StreamResponse:
    order_id = path_id(visit, "order_id")
    if entered.errors:
        return await _draw_order(visit, order_id, Outcome.mistyped(entered))
    try:
        await visit.post(f"/purchase-orders/{order_id}/{step}", body, key=entered.fields.get("_key"))
    except ApiRefusal as refusal:
        outcome = Outcome.refused(entered.fields, refusal, slugs={"more-than-ordered": "units"})
        return await _draw_order(visit, order_id, outcome)
    return visit.go(f"/pesanan/{order_id}", said)
