"""Technologies of the catalogue as the database keeps them: a stable id, what they are found by, and their card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class TechnologyRef:
    """A technology by its names."""

    id: UUID
    slug: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A technology with all that its page shows. `watts` is None for what needs no electricity."""

    ref: TechnologyRef
    position: int
    category: str
    watts: int | None
    card: Mapping[str, Any]
    search_text: str


@dataclass(frozen=True, slots=True)
class TechnologyFilter:
    """What a reader of the catalogue asks for. `max_watts` lets pass what needs no electricity."""

    category: str | None = None
    words: str | None = None
    max_watts: int | None = None


def technology_id(slug: str) -> UUID:
    """Give the id of a technology: UUIDv5 of its slug, so that every installation has the same."""
    return uuid5(NAMESPACE_URL, f"urunbeli:technology:{slug}")


def prefix_query(words: str | None) -> str | None:
    """Turn a person's words into a text-search query in which each must begin a word; None where there are none."""
    found = _WORD.findall(words or "")[:_MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in found) or None
