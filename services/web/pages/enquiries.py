"""Ordering by WhatsApp: the enquiry is noted down and the chat opens with the text; and what the owner says became of it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.pages.products import MOST_UNITS
from services.web.reading import address, clock_of, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_listing
from services.web.sessions import Resources
from services.web.showing import listings
from services.web.showing.ordering import chat_address, order_text
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

ON_A_PAGE = 20
_NAMES = {"units": "jumlah", "variant": "varian"}
_OUTCOMES = {"jadi": "sold", "tidak": "not_sold"}


@page("/produk/{listing_id}/pesan")
async def ask_order(visit: Visit) -> web.StreamResponse:
    """Ask how many and which kind."""
    query = visit.request.query
    values = {"jumlah": query.get("jumlah", "1")[:5], "varian": query.get("varian", "")[:60]}
    return await _draw_order(visit, Outcome.fresh(values))


@action("/produk/{listing_id}/pesan")
async def order(visit: Visit) -> web.StreamResponse:
    """Note the enquiry down and open the seller's chat; the button `hitung` only works the sum out on the product's page."""
    fields = await visit.form()
    listing_id = path_id(visit, "listing_id")
    if fields.get("aksi") == "hitung":
        typed = {"jumlah": fields.get("jumlah", "")[:5]}
        return visit.go(address(f"/produk/{listing_id}", typed) + "#pesan")
    entered = Entered(visit, fields)
    units, variant = entered.whole("jumlah", otherwise=1), entered.text("varian", optional=True)
    if units is not None and not 1 <= units <= MOST_UNITS:
        entered.errors["jumlah"] = visit.gettext("Pesan 1 sampai 9.999. Untuk lebih banyak, tulis di WhatsApp.")
    if entered.errors:
        return await _draw_order(visit, Outcome.mistyped(entered))
    assert units is not None
    listing = await _on_sale(visit)
    try:
        noted = await _noted(visit, listing, units, variant, fields.get("_key", ""))
    except ApiRefusal as refusal:
        return await _draw_order(visit, Outcome.refused(fields, refusal, names=_NAMES))
    text = order_text(
        visit.gettext,
        visit.locale,
        listing,
        units=units,
        price_idr=noted["price_idr"],
        reference=noted["reference"],
        variant=variant,
    )
    _count(visit, listing_id, "whatsapp")
    return _away(chat_address(text, noted["whatsapp"]))


async def _noted(visit: Visit, listing: dict[str, Any], units: int, variant: str | None, key: str) -> dict[str, Any]:
    """Note the enquiry down. Nobody is kept from ordering because it cannot be: the product's own reference does as well."""
    body = {"units": units, "variant": variant}
    # Who comes back to change the order sends the same form with other words: another enquiry, no mistake.
    key = f"{key}-{units}-{crc32((variant or '').encode())}" if key else ""
    try:
        noted: dict[str, Any] = await visit.post(f"/listings/{listing['id']}/enquiries", body, key=key)
    except ApiRefusal as refusal:
        if refusal.problem_status != 429 and refusal.problem_status < 500:
            raise
        reference = listings.reference(listing["id"])
        return {"reference": reference, "whatsapp": listing["whatsapp"], "price_idr": _price_of(listing)}
    return noted


def _price_of(listing: dict[str, Any]) -> int:
    """The price that holds now; the API may tell of a promotion."""
    return int(listing.get("promotion_price_idr") or listing["price_idr"])


async def _on_sale(visit: Visit) -> dict[str, Any]:
    """Read a product that is on show. Raises `NotFound`."""
    listing: dict[str, Any] = await visit.get(f"/listings/{path_id(visit, 'listing_id')}")
    if listing["status"] != "published":
        raise NotFound
    return listing


async def _draw_order(visit: Visit, outcome: Outcome) -> web.Response:
    listing = await _on_sale(visit)
    return await visit.draw(
        "enquiries/ask.html", section="products", listing=listing, price_idr=_price_of(listing), **outcome.context
    )


def _count(visit: Visit, listing_id: str, what: Any) -> None:  # noqa: ANN401
    resources: Resources = visit.context.resources
    resources.attention.notice(visit.request, "listing", listing_id, what)


def _away(url: str) -> web.Response:
    return web.Response(status=303, headers={"Location": url, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"})


@page("/jualan/{listing_id}/pesanan", policy=SIGNED_IN)
async def list_enquiries(visit: Visit) -> web.StreamResponse:
    """List the orders of a product that were begun by WhatsApp, and ask what became of it."""
    listing = await own_listing(visit)
    path = f"/listings/{listing['id']}/enquiries"
    found = await visit.get(address(path, {"limit": ON_A_PAGE, "cursor": cursor_of(visit)}))
    return await visit.draw(
        "enquiries/list.html",
        section="account",
        zone=await clock_of(visit, listing["post_id"]),
        listing=listing,
        enquiries=with_times(found["items"]),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
    )


@action("/jualan/{listing_id}/pesanan/{enquiry_id}", policy=SIGNED_IN)
async def settle_enquiry(visit: Visit) -> web.StreamResponse:
    """Say whether an enquiry came to a sale."""
    fields = await visit.form()
    outcome = _OUTCOMES.get(fields.get("hasil", ""))
    if outcome is None:
        raise NotFound
    enquiry_id = path_id(visit, "enquiry_id")
    await visit.post(
        f"/enquiries/{enquiry_id}/outcome", {"outcome": outcome}, key=f"{fields.get('_key', '')}-{outcome}"
    )
    return visit.go(f"/jualan/{path_id(visit, 'listing_id')}/pesanan", visit.gettext("Tercatat. Terima kasih."))
