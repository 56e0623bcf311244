"""One's pledge: where it stands, what must be paid and how, changing it, leaving."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.reading import account_of, clock_of, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import pledges
from services.web.visit import Visit
from shared.auth import SIGNED_IN

HOLDING_TRIES = 20
HOLDING_PAUSE_S = 0.1
SLUGS = {
    "units-out-of-range": "units",
    "tolerance-out-of-range": "tolerance_units",
    "ceiling-too-low": "ceiling_idr",
    "pledge-too-large": "units",
    "method-not-offered": "method",
}


@page("/komitmen/{pledge_id}", policy=SIGNED_IN)
async def show_pledge(visit: Visit) -> web.StreamResponse:
    """Show a pledge: where it stands, what must be paid by when and how, and what was paid."""
    return await _draw_pledge(visit, path_id(visit, "pledge_id"), Outcome())


async def _draw_pledge(visit: Visit, pledge_id: str, outcome: Outcome) -> web.Response:
    pledge = with_times(await visit.get(f"/pledges/{pledge_id}"))
    pool, holding = await asyncio.gather(visit.get(f"/pools/{pledge['pool_id']}"), _holding(visit, pledge))
    pool = with_times(pool)
    post = await visit.maybe(f"/posts/{pool['post_id']}") if _asks_for_post(holding) else None
    zone = await clock_of(visit, pool["post_id"])
    is_mine = account_of(visit) == pledge["account_id"]
    return await visit.draw(
        "pledges/show.html",
        section="account" if is_mine else "pools",
        zone=zone,
        pledge=pledge,
        pool=pool,
        holding=with_times(holding),
        post=post,
        lines=pledges.lines(pledge["breakdown"], visit.gettext, pledge["allocated_units"]),
        is_mine=is_mine,
        may_change=is_mine and pledge["state"] in pledges.OPEN_STATES and pool["state"] == "open",
        now=datetime.now(UTC),
        **outcome.context,
    )


async def _holding(visit: Visit, pledge: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON or nothing
    """Read what is held for a pledge; missing for who may not see it.

    Right after the visitor has changed it, payments is waited for until it says the same as pools. The written version is
    no measure here: with a pledge that reaches a price tier it counts an event that payments does not hear.
    """
    has_just_written = pledge["pool_id"] in (visit.after or "")
    tries = HOLDING_TRIES if has_just_written else 1
    for attempt in range(tries):
        if attempt:
            await asyncio.sleep(HOLDING_PAUSE_S)
        reply = await visit.ask("GET", f"/holdings/{pledge['id']}")
        if reply.status not in {200, 404} or (reply.ok and reply.body["may_hold_idr"] == pledge["may_hold_idr"]):
            break
    return reply.body if reply.ok else None


def _asks_for_post(holding: dict[str, Any] | None) -> bool:
    return holding is not None and holding["next"]["kind"] in {"cash", "confirm_at_post", "transfer"}


@action("/komitmen/{pledge_id}/kartu", policy=SIGNED_IN)
async def open_card_page(visit: Visit) -> web.StreamResponse:
    """Lead to the card provider's page, to save a card or to pay."""
    pledge_id = path_id(visit, "pledge_id")
    fields = await visit.form()
    body = {"return_url_path": f"/komitmen/{pledge_id}"}
    try:
        opened = await visit.post(f"/holdings/{pledge_id}/card", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_pledge(visit, pledge_id, Outcome.refused({}, refusal))
    # The provider's page is on another site, so this is no redirect of `visit.go`; the address comes from the API alone.
    return web.Response(status=303, headers={"Location": opened["url"], "Cache-Control": "no-store"})


@action("/komitmen/{pledge_id}/transfer", policy=SIGNED_IN)
async def tell_transfer(visit: Visit) -> web.StreamResponse:
    """Tell that one has transferred, so that somebody looks."""
    pledge_id = path_id(visit, "pledge_id")
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {"amount_idr": entered.rupiah("amount_idr"), "reference": entered.text("reference", optional=True)}
    if entered.errors:
        return await _draw_pledge(visit, pledge_id, Outcome.mistyped(entered))
    try:
        await visit.post(f"/holdings/{pledge_id}/transfer-notice", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        slugs = {"more-than-due": "amount_idr"}
        return await _draw_pledge(visit, pledge_id, Outcome.refused(fields, refusal, slugs=slugs))
    return visit.go(f"/komitmen/{pledge_id}", visit.gettext("Terima kasih. Transfer Anda akan dicek di rekening."))


@action("/komitmen/{pledge_id}/ubah", policy=SIGNED_IN)
async def change_pledge(visit: Visit) -> web.StreamResponse:
    """Change units, tolerance or ceiling while the pool is open."""
    pledge_id = path_id(visit, "pledge_id")
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {
        "units": entered.whole("units"),
        "tolerance_units": entered.whole("tolerance_units", otherwise=0),
        "ceiling_idr": entered.rupiah("ceiling_idr"),
    }
    if entered.errors:
        return await _draw_pledge(visit, pledge_id, Outcome.mistyped(entered))
    try:
        await visit.post(f"/pledges/{pledge_id}", body, method="PATCH")
    except ApiRefusal as refusal:
        return await _draw_pledge(visit, pledge_id, Outcome.refused(fields, refusal, slugs=SLUGS))
    return visit.go(f"/komitmen/{pledge_id}", visit.gettext("Komitmen sudah diubah."))


@action("/komitmen/{pledge_id}/tarik", policy=SIGNED_IN)
async def withdraw_pledge(visit: Visit) -> web.StreamResponse:
    """Leave a pool that is still open."""
    pledge_id = path_id(visit, "pledge_id")
    fields = await visit.form()
    try:
        await visit.post(f"/pledges/{pledge_id}/withdraw", key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_pledge(visit, pledge_id, Outcome.refused({}, refusal))
    said = visit.gettext("Komitmen ditarik. Uang yang sudah masuk dikembalikan utuh.")
    return visit.go(f"/komitmen/{pledge_id}", said)
