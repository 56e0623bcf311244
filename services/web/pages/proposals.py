"""From an offer to an open pool, and whatever ends or moves one by hand: for its initiator, treasurer and operators."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from aiohttp import web

from services.web import choices
from services.web.entering import Entered, Outcome
from services.web.pages.pools import draw_pool
from services.web.reading import address, clock_of, path_id, query_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import pools
from services.web.visit import Visit
from services.web.zones import WIB
from shared.auth import IN_PERSON, OPERATOR, SIGNED_IN

METHODS = ("transfer", "cash", "card")
USUAL_DAYS = 14
_SLUGS = {
    "deadline-too-soon": "tanggal",
    "deadline-too-far": "tanggal",
    "deadline-not-later": "tanggal",
    "extension-too-long": "tanggal",
}
_NAMES = {"deadline": "tanggal", "methods": "method_transfer"}


@page("/urun/baru", policy=SIGNED_IN)
async def propose_form(visit: Visit) -> web.StreamResponse:
    """Ask what is needed to propose a pool from an offer."""
    offer_id = query_id(visit, "penawaran")
    if not offer_id:
        return visit.go("/ttg", visit.gettext("Pilih dulu alat dan penawarannya, lalu ajukan urun dari sana."), "info")
    return await _draw_proposal(visit, offer_id, Outcome.fresh(_usual(query_id(visit, "posyantek"))))


def _usual(post_id: str) -> dict[str, str]:
    """What most pools agree on: two weeks, money by transfer and in cash, and only once the supplier has said yes."""
    until = datetime.now(WIB) + timedelta(days=USUAL_DAYS)
    return {
        "tanggal": until.date().isoformat(),
        "jam": "20:00",
        "post_id": post_id,
        "timing": "after_acceptance",
        "method_transfer": "1",
        "method_cash": "1",
    }


async def _draw_proposal(visit: Visit, offer_id: str, outcome: Outcome) -> web.Response:
    offer, posts, nearby = await asyncio.gather(
        visit.get(f"/offers/{offer_id}"),
        choices.post_options(visit, visit.gettext("Pilih Posyantek")),
        visit.maybe(address("/pools", {"state": "open", "offer_id": offer_id, "limit": 3}), {"items": []}),
    )
    return await visit.draw(
        "pools/propose.html",
        section="pools",
        offer=offer,
        technology_name=offer["technology"][f"name_{visit.locale}"],
        posts=posts,
        methods=METHODS,
        today=datetime.now(WIB).date().isoformat(),
        nearby=[pools.card(item) for item in with_times(nearby["items"])],
        now=datetime.now(UTC),
        **outcome.context,
    )


@action("/urun/baru", policy=SIGNED_IN)
async def propose_pool(visit: Visit) -> web.StreamResponse:
    """Keep a proposal as a draft."""
    fields = await visit.form()
    offer_id = query_id(visit, "penawaran")
    return await _propose(visit, offer_id, fields) if offer_id else visit.go("/ttg")


@action("/urun/langsung", policy=SIGNED_IN)
async def propose_at_once(visit: Visit) -> web.StreamResponse:
    """Keep a proposal with the usual terms as a draft, in one tap; its initiator reads and changes it before it is submitted."""
    fields = await visit.form()
    offer_id, post_id = query_id(visit, "penawaran"), query_id(visit, "posyantek")
    if not offer_id:
        return visit.go("/ttg")
    offer = await visit.get(f"/offers/{offer_id}")
    title = visit.gettext("Urun %(machine)s") % {"machine": offer["technology"][f"name_{visit.locale}"]}
    return await _propose(visit, offer_id, {**_usual(post_id), "title": title[:120], "_key": fields.get("_key", "")})


async def _propose(visit: Visit, offer_id: str, fields: Mapping[str, str]) -> web.StreamResponse:
    entered = Entered(visit, fields)
    zone = await _clock_typed(visit, fields.get("post_id", ""))
    body = {**_words(entered, visit, zone), "offer_id": offer_id, "post_id": entered.text("post_id")}
    if entered.errors:
        return await _draw_proposal(visit, offer_id, Outcome.mistyped(entered))
    try:
        pool = await visit.post("/pools", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        outcome = Outcome.refused(fields, refusal, names=_NAMES, slugs=_SLUGS)
        return await _draw_proposal(visit, offer_id, outcome)
    return visit.go(f"/urun/{pool['id']}", visit.gettext("Draf tersimpan. Baca sekali lagi, lalu ajukan ke Posyantek."))


async def _clock_typed(visit: Visit, post_id: str) -> timezone:
    """Give the clock of a post that was chosen in a form; whether there is such a post, the API tells."""
    try:
        return await clock_of(visit, str(UUID(post_id)))
    except ValueError:
        return WIB


def _words(entered: Entered, visit: Visit, zone: timezone) -> dict[str, Any]:
    """Read what a draft consists of; its deadline on the clock of the post."""
    methods = [method for method in METHODS if entered.fields.get(f"method_{method}")]
    if not methods:
        entered.errors["method_transfer"] = visit.gettext("Pilih paling sedikit satu cara bayar.")
    return {
        "title": entered.text("title"),
        "story": entered.text("story", optional=True),
        "deadline": entered.moment("tanggal", "jam", zone),
        "methods": methods,
        "timing": entered.fields.get("timing", ""),
    }


@page("/urun/{pool_id}/ubah", policy=SIGNED_IN)
async def edit_form(visit: Visit) -> web.StreamResponse:
    """Show a draft to be changed."""
    pool = with_times(await visit.get(f"/pools/{path_id(visit, 'pool_id')}"))
    until = pool["deadline"].astimezone(await clock_of(visit, pool["post_id"]))
    values = {
        "title": pool["title"],
        "story": pool["story"],
        "tanggal": until.date().isoformat(),
        "jam": f"{until:%H:%M}",
        "timing": pool["timing"],
        **{f"method_{method}": "1" for method in pool["methods"]},
    }
    return await _draw_edit(visit, pool, Outcome.fresh(values))


async def _draw_edit(visit: Visit, pool: Mapping[str, Any], outcome: Outcome) -> web.Response:
    return await visit.draw(
        "pools/edit.html",
        section="pools",
        pool=pool,
        methods=METHODS,
        today=datetime.now(WIB).date().isoformat(),
        **outcome.context,
    )


@action("/urun/{pool_id}/ubah", policy=SIGNED_IN)
async def edit_draft(visit: Visit) -> web.StreamResponse:
    """Change a draft."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    entered = Entered(visit, fields)
    pool = await visit.get(f"/pools/{pool_id}")
    zone = await clock_of(visit, pool["post_id"])
    body = {name: value for name, value in _words(entered, visit, zone).items() if value is not None}
    outcome = Outcome.mistyped(entered) if entered.errors else None
    if outcome is None:
        try:
            await visit.post(f"/pools/{pool_id}", body, method="PATCH")
        except ApiRefusal as refusal:
            outcome = Outcome.refused(fields, refusal, names=_NAMES, slugs=_SLUGS)
    if outcome is not None:
        return await _draw_edit(visit, pool, outcome)
    return visit.go(f"/urun/{pool_id}", visit.gettext("Draf sudah diubah."))


