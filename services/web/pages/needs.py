"""*Papan kebutuhan*: which machines are needed at the posts; saying that one needs one, too, or not any more; closing."""

from __future__ import annotations

import asyncio
from uuid import UUID

from aiohttp import web

from services.web import choices
from services.web.entering import Entered, Outcome
from services.web.reading import address, cursor_of, next_href, path_id, principal_of, query_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import needs as showing
from services.web.showing import pictures
from services.web.visit import Visit
from shared.auth import OPERATOR, SIGNED_IN

ON_A_PAGE = 12
_ORDERS = {"terbanyak": "most_wanted", "terbaru": "newest"}
_NAMES = {"post_id": "posyantek", "technology_id": "alat", "ending": "alasan", "words": "keterangan"}
_SLUGS = {"post-unknown": "posyantek", "technology-unknown": "alat"}


@page("/kebutuhan", for_all=True)
async def list_needs(visit: Visit) -> web.StreamResponse:
    """List what is needed: most wanted or newest first, at a post or of a technology if asked."""
    query = visit.request.query
    chosen = {"posyantek": query_id(visit, "posyantek"), "alat": query_id(visit, "alat"), "urut": query.get("urut", "")}
    if chosen["urut"] not in _ORDERS:
        chosen["urut"] = "terbanyak"
    wanted = {
        "limit": ON_A_PAGE,
        "post_id": chosen["posyantek"],
        "technology_ids": chosen["alat"],
        "order": _ORDERS[chosen["urut"]],
        "cursor": cursor_of(visit),
    }
    found, posts, technologies = await asyncio.gather(
        visit.get(address("/needs", wanted)),
        choices.post_options(visit, visit.gettext("Semua Posyantek")),
        choices.technology_options(visit, visit.gettext("Semua alat")),
    )
    return await visit.draw(
        "needs/list.html",
        section="technologies",
        needs=[showing.row(item, visit.locale) for item in found["items"]],
        form=Outcome.fresh(chosen).form,
        posts=posts,
        technologies=technologies,
        orders=[
            ("terbanyak", visit.gettext("Paling banyak dibutuhkan")),
            ("terbaru", visit.gettext("Terbaru")),
        ],
        is_narrowed=bool(chosen["posyantek"] or chosen["alat"]),
        new_href=address("/kebutuhan/baru", {name: chosen[name] for name in ("alat", "posyantek")}),
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, found["next"]),
    )


@page("/kebutuhan/baru", policy=SIGNED_IN)
async def ask_need(visit: Visit) -> web.StreamResponse:
    """Ask which machine is needed, where, and how many of it."""
    values = {"alat": query_id(visit, "alat"), "posyantek": query_id(visit, "posyantek"), "units": "1"}
    return await _draw_form(visit, Outcome.fresh(values))


