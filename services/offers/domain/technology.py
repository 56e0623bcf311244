"""Technologies of the catalogue as the database keeps them: a stable id, what they are found by, and their card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5


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
