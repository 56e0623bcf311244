"""The catalogue of appropriate technology: the list, and a technology's page with its guide and offers."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.web import choices
from services.web.forms import Form
from services.web.reading import account_of, address, cursor_of, next_href, with_times
from services.web.routes import page
from services.web.showing import choosing, needs, pictures, pools, technologies
from services.web.visit import Visit
from shared.errors import NotFound

ON_A_PAGE = 12
WITHOUT_ELECTRICITY = "0"
_SLUG = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)
_MOST_TECHNOLOGIES = 100


@page("/ttg", for_all=True)
async def list_technologies(visit: Visit) -> web.StreamResponse:
    """List technologies by shelf, by what the house's electricity carries, and by words."""
    query = visit.request.query
    chosen = {
        "kategori": query.get("kategori", ""),
        "daya": query.get("daya", ""),
        "q": " ".join(query.get("q", "").split())[:120],
    }
    powers = _powers(visit)
    if chosen["daya"] not in {value for value, _ in powers}:
        chosen["daya"] = ""
    if not _SLUG.fullmatch(chosen["kategori"]):
        chosen["kategori"] = ""
    wanted = {
        "limit": ON_A_PAGE,
        "category": chosen["kategori"],
        # As text: zero watts is a wish, not an empty place.
        "max_watts": "0" if chosen["daya"] == WITHOUT_ELECTRICITY else None,
        "supply_va": chosen["daya"] if chosen["daya"] != WITHOUT_ELECTRICITY else None,
        "q": chosen["q"],
        "cursor": cursor_of(visit),
    }
    found, everything = await visit.get_all(
        address("/technologies", wanted), address("/technologies", {"limit": _MOST_TECHNOLOGIES})
    )
    return await visit.draw(
        "technologies/list.html",
        section="technologies",
        cards=[technologies.card(item, visit.locale) for item in found["items"]],
        form=Form(chosen),
        shelves=[("", visit.gettext("Semua kategori")), *technologies.shelves(everything["items"], visit.locale)],
        powers=powers,
        is_filtered=any(chosen.values()),
        is_narrowed=bool(chosen["kategori"] or chosen["daya"]),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
    )


@page("/ttg/{slug}", for_all=True)
async def show_technology(visit: Visit) -> web.StreamResponse:
    """Show a technology: what it is for, what it needs, how to use it, and how to buy it together."""
    slug = visit.request.match_info["slug"]
    if not _SLUG.fullmatch(slug):
        raise NotFound
    technology = await visit.get(f"/technologies/{slug}")
    wanted = {"technology_id": technology["id"], "state": "open", "limit": 3}
    needed = {"technology_ids": technology["id"], "order": "most_wanted", "limit": 3}
    running, own, board = await asyncio.gather(
        visit.maybe(address("/pools", wanted), {"items": []}),
        _own_suppliers(visit),
        visit.maybe(address("/needs", needed), {"items": [], "next": None}),
    )
    return await visit.draw(
        "technologies/show.html",
        section="technologies",
        technology=technology,
        name=technology[f"name_{visit.locale}"],
        words={
            part: technology[f"{part}_{visit.locale}"]
            for part in ("problem", "capacity_text", "power_note", "steps", "safety", "maintenance", "category_name")
        },
        photo=pictures.of_technology(slug),
        supplies=technology["supplies"],
        figures=technologies.figures(technology, visit.gettext),
        offers=[_shown_offer(offer, own) for offer in technology["offers"]],
        pools=[pools.card(item) for item in with_times(running["items"])],
        needs=[needs.row(item, visit.locale) for item in board["items"]],
        has_more_needs=bool(board["next"]),
        now=datetime.now(UTC),
        url=f"{visit.context.settings.public_url}/ttg/{slug}",
    )


def _shown_offer(offer: dict[str, Any], own_suppliers: frozenset[str]) -> dict[str, Any]:
    return {
        **offer,
        "tiers": technologies.tiers(offer["terms"]),
        "chart": technologies.chart(offer["terms"]),
        "is_own": offer["supplier_id"] in own_suppliers,
    }


async def _own_suppliers(visit: Visit) -> frozenset[str]:
    """The suppliers of whoever is visiting: their own offers may be changed from here."""
    if not account_of(visit):
        return frozenset()
    found = await visit.maybe("/suppliers/mine", {"items": []})
    return frozenset(supplier["id"] for supplier in found["items"])


def _powers(visit: Visit) -> choices.Options:
    own = visit.gettext("Rumah %(va)s VA")
    return [
        ("", visit.gettext("Semua daya")),
        (WITHOUT_ELECTRICITY, visit.gettext("Tanpa listrik")),
        *((str(va), own % {"va": va}) for va in choosing.HOUSEHOLD_SUPPLIES_VA),
    ]
