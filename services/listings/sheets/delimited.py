"""CSV as spreadsheets of every kind write it: its letters, its separator, its records."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from services.listings.domain.import_columns import read_header
from services.listings.domain.import_refusals import FileNotReadable
from services.listings.domain.reading_cells import Cell

_LONGEST_CELL: Final = 100_000
_SAMPLE: Final = 20_000
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f]")
_SEPARATORS: Final = (",", ";", "\t")


def decoded(raw: bytes) -> str:
    """Read the letters of a text: UTF-8 or UTF-16, with a mark or without, else Windows-1252. Raises `FileNotReadable`."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return _as(raw, encoding)
    if b"\0" in raw[:_SAMPLE]:
        # Titles are plain letters, of which UTF-16 makes a letter and a zero each.
        even, odd = raw[0:_SAMPLE:2].count(0), raw[1:_SAMPLE:2].count(0)
        return _as(raw, "utf-16-be" if even > odd else "utf-16-le")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _as(raw, "cp1252")


def _as(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text() from error
    # A stray sign is its cell's finding; many are no text at all.
    sample = text[:_SAMPLE]
    if "\0" in text or 50 * len(_CONTROL.findall(sample)) > len(sample):
        raise _not_text()
    return text


def _not_text() -> FileNotReadable:
    return FileNotReadable(
        hint="Isinya bukan tabel. Kirim berkas Excel (.xlsx), atau simpan sebagai CSV UTF-8.",
        hint_en="It holds no table. Send an Excel file (.xlsx), or save it as CSV UTF-8.",
    )


def records(raw: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Read the records of a CSV, each with its number from 1, as a spreadsheet would show it. Raises `FileNotReadable`."""
    text = decoded(raw)
    named = re.match(r'"?sep=(.)"?\r?\n', text)
    first = 2 if named else 1
    text = text[named.end() :] if named else text
    separator = named[1] if named and named[1] in _SEPARATORS else _separator(text)
    csv.field_size_limit(_LONGEST_CELL)
    number = first
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), first):
            yield number, [cell or None for cell in record]
    except csv.Error as error:
        raise FileNotReadable(
            hint=f"Di sekitar baris {number + 1} ada tanda kutip yang tidak ditutup. Perbaiki, lalu kirim lagi.",
            hint_en=f"Near row {number + 1} a quotation mark is not closed. Correct it and send it again.",
        ) from error


def _separator(text: str) -> str:
    """Choose the separator that makes most titles of some early record known, else the most cells."""

    def merit(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=separator)
        best = (0, 0)
        try:
            for _, row in zip(range(10), rows, strict=False):
                best = max(best, (len(read_header(row).places), len(row)))
        except csv.Error:
            pass
        return best

    return max(_SEPARATORS, key=merit)
