"""Tables to download: the template, a business's listings, and rows to be corrected; as XLSX and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from services.listings.domain.categories import CATEGORIES
from services.listings.domain.guarding import guarded, kept_as_text
from services.listings.domain.import_columns import BY_KEY, COLUMNS, TEMPLATE_COLUMNS, Column
from services.listings.domain.importing import MOST_ROWS
from services.listings.domain.reading_cells import category_name

_BOLD: Final = Font(bold=True)
_FILL: Final = PatternFill("solid", fgColor="DDF3EA")
_WRAP: Final = Alignment(wrap_text=True, vertical="top")
_WIDTHS: Final = {"name": 34, "category": 24, "description": 44, "photos": 30, "id": 38}
_NEVER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold."""
_MARK: Final = "\ufeff"
"""So that Excel reads UTF-8."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below titles; a cell is a text, a whole number or None."""

    titles: Sequence[str]
    rows: Iterable[Sequence[str | int | None]]


def of_listings(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Make the table of a business's listings: what can be sent again, with code and state."""

    def cells(row: Mapping[str, Any]) -> list[str | int | None]:
        named = {**row, "category": category_name(row["category"]), "photos": None}
        return [named.get(column.key) for column in COLUMNS]

    return Table([column.title for column in COLUMNS], (cells(row) for row in rows))


def as_csv(table: Table) -> bytes:
    """Write a table as CSV: UTF-8 with a mark, commas, and nothing that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.titles)
    for row in table.rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return (_MARK + text.getvalue()).encode()


def as_xlsx(table: Table) -> bytes:
    """Write a table of listings as an Excel workbook, with the template's sheet of explanations and its drop-downs."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Jualan")
    keys = {column.title: column.key for column in COLUMNS}
    for place, title in enumerate(table.titles, 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(keys.get(title, ""), 16)
    sheet.freeze_panes = "A2"
    sheet.append([_titled(sheet, title) for title in table.titles])
    for row in table.rows:
        sheet.append([_text(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    _add_choices(sheet, table.titles)
    _add_explanations(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def template() -> Table:
    """Give the empty template."""
    return Table([column.title for column in TEMPLATE_COLUMNS], ())


def _titled(sheet: Any, title: str) -> Any:  # noqa: ANN401 -- openpyxl's own
    cell = WriteOnlyCell(sheet, value=title)
    cell.font, cell.fill = _BOLD, _FILL
    return cell


def _text(sheet: Any, text: str) -> Any:  # noqa: ANN401 -- openpyxl's own
    cell = WriteOnlyCell(sheet, value=kept_as_text(_NEVER.sub("", text)))
    cell.data_type = "s"  # else "=…" would be a formula
    return cell


def _add_choices(sheet: Any, titles: Sequence[str]) -> None:  # noqa: ANN401 -- openpyxl's own
    title = BY_KEY["category"].title
    if title not in titles:
        return
    letter = get_column_letter(titles.index(title) + 1)
    choices = DataValidation("list", formula1=f"Petunjuk!$E$2:$E${len(CATEGORIES) + 1}", allow_blank=True)
    choices.errorTitle, choices.error = "Kategori", "Pilih kategori dari daftar."
    choices.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    sheet.data_validations.append(choices)


def _add_explanations(book: Workbook) -> None:
    sheet = book.create_sheet("Petunjuk")
    for letter, width in zip("ABCDE", (18, 70, 32, 4, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    head = [_titled(sheet, title) for title in ("Kolom", "Cara mengisi", "Contoh")]
    sheet.append([*head, None, _titled(sheet, "Pilihan kategori")])
    for place in range(max(len(CATEGORIES), len(_ADVICE) + len(COLUMNS))):
        explained = _explained(sheet, place)
        choice = CATEGORIES[place].name_id if place < len(CATEGORIES) else None
        sheet.append([*explained, None, choice])


_ADVICE: Final = (
    "Isi lembar Jualan mulai baris 2, satu baris satu jualan.",
    "Urutan kolom bebas; kolom lain dilewati.",
    "Jualan yang sudah ada dikenali dari kode atau namanya. Sel kosong tidak menghapus isi yang lama.",
    f"Paling banyak {MOST_ROWS:,} baris.".replace(",", "."),
    "Gambar: masukkan berkas ini dan gambarnya ke satu ZIP, lalu kirim ZIP itu.",
)


def _explained(sheet: Any, place: int) -> list[Any]:  # noqa: ANN401 -- openpyxl's own
    if place < len(COLUMNS):
        column: Column = COLUMNS[place]
        about = WriteOnlyCell(sheet, value=column.about)
        about.alignment = _WRAP
        return [column.title, about, column.example]
    advice = place - len(COLUMNS)
    if advice < len(_ADVICE):
        about = WriteOnlyCell(sheet, value=_ADVICE[advice])
        about.alignment = _WRAP
        return [None, about, None]
    return [None, None, None]
