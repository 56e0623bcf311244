"""Permits of a business: what their numbers look like, and their check by a second person.

NIB: 13 digits (PP 5/2021). P-IRT: 15 digits, printed as 13 and 2 (BPOM 22/2018). Halal certificate: "ID" and 17 digits
(BPJPH). People write them with spaces, dots and dashes, and with the permit's name before the number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal
from uuid import UUID

from services.listings.domain.business import Business, require_second_person
from services.listings.domain.refusals import (
    HalalMalformed,
    NibMalformed,
    OwnBusiness,
    PermitChanged,
    PermitChecked,
    PirtMalformed,
)
from shared.errors import Unprocessable

PermitKind = Literal["nib", "pirt", "halal"]

_WIB: Final = timezone(timedelta(hours=7))
_SHAPES: Final[Mapping[PermitKind, tuple[re.Pattern[str], type[Unprocessable]]]] = {
    "nib": (re.compile(r"(?:NIB)?(?:NO|NOMOR)?([0-9]{13})", re.ASCII), NibMalformed),
    "pirt": (re.compile(r"(?:PIRT|SPPIRT)?(?:NO|NOMOR)?([0-9]{15})", re.ASCII), PirtMalformed),
    "halal": (re.compile(r"(?:HALAL)?(?:NO|NOMOR)?(ID[0-9]{17})", re.ASCII), HalalMalformed),
}
_PUNCTUATION: Final = re.compile(r"[\s.\-–—:/]+")


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit's number, since when it stands there, who entered it, and who checked it on which day (WIB)."""

    kind: PermitKind
    number: str
    since: datetime
    entered_by: UUID
    assisted_by: UUID | None
    checked_on: date | None = None
    checked_by: UUID | None = None


def number_of(kind: PermitKind, typed: str) -> str:
    """Read a permit's number as people write it.

    Raises `NibMalformed`, `PirtMalformed` or `HalalMalformed`, each of which says what is expected.
    """
    shape, refusal = _SHAPES[kind]
    found = shape.fullmatch(_PUNCTUATION.sub("", typed).upper())
    if found is None:
        raise refusal
    return found[1]


def checked(permit: Permit, business: Business, by: UUID, now: datetime, seen_number: str | None = None) -> Permit:
    """Check a permit as a second person. `seen_number`: what the operator looked at, if told.

    Raises `OwnBusiness`, `PermitChecked`, `PermitChanged`.
    """
    require_second_person(business, by)
    if by in {permit.entered_by, permit.assisted_by}:
        raise OwnBusiness
    if permit.checked_on is not None:
        raise PermitChecked
    if seen_number is not None and seen_number != permit.number:
        raise PermitChanged
    return replace(permit, checked_on=now.astimezone(_WIB).date(), checked_by=by)
