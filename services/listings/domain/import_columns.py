"""The columns of a spreadsheet of products: what they are called, what must be filled in, and how headers are recognised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

ColumnKey = Literal[
    "name", "category", "price_idr", "unit", "description", "stock", "ready_in_days", "photos", "id", "status"
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `title` is what stands in the template, `others` what is taken as well, `about` explains it to a person."""

    key: ColumnKey
    title: str
    about: str
    others: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    exported_only: bool = False
    """Not in the empty template: the service itself fills it in."""


COLUMNS: Final = (
    Column(
        "name", "nama", "Nama jualan, paling banyak 120 huruf. Wajib.",
        ("name", "nama produk", "nama barang", "nama jualan", "produk", "product", "product name", "title"),
        required=True, example="Keripik singkong balado 200 g",
    ),
    Column(
        "category", "kategori", "Pilih dari daftar di lembar ini. Wajib.",
        ("category", "jenis"), required=True, example="Keripik & camilan",
    ),
    Column(
        "price_idr", "harga", "Harga satu satuan dalam rupiah, tanpa sen: 15000 atau Rp 15.000. Wajib.",
        ("price", "harga rp", "harga jual", "harga satuan", "price idr", "price rp"), required=True, example="15000",
    ),
    Column(
        "unit", "satuan", "Harga itu untuk satu apa: bungkus, botol, lembar. Boleh kosong.",
        ("unit",), example="bungkus",
    ),
    Column(
        "description", "keterangan", "Bahan, rasa, tahan berapa lama. Paling banyak 2.000 huruf. Boleh kosong.",
        ("description", "deskripsi"), example="Pedas manis, tahan 2 bulan.",
    ),
    Column(
        "stock", "stok", "Berapa yang siap dijual, angka bulat. Kosongkan kalau tidak dihitung.",
        ("stock", "stock count", "jumlah stok"), example="40",
    ),
    Column(
        "ready_in_days", "siap_dalam_hari", "Kalau dibuat dulu: siap dalam berapa hari. Boleh kosong.",
        ("ready in days", "siap dalam", "lama pengerjaan", "lead time days"), example="2",
    ),
    Column(
        "photos", "foto", "Nama berkas gambar di dalam ZIP, atau tautan https. Lebih dari satu: pisahkan dengan titik koma.",
        ("photo", "photos", "gambar", "image", "images"), example="keripik-balado.jpg",
    ),
    Column(
        "id", "kode", "Nomor jualan dari unduhan. Jangan diubah; dengan ini jualan yang sama dikenali.",
        ("id", "code", "listing id"), exported_only=True,
    ),
    Column(
        "status", "keadaan", "Keadaan jualan waktu diunduh. Tidak dibaca lagi.",
        ("status", "state"), exported_only=True,
    ),
)  # fmt: skip

BY_KEY: Final[Mapping[ColumnKey, Column]] = {column.key: column for column in COLUMNS}
TEMPLATE_COLUMNS: Final = tuple(column for column in COLUMNS if not column.exported_only)
FIXES_TITLE: Final = "Yang perlu diperbaiki"
"""The column that tells what is to be corrected, in the file of the rows with findings."""


def words_key(text: str) -> str:
    """Give what counts of a header or a category: its letters and digits, whatever their case and what stands between."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


_IGNORED: Final = frozenset({words_key(FIXES_TITLE)})
_KEYS: Final[Mapping[str, ColumnKey]] = {
    words_key(name): column.key for column in COLUMNS for name in (column.key, column.title, *column.others)
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header that was understood. `places`: by column, where it stands (from 0). `unknown`, `twice`: titles left out."""

    places: Mapping[ColumnKey, int]
    unknown: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """The required columns that are not there."""
        return [column.title for column in COLUMNS if column.required and column.key not in self.places]


def read_header(titles: Sequence[object]) -> Header:
    """Recognise the columns of a row of titles; of two with one meaning the first counts."""
    places: dict[ColumnKey, int] = {}
    unknown, twice = [], []
    for place, title in enumerate(titles):
        text = str(title).strip() if title is not None else ""
        if not text or words_key(text) in _IGNORED:
            continue
        key = _KEYS.get(words_key(text))
        if key is None:
            unknown.append(text[:60])
        elif key in places:
            twice.append(text[:60])
        else:
            places[key] = place
    return Header(places, tuple(unknown), tuple(twice))


def looks_like_header(titles: Sequence[object]) -> bool:
    """Whether a row is the header and not a title above it, or a product."""
    places = read_header(titles).places
    return "name" in places and len(places) >= 2
