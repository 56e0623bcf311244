"""Imports and exports, as their owners see them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.listings.domain.import_columns import BY_KEY, COLUMNS, FIXES_TITLE
from services.listings.domain.import_refusals import ExportTooLarge
from services.listings.domain.importing import MOST_ROWS
from services.listings.queries.rights import role_in
from services.listings.repository import businesses, imports_shown
from services.listings.views.imports import ImportItem, ImportPage, ImportRow, RowQuery
from shared.auth import Principal, require
from shared.db import Reader
from shared.errors import NotFound
from shared.http.paging import Page, PageQuery, decode_cursor, page

MOST_EXPORTED: Final = 50_000


async def get_import(sql: Reader, import_id: UUID, who: Principal) -> ImportPage:
    """Give an import that the caller has sent. Raises `NotFound`."""
    row = await imports_shown.get(sql, import_id, who.account_id)
    if row is None:
        raise NotFound
    return ImportPage.model_validate(dict(row))


async def list_imports(sql: Reader, who: Principal, query: PageQuery) -> Page[ImportItem]:
    """List the caller's imports, newest first. Raises `BadCursor`."""
    after = decode_cursor(query.cursor, UUID)
    rows = await imports_shown.list_of_account(sql, who.account_id, after, query.limit + 1)
    return page([ImportItem.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.id)


async def list_rows(sql: Reader, import_id: UUID, who: Principal, query: RowQuery) -> Page[ImportRow]:
    """List the rows of an import that the caller has sent, in the order of the file. Raises `NotFound`, `BadCursor`."""
    after = decode_cursor(query.cursor, int) or 0
    if not await imports_shown.is_owned(sql, import_id, who.account_id):
        raise NotFound
    rows = await imports_shown.list_rows(sql, import_id, after, query.limit + 1, only_findings=query.only is not None)
    return page([ImportRow.model_validate(dict(row)) for row in rows], query.limit, lambda item: item.number)


async def rows_to_correct(
    sql: Reader, import_id: UUID, who: Principal
) -> tuple[list[str], list[list[str | int | None]]]:
    """Give the rows with findings as a table: its titles, and the cells with what is to be done. Raises `NotFound`."""
    if not await imports_shown.is_owned(sql, import_id, who.account_id):
        raise NotFound
    rows = await imports_shown.list_rows(sql, import_id, 0, MOST_ROWS, only_findings=True)
    keys = [column.key for column in COLUMNS if any(column.key in row["given"] for row in rows)]
    titles = [*(BY_KEY[key].title for key in keys), FIXES_TITLE]
    table = [[*(row["given"].get(key, "") for key in keys), _told(row["findings"])] for row in rows]
    return titles, table


def _told(findings: list[dict[str, str]]) -> str:
    return " ".join(f"{one['column']}: {one['message']}" if one["column"] else one["message"] for one in findings)


async def rows_to_export(sql: Reader, business_id: UUID, who: Principal) -> list[dict[str, object]]:
    """Give everything that one's own business sells. Raises `NotFound`, `NotAllowed`, `ExportTooLarge`."""
    business = await businesses.get(sql, business_id)
    if business is None:
        raise NotFound
    require(role_in(business, who) is not None)
    rows = await imports_shown.list_for_export(sql, business_id, MOST_EXPORTED + 1)
    if len(rows) > MOST_EXPORTED:
        raise ExportTooLarge(most=f"{MOST_EXPORTED:,}".replace(",", "."))
    return [dict(row) for row in rows]
