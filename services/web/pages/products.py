"""Products of the neighbourhood's small businesses: the list, and a product's page with its order by WhatsApp."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from services.web import choices, finding
from services.web.forms import Form
from services.web.kit.linked_data import json_ld
from services.web.reading import address, cursor_of, next_href, path_id, with_times
from services.web.routes import page
from services.web.showing import listings
from services.web.visit import Visit
from shared.ids import new_id

ON_A_PAGE = 12
MOST_UNITS = 9999
"""More than anybody orders by a chat message."""


@page("/produk", for_all=True)
async def list_products(visit: Visit) -> web.StreamResponse:
    """List or search the products on show."""
    shelves, posts, districts = await asyncio.gather(
        shelf_options(visit, visit.gettext("Semua kategori")),
        choices.post_options(visit, visit.gettext("Semua Posyantek")),
        choices.district_options(visit, visit.gettext("Semua kecamatan")),
    )
    looked = finding.read(visit, visit.request.query, shelves, districts)
    found = await visit.get(looked.address(ON_A_PAGE, cursor_of(visit)))
    return await visit.draw(
        "products/list.html",
        section="products",
        cards=[listings.card(item) for item in found["items"]],
        form=Form(looked.values, looked.errors),
        shelves=shelves,
        posts=posts,
        districts=districts,
        orders=finding.orders(visit),
        understood=found["words"],
        is_filtered=looked.is_filtered,
        is_narrowed=looked.is_narrowed,
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
        all_href=looked.href,
        form_key=str(new_id()),
    )


@page("/produk/{listing_id}", for_all=True)
async def show_product(visit: Visit) -> web.StreamResponse:
    """Show a product; its owner also sees it as a draft, and what can be done with it."""
    listing_id = path_id(visit, "listing_id")
    listing, shelves, photos = await asyncio.gather(
        visit.get(f"/listings/{listing_id}"),
        shelf_options(visit, visit.gettext("Semua kategori")),
        visit.maybe(f"/listings/{listing_id}/photos", {"items": []}),
    )
    others, hiding = await asyncio.gather(
        visit.maybe(address("/listings", {"business_id": listing["business_id"], "limit": 5}), {"items": []}),
        _hiding(visit, listing),
    )
    units = asked_units(visit)
    return await visit.draw(
        "products/show.html",
        section="products",
        listing=with_times(listing),
        card=listings.card(listing),
        category_name=dict(shelves).get(listing["category"], ""),
        photos=photos["items"],
        units=units,
        price_idr=listing["promotion_price_idr"] or listing["price_idr"],
        reference=listings.reference(listing_id),
        machines=listings.machines(listing, visit.locale),
        others=[listings.card(item) for item in others["items"] if item["id"] != listing_id][:4],
        is_owner=listing["role"] is not None,
        helping_href=listings.helping_href(listing),
        hiding=with_times(hiding),
        form=Form(),
        url=f"{visit.context.settings.public_url}/produk/{listing_id}",
        linked_data=json_ld(listing, visit.context.settings.public_url),
    )


async def _hiding(visit: Visit, listing: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    """Why a product is hidden, for those whom it concerns."""
    return await visit.maybe(f"/listings/{listing['id']}/hiding") if listing["status"] == "hidden" else None


def asked_units(visit: Visit) -> int:
    """How many the buyer wants; one where nothing sensible was typed."""
    typed = visit.request.query.get("jumlah", "")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_UNITS))
    return max(1, int(typed)) if is_number else 1


async def shelf_options(visit: Visit, empty: str) -> choices.Options:
    """Every shelf by code and name; an empty first choice that reads `empty`."""
    shelves = await visit.maybe("/categories", {"items": []})
    return listings.shelf_options(shelves["items"], visit.locale, empty)
