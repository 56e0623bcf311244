"""What kind of file came, decided by its bytes; and opening archives that may have been made to burst."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final, Literal

from services.listings.domain.import_refusals import FileEmpty, FileNotReadable, TooHeavy
from shared.errors import TooLarge

Kind = Literal["xlsx", "csv", "zip"]

MOST_SHEET_BYTES: Final = 10 * 1024**2
MOST_ZIP_BYTES: Final = 40 * 1024**2
MOST_ENTRIES: Final = 2000
MOST_INFLATED_BYTES: Final = 160 * 1024**2
"""A workbook of 10,000 rows inflates to about 10 MB; one whose whole columns are coloured to some more."""
MOST_RATIO: Final = 120
"""XML of a spreadsheet shrinks to a fiftieth; what shrinks more was made to burst."""
_SMALL_BYTES: Final = 8 * 1024**2
_ENCRYPTED: Final = 0x1

_OTHERS: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        "Ini berkas Excel lama (.xls) atau yang dikunci sandi. Simpan sebagai .xlsx tanpa sandi, lalu kirim lagi.",
        "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password.",
    ),
    (b"%PDF", "Ini PDF. Kirim berkas Excel (.xlsx) atau CSV.", "This is a PDF. Send an Excel file (.xlsx) or CSV."),
    (
        b"\xff\xd8\xff",
        "Ini gambar. Kirim berkas Excel (.xlsx) atau CSV; gambar disertakan dalam ZIP.",
        "This is a picture. Send an Excel file (.xlsx) or CSV; pictures go along in a ZIP.",
    ),
    (
        b"\x89PNG",
        "Ini gambar. Kirim berkas Excel (.xlsx) atau CSV; gambar disertakan dalam ZIP.",
        "This is a picture. Send an Excel file (.xlsx) or CSV; pictures go along in a ZIP.",
    ),
    (b"Rar!", "Ini RAR. Buat ulang sebagai ZIP, lalu kirim lagi.", "This is a RAR archive. Make a ZIP of it."),
    (b"7z\xbc\xaf", "Ini 7z. Buat ulang sebagai ZIP, lalu kirim lagi.", "This is a 7z archive. Make a ZIP of it."),
    (
        b"\x1f\x8b",
        "Ini gzip. Kirim berkasnya sendiri, atau dalam ZIP.",
        "This is gzip. Send the file itself, or a ZIP.",
    ),
)


def kind_of(raw: bytes) -> Kind:
    """Tell what kind of file this is. Raises `FileEmpty`, `FileNotReadable`, `TooHeavy`, `TooLarge`."""
    if not raw.strip(b"\0\r\n\t ,;"):
        raise FileEmpty
    for beginning, hint, hint_en in _OTHERS:
        if raw.startswith(beginning):
            raise FileNotReadable(hint=hint, hint_en=hint_en)
    kind: Kind = "csv"
    if raw.startswith(b"PK"):
        with opened(raw) as archive:
            names = set(archive.namelist())
        kind = "xlsx" if {"[Content_Types].xml", "xl/workbook.xml"} <= names else "zip"
        if "content.xml" in names:
            raise FileNotReadable(
                hint="Ini berkas OpenDocument (.ods). Simpan sebagai .xlsx, lalu kirim lagi.",
                hint_en="This is an OpenDocument file (.ods). Save it as .xlsx and send it again.",
            )
    if len(raw) > (MOST_ZIP_BYTES if kind == "zip" else MOST_SHEET_BYTES):
        raise TooLarge
    return kind


def opened(raw: bytes) -> zipfile.ZipFile:
    """Open an archive whose entries are few, readable and of bounded size. Raises `FileNotReadable`, `TooHeavy`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise broken() from error
    entries = archive.infolist()
    # Python reads at most as many bytes of an entry as its header announces, so that the sum of the headers bounds all.
    inflated = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or inflated > MOST_INFLATED_BYTES:
        raise TooHeavy
    if inflated > _SMALL_BYTES and inflated > MOST_RATIO * len(raw):
        raise TooHeavy
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise FileNotReadable(
            hint="Berkas ini dikunci sandi. Simpan tanpa sandi, lalu kirim lagi.",
            hint_en="This file has a password. Save it without one and send it again.",
        )
    return archive


def broken() -> FileNotReadable:
    """Say that a file is damaged."""
    return FileNotReadable(
        hint="Berkasnya rusak atau belum terkirim utuh. Simpan ulang, lalu kirim lagi.",
        hint_en="It is damaged or did not arrive whole. Save it again and send it once more.",
    )


def entry_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry. Raises `FileNotReadable`."""
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise broken() from error
    except Exception as error:  # zlib.error has no common base with the others
        if type(error).__module__ not in {"zlib", "lzma", "_lzma"}:
            raise
        raise broken() from error


_SHEETS: Final = (".xlsx", ".csv", ".txt", ".tsv")
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")


class Bundle:
    """A ZIP with one spreadsheet and its pictures."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
        sheets = [entry for entry in entries if entry.filename.lower().endswith(_SHEETS)]
        if len(sheets) != 1:
            raise FileNotReadable(
                hint=f"ZIP harus berisi tepat satu berkas Excel atau CSV; di sini ada {len(sheets)}.",
                hint_en=f"The ZIP must hold exactly one Excel or CSV file; there are {len(sheets)}.",
            )
        self._sheet = sheets[0]
        self._pictures: dict[str, zipfile.ZipInfo] = {}
        self.ambiguous: set[str] = set()
        for entry in entries:
            name = base_name(entry.filename)
            if entry is not self._sheet and self._pictures.setdefault(name, entry) is not entry:
                self.ambiguous.add(name)

    def sheet(self) -> bytes:
        """Read the spreadsheet. Raises `TooLarge`, `FileNotReadable`."""
        if self._sheet.file_size > MOST_SHEET_BYTES:
            raise TooLarge
        return entry_bytes(self._archive, self._sheet)

    @property
    def names(self) -> frozenset[str]:
        """The pictures' names, in lower case and without folders; those that two files share are left out."""
        return frozenset(self._pictures) - self.ambiguous

    def pictures(self, wanted: Sequence[str]) -> dict[str, bytes]:
        """Read the pictures that rows name, those that begin as pictures do and all together fit."""
        found: dict[str, bytes] = {}
        room = MOST_ZIP_BYTES
        for name in wanted:
            entry = self._pictures.get(name)
            if entry is None or entry.file_size > room:
                continue
            body = entry_bytes(self._archive, entry)
            if body.startswith(_PICTURES) or body[4:8] == b"ftyp":
                found[name] = body
                room -= len(body)
        return found


def base_name(name: str) -> str:
    """Give a file's name without folders, in lower case: so rows name it."""
    return PurePosixPath(name.replace("\\", "/")).name.lower()


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith((".", "__MACOSX", "~$")) for part in parts)
