"""What a post's operators do with its campaigns: announce, change, call off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from services.web import times
from services.web.entering import Entered, Outcome
from services.web.pages.campaigns import campaign_at_own_post, works_at
from services.web.reading import path_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.visit import Visit
from services.web.zones import zone_of
from shared.auth import OPERATOR
from shared.errors import NotFound

_SLUGS = {"campaign-times": "selesai"}


@page("/posyantek/{post_id}/kampanye/baru", policy=OPERATOR)
async def ask_campaign(visit: Visit) -> web.StreamResponse:
    """Ask what is held, where and when."""
    return await _draw_new(visit, await _own_post(visit), Outcome.fresh({"jam_mulai": "09:00", "jam_selesai": "17:00"}))


@action("/posyantek/{post_id}/kampanye/baru", policy=OPERATOR)
async def announce_campaign(visit: Visit) -> web.StreamResponse:
    """Announce a campaign in the name of the post."""
    fields = await visit.form()
    post = await _own_post(visit)
    entered = Entered(visit, fields)
    body = {"post_id": post["id"], **_read(entered, post)}
    if entered.errors:
        return await _draw_new(visit, post, Outcome.mistyped(entered))
    try:
        campaign = await visit.post("/campaigns", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        return await _draw_new(visit, post, Outcome.refused(fields, refusal, names=times.NAMES, slugs=_SLUGS))
    return visit.go(f"/kampanye/{campaign['slug']}", visit.gettext("Kampanye sudah diumumkan. Ajak UKM untuk ikut."))


async def _draw_new(visit: Visit, post: Mapping[str, Any], outcome: Outcome) -> web.Response:
    zone = zone_of(post["region_code"])
    return await visit.draw(
        "campaigns/new.html",
        section="posts",
        zone=zone,
        post=post,
        today=datetime.now(zone).date().isoformat(),
        **outcome.context,
    )


@page("/kampanye/{slug}/ubah", policy=OPERATOR)
async def edit_campaign(visit: Visit) -> web.StreamResponse:
    """Offer a campaign's words and times to be changed."""
    campaign = await campaign_at_own_post(visit)
    values = {name: campaign[name] or "" for name in ("title", "about", "place")}
    values |= times.typed(campaign["starts_at"], campaign["ends_at"], zone_of(campaign["region_code"] or ""))
    return await _draw_edit(visit, campaign, Outcome.fresh({**values, "version": str(campaign["version"])}))


@action("/kampanye/{slug}/ubah", policy=OPERATOR)
async def revise_campaign(visit: Visit) -> web.StreamResponse:
    """Change a campaign; what another operator changed meanwhile is not overwritten."""
    fields = await visit.form()
    campaign = await campaign_at_own_post(visit)
    entered = Entered(visit, fields)
    body = {**_read(entered, campaign), "version": entered.whole("version")}
    if entered.errors:
        return await _draw_edit(visit, campaign, Outcome.mistyped(entered))
    try:
        await visit.post(f"/campaigns/{campaign['slug']}", body, method="PATCH")
    except ApiRefusal as refusal:
        return await _draw_edit(visit, campaign, Outcome.refused(fields, refusal, names=times.NAMES, slugs=_SLUGS))
    return visit.go(f"/kampanye/{campaign['slug']}", visit.gettext("Perubahan tersimpan."))


async def _draw_edit(visit: Visit, campaign: Mapping[str, Any], outcome: Outcome) -> web.Response:
    zone = zone_of(campaign["region_code"] or "")
    return await visit.draw(
        "campaigns/edit.html",
        section="posts",
        zone=zone,
        campaign=campaign,
        today=datetime.now(zone).date().isoformat(),
        **outcome.context,
    )


@page("/kampanye/{slug}/batal", policy=OPERATOR)
async def ask_cancel(visit: Visit) -> web.StreamResponse:
    """Ask once more: a campaign that was called off stays so."""
    return await visit.draw("campaigns/cancel.html", section="posts", campaign=await campaign_at_own_post(visit))


@action("/kampanye/{slug}/batal", policy=OPERATOR)
async def cancel_campaign(visit: Visit) -> web.StreamResponse:
    """Call a campaign off."""
    fields = await visit.form()
    campaign = await campaign_at_own_post(visit)
    path = f"/kampanye/{campaign['slug']}"
    try:
        await visit.post(f"/campaigns/{campaign['slug']}/cancel", key=fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status != 409:
            raise
        return visit.go(path, refusal.text, "bad")
    return visit.go(path, visit.gettext("Kampanye dibatalkan."))


def _read(entered: Entered, place: Mapping[str, Any]) -> dict[str, object]:
    return {
        "title": entered.text("title"),
        "about": entered.text("about", optional=True),
        "place": entered.text("place"),
        **times.span(entered, zone_of(place["region_code"] or "")),
    }


async def _own_post(visit: Visit) -> Mapping[str, Any]:
    """Read the post that the visitor works at. Raises `NotFound` for another."""
    post_id = path_id(visit, "post_id")
    if not works_at(visit, post_id):
        raise NotFound
    post: Mapping[str, Any] = await visit.get(f"/posts/{post_id}")
    return post
