"""Words as people type them: what is looked for in a query, and which words are one slip away from another.

A slip (one letter too many, too few, wrong, or two exchanged) is found without comparing every word with every other:
two words one slip apart meet in some form that lacks one letter (https://github.com/wolfgarbe/SymSpell, symmetric deletes).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from rapidfuzz.distance import OSA

MOST_WORDS: Final = 8
"""More words of a query are left aside."""
LONGEST_WORD: Final = 40
SHORTEST_CORRECTED: Final = 4
"""Shorter words have too many neighbours to guess among."""

_WORD = re.compile(r"[^\W_]+")
_UNWANTED = re.compile(r"(?<!\S)-\w+")

_STOP_WORDS: Final = """
ada adalah agar aku akan anda apa atau bagi bagus bahwa banget beli buat cari dalam dan dari dengan di dijual harga
hari ini itu jadi jual juga kami kamu karena ke kita kok lagi mau murah nya oleh pada paling para per saja sama
sangat saya sebagai sekali serta sudah tak tapi terbaik tersedia tidak toko untuk yang
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Words that say nothing about the product. PostgreSQL's Indonesian configuration has no list of its own."""

SYNONYMS: Final = tuple(
    frozenset(words.split())
    for words in (
        "keripik kripik chips",
        "kerupuk krupuk",
        "kue cake bolu",
        "kukis cookies cookie",
        "sambal sambel",
        "kopi coffee",
        "teh tea",
        "cokelat coklat chocolate",
        "singkong ubi cassava",
        "ayam chicken",
        "ikan fish",
        "tahu tofu",
        "bakso baso",
        "mi mie noodle",
        "telur telor",
        "cabai cabe",
        "jahe ginger",
        "minuman drink",
        "camilan cemilan snack snek",
        "baju pakaian busana",
        "kaos kaus tshirt",
        "tas bag",
        "kerajinan craft handmade",
        "sabun soap",
        "pupuk kompos",
        "tanaman bibit",
        "hantaran hampers parsel parcel",
        "frozen beku",
        "nastar kastengel lebaran",
    )
)
"""Words that buyers take for the same thing."""

_SAME: Final[Mapping[str, frozenset[str]]] = {word: group for group in SYNONYMS for word in group}


def words_of(text: str) -> list[str]:
    """Give the words of a text, in lower case and without accents, each once, in their order."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain)))


def wanted_words(query: str) -> list[str]:
    """Give the words of a query that tell what is looked for; all of them where nothing else would be left."""
    words = words_of(_UNWANTED.sub(" ", query))
    return ([word for word in words if word not in STOP_WORDS] or words)[:MOST_WORDS]


def unwanted_words(query: str) -> list[str]:
    """Give the words with a minus before them: what has them is not wanted."""
    return words_of(" ".join(_UNWANTED.findall(query)))[:MOST_WORDS]


def alternatives(word: str) -> list[str]:
    """Give a word and what buyers take for the same, the word first."""
    return [word, *sorted(_SAME.get(word, frozenset()) - {word})]


def tsquery(words: Iterable[str], unwanted: Iterable[str] = ()) -> str:
    """Write a query for `to_tsquery`: every word, or one of its alternatives, must be there, and nothing unwanted.

    Words hold letters and digits only (`words_of`), so none can be an operator.
    """
    parts = ["(" + " | ".join(alternatives(word)) + ")" for word in words]
    return " & ".join([*parts, *(f"!{word}" for word in unwanted)])


def shortened(word: str) -> list[str]:
    """Give a word and each form of it that lacks one letter, sorted; words one slip apart have one in common."""
    if len(word) < SHORTEST_CORRECTED:
        return [word]
    return sorted({word, *(word[:place] + word[place + 1 :] for place in range(len(word)))})


def nearest(word: str, candidates: Mapping[str, int]) -> str | None:
    """Choose what was meant among candidates and how often each is used: the fewest slips, the same beginning, the most used.

    None where every candidate is more than two slips away, or more than a third of the word.
    """
    allowed = 1 if len(word) <= 5 else 2

    def cost(candidate: str) -> tuple[int, bool, int, str]:
        slips = int(OSA.distance(word, candidate))
        return slips, candidate[0] != word[0], -candidates[candidate], candidate

    best = min(candidates, key=cost, default=None)
    return best if best is not None and cost(best)[0] <= allowed else None