@action("/urun/{pool_id}/ajukan", policy=SIGNED_IN)
async def submit_pool(visit: Visit) -> web.StreamResponse:
    """Ask the post to check a draft."""
    return await _act(visit, "submit", visit.gettext("Sudah diajukan. Petugas Posyantek akan memeriksanya."))


@action("/urun/{pool_id}/periksa", policy=OPERATOR)
async def verify_pool(visit: Visit) -> web.StreamResponse:
    """Open a pool that was checked."""
    return await _act(visit, "verify", visit.gettext("Urun ini sekarang dibuka untuk umum."))


@action("/urun/{pool_id}/kembalikan", policy=OPERATOR)
async def reject_pool(visit: Visit) -> web.StreamResponse:
    """Send a pool back to its initiator."""
    said = visit.gettext("Urun dikembalikan ke penggagas.")
    return await _act(visit, "reject", said, reason="alasan_tolak", onward="/petugas")


@action("/urun/{pool_id}/batal", policy=SIGNED_IN)
async def cancel_pool(visit: Visit) -> web.StreamResponse:
    """Call a pool off."""
    said = visit.gettext("Urun dibatalkan. Semua uang yang sudah masuk dikembalikan.")
    return await _act(visit, "cancel", said, reason="alasan_batal")


async def _act(
    visit: Visit, step: str, said: str, *, reason: str | None = None, onward: str | None = None
) -> web.StreamResponse:
    """Take a step on the pool of the address. `reason`: the field in which the step's reason was typed."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    body = {"reason": fields.get(reason, "")} if reason else {}
    try:
        await visit.post(f"/pools/{pool_id}/{step}", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        names = {"reason": reason} if reason else {}
        slugs = {"reason-missing": reason} if reason else {}
        return await draw_pool(visit, pool_id, Outcome.refused(fields, refusal, names=names, slugs=slugs))
    return visit.go(onward or f"/urun/{pool_id}", said)


@action("/urun/{pool_id}/perpanjang", policy=SIGNED_IN)
async def extend_pool(visit: Visit) -> web.StreamResponse:
    """Move the deadline, once."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    entered = Entered(visit, fields)
    zone = await clock_of(visit, (await visit.get(f"/pools/{pool_id}"))["post_id"])
    body = {"deadline": entered.moment("tanggal", "jam", zone), "notice": entered.text("pengumuman", optional=True)}
    if entered.errors:
        return await draw_pool(visit, pool_id, Outcome.mistyped(entered))
    try:
        await visit.post(f"/pools/{pool_id}/extend", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        names = {"deadline": "tanggal", "notice": "pengumuman"}
        return await draw_pool(visit, pool_id, Outcome.refused(fields, refusal, names=names, slugs=_SLUGS))
    return visit.go(f"/urun/{pool_id}", visit.gettext("Batas waktu diperpanjang. Semua peserta diberi tahu."))


@action("/urun/{pool_id}/rekening", policy=IN_PERSON)
async def name_bank(visit: Visit) -> web.StreamResponse:
    """Name the group's bank account, to which members transfer."""
    pool_id = path_id(visit, "pool_id")
    fields = await visit.form()
    entered = Entered(visit, fields)
    number = "".join((entered.text("account_number") or "").split()).replace("-", "").replace(".", "")
    body = {
        "bank_name": entered.text("bank_name"),
        "account_number": number,
        "account_holder": entered.text("account_holder"),
    }
    if entered.errors:
        return await draw_pool(visit, pool_id, Outcome.mistyped(entered))
    try:
        await visit.post(f"/custodians/pools/{pool_id}", body, method="PUT")
    except ApiRefusal as refusal:
        return await draw_pool(visit, pool_id, Outcome.refused(fields, refusal))
    return visit.go(f"/urun/{pool_id}", visit.gettext("Rekening kelompok tersimpan."))
