"""Which technologies serve a product: by the words of its name, else by the shelf on which it is sold.

A technology names the products it works on ("keripik singkong"). Of a product's name only those words count that some
technology of the catalogue knows, so "balado" or "Bu Sri" neither helps nor harms; the first of these is what the
product is, the others are what it is made of or how.

| the product's name                                            | points        |
|---------------------------------------------------------------|---------------|
| has all words of a phrase, what the product is among them     | 10 for each   |
| is wider than a phrase: "keripik" where that says more        | 6             |
| has all words of a phrase, but only of what it is made of     | 4 for each    |
| stands on a shelf that the technology serves                  | 3 more        |

The second and the third say too little for a technology that does not serve the shelf that was asked for. How wide a
name is, that shelf decides: for snacks "keripik bayam" is just "keripik", though elsewhere spinach is grown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

WHOLE_POINTS: Final = 10
WIDER_POINTS: Final = 6
MADE_OF_POINTS: Final = 4
SHELF_POINTS: Final = 3

_WORD = re.compile(r"[^\W_]+")
_SPELLINGS: Final = {
    "donut": "donat",
    "kripik": "keripik",
    "kropok": "kerupuk",
    "krupuk": "kerupuk",
    "peyek": "rempeyek",
    "sambel": "sambal",
    "telor": "telur",
}
_SAYS_NOTHING: Final = frozenset({"bahan", "besar", "dan", "dari", "hasil", "isi", "kecil", "khas", "rasa", "untuk"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a technology says of itself: the shelves it serves, by code, and the products it works on, by name."""

    slug: str
    shelves: Collection[str]
    products: Sequence[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A technology that serves the product, with the reason: the phrase that its name has met, or the shelf's code."""

    slug: str
    points: int
    kind: Literal["product", "shelf"]
    phrase: str


def matches(candidates: Collection[Candidate], shelf: str | None, name: str | None) -> list[Match]:
    """Find what serves a product, best first; of equals first what serves fewer shelves, then by slug.

    The order of `candidates` makes no difference.
    """
    told = words(name or "")
    asked = _known(told, candidates)
    wide = set(_known(told, [candidate for candidate in candidates if shelf is None or shelf in candidate.shelves]))
    specialised = {candidate.slug: len(candidate.shelves) for candidate in candidates}
    found = [match for candidate in candidates if (match := _match(candidate, shelf, asked, wide))]
    return sorted(found, key=lambda match: (-match.points, specialised[match.slug], match.slug))


def words(text: str) -> list[str]:
    """Give the words of a text that say something, in order, each in the one spelling that we compare."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    spelt = (_SPELLINGS.get(word, word) for word in _WORD.findall(plain.casefold()))
    return [word for word in spelt if word not in _SAYS_NOTHING]


def _known(told: Sequence[str], candidates: Collection[Candidate]) -> list[str]:
    known = {word for candidate in candidates for phrase in candidate.products for word in words(phrase)}
    return [word for word in told if word in known]


def _match(candidate: Candidate, shelf: str | None, asked: Sequence[str], wide: Collection[str]) -> Match | None:
    on_shelf = shelf in candidate.shelves
    little = on_shelf or shelf is None
    by_words = [(_points(set(words(phrase)), asked, wide if little else None), phrase) for phrase in candidate.products]
    points, phrase = max(by_words, key=lambda found: found[0])
    if points:
        return Match(candidate.slug, points + SHELF_POINTS * on_shelf, "product", phrase)
    return Match(candidate.slug, SHELF_POINTS, "shelf", shelf) if shelf and on_shelf else None


def _points(phrase: set[str], asked: Sequence[str], wide: Collection[str] | None) -> int:
    """What a phrase is worth. `wide`: the words of which it may tell more; None where words that say little count not."""
    whole = bool(phrase) and phrase.issubset(asked)
    if whole and asked[0] in phrase:
        return WHOLE_POINTS * len(phrase)
    if wide is None:
        return 0
    if whole:
        return MADE_OF_POINTS * len(phrase)
    return WIDER_POINTS if wide and phrase.issuperset(wide) else 0
