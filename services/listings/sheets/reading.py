"""From a file's bytes to the rows of an import: runs in the bounded process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from services.listings.domain.import_columns import Header, looks_like_header, read_header
from services.listings.domain.import_refusals import (
    ColumnsMissing,
    FileEmpty,
    HeaderMissing,
    TooManyColumns,
    TooManyRows,
)
from services.listings.domain.importing import (
    MOST_COLUMNS,
    MOST_ROWS,
    Finding,
    ReadRow,
    read_row,
    with_repeats,
)
from services.listings.domain.reading_cells import Cell, is_blank
from services.listings.sheets import workbook
from services.listings.sheets.archive import Bundle, Kind, base_name, kind_of, opened
from services.listings.sheets.delimited import records
from services.listings.sheets.workbook import Span

_MOST_TITLE_ROWS = 10
_MOST_TOLD = 10

Record = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file says. `notes`: of the file as a whole; `pictures`: those that rows name, by lower-case name."""

    kind: Kind
    rows: list[ReadRow]
    notes: list[Finding]
    pictures: dict[str, bytes] = field(default_factory=dict)


def read_file(raw: bytes) -> ReadFile:
    """Read a spreadsheet, or a ZIP of one with its pictures. Raises the refusals of `domain/import_refusals.py`, `TooLarge`."""
    kind = kind_of(raw)
    if kind != "zip":
        rows, notes = _read_sheet(raw, kind, frozenset())
        return ReadFile(kind, rows, notes)
    with opened(raw) as archive:
        bundle = Bundle(archive)
        sheet = bundle.sheet()
        inner = kind_of(sheet)
        rows, notes = _read_sheet(sheet, inner if inner != "zip" else "xlsx", bundle.names)
        named = dict.fromkeys(base_name(source) for row in rows for source in _sources(row))
        pictures = bundle.pictures(list(named))
    return ReadFile(kind, rows, [*notes, *_picture_notes(bundle, set(named), set(pictures))], pictures)


def _sources(row: ReadRow) -> list[str]:
    return [source for source in row.values.get("photos", ()) if "://" not in source]


def _picture_notes(bundle: Bundle, named: set[str], found: set[str]) -> list[Finding]:
    notes = []
    if twice := sorted(named & bundle.ambiguous):
        notes.append(_note("picture-twice", "Ada dua gambar bernama {what} di ZIP; keduanya dilewati.", twice))
    if unused := sorted(bundle.names - named):
        notes.append(_note("picture-unused", "Gambar ini tidak disebut di baris mana pun: {what}.", unused))
    if unlike := sorted((named & bundle.names) - found):
        notes.append(
            _note("picture-unreadable", "Berkas ini bukan gambar yang dikenal, atau terlalu besar: {what}.", unlike)
        )
    return notes


def _note(code: str, text: str, names: Iterable[str]) -> Finding:
    listed = list(names)
    more = f" (+{len(listed) - _MOST_TOLD})" if len(listed) > _MOST_TOLD else ""
    return Finding("", code, text.format(what=", ".join(listed[:_MOST_TOLD]) + more), "warning")


def _read_sheet(raw: bytes, kind: Kind, pictures: frozenset[str]) -> tuple[list[ReadRow], list[Finding]]:
    if kind == "csv":
        return _read_records(_headed(records(raw)), [], pictures)
    seen = False
    for sheet in workbook.sheets(raw):
        headed = _headed(sheet.records())
        if headed is not None:
            return _read_records(headed, sheet.merged, pictures)
        seen = seen or any(not is_blank(cell) for _, row in islice(sheet.records(), _MOST_TITLE_ROWS) for cell in row)
    raise HeaderMissing if seen else FileEmpty


def _headed(found: Iterator[Record]) -> tuple[Record, Iterator[Record]] | None:
    """Find the row of titles among the first ones that are not blank; gives it, and the rows below."""
    looked = 0
    for number, cells in found:
        if all(is_blank(cell) for cell in cells):
            continue
        if looks_like_header(cells):
            return (number, cells), found
        looked += 1
        if looked == _MOST_TITLE_ROWS:
            break
    return None


def _read_records(
    headed: tuple[Record, Iterator[Record]] | None, merged: list[Span], pictures: frozenset[str]
) -> tuple[list[ReadRow], list[Finding]]:
    if headed is None:
        raise HeaderMissing
    (top, titles), below = headed
    header = read_header(titles)
    if header.missing:
        raise ColumnsMissing(columns=", ".join(header.missing))
    rows: list[ReadRow] = []
    for number, cells in chain([(top, titles)], below):
        if len(cells) > MOST_COLUMNS and any(not is_blank(cell) for cell in cells[MOST_COLUMNS:]):
            raise TooManyColumns(most=MOST_COLUMNS)
        row = read_row(number, cells, header, pictures) if number > top else None
        if row is None:
            continue
        if len(rows) == MOST_ROWS:
            raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
        rows.append(_with_merged(row, merged))
    if not rows:
        raise FileEmpty
    return with_repeats(rows), _header_notes(header)


def _with_merged(row: ReadRow, merged: list[Span]) -> ReadRow:
    spans = [span.shown for span in merged if span.top <= row.number <= span.bottom]
    if not spans:
        return row
    text = f"Sel digabung ({', '.join(spans[:3])}); yang terbaca hanya sel pertamanya. Pisahkan, lalu isi tiap baris."
    return ReadRow(row.number, row.values, row.given, [*row.findings, Finding("", "merged", text, "warning")])


def _header_notes(header: Header) -> list[Finding]:
    notes = []
    if header.unknown:
        notes.append(_note("columns-unknown", "Kolom ini tidak dikenal, jadi dilewati: {what}.", header.unknown))
    if header.twice:
        notes.append(_note("columns-twice", "Kolom ini ada dua kali; yang pertama yang dipakai: {what}.", header.twice))
    return notes
