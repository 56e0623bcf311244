"""Logging in by a code, and logging out."""

from __future__ import annotations

from aiohttp import web

from services.web import cookies
from services.web.forms import Form
from services.web.local import local_path
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.sessions import Resources
from services.web.visit import Visit


@page("/masuk")
async def ask_contact(visit: Visit) -> web.StreamResponse:
    """Ask for a phone number or e-mail address."""
    onward = local_path(visit.request.query.get("lanjut", "/akun"))
    if visit.token:
        return visit.go(onward)
    return await visit.draw("access/contact.html", section="account", form=Form(), onward=onward)


@action("/masuk")
async def send_code(visit: Visit) -> web.StreamResponse:
    """Send a code there."""
    fields = await visit.form()
    onward = local_path(fields.get("lanjut", "/akun"))
    try:
        challenge = await visit.post("/codes", {"to": fields.get("to", ""), "language": visit.locale})
    except ApiRefusal as refusal:
        return await visit.draw_again("access/contact.html", fields, refusal, section="account", onward=onward)
    return await visit.draw(
        "access/code.html", section="account", form=Form(dict(fields)), onward=onward, challenge=challenge
    )


@action("/masuk/kode")
async def open_session(visit: Visit) -> web.StreamResponse:
    """Check the code; a newcomer also says their name and agrees to what is done with it."""
    fields = await visit.form()
    onward = local_path(fields.get("lanjut", "/akun"))
    body: dict[str, object] = {
        "challenge_id": fields.get("challenge_id", ""),
        "code": fields.get("code", "").replace(" ", ""),
    }
    if fields.get("name"):
        body["name"] = fields["name"]
    if fields.get("consent"):
        body["consent"] = True
    try:
        session = await visit.post("/sessions", body)
    except ApiRefusal as refusal:
        challenge = {"challenge_id": fields.get("challenge_id", ""), "channel": fields.get("channel", "")}
        is_new = bool(fields.get("is_new")) or refusal.problem_slug in {"name-needed", "consent-needed"}
        return await visit.draw_again(
            "access/code.html", fields, refusal, section="account", onward=onward, challenge=challenge, is_new=is_new
        )
    response = visit.go(onward, visit.gettext("Selamat datang, %(name)s!") % {"name": session["name"]})
    cookies.keep_secret(response, cookies.SESSION, session["session_token"], cookies.SESSION_S)
    return response


@action("/keluar")
async def close_session(visit: Visit) -> web.StreamResponse:
    """Log out."""
    await visit.form()
    resources: Resources = visit.context.resources
    await resources.api.send("DELETE", "/api/v1/sessions/current", visit.session_token)
    resources.tokens.forget(visit.session_token)
    response = visit.go("/", visit.gettext("Anda sudah keluar."))
    for name in (cookies.SESSION, cookies.ASSISTED):
        cookies.drop(response, name)
    return response
