"""A business's profile as whoever runs it changes it: words, place, hours, categories."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from services.web import choices
from services.web.entering import Entered, Outcome
from services.web.pages.products import shelf_options
from services.web.reading import address, path_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_business
from services.web.showing import businesses
from services.web.visit import Visit
from shared.auth import SIGNED_IN

_WORDS = ("name", "whatsapp", "story", "kelurahan_code", "address")
_DAYS = range(1, 8)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)", re.ASCII)
_NAMES = {
    "hours": "days",
    "hours.open_days": "days",
    "hours.opens": "opens",
    "hours.closes": "closes",
}
"""Fields of the API that the page calls otherwise."""


@page("/usaha/{business_id}/ubah", policy=SIGNED_IN)
async def edit_business(visit: Visit) -> web.StreamResponse:
    """Offer a business's profile to be changed."""
    business = await own_business(visit)
    return await _draw(visit, business, Outcome.fresh(_values(business)))


@action("/usaha/{business_id}/ubah", policy=SIGNED_IN)
async def revise_business(visit: Visit) -> web.StreamResponse:
    """Change a business's profile; what was changed elsewhere meanwhile is shown, not overwritten."""
    fields = await visit.form()
    path = f"/businesses/{path_id(visit, 'business_id')}"
    business = await own_business(visit)
    entered = Entered(visit, fields)
    body = _read(visit, entered)
    if entered.errors:
        return await _draw(visit, business, Outcome.mistyped(entered))
    try:
        await _save(visit, path, body)
    except ApiRefusal as refusal:
        if refusal.problem_slug == "stale-business":
            return await _draw_stale(visit, path, entered)
        return await _draw(visit, business, Outcome.refused(fields, refusal, names=_names_of(refusal)))
    return visit.go(f"/usaha/{business['id']}", visit.gettext("Profil usaha tersimpan."))


async def _save(visit: Visit, path: str, body: Mapping[str, Any]) -> None:
    """Change the profile. Raises `ApiRefusal`; stale only where the profile itself was changed, not a permit or manager."""
    try:
        await visit.post(path, body, method="PATCH")
    except ApiRefusal as refusal:
        if refusal.problem_slug != "stale-business" or await _changed_since(visit, path, body["version"]):
            raise
        await visit.post(path, {**body, "version": refusal.body["version"]}, method="PATCH")


async def _changed_since(visit: Visit, path: str, version: int) -> list[dict[str, Any]]:
    """What was changed of the profile since a version: the newest change of each field."""
    found = await visit.get(address(f"{path}/history", {"limit": 100}))
    newer = [item for item in found["items"] if item["version"] > version and item["what"] == "changed"]
    by_field = {change["field"]: change for item in reversed(newer) for change in item["changes"]}
    return list(by_field.values())


async def _draw_stale(visit: Visit, path: str, entered: Entered) -> web.Response:
    """Keep what was typed, and tell what stands there now: whoever saves again has seen both."""
    business, shelves = await asyncio.gather(own_business(visit), shelf_options(visit, ""))
    changes = await _changed_since(visit, path, int(entered.fields["version"]))
    shown = businesses.changes_shown(changes, labels_of(visit), dict(shelves), visit.locale, visit.gettext)
    outcome = Outcome.fresh({**entered.fields, "version": str(business["version"])})
    return await _draw(visit, business, outcome, elsewhere=[(label, after) for label, _, after in shown], status=409)


async def _draw(
    visit: Visit,
    business: dict[str, Any],
    outcome: Outcome,
    elsewhere: list[tuple[str, str]] | None = None,
    status: int | None = None,
) -> web.Response:
    post, shelves = await asyncio.gather(visit.maybe(f"/posts/{business['post_id']}"), shelf_options(visit, ""))
    region = post["region_code"] if post else business["kelurahan_code"]
    villages = await choices.kelurahan_options(visit, region, visit.gettext("Pilih kelurahan")) if region else []
    context = outcome.context
    return await visit.draw(
        "business/edit.html",
        section="account",
        business=business,
        villages=_with_present(villages, business["kelurahan_code"]),
        shelves=shelves[1:],
        days=[(day, businesses.days_text([day], visit.locale)) for day in _DAYS],
        elsewhere=elsewhere,
        **{**context, "status": status or context["status"]},
    )


