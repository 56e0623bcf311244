"""The rules of posts: where one may stand, how it is addressed, and how people find it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import phonenumbers

OfficerRole = Literal["operator", "chair", "treasurer"]
"""What somebody may be at a post: petugas, ketua, bendahara."""

PostLevel = Literal["district", "village"]
"""A post belongs to a kecamatan or to a kelurahan."""

LONGEST_SLUG: Final = 120

_CITY_PREFIXES: Final = ("Kota Administrasi ", "Kabupaten Administrasi ")


@dataclass(frozen=True, slots=True)
class Post:
    """A Posyantek. `whatsapp` is in E.164."""

    id: UUID
    slug: str
    name: str
    region_code: str
    address: str | None
    whatsapp: str | None
    hours: str | None
    pilot: bool


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody's time of service at a post; it goes on while `dismissed_at` is empty."""

    id: UUID
    post_id: UUID
    account_id: UUID
    role: OfficerRole
    appointed_at: datetime
    dismissed_at: datetime | None


def path_of(names: Sequence[str]) -> str:
    """Write where a region lies, as people say it. `names`: from the province down to the region.

    `Cempaka Putih, Jakarta Pusat`: the province and the words "Kota Administrasi" go without saying.
    """
    below_province = list(names[1:]) or list(names)
    return ", ".join(_spoken(name) for name in reversed(below_province))


def _spoken(name: str) -> str:
    return next((name[len(prefix) :] for prefix in _CITY_PREFIXES if name.startswith(prefix)), name)


def folded(text: str) -> str:
    """Reduce text to what a hurried searcher types: letters and digits, without case, accents and spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def found_by(words: Sequence[str], *, name: str, path: str, postal_codes: Sequence[str]) -> int | None:
    """Say how well a region answers a search, 0 best, or None. `words`: the searcher's, folded; each must occur."""
    place = folded(path)
    if not all(word in place or word in postal_codes for word in words):
        return None
    asked, own = "".join(words), folded(name)
    if asked == own:
        return 0
    return 1 if own.startswith(asked) else 2


def slug_of(name: str) -> str:
    """Write a name as a part of a web address; empty if nothing of it can be."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


def slugs_for(name: str, region_name: str, region_code: str) -> tuple[str, str]:
    """Give the address that a post would like, and the one it takes when another post has that already."""
    first = slug_of(name) or slug_of(region_name)
    return first, f"{first}-{slug_of(region_code)}"


def whatsapp_number(text: str) -> str:
    """Write a phone number, as Indonesians type it, in E.164. Raises `ValueError`."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("no such phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
