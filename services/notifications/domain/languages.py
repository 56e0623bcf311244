"""How figures, times and things are written for a person, in Indonesian and in English."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Literal, NamedTuple

Language = Literal["id", "en"]

WIB = timezone(timedelta(hours=7), "WIB")
"""Western Indonesia's time, which has no summer time."""

_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "id": (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni",
        "Juli", "Agustus", "September", "Oktober", "November", "Desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def moment(at: datetime, language: Language) -> str:
    """Write an instant in WIB: `Jumat, 5 Desember 2025 pukul 17.00 WIB`."""
    local = at.astimezone(WIB)
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    if language == "en":
        return f"{day} {local.day} {month} {local.year}, {local:%H:%M} WIB"
    return f"{day}, {local.day} {month} {local.year} pukul {local:%H.%M} WIB"


def units(number: int, language: Language) -> str:
    """Write a number of machines: `2 unit`, `2 units`."""
    return f"{number} units" if language == "en" and number != 1 else f"{number} unit"


class Names(NamedTuple):
    """What the things that a message is about are called; None where that is not known (yet, or any more)."""

    subject: str | None = None
    post: str | None = None
    subject_en: str | None = None
    """The subject's name in English, where it has one."""


_NOUNS = {
    "pool": {"id": ("urun beli", "urun beli ini"), "en": ("the pool", "this pool")},
    "business": {"id": ("usaha", "usaha ini"), "en": ("the business", "this business")},
    "supplier": {"id": ("pemasok", "pemasok ini"), "en": ("the supplier", "this supplier")},
    "technology": {"id": ("alat", "alat ini"), "en": ("the machine", "this machine")},
}
NOUNS = frozenset({*_NOUNS, "post"})
"""The things that a wording may name."""


def noun(name: str, names: Names, language: Language) -> str:
    """Name a thing: `urun beli “Spinner Cempaka”`, or `urun beli ini` where its name is not known."""
    if name == "post":
        return names.post or {"id": "Posyantek", "en": "the Posyantek"}[language]
    kind, nameless = _NOUNS[name][language]
    called = (names.subject_en if language == "en" else None) or names.subject
    return f"{kind} “{called}”" if called else nameless
