"""An import: checked → running → done, or cancelled from the first two; and what each row of its file says.

checked ──→ running ──→ done
   │           │
   └───────────┴──────→ cancelled
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from services.listings.domain.guarding import unguarded
from services.listings.domain.import_columns import BY_KEY, ColumnKey, Header
from services.listings.domain.import_refusals import WrongImportState
from services.listings.domain.reading_cells import (
    FEW_RUPIAH_IDR,
    Cell,
    Unreadable,
    is_blank,
    read_category,
    read_photos,
    read_price,
    read_text,
    read_whole,
    shown,
)
from services.listings.domain.refusals import StockOrDays
from shared.errors import rupiah

ImportState = Literal["checked", "running", "done", "cancelled"]
RowState = Literal["ready", "wrong", "added", "updated", "unchanged", "skipped", "failed"]
IfKnown = Literal["update", "skip"]
Level = Literal["error", "warning"]

MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 50
MOST_STOCK: Final = 1_000_000
MOST_DAYS: Final = 90
MOST_SHOWN: Final = 5000
"""Letters of a cell that are kept as they were read, to be shown again beside what is wrong with it."""

_FOLLOWS: Final[Mapping[ImportState, frozenset[ImportState]]] = {
    "running": frozenset({"checked"}),
    "done": frozenset({"running"}),
    "cancelled": frozenset({"checked", "running"}),
    "checked": frozenset(),
}


def moved(state: ImportState, to: ImportState) -> ImportState:
    """Bring an import into another state. Raises `WrongImportState`."""
    if state not in _FOLLOWS[to]:
        raise WrongImportState(import_state=state)
    return to


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a row or a file. An error keeps the row out, a warning does not. `column`: its title, or empty."""

    column: str
    code: str
    message: str
    level: Level = "error"

    @property
    def json(self) -> dict[str, str]:
        """The finding as it is kept."""
        return {"column": self.column, "code": self.code, "message": self.message, "level": self.level}


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was read. `number`: as in the spreadsheet, from 1. `given`: its cells as the person sees them."""

    number: int
    values: Mapping[str, Any]
    given: Mapping[str, str]
    findings: Sequence[Finding]

    @property
    def state(self) -> RowState:
        """Whether it can be taken."""
        return "wrong" if any(finding.level == "error" for finding in self.findings) else "ready"


def read_row(number: int, cells: Sequence[Cell], header: Header, pictures: Collection[str]) -> ReadRow | None:
    """Read a row; None where all its cells are blank. `pictures`: the lower-case names of those in the file."""
    given = {key: cells[place] if place < len(cells) else None for key, place in header.places.items()}
    if all(is_blank(cell) for cell in given.values()):
        return None
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for key, cell in given.items():
        try:
            values[key] = _READERS[key](unguarded(cell) if isinstance(cell, str) else cell)
        except Unreadable as problem:
            findings.append(Finding(BY_KEY[key].title, problem.code, problem.message))
    values = {key: value for key, value in values.items() if value not in (None, [])}
    if "stock" in values and "ready_in_days" in values:
        findings.append(Finding(BY_KEY["ready_in_days"].title, "stock-or-days", StockOrDays.message_id))
    findings += _warnings(values, pictures)
    kept: dict[str, str] = {key: shown(cell)[:MOST_SHOWN] for key, cell in given.items()}
    return ReadRow(number, values, kept, findings)


def _read_name(cell: Cell) -> str:
    name = read_text(cell, BY_KEY["name"].title, 120, one_line=True)
    if name is None:
        raise Unreadable("empty", "Nama masih kosong. Isi nama jualannya.")
    return name


def _read_id(cell: Cell) -> str | None:
    text = read_text(cell, "kode", 100)
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise Unreadable(
            "code", "Kode ini bukan kode jualan. Kosongkan untuk menambah jualan baru, atau unduh lagi berkasnya."
        ) from None


_READERS: Final[Mapping[ColumnKey, Callable[[Cell], object]]] = {
    "name": _read_name,
    "category": read_category,
    "price_idr": read_price,
    "unit": lambda cell: read_text(cell, BY_KEY["unit"].title, 20, one_line=True),
    "description": lambda cell: read_text(cell, BY_KEY["description"].title, 2000),
    "stock": lambda cell: read_whole(cell, BY_KEY["stock"].title, MOST_STOCK),
    "ready_in_days": lambda cell: read_whole(cell, BY_KEY["ready_in_days"].title, MOST_DAYS),
    "photos": read_photos,
    "id": _read_id,
    "status": lambda _: None,
}


def _warnings(values: Mapping[str, Any], pictures: Collection[str]) -> list[Finding]:
    found = []
    price_idr = values.get("price_idr")
    if price_idr is not None and price_idr < FEW_RUPIAH_IDR:
        text = f"Harganya hanya {rupiah(price_idr)}. Kalau maksudnya ribuan, tulis lengkap, misalnya 15000."
        found.append(Finding(BY_KEY["price_idr"].title, "few-rupiah", text, "warning"))
    for source in values.get("photos", ()):
        if "://" not in source and source.lower() not in pictures:
            text = f"Gambar «{source[:60]}» tidak ada di dalam ZIP. Jualan tetap masuk, tanpa foto itu."
            found.append(Finding(BY_KEY["photos"].title, "photo-missing", text, "warning"))
    return found


def with_repeats(rows: Sequence[ReadRow]) -> list[ReadRow]:
    """Warn of rows whose name, or code, an earlier row of the file has already."""
    first: dict[str, int] = {}
    told = []
    for row in rows:
        name = row.values.get("name")
        key = row.values.get("id") or (match_key(name) if name else None)
        if key in first:
            text = f"Sama dengan baris {first[key]}. Baris ini akan memperbarui yang tadi, atau dilewati: Anda yang memilih."
            column = BY_KEY["id" if "id" in row.values else "name"].title
            row = ReadRow(  # noqa: PLW2901 -- the same row, with one more finding
                row.number, row.values, row.given, [*row.findings, Finding(column, "repeated", text, "warning")]
            )
        elif key is not None:
            first[key] = row.number
        told.append(row)
    return told


def match_key(name: str) -> str:
    """Give what two names must have in common to be of the same product; the database compares likewise."""
    return name.lower()


def known_finding(name: str) -> Finding:
    """Say that the business has the product already."""
    text = f"Anda sudah punya jualan «{name[:60]}». Baris ini akan memperbaruinya, atau dilewati: Anda yang memilih."
    return Finding(BY_KEY["name"].title, "known", text, "warning")


ARCHIVED: Final = Finding(
    BY_KEY["id"].title, "archived", "Jualan ini sudah diarsipkan, jadi dilewati. Kosongkan kodenya untuk menambah baru.",
    "warning",
)  # fmt: skip
CODE_UNKNOWN: Final = Finding(
    BY_KEY["id"].title,
    "code-unknown",
    "Kode ini bukan jualan usaha Anda. Baris ini dikenali dari namanya saja.",
    "warning",
)
FAILED: Final = Finding(
    "", "failed", "Baris ini tidak dapat disimpan. Coba impor lagi; kalau masih gagal, tambahkan lewat Tambah jualan."
)
