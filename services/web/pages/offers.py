"""A supplier's offers: making, changing and withdrawing them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from aiohttp import web

from services.web import choices, offer_form
from services.web.entering import Outcome
from services.web.forms import Form
from services.web.offer_form import EnteredTerms
from services.web.reading import path_id, query_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

_LIKELY = {
    "pack_units": "1",
    "lead_time_days": "14",
    "warranty_months": "12",
    "down_payment_percent": "50",
    "on_delivery_percent": "30",
}
"""What most workshops ask for; only a beginning."""


@page("/pemasok/penawaran/baru", policy=SIGNED_IN)
async def ask_offer(visit: Visit) -> web.StreamResponse:
    """Ask for the terms of a new offer."""
    values = {"alat": query_id(visit, "alat"), "pemasok": query_id(visit, "pemasok"), **_LIKELY}
    return await _draw_new(visit, Outcome.fresh(values), offer_form.rows_shown(None))


@action("/pemasok/penawaran/baru", policy=SIGNED_IN)
async def publish_offer(visit: Visit) -> web.StreamResponse:
    """Publish an offer."""
    fields = await visit.form()
    terms = EnteredTerms(visit, fields)
    body = {
        "supplier_id": terms.entered.text("pemasok"),
        "technology_id": terms.entered.text("alat"),
        "terms": terms.body,
        "note": terms.entered.text("note", optional=True),
    }
    if terms.entered.errors:
        return await _draw_new(visit, Outcome.mistyped(terms.entered), offer_form.rows_sent(fields))
    try:
        offer = await visit.post("/offers", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_new(visit, _refused(fields, refusal, terms), offer_form.rows_sent(fields))
    return visit.go(f"/ttg/{offer['technology']['slug']}#penawaran", visit.gettext("Penawaran Anda sudah tampil."))


async def _draw_new(visit: Visit, outcome: Outcome, rows: tuple[int, int]) -> web.Response:
    suppliers, machines = await asyncio.gather(
        visit.get("/suppliers/mine?limit=100"), choices.technology_options(visit, visit.gettext("Pilih alat"))
    )
    verified = [(item["id"], item["name"]) for item in suppliers["items"] if item["status"] == "verified"]
    if not suppliers["items"]:
        return visit.go("/pemasok/daftar", visit.gettext("Daftar dulu sebagai pemasok, lalu buat penawaran."), "info")
    if not verified:
        told = visit.gettext("Pemasok Anda masih menunggu diperiksa. Penawaran bisa dibuat setelah itu.")
        return visit.go("/pemasok", told, "info")
    return await visit.draw(
        "suppliers/new_offer.html",
        section="account",
        suppliers=verified,
        technologies=machines,
        tier_rows=rows[0],
        freight_rows=rows[1],
        **outcome.context,
    )


@page("/pemasok/penawaran/{offer_id}/ubah", policy=SIGNED_IN)
async def edit_offer(visit: Visit) -> web.StreamResponse:
    """Offer the terms to be changed."""
    offer = await _own(visit)
    values = offer_form.values_of(offer["terms"], offer["note"]) | {"version": str(offer["version"])}
    return await _draw_edit(visit, offer, Outcome.fresh(values), offer_form.rows_shown(offer["terms"]))


@action("/pemasok/penawaran/{offer_id}/ubah", policy=SIGNED_IN)
async def change_offer(visit: Visit) -> web.StreamResponse:
    """Change the terms into a new version; what was changed elsewhere meanwhile is not overwritten."""
    fields = await visit.form()
    terms = EnteredTerms(visit, fields)
    body = {
        "terms": terms.body,
        "note": terms.entered.text("note", optional=True),
        "version": terms.entered.whole("version"),
    }
    rows = offer_form.rows_sent(fields)
    if terms.entered.errors:
        return await _draw_edit(visit, await _own(visit), Outcome.mistyped(terms.entered), rows)
    try:
        offer = await visit.post(f"/offers/{path_id(visit, 'offer_id')}", body, method="PUT")
    except ApiRefusal as refusal:
        return await _draw_edit(visit, await _own(visit), _refused(fields, refusal, terms), rows)
    told = visit.gettext("Penawaran diperbarui. Urun yang sudah dibuka tetap memakai harga lama.")
    return visit.go(f"/ttg/{offer['technology']['slug']}#penawaran", told)


async def _draw_edit(visit: Visit, offer: dict[str, Any], outcome: Outcome, rows: tuple[int, int]) -> web.Response:
    return await visit.draw(
        "suppliers/edit_offer.html",
        section="account",
        offer=offer,
        name=offer["technology"][f"name_{visit.locale}"],
        tier_rows=rows[0],
        freight_rows=rows[1],
        **outcome.context,
    )


@page("/pemasok/penawaran/{offer_id}/tarik", policy=SIGNED_IN)
async def ask_withdrawal(visit: Visit) -> web.StreamResponse:
    """Ask once more before an offer is withdrawn."""
    offer = await _own(visit)
    name = offer["technology"][f"name_{visit.locale}"]
    return await visit.draw("suppliers/withdraw.html", section="account", offer=offer, name=name)


@action("/pemasok/penawaran/{offer_id}/tarik", policy=SIGNED_IN)
async def withdraw_offer(visit: Visit) -> web.StreamResponse:
    """Withdraw an offer."""
    fields = await visit.form()
    await visit.post(f"/offers/{path_id(visit, 'offer_id')}/withdraw", key=fields.get("_key"))
    return visit.go("/pemasok", visit.gettext("Penawaran ditarik."))


def _refused(fields: Any, refusal: ApiRefusal, terms: EnteredTerms) -> Outcome:  # noqa: ANN401 -- a form's mapping
    names = terms.field_names() | {"supplier_id": "pemasok", "technology_id": "alat"}
    outcome = Outcome.refused(fields, refusal, names=names, slugs={"unknown-technology": "alat"})
    about_terms = offer_form.refused_fields(refusal.body, names, refusal.text)
    if not about_terms:
        return outcome
    return replace(outcome, form=Form(dict(fields), about_terms), trouble=None)


async def _own(visit: Visit) -> dict[str, Any]:
    """Read one's own offer. Raises `NotFound` for another's."""
    offer, suppliers = await visit.get_all(f"/offers/{path_id(visit, 'offer_id')}", "/suppliers/mine?limit=100")
    if offer["supplier_id"] not in {supplier["id"] for supplier in suppliers["items"]}:
        raise NotFound
    found: dict[str, Any] = offer
    return found
