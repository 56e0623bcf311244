"""One's messages, and by what one is told besides."""

from __future__ import annotations

import asyncio

from aiohttp import web

from services.web.entering import Outcome
from services.web.reading import address, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import SIGNED_IN


@page("/pemberitahuan", policy=SIGNED_IN)
async def list_messages(visit: Visit) -> web.StreamResponse:
    """List one's messages, newest first."""
    return await _draw(visit, Outcome())


@action("/pemberitahuan/{message_id}/baca", policy=SIGNED_IN)
async def read_message(visit: Visit) -> web.StreamResponse:
    """Mark a message as read, and lead on to what it is about."""
    fields = await visit.form()
    await visit.post(f"/messages/{path_id(visit, 'message_id')}/read")
    return visit.go(fields.get("lanjut", "/pemberitahuan"))


@action("/pemberitahuan/baca-semua", policy=SIGNED_IN)
async def read_all(visit: Visit) -> web.StreamResponse:
    """Mark all messages as read."""
    await visit.form()
    await visit.post("/messages/read-all")
    return visit.go("/pemberitahuan", visit.gettext("Semua sudah ditandai terbaca."))


@action("/pemberitahuan/pilihan", policy=SIGNED_IN)
async def choose(visit: Visit) -> web.StreamResponse:
    """Choose by what one is told besides the inbox."""
    fields = await visit.form()
    wishes = {name: bool(fields.get(name)) for name in ("email", "whatsapp")}
    try:
        await visit.post("/messages/preferences", wishes, method="PUT")
    except ApiRefusal as refusal:
        return await _draw(visit, Outcome.refused(fields, refusal))
    return visit.go("/pemberitahuan", visit.gettext("Pilihan tersimpan."))


async def _draw(visit: Visit, outcome: Outcome) -> web.Response:
    found, unread, wishes = await asyncio.gather(
        visit.get(address("/messages", {"limit": 20, "cursor": cursor_of(visit)})),
        visit.maybe("/messages/unread", {"count": 0}),
        visit.maybe("/messages/preferences"),
    )
    return await visit.draw(
        "messages/list.html",
        section="account",
        messages=with_times(found["items"]),
        unread=unread["count"],
        wishes=Outcome.fresh({name: "1" for name, wished in wishes.items() if wished}).form if wishes else None,
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
        **outcome.context,
    )