@action("/kebutuhan/baru", policy=SIGNED_IN)
async def raise_need(visit: Visit) -> web.StreamResponse:
    """Say that one needs a machine; where somebody has said so already, one joins."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    body = {
        "technology_id": entered.choice("alat"),
        "post_id": entered.choice("posyantek"),
        "units": entered.whole("units"),
        "note": entered.text("note", optional=True),
    }
    if entered.errors:
        return await _draw_form(visit, Outcome.mistyped(entered))
    try:
        need = await visit.post("/needs", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_form(visit, Outcome.refused(fields, refusal, names=_NAMES, slugs=_SLUGS))
    said = visit.gettext("Kebutuhan Anda tercatat. Bagikan supaya tetangga ikut.")
    if need["supporters"] > 1:
        said = visit.gettext("Kebutuhan yang sama sudah ada di papan, jadi Anda ikut di sini.")
    return visit.go(f"/kebutuhan/{need['id']}", said)


async def _draw_form(visit: Visit, outcome: Outcome) -> web.Response:
    posts, technologies = await asyncio.gather(
        choices.post_options(visit, visit.gettext("Pilih Posyantek")),
        choices.technology_options(visit, visit.gettext("Pilih alat")),
    )
    chosen = outcome.form.value("alat")
    return await visit.draw(
        "needs/new.html",
        section="technologies",
        posts=posts,
        technologies=technologies,
        technology_name=dict(technologies).get(chosen, "") if chosen and not outcome.form.error("alat") else "",
        **outcome.context,
    )


@page("/kebutuhan/{need_id}", for_all=True)
async def show_need(visit: Visit) -> web.StreamResponse:
    """Show a need: what it is, how many people have it, and what one can do."""
    return await _draw(visit, Outcome())


async def _draw(visit: Visit, outcome: Outcome) -> web.Response:
    """Draw a need's page, with a form of it that was refused, if so. Raises `ApiRefusal`."""
    need = await visit.get(f"/needs/{path_id(visit, 'need_id')}")
    slug, is_mature = need["technology_slug"], need["state"] == "matured"
    technology = await visit.maybe(f"/technologies/{slug}") if is_mature else None
    who = principal_of(visit)
    return await visit.draw(
        "needs/show.html",
        section="technologies",
        need={**need, **showing.row(need, visit.locale)},
        technology_href=f"/ttg/{slug}",
        photo=pictures.of_technology(slug),
        has_offers=bool(technology and technology["offers"]),
        ending_words=showing.ending_words(need["ending"], visit.gettext),
        endings=showing.ending_options(visit.gettext),
        is_signed_in=who is not None,
        works_here=who is not None and who.operates(UUID(need["post_id"])) and not who.assisted_by,
        url=f"{visit.context.settings.public_url}/kebutuhan/{need['id']}",
        **outcome.context,
    )


@action("/kebutuhan/{need_id}/ikut", policy=SIGNED_IN)
async def support_need(visit: Visit) -> web.StreamResponse:
    """Need it too, or another number of units."""
    fields = await visit.form()
    need_id, entered = path_id(visit, "need_id"), Entered(visit, fields)
    units = entered.whole("units", otherwise=1)
    if entered.errors:
        return await _draw(visit, Outcome.mistyped(entered))
    try:
        need = await visit.post(f"/needs/{need_id}/support", {"units": units}, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _refused(visit, Outcome.refused(fields, refusal), refusal)
    said = visit.gettext("Tercatat: Anda ikut membutuhkan alat ini.")
    if need["state"] == "matured":
        said = visit.gettext("Tercatat. Yang butuh sudah cukup banyak untuk urun beli.")
    return visit.go(f"/kebutuhan/{need_id}", said)


@action("/kebutuhan/{need_id}/batal", policy=SIGNED_IN)
async def withdraw_support(visit: Visit) -> web.StreamResponse:
    """Not need it any more."""
    fields = await visit.form()
    need_id = path_id(visit, "need_id")
    try:
        await visit.post(f"/needs/{need_id}/withdraw", key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _refused(visit, Outcome.refused(fields, refusal), refusal)
    return visit.go(f"/kebutuhan/{need_id}", visit.gettext("Anda tidak ikut lagi."), "info")


@action("/kebutuhan/{need_id}/tutup", policy=OPERATOR)
async def close_need(visit: Visit) -> web.StreamResponse:
    """Close a need of one's post, with a reason."""
    fields = await visit.form()
    need_id, entered = path_id(visit, "need_id"), Entered(visit, fields)
    body = {"ending": entered.choice("alasan"), "words": entered.text("keterangan", optional=True)}
    if entered.errors:
        return await _draw(visit, Outcome.mistyped(entered))
    try:
        await visit.post(f"/needs/{need_id}/close", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _refused(visit, Outcome.refused(fields, refusal, names=_NAMES), refusal)
    return visit.go(f"/kebutuhan/{need_id}", visit.gettext("Kebutuhan ditutup. Yang ikut diberi tahu."))


async def _refused(visit: Visit, outcome: Outcome, refusal: ApiRefusal) -> web.Response:
    """Draw the need's page again with what was refused; where there is no such need or right, there is no page either."""
    if refusal.problem_status in {403, 404}:
        raise refusal
    return await _draw(visit, outcome)
