"""Who runs a business beside its owner: the list, an invitation to send on, and its acceptance."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web

from services.web.naming import names_of
from services.web.reading import account_of, address, cursor_of, next_href, path_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_business
from services.web.visit import Visit
from shared.auth import IN_PERSON, SIGNED_IN

ON_A_PAGE = 20
_LONGEST_CODE = 64


@page("/usaha/undangan", policy=SIGNED_IN)
async def show_invitation(visit: Visit) -> web.StreamResponse:
    """Show which business an invitation is about, before it is accepted."""
    return await _draw_invitation(visit, visit.request.query.get("kode", ""))


@action("/usaha/undangan", policy=IN_PERSON)
async def accept_invitation(visit: Visit) -> web.StreamResponse:
    """Become a manager by an invitation."""
    fields = await visit.form()
    code = fields.get("code", "")
    try:
        business = await visit.post("/businesses/invitations/accept", {"code": code}, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_invitation(visit, code, refusal)
    told = visit.gettext("Selamat datang! Anda sekarang ikut mengelola %(name)s.")
    return visit.go(f"/usaha/{business['id']}", told % {"name": business["name"]})


async def _draw_invitation(visit: Visit, code: str, refusal: ApiRefusal | None = None) -> web.Response:
    invitation, trouble, status = None, refusal.text if refusal else None, refusal.problem_status if refusal else 200
    reply = await visit.ask("POST", "/businesses/invitations/read", body={"code": code[:_LONGEST_CODE] or "-"})
    if reply.ok:
        invitation = {**reply.body, "expires_at": datetime.fromisoformat(reply.body["expires_at"])}
    elif refusal is None:
        found = ApiRefusal(reply)
        trouble, status = found.text, found.problem_status
    return await visit.draw(
        "business/invitation.html",
        section="account",
        status=status if 400 <= status < 500 or status == 200 else 503,
        invitation=invitation,
        code=code,
        trouble=trouble,
    )


@page("/usaha/{business_id}/pengelola", policy=SIGNED_IN)
async def show_managers(visit: Visit) -> web.StreamResponse:
    """Show who runs a business; its owner invites and takes off, a manager may leave."""
    return await _draw(visit, await own_business(visit))


@action("/usaha/{business_id}/pengelola/undang", policy=IN_PERSON)
async def invite(visit: Visit) -> web.StreamResponse:
    """Make an invitation. Its link is shown on this page alone, so there is no other one to be led to."""
    await visit.form()
    business = await own_business(visit)
    try:
        made = await visit.post(f"/businesses/{business['id']}/invitations")
    except ApiRefusal as refusal:
        return await _draw(visit, business, trouble=refusal.text, status=min(refusal.problem_status, 503))
    link = f"{visit.context.settings.public_url}/usaha/undangan?kode={quote(made['code'])}"
    return await _draw(visit, business, link=link, expires_at=datetime.fromisoformat(made["expires_at"]))


@action("/usaha/{business_id}/pengelola/batal", policy=SIGNED_IN)
async def withdraw_invitations(visit: Visit) -> web.StreamResponse:
    """Withdraw every open invitation."""
    await visit.form()
    business_id = path_id(visit, "business_id")
    await visit.post(f"/businesses/{business_id}/invitations", method="DELETE")
    return visit.go(f"/usaha/{business_id}/pengelola", visit.gettext("Semua undangan yang belum dipakai dibatalkan."))


@action("/usaha/{business_id}/pengelola/{account_id}/keluar", policy=SIGNED_IN)
async def remove_manager(visit: Visit) -> web.StreamResponse:
    """Take a manager off, or leave."""
    await visit.form()
    business_id, account_id = path_id(visit, "business_id"), path_id(visit, "account_id")
    await visit.post(f"/businesses/{business_id}/managers/{account_id}", method="DELETE")
    if account_id == account_of(visit):
        return visit.go("/akun/daftar/usaha", visit.gettext("Anda tidak lagi mengelola usaha itu."))
    return visit.go(f"/usaha/{business_id}/pengelola", visit.gettext("Pengelola dikeluarkan."))


async def _draw(
    visit: Visit,
    business: dict[str, Any],
    *,
    link: str = "",
    expires_at: datetime | None = None,
    trouble: str | None = None,
    status: int = 200,
) -> web.Response:
    wanted = {"limit": ON_A_PAGE, "cursor": cursor_of(visit)}
    found = await visit.get(address(f"/businesses/{business['id']}/managers", wanted))
    managers = [{**item, "added_at": datetime.fromisoformat(item["added_at"])} for item in found["items"]]
    return await visit.draw(
        "business/managers.html",
        section="account",
        status=status,
        business=business,
        is_owner=business["role"] == "owner",
        managers=managers,
        names=await names_of(visit, [item["account_id"] for item in managers]),
        me=account_of(visit),
        link=link,
        expires_at=expires_at,
        trouble=trouble,
        next_href=next_href(visit, found["next"]),
    )
