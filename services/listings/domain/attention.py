"""Attention: how often something was seen, shared, asked about or scanned, by day. Counts alone, of nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Literal
from uuid import UUID

What = Literal["view", "share", "whatsapp", "qr"]
Kind = Literal["listing", "business"]

MOST_AT_ONCE: Final = 200
MOST_OF_ONE: Final = 1000
SHOWN_DAYS: Final = 28
_JAKARTA: Final = timezone(timedelta(hours=7), "WIB")


@dataclass(frozen=True, slots=True)
class Seen:
    """Something happened `n` times to a listing or business."""

    kind: Kind
    id: UUID
    what: What
    n: int


def day_of(moment: datetime) -> date:
    """Tell on which day a moment counts: the day in Jakarta."""
    return moment.astimezone(_JAKARTA).date()


def summed(seen: Iterable[Seen], kind: Kind) -> list[tuple[UUID, str, int]]:
    """Sum what happened to the things of one kind, in one order for everybody: writers never wait for each other in a ring."""
    counts: Counter[tuple[UUID, str]] = Counter()
    for one in seen:
        if one.kind == kind:
            counts[one.id, one.what] += one.n
    return [(id_, what, n) for (id_, what), n in sorted(counts.items())]
