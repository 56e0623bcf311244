"""What one cell of a spreadsheet says: prices, numbers, words and shelves as people write them.

Nothing is guessed: where a cell could mean two things, or nothing, the finding says how to write it.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.listings.domain.categories import CATEGORIES, CategoryCode
from services.listings.domain.import_columns import words_key

MOST_PRICE_IDR: Final = 99_999_999_999_999
FEW_RUPIAH_IDR: Final = 100
"""Below this a price is told: the smallest coin in use is Rp 100."""
MOST_PHOTOS: Final = 8
MOST_SOURCE: Final = 500
"""Letters of a picture's name or link."""


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that holds no plain value. `shown` is what the person sees in it."""

    kind: Literal["formula", "error", "date", "boolean"]
    shown: str


Cell = str | int | float | Odd | None


class Unreadable(ValueError):
    """A cell cannot be taken; `code` names why, the message says in Indonesian what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def shown(cell: Cell) -> str:
    """Give a cell as the person sees it."""
    if cell is None:
        return ""
    if isinstance(cell, Odd):
        return cell.shown
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


_ODD: Final[Mapping[str, str]] = {
    "formula": "Rumus «{shown}» belum ada hasilnya. Buka di Excel lalu simpan lagi, atau ketik hasilnya langsung.",
    "error": "Rumus ini menghasilkan kesalahan «{shown}». Ketik hasilnya langsung.",
    "date": "Isinya terbaca sebagai tanggal ({shown}). Ubah format selnya jadi teks, lalu ketik ulang.",
    "boolean": "Isinya terbaca sebagai benar/salah ({shown}). Ubah format selnya jadi teks, lalu ketik ulang.",
}


def _plain(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Odd):
        raise Unreadable(cell.kind, _ODD[cell.kind].format(shown=cell.shown[:60]))
    return cell


# Prices

_NOTHING_BUT_MONEY: Final = re.compile(r"^(?:rp\.?|idr)\s*|\s*(?:rp|idr|rupiah)\s*$|,-\s*$|\.-\s*$", re.IGNORECASE)
_MULTIPLIED: Final = re.compile(r"(\d{1,6})(?:([.,])(\d+))?\s*(rb|ribu|k|jt|juta)\.?", re.IGNORECASE | re.ASCII)
_POWER: Final = {"rb": 3, "ribu": 3, "k": 3, "jt": 6, "juta": 6}
_PLAIN: Final = re.compile(r"[1-9]\d*|0", re.ASCII)
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:,\d{3})+", re.ASCII)
_WITH_SEN: Final = re.compile(
    r"([1-9]\d{0,2}(?:\.\d{3})+),(\d{1,2})|([1-9]\d{0,2}(?:,\d{3})+)\.(\d{1,2})|([1-9]\d{3,})[.,](\d{1,2})", re.ASCII
)
_FEW_AND_SEN: Final = re.compile(r"\d{1,3}[.,]\d{1,2}", re.ASCII)
_RANGE: Final = re.compile(r"\d\D*(?:-|–|—|s/d|sampai)\D*\d", re.IGNORECASE)


def read_price(cell: Cell) -> int:
    """Read whole rupiah, 1 to 99,999,999,999,999. Raises `Unreadable`."""
    plain = _plain(cell)
    if isinstance(plain, int | float):
        return _bounded_price(_whole_of_number(plain))
    text = _narrowed(plain or "")
    if not text:
        raise Unreadable("empty", "Harga masih kosong. Isi harganya, misalnya 15000.")
    if text.startswith(("-", "−")) or (text.startswith("(") and text.endswith(")")):
        raise Unreadable("negative", "Harga tidak boleh kurang dari nol. Hapus tanda minusnya.")
    if _RANGE.search(text):
        raise Unreadable(
            "range", "Isi satu harga saja, bukan dari–sampai. Untuk beberapa ukuran, buat baris sendiri-sendiri."
        )
    bare = _without_money(text)
    multiplied = _MULTIPLIED.fullmatch(bare)
    return _bounded_price(_multiplied(multiplied, text) if multiplied else _written(bare, text))


