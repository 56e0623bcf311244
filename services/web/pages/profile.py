"""What an account is about itself: name, contacts, devices, consents, and being forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from services.web import cookies
from services.web.entering import Entered, Outcome
from services.web.pages.site import YEAR_S
from services.web.reading import address, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.sessions import Resources
from services.web.showing import unfinished
from services.web.visit import Visit
from shared.auth import IN_PERSON, SIGNED_IN


@page("/akun/ubah", policy=SIGNED_IN)
async def edit_profile(visit: Visit) -> web.StreamResponse:
    """Offer one's name, language and e-mail address to be changed."""
    return await _draw_profile(visit, Outcome(), Outcome())


@action("/akun/ubah", policy=SIGNED_IN)
async def save_profile(visit: Visit) -> web.StreamResponse:
    """Change name and language."""
    fields = await visit.form()
    try:
        me = await visit.post(
            "/accounts/me", {"name": fields.get("name"), "language": fields.get("language")}, method="PATCH"
        )
    except ApiRefusal as refusal:
        return await _draw_profile(visit, Outcome.refused(fields, refusal), Outcome())
    response = visit.go("/akun", visit.gettext("Tersimpan."))
    response.set_cookie(cookies.LANGUAGE, me["language"], max_age=YEAR_S, path="/", httponly=True, samesite="Lax")
    return response


@action("/akun/email", policy=IN_PERSON)
async def change_email(visit: Visit) -> web.StreamResponse:
    """Send a code to a new e-mail address, or take the present one away."""
    fields = await visit.form()
    removes = fields.get("aksi") == "hapus"
    entered = Entered(visit, fields)
    email = None if removes else entered.text("email")
    if entered.errors:
        return await _draw_profile(visit, Outcome(), Outcome.mistyped(entered))
    try:
        me = await visit.post("/accounts/me", {"email": email}, method="PATCH")
    except ApiRefusal as refusal:
        return await _draw_profile(visit, Outcome(), Outcome.refused(fields, refusal, slugs=_about_email()))
    if removes:
        return visit.go("/akun/ubah", visit.gettext("Alamat e-mail sudah dihapus."))
    return await _draw_code(visit, email or "", me["email_challenge"], Outcome())


@action("/akun/email/kode", policy=IN_PERSON)
async def prove_email(visit: Visit) -> web.StreamResponse:
    """Take the code that was sent to the new address."""
    fields = await visit.form()
    challenge = {"challenge_id": fields.get("challenge_id", ""), "channel": fields.get("channel", "")}
    body = {"challenge_id": challenge["challenge_id"], "code": fields.get("code", "")}
    try:
        await visit.post("/accounts/me", body, method="PATCH")
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, slugs={"code-wrong": "code"})
        return await _draw_code(visit, fields.get("email", ""), challenge, outcome)
    return visit.go("/akun/ubah", visit.gettext("Alamat e-mail sudah dipasang."))


def _about_email() -> dict[str, str]:
    return {"contact-invalid": "email", "channel-not-set-up": "email", "contact-taken": "email"}


async def _draw_profile(visit: Visit, profile: Outcome, email: Outcome) -> web.Response:
    me = await visit.get("/accounts/me")
    status = max(profile.status, email.status)
    return await visit.draw(
        "account/edit.html",
        section="account",
        status=status,
        me=me,
        form=profile.form,
        trouble=profile.trouble or email.trouble,
        email_form=email.form,
        in_person=visit.assisted is None,
    )


async def _draw_code(visit: Visit, email: str, challenge: dict[str, Any], outcome: Outcome) -> web.Response:
    return await visit.draw(
        "account/email_code.html", section="account", email=email, challenge=challenge, **outcome.context
    )


@page("/akun/perangkat", policy=IN_PERSON)
async def list_devices(visit: Visit) -> web.StreamResponse:
    """List where the account is logged in."""
    found = await visit.get(address("/sessions", {"limit": 20, "cursor": cursor_of(visit)}))
    moments = ("created_at", "last_seen_at", "expires_at")
    return await visit.draw(
        "account/devices.html",
        section="account",
        devices=[
            {"id": item["id"], **{name: datetime.fromisoformat(item[name]) for name in moments}}
            for item in found["items"]
        ],
        next_href=next_href(visit, found["next"]),
    )


@action("/akun/perangkat/{session_id}/keluar", policy=IN_PERSON)
async def end_device(visit: Visit) -> web.StreamResponse:
    """Log one device out."""
    await visit.form()
    await visit.post(f"/sessions/{path_id(visit, 'session_id')}", method="DELETE")
    # It may have been this one: the next page must find out from identity, not from a kept token.
    resources: Resources = visit.context.resources
    resources.tokens.forget(visit.session_token)
    return visit.go("/akun/perangkat", visit.gettext("Perangkat itu sudah dikeluarkan."))


@page("/akun/data", policy=SIGNED_IN)
async def show_data(visit: Visit) -> web.StreamResponse:
    """Show what was agreed to, word for word, and the way out."""
    path = address("/accounts/me/consents", {"limit": 20, "cursor": cursor_of(visit)})
    me, consents = with_times(await visit.get_all("/accounts/me", path))
    return await visit.draw(
        "account/data.html",
        section="account",
        me=me,
        consents=consents["items"],
        next_href=next_href(visit, consents["next"]),
        in_person=visit.assisted is None,
    )


@page("/akun/hapus", policy=IN_PERSON)
async def ask_erasure(visit: Visit) -> web.StreamResponse:
    """Say what erasing does and ask once more."""
    return await _draw_erasure(visit, Outcome())


@action("/akun/hapus", policy=IN_PERSON)
async def erase(visit: Visit) -> web.StreamResponse:
    """Erase the account, and log out."""
    fields = await visit.form()
    if not fields.get("mengerti"):
        entered = Entered(visit, fields)
        entered.errors["mengerti"] = visit.gettext("Beri tanda bahwa Anda mengerti.")
        return await _draw_erasure(visit, Outcome.mistyped(entered))
    try:
        await visit.post("/accounts/me/erasure", key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_erasure(visit, Outcome.refused(fields, refusal))
    resources: Resources = visit.context.resources
    resources.tokens.forget(visit.session_token)
    response = visit.go("/", visit.gettext("Data Anda sudah dihapus. Terima kasih sudah ikut urun."))
    cookies.drop(response, cookies.SESSION)
    return response


async def _draw_erasure(visit: Visit, outcome: Outcome) -> web.Response:
    pledges = await visit.maybe("/pledges/mine?limit=50", {"items": []})
    alive = [pledge for pledge in pledges["items"] if pledge["state"] in unfinished.LIVE_PLEDGES]
    return await visit.draw("account/erase.html", section="account", pledges=alive, **outcome.context)
