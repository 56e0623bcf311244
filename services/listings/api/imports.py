"""Imports and exports of products: templates, sending a file, its rows and findings, starting it; and downloads."""

from __future__ import annotations

from typing import Final

from services.listings.api.table import routes
from services.listings.commands import imports as commands
from services.listings.commands import taking
from services.listings.domain.import_refusals import (
    ColumnsMissing,
    ExportTooLarge,
    FileEmpty,
    FileNotReadable,
    HeaderMissing,
    ImportRunning,
    TooHeavy,
    TooManyColumns,
    TooManyOpenImports,
    TooManyRows,
    WrongImportState,
)
from services.listings.domain.refusals import BusinessNotVerified
from services.listings.queries import imports as queries
from services.listings.sheets import bounded
from services.listings.sheets.archive import MOST_ZIP_BYTES
from services.listings.views.imports import ImportItem, ImportPage, ImportRow, ImportStart, NewImportQuery, RowQuery
from shared.auth import PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.errors import TooLarge, TooMany
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA: Final = {"xlsx": XLSX, "csv": "text/csv"}
_templates: dict[str, bytes] = {}
"""The empty templates, once they were asked for: nothing in them changes while this process lives."""


@routes.get("/api/v1/imports/template.xlsx", policy=PUBLIC, answer=bytes, media_type=XLSX)
async def get_template_xlsx(_: Call) -> Answer:
    """Download the empty Excel template, with explanations and a drop-down of the shelves."""
    return await _template("xlsx")


@routes.get("/api/v1/imports/template.csv", policy=PUBLIC, answer=bytes, media_type="text/csv")
async def get_template_csv(_: Call) -> Answer:
    """Download the empty CSV template."""
    return await _template("csv")


async def _template(form: str) -> Answer:
    if form not in _templates:
        _templates[form] = await bounded.write_template(form)
    return _file(_templates[form], f"templat-jualan.{form}")


@routes.post(
    "/api/v1/imports",
    policy=SIGNED_IN,
    query=NewImportQuery,
    answer=ImportPage,
    status=201,
    max_bytes=MOST_ZIP_BYTES,
    refusals=(
        FileEmpty, FileNotReadable, HeaderMissing, ColumnsMissing, TooManyRows, TooManyColumns, TooHeavy, TooLarge,
        TooManyOpenImports, TooMany,
    ),
)  # fmt: skip
async def create_import(call: Call, query: NewImportQuery) -> Answer:
    """Send a spreadsheet of products as the body: it is read and checked, and nothing is taken yet.

    XLSX or CSV of at most 10 MB, or a ZIP of one with its pictures of at most 40 MB; decided by the bytes.
    """
    async with call.context.db.transaction() as tx:
        await commands.admit(tx, call.who, query.business_id)
    sheet = await bounded.read_sheet(call.raw)

    async def command(tx: Transaction) -> ImportPage:
        import_id = await commands.add_import(tx, call.who, query.business_id, query.file_name, sheet)
        return await queries.get_import(tx, import_id, call.who)

    return await call.transact(command, location=lambda made: f"/api/v1/imports/{made.id}")


@routes.get("/api/v1/imports", policy=SIGNED_IN, query=PageQuery, answer=Page[ImportItem])
async def list_imports(call: Call, query: PageQuery) -> Page[ImportItem]:
    """List the imports that one has sent, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_imports(sql, call.who, query)


@routes.get("/api/v1/imports/{import_id}", policy=SIGNED_IN, answer=ImportPage)
async def get_import(call: Call) -> ImportPage:
    """Read an import that one has sent: its counts, and how far it is."""
    async with call.context.db.read() as sql:
        return await queries.get_import(sql, call.id("import_id"), call.who)


@routes.get("/api/v1/imports/{import_id}/rows", policy=SIGNED_IN, query=RowQuery, answer=Page[ImportRow])
async def list_import_rows(call: Call, query: RowQuery) -> Page[ImportRow]:
    """List the rows of an import in the order of the file, all or those with findings."""
    async with call.context.db.read() as sql:
        return await queries.list_rows(sql, call.id("import_id"), call.who, query)


@routes.get("/api/v1/imports/{import_id}/findings.csv", policy=SIGNED_IN, answer=bytes, media_type="text/csv")
async def get_findings_csv(call: Call) -> Answer:
    """Download the rows with findings, each with what is to be done, to be corrected and sent again."""
    async with call.context.db.read() as sql:
        titles, rows = await queries.rows_to_correct(sql, call.id("import_id"), call.who)
    return _file(await bounded.write_table(titles, rows), "perlu-diperbaiki.csv")


@routes.post(
    "/api/v1/imports/{import_id}/start",
    policy=SIGNED_IN,
    body=ImportStart,
    answer=ImportPage,
    refusals=(WrongImportState, ImportRunning, BusinessNotVerified),
)
async def start_import(call: Call, body: ImportStart) -> Answer:
    """Take the rows without errors, in the background; those with errors are left out."""
    import_id = call.id("import_id")

    async def command(tx: Transaction) -> ImportPage:
        await commands.start(tx, call.who, import_id, body.if_known, publish=body.publish)
        tx.after_commit(lambda: call.context.wake(taking.JOB))
        return await queries.get_import(tx, import_id, call.who)

    return await call.transact(command)


@routes.post("/api/v1/imports/{import_id}/cancel", policy=SIGNED_IN, answer=ImportPage, refusals=(WrongImportState,))
async def cancel_import(call: Call) -> Answer:
    """End an import; products that were taken already stay."""
    import_id = call.id("import_id")

    async def command(tx: Transaction) -> ImportPage:
        await commands.cancel(tx, call.who, import_id)
        return await queries.get_import(tx, import_id, call.who)

    return await call.transact(command)


@routes.get(
    "/api/v1/businesses/{business_id}/export.xlsx",
    policy=SIGNED_IN,
    answer=bytes,
    media_type=XLSX,
    refusals=(ExportTooLarge,),
)
async def export_xlsx(call: Call) -> Answer:
    """Download all products of one's own business as an Excel file that can be sent again as an import."""
    return await _export(call, "xlsx")


@routes.get(
    "/api/v1/businesses/{business_id}/export.csv",
    policy=SIGNED_IN,
    answer=bytes,
    media_type="text/csv",
    refusals=(ExportTooLarge,),
)
async def export_csv(call: Call) -> Answer:
    """Download all products of one's own business as CSV that can be sent again as an import."""
    return await _export(call, "csv")


async def _export(call: Call, form: str) -> Answer:
    async with call.context.db.read() as sql:
        rows = await queries.rows_to_export(sql, call.id("business_id"), call.who)
    return _file(await bounded.write_listings(form, rows), f"jualan.{form}")


def _file(content: bytes, name: str) -> Answer:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(content, headers=headers, content_type=_MEDIA[name.rpartition(".")[2]])