def _without_money(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, _NOTHING_BUT_MONEY.sub("", text).strip()
    return text


def _narrowed(text: str) -> str:
    """Make one plain space of every kind of space, and leave out what cannot be seen."""
    seen = "".join(
        character for character in text if unicodedata.category(character) not in {"Cf", "Cc"} or character in "\t\n"
    )
    return re.sub(r"\s+", " ", seen).strip()


def _whole_of_number(number: float) -> int:
    if not math.isfinite(number):
        raise Unreadable("not-a-price", "Harga ini tidak terbaca. Isi angka saja, misalnya 15000.")
    if number != int(number):
        if abs(number) < 1000:
            raise Unreadable(
                "ambiguous",
                f"Harga {number} bisa berarti ribuan atau pecahan. Tulis lengkap tanpa titik, misalnya 15000.",
            )
        raise Unreadable("sen", "Harga tidak memakai sen. Bulatkan ke rupiah, misalnya 15000.")
    return int(number)


def _bounded_price(price_idr: int) -> int:
    if price_idr < 0:
        raise Unreadable("negative", "Harga tidak boleh kurang dari nol. Hapus tanda minusnya.")
    if price_idr == 0:
        raise Unreadable("zero", "Harga harus lebih dari nol. Isi harganya, misalnya 15000.")
    if price_idr > MOST_PRICE_IDR:
        raise Unreadable("too-much", "Harga ini terlalu besar. Periksa jumlah nolnya.")
    return price_idr


def _multiplied(match: re.Match[str], text: str) -> int:
    """Read "15rb", "1,5 juta"; three digits behind a dot could be thousands as well as a fraction."""
    whole, _, fraction, word = match.groups(default="")
    power = _POWER[word.lower()]
    if len(fraction) >= 3 or (len(whole) > 1 and whole.startswith("0")):
        raise Unreadable("ambiguous", f"«{text[:40]}» bisa dibaca dua cara. Tulis angkanya lengkap, misalnya 1500000.")
    return int(whole + fraction.ljust(power, "0"))


def _written(bare: str, text: str) -> int:
    if _PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare):
        digits = re.sub(r"[.,]", "", bare)
        return int(digits) if len(digits) <= 18 else MOST_PRICE_IDR + 1
    sen = _WITH_SEN.fullmatch(bare)
    if sen is not None:
        whole, fraction = (part for part in sen.groups() if part is not None)
        if int(fraction) == 0:
            return int(re.sub(r"[.,]", "", whole)[:18])
        raise Unreadable("sen", "Harga tidak memakai sen. Bulatkan ke rupiah, misalnya 15000.")
    if _FEW_AND_SEN.fullmatch(bare):
        raise Unreadable("ambiguous", f"«{text[:40]}» bisa dibaca dua cara. Tulis angkanya lengkap, misalnya 15000.")
    raise Unreadable(
        "not-a-price", f"Harga «{text[:40]}» tidak terbaca. Isi angka saja, misalnya 15000 atau Rp 15.000."
    )


# Whole numbers

_COUNTED: Final = re.compile(r"\s*(?:hari|pcs|buah|biji|bungkus|botol|days?)\.?$", re.IGNORECASE)


def read_whole(cell: Cell, title: str, most: int) -> int | None:
    """Read a whole number, 0 to `most`; None where nothing stands. Raises `Unreadable`."""
    plain = _plain(cell)
    if plain is None:
        return None
    text = shown(plain) if isinstance(plain, int | float) else _COUNTED.sub("", _narrowed(plain))
    if not text:
        return None
    if not (_PLAIN.fullmatch(text) or (isinstance(plain, str) and _GROUPED.fullmatch(text))):
        raise Unreadable("not-whole", f"Isi {title} dengan satu angka bulat, misalnya 3, atau kosongkan.")
    digits = re.sub(r"[.,]", "", text)
    if len(digits) > 12 or int(digits) > most:
        raise Unreadable("too-many", f"Isi {title} paling banyak {most:,}.".replace(",", "."))
    return int(digits)


# Words

