"""*Ikut urun*: joining a pool. A newcomer says name, number and pledge on one page; then the code, then paying: three taps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web import cookies
from services.web.entering import Entered, Outcome
from services.web.pages import pledges
from services.web.reading import address, clock_of, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.errors import NotSignedIn

_CODE_SLUGS = {
    "contact-invalid": "to",
    "channel-not-set-up": "to",
    "code-too-often": "to",
    "code-wrong": "code",
    "code-expired": "code",
    "code-exhausted": "code",
    "code-used": "code",
    "name-needed": "name",
}
_CARRIED = ("units", "tolerance_units", "ceiling_idr", "method", "name", "to", "challenge_id", "channel")
"""What the page with the code carries on of the page before."""


@page("/urun/{pool_id}/ikut")
async def pledge_form(visit: Visit) -> web.StreamResponse:
    """Ask how many, at which price at most, and how to pay; a newcomer also says their name and number."""
    pool_id = path_id(visit, "pool_id")
    units = visit.request.query.get("unit", "")
    return await _draw_form(visit, pool_id, Outcome.fresh({"units": units if units.isdigit() else "1"}))


async def _draw_form(visit: Visit, pool_id: str, outcome: Outcome) -> web.Response:
    """Draw the form, or lead on where there is nothing to fill in."""
    typed = outcome.form.value("units")
    units = typed if typed.isascii() and typed.isdigit() and 0 < int(typed[:7]) <= 1_000_000 else "1"
    pool, preview = await asyncio.gather(
        visit.get(f"/pools/{pool_id}"), visit.maybe(address(f"/pools/{pool_id}/preview", {"units": units}))
    )
    pool = with_times(pool)
    if pool["my_pledge_id"]:
        return visit.go(f"/komitmen/{pool['my_pledge_id']}")
    if pool["state"] != "open":
        return visit.go(f"/urun/{pool_id}", visit.gettext("Urun ini sedang tidak menerima peserta baru."), "info")
    return await visit.draw(
        "pledges/new.html",
        section="pools",
        zone=await clock_of(visit, pool["post_id"]),
        pool=pool,
        preview=preview,
        units=int(units),
        is_newcomer=visit.token is None,
        now=datetime.now(UTC),
        **outcome.context,
    )


@action("/urun/{pool_id}/ikut")
async def make_pledge(visit: Visit) -> web.StreamResponse:
    """Join a pool; who is not logged in is sent a code first."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    if visit.token is None and "to" not in fields:
        raise NotSignedIn  # a form for members: their session has ended meanwhile
    entered = Entered(visit, fields)
    body = _read(entered)
    if visit.token is None:
        entered.text("name")
        entered.text("to")
    if entered.errors:
        return await _draw_form(visit, pool_id, Outcome.mistyped(entered))
    return await (_send_code(visit, pool_id, fields) if visit.token is None else _commit(visit, pool_id, body, fields))


def _read(entered: Entered) -> dict[str, Any]:
    """Read what is pledged; what cannot be read is among the form's errors."""
    return {
        "units": entered.whole("units"),
        "tolerance_units": entered.whole("tolerance_units", otherwise=0),
        "ceiling_idr": entered.rupiah("ceiling_idr", optional=True),
        "method": entered.choice("method"),
    }


async def _commit(visit: Visit, pool_id: str, body: Mapping[str, Any], fields: Mapping[str, str]) -> web.StreamResponse:
    """Make a pledge and lead to it, or draw the form with what was refused."""
    try:
        pledge = await visit.post(f"/pools/{pool_id}/pledges", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_form(visit, pool_id, Outcome.refused(fields, refusal, slugs=pledges.SLUGS))
    said = visit.gettext("Komitmen tercatat. Nomor Anda %(number)s.") % {"number": pledge["number"]}
    return visit.go(f"/komitmen/{pledge['id']}", said)


async def _send_code(visit: Visit, pool_id: str, fields: Mapping[str, str]) -> web.Response:
    """Send a code to a newcomer's phone, and ask for it."""
    try:
        challenge = await visit.post("/codes", {"to": fields["to"], "language": visit.locale})
    except ApiRefusal as refusal:
        return await _draw_form(visit, pool_id, Outcome.refused(fields, refusal, slugs=_CODE_SLUGS))
    carried = {**fields, "challenge_id": challenge["challenge_id"], "channel": challenge["channel"]}
    return await _draw_code(visit, pool_id, Outcome.fresh(carried), fields.get("_key", ""))


async def _draw_code(visit: Visit, pool_id: str, outcome: Outcome, key: str) -> web.Response:
    """Ask for the code; `key` is the pledge's own, so that it is made once however often it is sent."""
    pool = await visit.get(f"/pools/{pool_id}")
    ceiling_idr = Entered(visit, outcome.form.values).rupiah("ceiling_idr", optional=True)
    return await visit.draw(
        "pledges/code.html",
        section="pools",
        pool=pool,
        carried=_CARRIED,
        ceiling_idr=ceiling_idr or pool["minimum_landed_idr"],
        **{**outcome.context, "form_key": key},
    )


@action("/urun/{pool_id}/ikut/kode")
async def join_with_code(visit: Visit) -> web.StreamResponse:
    """Check the code, open a session (and an account for a newcomer), and make the pledge."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    body = {
        "challenge_id": fields.get("challenge_id", ""),
        "code": fields.get("code", "").replace(" ", ""),
        "name": fields.get("name", ""),
        "consent": True,  # it stands beside the button, which says *Setuju*
    }
    try:
        session = await visit.post("/sessions", body)
    except ApiRefusal as refusal:
        return await _draw_code(
            visit, pool_id, Outcome.refused(fields, refusal, slugs=_CODE_SLUGS), fields.get("_key", "")
        )
    await visit.enter(session["session_token"])
    entered = Entered(visit, fields)
    pledge = _read(entered)
    if entered.errors:
        response: web.StreamResponse = await _draw_form(visit, pool_id, Outcome.mistyped(entered))
    else:
        response = await _commit(visit, pool_id, pledge, fields)
    cookies.keep_secret(response, cookies.SESSION, session["session_token"], cookies.SESSION_S)
    return response
