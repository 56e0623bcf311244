"""How often codes may be asked for: enough for a person with bad reception, too little for guessing or for spam."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within any span of this length."""

    most: int
    within: timedelta


PER_CONTACT = (Limit(3, timedelta(minutes=10)), Limit(10, timedelta(days=1)))
PER_CALLER = (Limit(30, timedelta(hours=1)),)
LONGEST = max(limit.within for limit in (*PER_CONTACT, *PER_CALLER))


def wait(limits: Iterable[Limit], times: Sequence[datetime], now: datetime, factor: int = 1) -> timedelta:
    """Give how long to wait before one more is within all limits, `factor` times as generous; nothing where it is so."""
    newest_first = sorted(times, reverse=True)
    needed = timedelta(0)
    for limit in limits:
        most = limit.most * factor
        if len(newest_first) >= most:
            needed = max(needed, newest_first[most - 1] + limit.within - now)
    return needed
