"""Many products at once: sending a spreadsheet, looking at what was read, taking it; and downloading what one sells."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from services.web import transfers
from services.web.entering import Entered, Outcome
from services.web.reading import address, cursor_of, next_href, path_id, query_id, with_times
from services.web.refusals import ApiRefusal
from services.web.routes import action, page
from services.web.showing import importing as showing
from services.web.visit import Visit
from shared.auth import SIGNED_IN
from shared.errors import NotFound

MOST_BYTES = 42_000_000
"""A file of 40 MB, and the form around it."""
_MOST_NAME = 120
_FILE_SLUGS = dict.fromkeys(
    (
        "columns-missing", "file-empty", "file-not-readable", "file-too-heavy", "header-missing", "too-large",
        "too-many-columns", "too-many-rows",
    ),
    "berkas",
)  # fmt: skip
EXPORTS = {"jualan.xlsx": "export.xlsx", "jualan.csv": "export.csv"}


@page("/jualan/impor", policy=SIGNED_IN)
async def ask_import(visit: Visit) -> web.StreamResponse:
    """Ask for a spreadsheet of products; show the ones that were sent before."""
    return await _draw_new(visit, Outcome.fresh({"usaha": query_id(visit, "usaha")}))


@action("/jualan/impor", policy=SIGNED_IN, max_bytes=MOST_BYTES)
async def send_import(visit: Visit) -> web.StreamResponse:
    """Send a spreadsheet to be read; nothing of it is taken yet."""
    fields = await visit.form()
    entered = Entered(visit, fields)
    business_id = entered.choice("usaha")
    file = next((file for file in visit.files if file.field == "berkas"), None)
    if file is None:
        entered.errors["berkas"] = visit.gettext("Pilih berkasnya dulu.")
    if entered.errors or file is None:
        return await _draw_new(visit, Outcome.mistyped(entered))
    name = "".join(letter for letter in file.name if letter.isprintable())[:_MOST_NAME].strip()
    path = address("/imports", {"business_id": business_id, "file_name": name})
    try:
        made = await transfers.upload(visit, path, file.body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        names = {"business_id": "usaha", "file_name": "berkas"}
        return await _draw_new(visit, Outcome.refused(fields, refusal, names=names, slugs=_FILE_SLUGS))
    return visit.go(f"/jualan/impor/{made['id']}")


async def _draw_new(visit: Visit, outcome: Outcome) -> web.Response:
    businesses = await _businesses(visit)
    if not businesses:
        return visit.go("/usaha/baru", visit.gettext("Daftarkan usaha Anda dulu, lalu tambah jualannya."), "info")
    wanted = address("/imports", {"limit": 10, "cursor": cursor_of(visit)})
    sent = with_times(await visit.maybe(wanted, {"items": [], "next": None}))
    return await visit.draw(
        "importing/new.html",
        section="account",
        businesses=businesses,
        imports=sent["items"],
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, sent["next"]),
        **outcome.context,
    )


async def _businesses(visit: Visit) -> list[tuple[str, str]]:
    found = await visit.get("/businesses/mine?limit=100")
    return [(item["id"], item["name"]) for item in found["items"] if item["status"] != "rejected"]


@page("/jualan/impor/{import_id}", policy=SIGNED_IN)
async def show_import(visit: Visit) -> web.StreamResponse:
    """Show what was read and what is to be corrected; then how far it is, and what came of it."""
    return await _draw_import(visit, Outcome())


async def _draw_import(visit: Visit, outcome: Outcome) -> web.Response:
    import_id = path_id(visit, "import_id")
    path = f"/imports/{import_id}"
    rows_path = address(f"{path}/rows", {"only": "findings", "limit": 20, "cursor": cursor_of(visit)})
    found, rows = await asyncio.gather(visit.get(path, after=True), visit.get(rows_path))
    return await visit.draw(
        "importing/show.html",
        section="account",
        found=with_times(found),
        progress=showing.progress(found),
        rows=rows["items"],
        is_first_page=not cursor_of(visit),
        next_href=next_href(visit, rows["next"]),
        **outcome.context,
    )


@action("/jualan/impor/{import_id}/mulai", policy=SIGNED_IN)
async def start_import(visit: Visit) -> web.StreamResponse:
    """Take the rows without errors, as the person chose."""
    fields = await visit.form()
    import_id = path_id(visit, "import_id")
    entered = Entered(visit, fields)
    body = {"if_known": entered.choice("if_known"), "publish": fields.get("publish") == "1"}
    if entered.errors:
        return await _draw_import(visit, Outcome.mistyped(entered))
    try:
        await visit.post(f"/imports/{import_id}/start", body, key=fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status in {403, 404}:
            raise
        return await _draw_import(visit, Outcome.refused(fields, refusal))
    return visit.go(f"/jualan/impor/{import_id}")


@action("/jualan/impor/{import_id}/batal", policy=SIGNED_IN)
async def cancel_import(visit: Visit) -> web.StreamResponse:
    """End an import; what was taken stays."""
    fields = await visit.form()
    path = f"/jualan/impor/{path_id(visit, 'import_id')}"
    try:
        await visit.post(f"/imports/{path_id(visit, 'import_id')}/cancel", key=fields.get("_key"))
    except ApiRefusal as refusal:
        if refusal.problem_status != 409:
            raise
        return visit.go(path, refusal.text, "info")
    return visit.go(path, visit.gettext("Impor dibatalkan."))


@page("/jualan/impor/{import_id}/perbaikan.csv", policy=SIGNED_IN)
async def download_findings(visit: Visit) -> web.StreamResponse:
    """Download the rows with findings, to be corrected and sent again."""
    return await transfers.download(visit, f"/imports/{path_id(visit, 'import_id')}/findings.csv")


@page("/jualan/ekspor", policy=SIGNED_IN)
async def ask_export(visit: Visit) -> web.StreamResponse:
    """Offer everything that one sells as a file."""
    found: dict[str, Any] = await visit.get("/businesses/mine?limit=100")
    return await visit.draw("importing/export.html", section="account", businesses=found["items"])


@page("/jualan/ekspor/{business_id}/{name}", policy=SIGNED_IN)
async def download_export(visit: Visit) -> web.StreamResponse:
    """Download everything that one's business sells."""
    name = visit.request.match_info["name"]
    if name not in EXPORTS:
        raise NotFound
    return await transfers.download(visit, f"/businesses/{path_id(visit, 'business_id')}/{EXPORTS[name]}")
