"""Figures of a product: how often it was seen in the last four weeks, for its owner and the post."""

from __future__ import annotations

import asyncio

from aiohttp import web

from services.web.reading import path_id
from services.web.routes import page
from services.web.showing import attention as showing
from services.web.visit import Visit
from shared.auth import SIGNED_IN


@page("/jualan/{listing_id}/angka", policy=SIGNED_IN)
async def show_attention(visit: Visit) -> web.StreamResponse:
    """Show how often a product was looked at, shared, asked about and scanned, day by day."""
    listing_id = path_id(visit, "listing_id")
    listing, found = await asyncio.gather(
        visit.get(f"/listings/{listing_id}"), visit.get(f"/listings/{listing_id}/attention")
    )
    days = showing.dated(found["days"])
    return await visit.draw(
        "attention/listing.html",
        section="account",
        listing=listing,
        is_owner=listing["role"] is not None,
        days=list(reversed(days)),
        chart=showing.days_chart(days),
        week=showing.week(days),
        week_before=showing.week(days, 1),
    )
