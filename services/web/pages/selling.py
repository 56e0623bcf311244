"""An owner's products: drafting, changing, putting on show, pausing, archiving."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.forms import parse_rupiah
from services.web.pages.photos import MIB, MOST_FORM_BYTES, MOST_PHOTOS, send_photos
from services.web.pages.products import shelf_options
from services.web.reading import path_id, query_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_listing
from services.web.showing import listings
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

_NAMES = {"business_id": "usaha", "variants": "variants"}
_FOLDED = ("description", "stock", "ready_in_days", "variants")
_SLUGS = {"stock-or-days": "stock", "variant-twice": "variants", "forbidden-goods": "name"}
MOVES = {"tayang": "publish", "jeda": "pause", "arsip": "archive"}


@page("/jualan/baru", policy=SIGNED_IN)
async def ask_listing(visit: Visit) -> web.StreamResponse:
    """Ask what is sold; who has no business yet presents one first."""
    return await _draw_new(visit, Outcome.fresh({"usaha": query_id(visit, "usaha")}))


@action("/jualan/baru", policy=SIGNED_IN, max_bytes=MOST_FORM_BYTES)
async def create_listing(visit: Visit) -> web.StreamResponse:
    """Draft a product with its photos and, if asked, put it on show."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {"business_id": entered.text("usaha"), **_read(entered)}
    if entered.errors:
        return await _draw_new(visit, Outcome.mistyped(entered))
    try:
        listing = await visit.post("/listings", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_new(visit, Outcome.refused(fields, refusal, names=_NAMES, slugs=_SLUGS))
    path = f"/produk/{listing['id']}"
    files = [file for file in visit.files if file.field == "foto"]
    failures = await send_photos(visit, listing["id"], files)
    if failures:
        told = visit.gettext("Jualan tersimpan sebagai draf, tetapi foto %(name)s belum masuk: %(why)s")
        return visit.go(f"/jualan/{listing['id']}/foto", told % {"name": failures[0][0], "why": failures[0][1]}, "bad")
    if fields.get("aksi") == "draf":
        return visit.go(path, visit.gettext("Tersimpan sebagai draf."))
    return await _publish(visit, listing["id"], path, f"{fields.get('_key', '')}-tayang")


async def _publish(visit: Visit, listing_id: str, path: str, key: str) -> web.Response:
    """Put a product on show that was just saved: if that is refused, it stays saved, and the page says why."""
    try:
        await visit.post(f"/listings/{listing_id}/publish", key=key)
    except ApiRefusal as refusal:
        return visit.go(path, refusal.text, "info")
    return visit.go(path, visit.gettext("Jualan Anda sudah tayang. Bagikan ke WhatsApp!"))


async def _draw_new(visit: Visit, outcome: Outcome) -> web.Response:
    businesses, shelves = await asyncio.gather(
        visit.get("/businesses/mine?limit=100"), shelf_options(visit, visit.gettext("Pilih kategori"))
    )
    usable = [(item["id"], item["name"]) for item in businesses["items"] if item["status"] != "rejected"]
    if not usable:
        return visit.go("/usaha/baru", visit.gettext("Daftarkan usaha Anda dulu, lalu tambah jualannya."), "info")
    return await visit.draw(
        "business/new_listing.html",
        section="account",
        businesses=usable,
        shelves=shelves,
        opens_more=_says_more(outcome),
        most_photos=MOST_PHOTOS,
        most_mib=MOST_FORM_BYTES // MIB,
        **outcome.context,
    )


@page("/jualan/{listing_id}/ubah", policy=SIGNED_IN)
async def edit_listing(visit: Visit) -> web.StreamResponse:
    """Offer a product's words and price to be changed."""
    listing = await own_listing(visit)
    values = {name: listing[name] or "" for name in ("name", "description", "category", "unit")}
    values |= {"price_idr": str(listing["price_idr"]), "version": str(listing["version"])}
    values |= {name: "" if listing[name] is None else str(listing[name]) for name in ("stock", "ready_in_days")}
    values["variants"] = listings.variant_lines(listing["variants"])
    values["claims_ttg"] = "1" if listing["claims_ttg"] else ""
    return await _draw_edit(visit, listing, Outcome.fresh(values))


@action("/jualan/{listing_id}/ubah", policy=SIGNED_IN)
async def revise_listing(visit: Visit) -> web.StreamResponse:
    """Change a product; what was changed elsewhere meanwhile is not overwritten."""
    fields = await visit.form()
    listing_id = path_id(visit, "listing_id")
    entered = Entered(visit, fields)
    body = {**_read(entered), "version": entered.whole("version")}
    if fields.get("asks_ttg"):
        body["claims_ttg"] = bool(fields.get("claims_ttg"))
    if entered.errors:
        return await _draw_edit(visit, await own_listing(visit), Outcome.mistyped(entered))
    try:
        await visit.post(f"/listings/{listing_id}", body, method="PATCH")
    except ApiRefusal as refusal:
        return await _draw_edit(
            visit, await own_listing(visit), Outcome.refused(fields, refusal, names=_NAMES, slugs=_SLUGS)
        )
    return visit.go(f"/produk/{listing_id}", visit.gettext("Perubahan tersimpan."))


async def _draw_edit(visit: Visit, listing: dict[str, Any], outcome: Outcome) -> web.Response:
    shelves = await shelf_options(visit, visit.gettext("Pilih kategori"))
    return await visit.draw(
        "business/edit_listing.html",
        section="account",
        listing=listing,
        machines=listings.machines(listing, visit.locale),
        shelves=shelves,
        opens_more=_says_more(outcome),
        **outcome.context,
    )


def _says_more(outcome: Outcome) -> bool:
    """Whether something stands in the folded fields, so that they must be open."""
    return any(outcome.form.value(name) or outcome.form.error(name) for name in _FOLDED)


@page("/jualan/{listing_id}/arsip", policy=SIGNED_IN)
async def ask_archive(visit: Visit) -> web.StreamResponse:
    """Ask once more: archiving is for good."""
    return await visit.draw("business/archive.html", section="account", listing=await own_listing(visit))


@action("/jualan/{listing_id}/{way}", policy=SIGNED_IN)
async def move_listing(visit: Visit) -> web.StreamResponse:
    """Put a product on show, pause it, or archive it."""
    way = visit.request.match_info["way"]
    if way not in MOVES:
        raise NotFound
    fields = await visit.form()
    listing_id = path_id(visit, "listing_id")
    path = f"/produk/{listing_id}"
    try:
        await visit.post(f"/listings/{listing_id}/{MOVES[way]}", key=fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status not in {409, 422}:
            raise
        return visit.go(path, refusal.text, "bad")
    done = {
        "tayang": visit.gettext("Jualan Anda sudah tayang. Bagikan ke WhatsApp!"),
        "jeda": visit.gettext("Jualan dijeda. Tayangkan lagi kapan saja."),
        "arsip": visit.gettext("Jualan diarsipkan."),
    }
    return visit.go(path, done[way])


def _read(entered: Entered) -> dict[str, object]:
    return {
        "name": entered.text("name"),
        "description": entered.text("description", optional=True),
        "category": entered.text("category"),
        "price_idr": entered.rupiah("price_idr"),
        "unit": entered.text("unit", optional=True),
        "stock": entered.whole("stock") if entered.fields.get("stock") else None,
        "ready_in_days": entered.whole("ready_in_days") if entered.fields.get("ready_in_days") else None,
        "variants": _variants(entered),
    }


def _variants(entered: Entered) -> list[dict[str, object]]:
    """Read a variant a line, `name = price` or the name alone."""
    found: list[dict[str, object]] = []
    for line in entered.fields.get("variants", "").splitlines():
        name, is_priced, price = (part.strip() for part in line.partition("="))
        if not name and not price:
            continue
        try:
            found.append({"name": name, "price_idr": parse_rupiah(price) if is_priced and price else None})
        except ValueError:
            entered.errors["variants"] = entered.gettext(
                "Baris “%(line)s” belum benar. Tulis misalnya Pedas = 17.000"
            ) % {"line": line.strip()[:60]}
    return found
