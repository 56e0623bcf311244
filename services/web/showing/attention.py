"""Four weeks of attention as the owner sees them: a picture of the days, and sums in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

Json = Mapping[str, Any]

_GROUND: Final = 104
_SKY: Final = 84
_WEEK: Final = 7
_INSIDE: Final = 0.3
"""How much narrower, at each side, the bar of those who wrote stands inside that of those who looked."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the ground up: `left` and `width` in percent, the rest in pixels."""

    left: float
    width: float
    y: float
    height: float
    is_inner: bool


@dataclass(frozen=True, slots=True)
class DaysChart:
    """Views by day, and inside each the taps on WhatsApp, to one scale."""

    bars: tuple[Bar, ...]
    first: date
    last: date
    highest: int


@dataclass(frozen=True, slots=True)
class Week:
    """What happened in seven days."""

    view: int
    whatsapp: int
    share: int
    qr: int
    enquiries: int
    sold: int


def dated(days: Sequence[Json]) -> list[dict[str, Any]]:
    """Give the API's days with dates instead of words."""
    return [{**day, "day": date.fromisoformat(day["day"])} for day in days]


def week(days: Sequence[Json], weeks_ago: int = 0) -> Week:
    """Sum seven days up: those that end today, or so many weeks before."""
    end = len(days) - _WEEK * weeks_ago
    chosen = days[max(0, end - _WEEK) : end]
    names = ("view", "whatsapp", "share", "qr", "enquiries", "sold")
    return Week(*(sum(int(day[name]) for day in chosen) for name in names))


def days_chart(days: Sequence[Json]) -> DaysChart | None:
    """Place the days, oldest first; None where there is nothing to see yet."""
    highest = max((max(int(day["view"]), int(day["whatsapp"])) for day in days), default=0)
    if highest == 0:
        return None
    width = 100 / len(days)
    bars = []
    for place, day in enumerate(days):
        for name, inset in (("view", 0.0), ("whatsapp", _INSIDE)):
            n = int(day[name])
            if n:
                height = round(max(_SKY * n / highest, 1), 1)
                left, wide = width * (place + inset), width * (1 - 2 * inset)
                bars.append(Bar(left, wide, _GROUND - height, height, is_inner=bool(inset)))
    return DaysChart(tuple(bars), days[0]["day"], days[-1]["day"], highest)
