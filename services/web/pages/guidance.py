"""Help, privacy, and the message box of a developer's machine."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from services.web.forms import Form
from services.web.reading import address
from services.web.refusals import ApiRefusal
from services.web.routes import page
from services.web.visit import Visit
from shared.errors import NotFound


@page("/bantuan")
async def show_help(visit: Visit) -> web.StreamResponse:
    """Answer what people ask most."""
    return await visit.draw("help/help.html")


@page("/bantuan/cara-urun")
async def show_how_to(visit: Visit) -> web.StreamResponse:
    """Tell how a joint purchase goes, from the first tap to the machine at home."""
    return await visit.draw("help/how_to.html")


@page("/privasi")
async def show_privacy(visit: Visit) -> web.StreamResponse:
    """Tell what is kept of a person, why, and how it is deleted."""
    return await visit.draw("help/privacy.html")


@page("/kotak-pesan")
async def show_message_box(visit: Visit) -> web.StreamResponse:
    """Show the messages that were sent on a developer's or demo machine; there is no such page anywhere else."""
    if not visit.context.settings.development:
        raise NotFound
    to = visit.request.query.get("to", "").strip()[:120]
    trouble, items = None, []
    try:
        items = (await visit.get(address("/dev-messages", {"to": to})))["items"]
    except ApiRefusal as refusal:
        trouble = refusal.text
    return await visit.draw(
        "help/messages.html",
        form=Form({"to": to}),
        messages=[{**item, "at": datetime.fromisoformat(item["at"])} for item in items],
        trouble=trouble,
    )
