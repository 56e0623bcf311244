"""An owner's promotions of a product: planning one, and ending it."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from services.web import times
from services.web.entering import Entered, Outcome
from services.web.reading import address, clock_of, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_listing
from services.web.visit import Visit
from shared.auth import SIGNED_IN

ON_A_PAGE = 12
_SLUGS = {"promotion-not-cheaper": "price_idr", "promotion-times": "selesai", "promotions-overlap": "mulai"}


@page("/jualan/{listing_id}/promo", policy=SIGNED_IN)
async def ask_promotion(visit: Visit) -> web.StreamResponse:
    """Ask for a lower price and its time; list the promotions that there are and were."""
    return await _draw(visit, Outcome.fresh({"jam_mulai": "00:00", "jam_selesai": "23:59"}))


@action("/jualan/{listing_id}/promo", policy=SIGNED_IN)
async def plan_promotion(visit: Visit) -> web.StreamResponse:
    """Plan a promotion."""
    fields = await visit.form()
    listing = await own_listing(visit)
    entered = Entered(visit, fields)
    zone = await clock_of(visit, listing["post_id"])
    body = {"price_idr": entered.rupiah("price_idr"), **times.span(entered, zone, from_now=True)}
    if entered.errors:
        return await _draw(visit, Outcome.mistyped(entered))
    try:
        made = await visit.post(f"/listings/{listing['id']}/promotions", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw(visit, Outcome.refused(fields, refusal, names=times.NAMES, slugs=_SLUGS))
    text = visit.gettext("Promo sudah jalan. Bagikan ke WhatsApp!")
    if made["status"] == "coming":
        text = visit.gettext("Promo tersimpan. Harga turun sendiri pada waktunya.")
    return visit.go(f"/jualan/{listing['id']}/promo", text)


@action("/jualan/{listing_id}/promo/{promotion_id}/akhiri", policy=SIGNED_IN)
async def end_promotion(visit: Visit) -> web.StreamResponse:
    """End a promotion, or call it off before it begins."""
    await visit.form()
    path = f"/jualan/{path_id(visit, 'listing_id')}/promo"
    try:
        await visit.post(f"/promotions/{path_id(visit, 'promotion_id')}", method="DELETE")
    except ApiRefusal as refusal:
        if refusal.problem_status != 409:
            raise
        return visit.go(path, refusal.text, "info")
    return visit.go(path, visit.gettext("Promo diakhiri. Harga kembali seperti biasa."))


async def _draw(visit: Visit, outcome: Outcome) -> web.Response:
    listing = await own_listing(visit)
    zone = await clock_of(visit, listing["post_id"])
    path = f"/listings/{listing['id']}/promotions"
    found = await visit.get(address(path, {"limit": ON_A_PAGE, "cursor": cursor_of(visit)}))
    return await visit.draw(
        "promotions/plan.html",
        section="account",
        zone=zone,
        listing=listing,
        promotions=with_times(found["items"]),
        next_href=next_href(visit, found["next"]),
        today=datetime.now(zone).date().isoformat(),
        **outcome.context,
    )
