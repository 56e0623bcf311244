"""An owner's photos of a product: adding, describing, moving, deleting."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from services.web.forms import Form
from services.web.reading import path_id
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.running import own_listing
from services.web.uploads import SentFile
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound, NotSignedIn, Unavailable
from shared.http.client import Reply
from shared.http.routes import KIB

MIB: Final = 1024 * KIB
MOST_PHOTOS: Final = 8
MOST_FILE_BYTES: Final = 15 * MIB
MOST_FORM_BYTES: Final = 40 * MIB
_FULL: Final = "too-many-photos"
WAYS: Final = {"maju": -1, "mundur": 1}
"""How many places each way moves a photo."""


@page("/jualan/{listing_id}/foto", policy=SIGNED_IN)
async def show_photos(visit: Visit) -> web.StreamResponse:
    """Show a product's photos to its owner, with what can be done with them."""
    return await _draw(visit, await own_listing(visit))


@action("/jualan/{listing_id}/foto", policy=SIGNED_IN, max_bytes=MOST_FORM_BYTES)
async def add_photos(visit: Visit) -> web.StreamResponse:
    """Add the chosen files one by one: the good ones stay, and each of the others is named with its reason."""
    await visit.form()
    listing = await own_listing(visit)
    files = [file for file in visit.files if file.field == "foto"]
    if not files:
        return await _draw(visit, listing, {"foto": visit.gettext("Pilih paling sedikit satu foto.")})
    failures = await send_photos(visit, listing["id"], files)
    saved = len(files) - len(failures)
    if failures:
        return await _draw(visit, listing, failures=failures, saved=saved)
    text = visit.ngettext("%(count)s foto tersimpan.", "%(count)s foto tersimpan.", saved) % {"count": saved}
    return visit.go(_path(listing["id"]), text)


@action("/jualan/{listing_id}/foto/{photo_id}/keterangan", policy=SIGNED_IN)
async def describe_photo(visit: Visit) -> web.StreamResponse:
    """Write what is to be seen on a photo."""
    fields = await visit.form()
    listing_id, photo_id = path_id(visit, "listing_id"), path_id(visit, "photo_id")
    name = f"alt-{photo_id}"
    try:
        await visit.post(f"/photos/{photo_id}", {"alt": fields.get(name, "")}, method="PATCH")
    except ApiRefusal as refusal:
        if "alt" not in refusal.fields:
            raise
        return await _draw(visit, await own_listing(visit), {name: refusal.fields["alt"]}, values=dict(fields))
    return visit.go(_path(listing_id, photo_id), visit.gettext("Keterangan foto tersimpan."))


@action("/jualan/{listing_id}/foto/{photo_id}/hapus", policy=SIGNED_IN)
async def delete_photo(visit: Visit) -> web.StreamResponse:
    """Delete a photo; one that is gone already is as good as deleted."""
    await visit.form()
    listing_id, photo_id = path_id(visit, "listing_id"), path_id(visit, "photo_id")
    reply = await visit.ask("DELETE", f"/photos/{photo_id}")
    if not reply.ok and reply.status != 404:
        _raise(reply)
    return visit.go(_path(listing_id), visit.gettext("Foto dihapus."))


@action("/jualan/{listing_id}/foto/{photo_id}/{way}", policy=SIGNED_IN)
async def move_photo(visit: Visit) -> web.StreamResponse:
    """Move a photo one place forward or back."""
    await visit.form()
    way = visit.request.match_info["way"]
    if way not in WAYS:
        raise NotFound
    listing_id, photo_id = path_id(visit, "listing_id"), path_id(visit, "photo_id")
    ids = [photo["id"] for photo in (await visit.get(f"/listings/{listing_id}/photos"))["items"]]
    if photo_id not in ids:
        raise NotFound
    place = ids.index(photo_id)
    ids.insert(max(0, place + WAYS[way]), ids.pop(place))
    try:
        await visit.post(f"/listings/{listing_id}/photos", {"ids": ids}, method="PUT")
    except ApiRefusal as refusal:
        if refusal.problem_status != 409:
            raise
        return visit.go(_path(listing_id), refusal.text, "bad")
    return visit.go(_path(listing_id, photo_id))


async def send_photos(visit: Visit, listing_id: str, files: list[SentFile]) -> list[tuple[str, str]]:
    """Send files on, one after another. Gives the names of those that were not taken, with the reason."""
    failures: list[tuple[str, str]] = []
    why, is_full = "", False
    for file in files:
        if not is_full:
            why, is_full = await _send_one(visit, listing_id, file)
        if why:
            failures.append((file.name, why))
    return failures


async def _send_one(visit: Visit, listing_id: str, file: SentFile) -> tuple[str, bool]:
    """Send a file on. Gives why it was not taken, if so, and whether no other will be. Raises `NotSignedIn`, `ApiRefusal`."""
    if len(file.body) > MOST_FILE_BYTES:
        return visit.gettext("Lebih dari 15 MB. Kecilkan dulu, atau foto lagi dengan mutu lebih rendah."), False
    try:
        reply = await visit.ask("POST", f"/listings/{listing_id}/photos", raw=file.body)
    except Unavailable as refusal:
        return refusal.message(visit.locale), False
    if reply.ok:
        return "", False
    if reply.status in {401, 403, 404} or reply.slug is None:
        _raise(reply)
    return reply.body["detail"], reply.slug == _FULL


def _raise(reply: Reply) -> None:
    if reply.status == 401:
        raise NotSignedIn
    raise ApiRefusal(reply)


async def _draw(
    visit: Visit,
    listing: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    values: dict[str, str] | None = None,
    failures: list[tuple[str, str]] | None = None,
    saved: int = 0,
) -> web.Response:
    photos = (await visit.get(f"/listings/{listing['id']}/photos"))["items"]
    typed = {f"alt-{photo['id']}": photo["alt"] or "" for photo in photos}
    return await visit.draw(
        "photos/edit.html",
        section="account",
        status=422 if errors or failures else 200,
        listing=listing,
        photos=photos,
        form=Form({**typed, **(values or {})}, errors or {}),
        failures=failures or [],
        saved_count=saved,
        room=MOST_PHOTOS - len(photos),
        most_photos=MOST_PHOTOS,
        most_mib=MOST_FORM_BYTES // MIB,
        is_fixed=listing["status"] == "archived",
    )


def _path(listing_id: str, photo_id: str = "") -> str:
    return f"/jualan/{listing_id}/foto" + (f"#foto-{photo_id}" if photo_id else "")
