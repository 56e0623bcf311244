"""*Dibantu petugas*: an operator acts for a person at the counter, with their consent and the code on their phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from services.web import cookies
from services.web.entering import Outcome
from services.web.pages.desk import posts_of
from services.web.reading import address, query_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import OPERATOR, SIGNED_IN

_SLUGS = {
    "contact-invalid": "phone",
    "code-wrong": "code",
    "code-expired": "code",
    "code-exhausted": "code",
    "code-used": "code",
    "code-too-often": "phone",
}


@page("/petugas/bantu", policy=OPERATOR)
async def help_form(visit: Visit) -> web.StreamResponse:
    """Ask who stands at the counter."""
    return await _draw_person(
        visit, Outcome.fresh({"post_id": query_id(visit, "posyantek"), "urun": query_id(visit, "urun")})
    )


async def _draw_person(visit: Visit, outcome: Outcome) -> web.Response:
    posts = await posts_of(visit)
    return await visit.draw("desk/assist.html", section="account", posts=posts, **outcome.context)


@action("/petugas/bantu", policy=OPERATOR)
async def send_code(visit: Visit) -> web.StreamResponse:
    """Send a code to the person's phone, by which they accept help."""
    fields = await visit.form()
    body = {
        "post_id": fields.get("post_id", ""),
        "name": fields.get("name", ""),
        "phone": fields.get("phone", ""),
        "consent": bool(fields.get("consent")),
    }
    try:
        offered = await visit.post("/accounts/assisted", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_person(visit, Outcome.refused(fields, refusal, slugs=_SLUGS))
    return await _draw_code(visit, Outcome.fresh({**fields, "challenge_id": offered["challenge_id"]}))


async def _draw_code(visit: Visit, outcome: Outcome) -> web.Response:
    return await visit.draw("desk/assist_code.html", section="account", **outcome.context)


@action("/petugas/bantu/kode", policy=OPERATOR)
async def begin_help(visit: Visit) -> web.StreamResponse:
    """Check the code; from then on, on all pages but the desk's, the operator acts for the person."""
    fields = await visit.form()
    body = {"challenge_id": fields.get("challenge_id", ""), "code": fields.get("code", "")}
    try:
        begun = with_times(await visit.post("/assistance", body))
    except ApiRefusal as refusal:
        return await _draw_code(visit, Outcome.refused(fields, refusal, slugs=_SLUGS))
    said = visit.gettext("Anda sekarang membantu %(name)s selama 15 menit.") % {"name": begun["name"]}
    response = visit.go(_onward(fields), said, "info")
    left_s = int((begun["expires_at"] - datetime.now(UTC)).total_seconds())
    cookies.keep_assisted(response, cookies.Assisted(begun["token"], begun["name"]), max(1, left_s))
    return response


def _onward(fields: Mapping[str, str]) -> str:
    """Lead to the pool at whose counter the person stands, or to those of the post."""
    try:
        return f"/urun/{UUID(fields.get('urun', ''))}/ikut"
    except ValueError:
        return address("/urun", {"posyantek": fields.get("post_id", "")})


@action("/petugas/bantu/selesai", policy=SIGNED_IN)
async def end_help(visit: Visit) -> web.StreamResponse:
    """Be oneself again."""
    await visit.form()
    response = visit.go("/petugas", visit.gettext("Selesai membantu. Anda kembali sebagai petugas."))
    cookies.drop(response, cookies.ASSISTED)
    return response
