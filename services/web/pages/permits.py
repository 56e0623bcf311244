"""The permits of a business, as whoever runs it enters them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_business
from services.web.showing import businesses
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

KINDS = ("nib", "pirt", "halal")


@page("/usaha/{business_id}/izin", policy=SIGNED_IN)
async def show_permits(visit: Visit) -> web.StreamResponse:
    """Show the permits, each with its form."""
    return await _draw(visit, await own_business(visit), Outcome.fresh())


@action("/usaha/{business_id}/izin/{kind}", policy=SIGNED_IN)
async def enter_permit(visit: Visit) -> web.StreamResponse:
    """Write a permit's number."""
    fields = await visit.form()
    kind = _kind(visit)
    business = await own_business(visit)
    entered = Entered(visit, fields)
    body = {"number": entered.text(kind)}
    if entered.errors:
        return await _draw(visit, business, Outcome.mistyped(entered))
    try:
        await visit.post(f"/businesses/{business['id']}/permits/{kind}", body, method="PUT")
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, names={"number": kind}, slugs={f"{kind}-malformed": kind})
        return await _draw(visit, business, outcome)
    return visit.go(f"/usaha/{business['id']}/izin", visit.gettext("Tersimpan. Petugas akan mencocokkannya."))


@action("/usaha/{business_id}/izin/{kind}/hapus", policy=SIGNED_IN)
async def remove_permit(visit: Visit) -> web.StreamResponse:
    """Take a permit off."""
    await visit.form()
    kind = _kind(visit)
    business = await own_business(visit)
    await visit.post(f"/businesses/{business['id']}/permits/{kind}", method="DELETE")
    return visit.go(f"/usaha/{business['id']}/izin", visit.gettext("Izin dihapus dari halaman usaha."))


def _kind(visit: Visit) -> str:
    kind = visit.request.match_info["kind"]
    if kind not in KINDS:
        raise NotFound
    return kind


async def _draw(visit: Visit, business: dict[str, Any], outcome: Outcome) -> web.Response:
    held = {permit["kind"]: permit for permit in businesses.with_days(business["permits"])}
    return await visit.draw(
        "business/permits.html", section="account", business=business, kinds=KINDS, held=held, **outcome.context
    )
