"""A reported or suspicious product, as an operator sees it and decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from services.web.entering import Entered, Outcome
from services.web.naming import names_of
from services.web.reading import address, clock_of, cursor_of, next_href, path_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import OPERATOR
from shared.errors import NotFound

ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Decision:
    """`command`: of the API; `said`: what the page says then; `fields`: the API's fields by the form's, `maybe` some empty."""

    command: str
    said: str
    fields: Mapping[str, str] = field(default_factory=dict)
    maybe: frozenset[str] = frozenset()


def _decisions(gettext: Callable[[str], str]) -> dict[str, Decision]:
    hidden = gettext("Produk disembunyikan. Pemiliknya diberi tahu.")
    restored = gettext("Produk dipulihkan. Pemiliknya diberi tahu.")
    upheld = gettext("Produk tetap disembunyikan. Pemiliknya diberi tahu.")
    return {
        "biarkan": Decision("dismiss", gettext("Tercatat. Produk ini dibiarkan."), {"note": "note"}),
        "sembunyikan": Decision("hide", hidden, {"reason": "reason", "words": "words"}),
        "pulihkan": Decision("restore", restored, {"balasan": "answer"}, frozenset({"balasan"})),
        "tetap": Decision("uphold", upheld, {"answer": "answer"}),
    }


@page("/petugas/laporan/{case_id}", policy=OPERATOR)
async def show_case(visit: Visit) -> web.StreamResponse:
    """Show what is said of a product, what was found, and what can be decided."""
    return await _draw(visit, Outcome())


@action("/petugas/laporan/{case_id}/{step}", policy=OPERATOR)
async def decide(visit: Visit) -> web.StreamResponse:
    """Let the product be, hide it, or decide an appeal."""
    case_id = path_id(visit, "case_id")
    entered = Entered(visit, await visit.form())
    decision = _decisions(visit.gettext).get(visit.request.match_info["step"])
    if decision is None:
        raise NotFound
    body = {
        sent: entered.choice(name) if sent == "reason" else entered.text(name, optional=name in decision.maybe)
        for name, sent in decision.fields.items()
    }
    if entered.errors:
        return await _draw(visit, Outcome.mistyped(entered))
    path = f"/moderation/cases/{case_id}"
    try:
        await visit.post(f"{path}/{decision.command}", body, key=entered.fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status == 404:
            raise
        names = {sent: name for name, sent in decision.fields.items()}
        return await _draw(visit, Outcome.refused(entered.fields, refusal, names=names))
    return visit.go(f"/petugas/laporan/{case_id}", decision.said)


async def _draw(visit: Visit, outcome: Outcome) -> web.Response:
    path = f"/moderation/cases/{path_id(visit, 'case_id')}"
    case, reports = await visit.get_all(
        path, address(f"{path}/reports", {"limit": ON_A_PAGE, "cursor": cursor_of(visit)})
    )
    listing = f"/listings/{case['listing_id']}"
    wanted = {"limit": ON_A_PAGE, "cursor": cursor_of(visit, "sebelumnya")}
    shown, photos, past, names, zone = await asyncio.gather(
        visit.maybe(listing),
        visit.maybe(f"{listing}/photos", {"items": []}),
        visit.maybe(address(f"{listing}/cases", wanted), {"items": [], "next": None}),
        names_of(visit, {case[name] for name in ("hidden_by", "dismissed_by") if case[name]}),
        clock_of(visit, case["post_id"]),
    )
    return await visit.draw(
        "moderation/case.html",
        section="account",
        zone=zone,
        case=with_times(case),
        listing=shown,
        photos=photos["items"],
        reports=with_times(reports["items"]),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, reports["next"]),
        past=with_times([one for one in past["items"] if one["id"] != case["id"]]),
        next_past_href=next_href(visit, past["next"], "sebelumnya"),
        names=names,
        **outcome.context,
    )