_UNSEEN: Final = frozenset("\ufeff\u200b\u00ad\u2060")
"""What spreadsheets and web pages leave behind and nobody sees: left out without a word."""


def read_text(cell: Cell, title: str, most: int, *, one_line: bool = False) -> str | None:
    """Read words, at most `most` letters; None where nothing stands. Raises `Unreadable`."""
    plain = _plain(cell)
    if plain is None:
        return None
    text = shown(plain) if isinstance(plain, int | float) else plain
    text = unicodedata.normalize("NFC", "".join(letter for letter in text if letter not in _UNSEEN))
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if one_line:
        text = re.sub(r"\s*\n\s*", " ", text)
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and letter not in "\n\t\u200d" for letter in text):
        raise Unreadable("unprintable", f"Ada tanda tersembunyi di {title}. Hapus isinya, lalu ketik ulang.")
    if len(text) > most:
        raise Unreadable("too-long", f"{title.capitalize()} terlalu panjang: {len(text)} huruf. Paling banyak {most}.")
    return text or None


def same_text(before: str | None, after: str | None) -> bool:
    """Whether two texts differ in nothing that a spreadsheet keeps: line ends, and signs that no file may hold."""
    return _kept(before) == _kept(after)


def _kept(text: str | None) -> str:
    return re.sub("[\ufffe\uffff]", "", text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


# Shelves


def _shelves() -> dict[str, CategoryCode]:
    """Every way to call a shelf: its code, its names, and each part of a name that belongs to no other."""
    whole: dict[str, CategoryCode] = {}
    parts: dict[str, set[CategoryCode]] = {}
    for shelf in CATEGORIES:
        for name in (shelf.code, shelf.name_id, shelf.name_en):
            whole[words_key(name)] = shelf.code
            for part in re.split(r"[&,]", name):
                parts.setdefault(words_key(part), set()).add(shelf.code)
    only = {part: next(iter(codes)) for part, codes in parts.items() if len(codes) == 1}
    return {**only, **whole}


_SHELVES: Final = _shelves()
_NAMES: Final[Mapping[CategoryCode, str]] = {shelf.code: shelf.name_id for shelf in CATEGORIES}


def read_category(cell: Cell) -> CategoryCode:
    """Read a shelf by its Indonesian or English name or its code. Raises `Unreadable`, with the nearest name."""
    text = read_text(cell, "kategori", 200, one_line=True)
    if text is None:
        raise Unreadable("empty", "Kategori masih kosong. Pilih salah satu dari daftar di templat.")
    key = words_key(text)
    if key in _SHELVES:
        return _SHELVES[key]
    near = difflib.get_close_matches(key, _SHELVES, n=1, cutoff=0.75)
    hint = f" Mungkin maksudnya «{_NAMES[_SHELVES[near[0]]]}»?" if near else ""
    raise Unreadable(
        "category-unknown", f"Kategori «{text[:40]}» tidak ada di daftar.{hint} Pilih dari daftar di templat."
    )


def category_name(code: str) -> str:
    """Give a shelf's Indonesian name, or the code of one that is no more."""
    return dict(_NAMES).get(code, code)  # type: ignore[call-overload,no-any-return]  # a code read from the database


# Pictures


def read_photos(cell: Cell) -> list[str]:
    """Read the names or https links of pictures, at most 8. Raises `Unreadable`."""
    text = read_text(cell, "foto", MOST_PHOTOS * MOST_SOURCE)
    if text is None:
        return []
    parts: list[str] = []
    for piece in re.split(r"[;|\n]|,\s", text):
        parts += [piece] if "://" in piece else piece.split(",")
    found = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if len(found) > MOST_PHOTOS:
        raise Unreadable("too-many-photos", f"Paling banyak {MOST_PHOTOS} foto untuk satu jualan.")
    for source in found:
        if len(source) > MOST_SOURCE:
            raise Unreadable("photo-name", "Nama atau tautan foto terlalu panjang.")
        if "://" in source and not source.lower().startswith("https://"):
            raise Unreadable("photo-link", f"Tautan foto harus diawali https://, bukan «{source[:40]}».")
    return found
