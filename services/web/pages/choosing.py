"""Which machine helps me: what fits a product, what it would save by one's own figures, and how to come by it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from services.web import choices
from services.web.entering import Entered
from services.web.forms import Form
from services.web.pages.products import shelf_options
from services.web.reading import NOTHING, address, as_id, nothing, with_times
from services.web.routes import page
from services.web.showing import choosing as showing
from services.web.visit import Visit

MOST_SHOWN: Final = 6
MOST_POOLS: Final = 50
MOST_VISITED: Final = 2
_TYPED: Final = ("kategori", "nama", "kg", "buah", "daya", "kecamatan", "posyantek", "alat", "jam", "upah")
_CODE: Final = re.compile(r"[a-z-]{1,40}", re.ASCII)
_SLUG: Final = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)
_DISTRICT: Final = re.compile(r"\d{2}\.\d{2}\.\d{2}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,6}([.,]\d{1,2})?", re.ASCII)
_HOURS_OF_A_WEEK: Final = 168


@page("/alat-untuk-usaha", for_all=True)
async def choose_machine(visit: Visit) -> web.StreamResponse:
    """Say which machines fit what somebody makes, where each can be seen, and which pool is open for it."""
    typed = _typed(visit.request.query)
    entered = Entered(visit, typed)
    wanted, own = _asked(entered)
    shelves, districts, found, reckoned = await asyncio.gather(
        shelf_options(visit, visit.gettext("Pilih kategori")),
        choices.district_options(visit, visit.gettext("Pilih kecamatan")),
        visit.get(address("/technology-matches", {**wanted, "limit": MOST_SHOWN})) if wanted else nothing(),
        visit.get(address("/technology-matches", {**wanted, **own})) if own else nothing(),
    )
    matches = showing.with_own_figures(found["items"], reckoned["items"])
    pools, machines, needs = await _how_to_get(visit, [match["technology"]["id"] for match in matches], typed)
    return await visit.draw(
        "technologies/choosing.html",
        section="technologies",
        form=Form(typed, entered.errors),
        status=422 if entered.errors else 200,
        shelves=shelves,
        districts=districts,
        powers=[("", visit.gettext("Belum tahu")), *((str(va), f"{va} VA") for va in showing.HOUSEHOLD_SUPPLIES_VA)],
        is_asked=bool(wanted),
        cards=showing.best_first(
            showing.card(match, visit.locale, dict(shelves), pools=pools, machines=machines, needs=needs)
            for match in matches
        ),
        kept={name: value for name, value in typed.items() if name not in {"alat", "jam", "upah"} and value},
    )


async def _how_to_get(
    visit: Visit, technologies: list[str], typed: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Ask which pools are open for these machines, who lets theirs be seen, and who needs them, too."""
    if not technologies:
        return [], [], []
    ids, district = ",".join(technologies), typed["kecamatan"]
    open_ones = {"state": "open", "technology_ids": ids, "limit": MOST_POOLS}
    pools, machines, needs = await asyncio.gather(
        visit.maybe(address("/pools", open_ones), NOTHING),
        visit.maybe(
            address("/machines-at-work", {"technology_ids": ids, "near": district, "each": MOST_VISITED}), NOTHING
        ),
        visit.maybe(address("/needs", {"technology_ids": ids, "district": district, "limit": MOST_POOLS}), NOTHING),
    )
    return showing.nearest_first(with_times(pools["items"]), typed["posyantek"]), machines["items"], needs["items"]


def _typed(query: Mapping[str, str]) -> dict[str, str]:
    """Read what stands in the address; what could not have been chosen on this page counts as not chosen."""
    typed = {name: " ".join(query.get(name, "").split())[:120] for name in _TYPED}
    for name, form in (("kategori", _CODE), ("alat", _SLUG), ("kecamatan", _DISTRICT)):
        if not form.fullmatch(typed[name]):
            typed[name] = ""
    if typed["daya"] not in {str(va) for va in showing.HOUSEHOLD_SUPPLIES_VA}:
        typed["daya"] = ""
    return {**typed, "posyantek": as_id(typed["posyantek"])}


def _asked(entered: Entered) -> tuple[dict[str, object], dict[str, object]]:
    """Read what is looked for, and the figures for the one machine that is to be reckoned; both as the API takes them."""
    fields = entered.fields
    wanted: dict[str, object] = {
        "shelf": fields["kategori"],
        "q": fields["nama"],
        "kg_per_week": _number(entered, "kg"),
        "pieces_per_week": entered.whole("buah") if fields["buah"] else None,
        "supply_va": fields["daya"],
    }
    hours = _number(entered, "jam", most=_HOURS_OF_A_WEEK)
    worth = entered.rupiah("upah", optional=True)
    if not (fields["kategori"] or fields["nama"]) or entered.errors:
        return {}, {}
    is_reckoned = bool(fields["alat"] and (hours or worth is not None))
    own: dict[str, object] = {"slug": fields["alat"], "hours_per_week": hours, "hour_value_idr": worth}
    return wanted, own if is_reckoned else {}


def _number(entered: Entered, name: str, most: int = 1_000_000) -> str | None:
    """Read a number with up to two places behind a comma or point, as the API takes it; nothing where nothing was typed."""
    typed = entered.fields.get(name, "")
    if not typed:
        return None
    number = typed.replace(",", ".")
    if not _NUMBER.fullmatch(typed) or not 0 < float(number) <= most:
        entered.errors[name] = entered.gettext("Isi dengan angka, misalnya 12 atau 2,5.")
        return None
    return number
