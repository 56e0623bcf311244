"""Excel workbooks: the cells of a sheet, formulas with their last result, and where cells are merged."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any, Final

import openpyxl
from openpyxl.utils import range_boundaries

from services.listings.domain.import_refusals import FileNotReadable
from services.listings.domain.importing import MOST_COLUMNS
from services.listings.domain.reading_cells import Cell, Odd
from services.listings.sheets.archive import broken, opened

_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_OVERLAP: Final = 200
_MOST_MERGED: Final = 200

assert openpyxl.DEFUSEDXML, "XML of strangers is read with defusedxml only"


@dataclass(frozen=True, slots=True)
class Span:
    """Merged cells, from row `top` to `bottom`, as `shown` in the spreadsheet ("B2:B5")."""

    shown: str
    top: int
    bottom: int


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook, by its title; openpyxl's own sheets with values and with formulas, if it has any."""

    title: str
    _values: Any
    _formulas: Any
    merged: list[Span] = field(default_factory=list)

    def records(self) -> Iterator[tuple[int, list[Cell]]]:
        """Read its rows, each with its number from 1. Raises `FileNotReadable`."""
        try:
            yield from self._records()
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, zipfile.BadZipFile, SyntaxError) as error:
            raise broken() from error  # openpyxl meets a damaged sheet with any of these

    def _records(self) -> Iterator[tuple[int, list[Cell]]]:
        # One column more than is taken, so that a wider sheet shows.
        rows = self._values.iter_rows(max_col=MOST_COLUMNS + 1)
        others = self._formulas.iter_rows(max_col=MOST_COLUMNS + 1) if self._formulas else iter(())
        for number, (row, formulas) in enumerate(zip_longest(rows, others, fillvalue=()), 1):
            pairs = zip_longest(row, formulas)
            yield number, [_cell(cell, formula) for cell, formula in pairs]


def _cell(cell: Any, formula: Any) -> Cell:  # noqa: ANN401 -- openpyxl's cells
    value = cell.value if cell is not None else None
    if value is None:
        if formula is not None and formula.data_type == "f":
            return Odd("formula", str(getattr(formula.value, "text", formula.value))[:60])
        return None
    if cell.data_type == "e":
        return Odd("error", str(value))
    if isinstance(value, bool):
        return Odd("boolean", "TRUE" if value else "FALSE")
    if isinstance(value, datetime | date | time | timedelta):
        return Odd("date", str(value).removesuffix(" 00:00:00"))
    return value if isinstance(value, int | float | str) else str(value)


def sheets(raw: bytes) -> list[Sheet]:
    """Open the sheets of a workbook, in their order. Raises `FileNotReadable`, `TooHeavy`."""
    with opened(raw) as archive:
        try:
            values = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            looked = {name: _look(archive, path) for name, path in _paths(values).items()}
            with_formulas = any(has_formula for has_formula, _ in looked.values())
            formulas = (
                openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False) if with_formulas else None
            )
        except (FileNotReadable, MemoryError):
            raise
        except Exception as error:  # whatever openpyxl stumbles over: the file is not one that it can read
            raise broken() from error
    found = []
    for sheet in values.worksheets:
        if sheet.sheet_state != "visible":
            continue
        has_formula, merged = looked.get(sheet.title, (False, []))
        other = formulas[sheet.title] if formulas is not None and has_formula else None
        for each in (sheet, other):
            if each is not None:
                each.reset_dimensions()  # what the file says of its own size may be anything
        found.append(Sheet(sheet.title, sheet, other, merged))
    return found


def _paths(book: Any) -> dict[str, str]:  # noqa: ANN401 -- openpyxl's workbook
    return {sheet.title: sheet._worksheet_path for sheet in book.worksheets}  # noqa: SLF001 -- told nowhere else


def _look(archive: zipfile.ZipFile, path: str) -> tuple[bool, list[Span]]:
    """Look through a sheet's XML for what openpyxl's reader leaves out: whether it has formulas, and its merged cells."""
    spans: dict[str, Span] = {}
    has_formula, rest = False, b""
    with archive.open(path.lstrip("/")) as stream:
        while piece := stream.read(1 << 20):
            text = rest + piece
            has_formula = has_formula or _FORMULA.search(text) is not None
            for match in _MERGED.finditer(text):
                if len(spans) < _MOST_MERGED:
                    shown = match[1].decode()
                    _, top, _, bottom = range_boundaries(shown)
                    spans[shown] = Span(shown, top or 1, bottom or top or 1)
            rest = text[-_OVERLAP:]
    return has_formula, list(spans.values())
