"""A household's electricity: what its connection carries beside what always runs, and what a kilowatt-hour costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

EASY_PERCENT: Final = 70
LARGEST_PERCENT: Final = 88
"""Refrigerator, lamps and a motor's start need the rest. The catalogue's own notes draw the line at these shares."""

USUAL_SUPPLIES_VA: Final = (450, 900, 1300, 2200)
"""What most households are connected with, in volt-amperes."""

TARIFF_SOURCE: Final = "Permen ESDM 7/2024, tariff adjustment"
TARIFFS_SEN_PER_KWH: Final = {
    450: 41_500,  # R-1/450 VA, subsidised
    900: 135_200,  # R-1/900 VA-RTM: many pay it, and the subsidised Rp 605 would make machines look cheaper to run
    1300: 144_470,  # R-1/1,300 VA
    2200: 144_470,  # R-1/2,200 VA
    3500: 169_953,  # R-2, from here on one tariff
    4400: 169_953,
    5500: 169_953,
    6600: 169_953,
}
"""PLN's tariffs of households by their connection in volt-amperes, in hundredths of a rupiah, as of the last quarter of 2025."""

_UNTOLD_SEN_PER_KWH: Final = 144_470


@dataclass(frozen=True, slots=True)
class Supply:
    """What a technology takes of a household's connection: `va` in volt-amperes, `percent` of it at work.

    `fit`: easy beside what always runs, only alone, or not at all.
    """

    va: int
    percent: int
    fit: Literal["easy", "alone", "none"]


def supply(watts: int, va: int) -> Supply:
    """Compare watts with a household's connection."""
    return Supply(va, round(Fraction(100 * watts, va)), _fit(100 * watts, va))


def most_watts(va: int) -> int:
    """Give the most watts that a connection of `va` carries beside what always runs."""
    return va * LARGEST_PERCENT // 100


def tariff_sen_per_kwh(va: int | None) -> int:
    """Give the tariff, in hundredths of a rupiah; where the connection was not told, that of 1,300 VA."""
    return _UNTOLD_SEN_PER_KWH if va is None else TARIFFS_SEN_PER_KWH[va]


def _fit(hundred_watts: int, va: int) -> Literal["easy", "alone", "none"]:
    if hundred_watts <= EASY_PERCENT * va:
        return "easy"
    return "alone" if hundred_watts <= LARGEST_PERCENT * va else "none"