def _with_present(villages: choices.Options, code: str | None) -> choices.Options:
    """Keep a kelurahan that lies outside the post's kecamatan, so that saving does not lose it."""
    return villages if code is None or code in dict(villages) else [*villages, (code, code)]


def labels_of(visit: Visit) -> dict[str, str]:
    """What the fields of a business and its products are called."""
    return {
        "name": visit.gettext("Nama"),
        "whatsapp": visit.gettext("WhatsApp"),
        "story": visit.gettext("Cerita usaha"),
        "kelurahan_code": visit.gettext("Kelurahan"),
        "address": visit.gettext("Alamat"),
        "hours": visit.gettext("Jam buka"),
        "categories": visit.gettext("Kategori"),
        "category": visit.gettext("Kategori"),
        "description": visit.gettext("Keterangan"),
        "price_idr": visit.gettext("Harga"),
        "unit": visit.gettext("Satuan"),
        "reason": visit.gettext("Alasan"),
        "welcomes_visits": visit.gettext("Boleh dikunjungi"),
        "claims_ttg": visit.gettext("Dibuat dengan TTG"),
        "nib": "NIB",
        "pirt": "P-IRT",
        "halal": visit.gettext("Sertifikat halal"),
    }


def _values(business: Mapping[str, Any]) -> dict[str, str]:
    values = {name: business[name] or "" for name in _WORDS} | {"version": str(business["version"])}
    values["welcomes_visits"] = "1" if business["welcomes_visits"] else ""
    hours = business["hours"]
    if hours:
        values |= {f"day_{day}": "1" for day in hours["open_days"]}
        values |= {"opens": hours["opens"], "closes": hours["closes"]}
    return values | {f"cat_{code}": "1" for code in business["categories"]}


def _read(visit: Visit, entered: Entered) -> dict[str, Any]:
    fields = entered.fields
    categories = [name.removeprefix("cat_") for name in fields if name.startswith("cat_")]
    story = entered.text("story", optional=True)
    return {
        "name": entered.text("name"),
        "whatsapp": entered.text("whatsapp"),
        # Browsers send a line's end as two characters, which would count as a change.
        "story": story.replace("\r\n", "\n") if story else None,
        "kelurahan_code": entered.text("kelurahan_code", optional=True),
        "address": entered.text("address", optional=True),
        "hours": _read_hours(visit, entered),
        "categories": categories,
        **({"welcomes_visits": bool(fields.get("welcomes_visits"))} if fields.get("asks_visits") else {}),
        "version": entered.whole("version"),
    }


def _read_hours(visit: Visit, entered: Entered) -> dict[str, Any] | None:
    """Read days and times; nothing of all three is by appointment."""
    days = [day for day in _DAYS if entered.fields.get(f"day_{day}")]
    clocks = {name: entered.fields.get(name, "") for name in ("opens", "closes")}
    if not days and not any(clocks.values()):
        return None
    if not days:
        entered.errors["days"] = visit.gettext("Pilih hari bukanya.")
    for name, typed in clocks.items():
        found = _CLOCK.fullmatch(typed)
        if found is None:
            entered.errors[name] = visit.gettext("Isi jamnya, misalnya 08:00.")
        else:
            clocks[name] = f"{int(found[1]):02}:{found[2]}"
    if clocks["opens"] == clocks["closes"]:
        entered.errors.setdefault("closes", visit.gettext("Jam tutup harus lain dari jam buka."))
    return {"open_days": days, **clocks}


def _names_of(refusal: ApiRefusal) -> dict[str, str]:
    """What the page calls the refused fields; a refusal about one entry names its place: `categories.3`."""
    return {field: _NAMES.get(name, name) for field in refusal.fields for name in [re.sub(r"\.\d+$", "", field)]}
