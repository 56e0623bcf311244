"""Reporting a product, by anybody; and the appeal of whoever runs a business whose product was hidden."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.reading import clock_of, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_listing
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

LEAST_APPEAL = 10
"""Letters of an appeal."""


@page("/produk/{listing_id}/laporkan")
async def ask_report(visit: Visit) -> web.StreamResponse:
    """Ask what is wrong with a product."""
    return await _draw_report(visit, await _on_show(visit), Outcome())


@action("/produk/{listing_id}/laporkan")
async def report(visit: Visit) -> web.StreamResponse:
    """Report a product to its post."""
    fields = await visit.form()
    listing_id = path_id(visit, "listing_id")
    entered = Entered(visit, fields)
    body = {"reason": entered.choice("reason"), "words": entered.text("words", optional=True)}
    if body["reason"] == "other" and not body["words"]:
        entered.errors["words"] = visit.gettext("Tulis apa masalahnya, supaya petugas tahu.")
    if entered.errors:
        return await _draw_report(visit, await _on_show(visit), Outcome.mistyped(entered))
    try:
        await visit.post(f"/listings/{listing_id}/reports", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, slugs={"words-missing": "words"})
        return await _draw_report(visit, await _on_show(visit), outcome)
    return visit.go(f"/produk/{listing_id}", visit.gettext("Terima kasih. Petugas Posyantek akan memeriksanya."))


async def _on_show(visit: Visit) -> dict[str, Any]:
    """Read a product that may be reported. Raises `NotFound`."""
    listing: dict[str, Any] = await visit.get(f"/listings/{path_id(visit, 'listing_id')}")
    if listing["status"] != "published" or listing["role"] is not None:
        raise NotFound
    return listing


async def _draw_report(visit: Visit, listing: dict[str, Any], outcome: Outcome) -> web.Response:
    return await visit.draw("moderation/report.html", section="products", listing=listing, **outcome.context)


@page("/jualan/{listing_id}/keberatan", policy=SIGNED_IN)
async def show_hiding(visit: Visit) -> web.StreamResponse:
    """Show why a product is hidden, with the form to appeal."""
    return await _draw_appeal(visit, Outcome())


@action("/jualan/{listing_id}/keberatan", policy=SIGNED_IN)
async def appeal(visit: Visit) -> web.StreamResponse:
    """Ask that one's product is shown again."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    words = entered.text("words")
    if words and len(words) < LEAST_APPEAL:
        entered.errors["words"] = visit.gettext("Tulis sedikit lebih banyak, supaya petugas paham.")
    if entered.errors:
        return await _draw_appeal(visit, Outcome.mistyped(entered))
    listing_id = path_id(visit, "listing_id")
    try:
        await visit.post(f"/listings/{listing_id}/appeals", {"words": words}, key=fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status == 404:
            raise
        return await _draw_appeal(visit, Outcome.refused(fields, refusal))
    return visit.go(f"/produk/{listing_id}", visit.gettext("Keberatan terkirim. Petugas lain yang memutuskan."))


async def _draw_appeal(visit: Visit, outcome: Outcome) -> web.Response:
    listing = await own_listing(visit)
    hiding = await visit.get(f"/listings/{listing['id']}/hiding")
    return await visit.draw(
        "moderation/appeal.html",
        section="account",
        zone=await clock_of(visit, listing["post_id"]),
        listing=listing,
        hiding=with_times(hiding),
        **outcome.context,
    )
