"""Searches that one keeps, to look for what is new."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from services.web import choices, finding
from services.web.local import split
from services.web.pages.products import shelf_options
from services.web.reading import address, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import SIGNED_IN

ON_A_PAGE = 20


@page("/pencarian", policy=SIGNED_IN)
async def list_searches(visit: Visit) -> web.StreamResponse:
    """List the searches that one keeps."""
    found, shelves, districts = await asyncio.gather(
        visit.get(address("/saved-searches", {"limit": ON_A_PAGE, "cursor": cursor_of(visit)}), after=True),
        shelf_options(visit, ""),
        choices.district_options(visit, ""),
    )
    items = with_times(found["items"])
    return await visit.draw(
        "account/searches.html",
        section="account",
        searches=[
            {
                **item,
                "title": _title(visit, item["query"], dict(shelves), dict(districts)),
                "href": finding.link(item["query"]),
            }
            for item in items
        ],
        next_href=next_href(visit, found["next"]),
    )


@action("/pencarian", policy=SIGNED_IN)
async def keep_search(visit: Visit) -> web.StreamResponse:
    """Keep the search of a page of products."""
    fields = await visit.form()
    query = dict(parse_qsl(split(fields.get("alamat", "")).query))
    shelves, districts = await asyncio.gather(shelf_options(visit, ""), choices.district_options(visit, ""))
    looked = finding.read(visit, query, shelves, districts)
    if not looked.kept or looked.errors:
        return visit.go("/produk", visit.gettext("Tidak ada yang bisa disimpan. Cari sesuatu dulu."), "info")
    try:
        await visit.post("/saved-searches", looked.kept, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return visit.go("/pencarian", refusal.text, "bad")
    return visit.go("/pencarian", visit.gettext("Pencarian tersimpan. Buka dari sini untuk melihat yang baru."))


@action("/pencarian/{search_id}/lihat", policy=SIGNED_IN)
async def look_again(visit: Visit) -> web.StreamResponse:
    """Show what is new since one has looked last."""
    fields = await visit.form()
    search = await visit.post(f"/saved-searches/{path_id(visit, 'search_id')}/seen", key=fields.get("_key"))
    return visit.go(finding.link(search["query"], since=search["seen_at"]))


@action("/pencarian/{search_id}/hapus", policy=SIGNED_IN)
async def forget_search(visit: Visit) -> web.StreamResponse:
    """Keep a search no longer."""
    await visit.form()
    await visit.post(f"/saved-searches/{path_id(visit, 'search_id')}", method="DELETE")
    return visit.go("/pencarian", visit.gettext("Pencarian dihapus."))


def _title(visit: Visit, search: dict[str, Any], shelves: dict[str, str], districts: dict[str, str]) -> str:
    """Say in words what is looked for."""
    place = search["district_code"] or search["near"]
    parts = [
        f"“{search['q']}”" if search["q"] else "",
        shelves.get(search["category"] or "", ""),
        districts.get(place or "", ""),
        visit.gettext("halal") if search["halal"] else "",
        visit.gettext("stok siap") if search["ready"] else "",
        "TTG" if search["made_with_ttg"] else "",
    ]
    return ", ".join(part for part in parts if part) or visit.gettext("Semua produk")
