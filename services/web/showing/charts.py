"""Where the lines of a picture of data go: the steps of a price, the bars of a balance.

Across, everything is in percent, so that a picture fills a phone as well as a desk; down, in pixels. The figures themselves
stand in a table beside each picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

Json = Mapping[str, Any]
Standing = Literal["past", "now", "next", "later"]

_TOP: Final = 28
"""Where the highest price lies: its words stand above it."""
_FALL: Final = 64
"""How far the lowest price lies below the highest."""
_WORDS: Final = 24
"""Words of one step need this much above them."""
_NARROW: Final = 66
"""From here on, in percent, the words of a step would run out of the picture: they end at its edge instead, below."""
_APART: Final = 9
"""How far apart words on the ground must be, in percent."""
_BEYOND: Final = 1.25
"""How far behind the last step's beginning the picture goes, where the capacity is far away."""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One price: its line from `left` to `right` percent at `y` pixels, and how it stands to where we are."""

    from_units: int
    unit_price_idr: int
    left: float
    right: float
    y: int
    standing: Standing
    is_named: bool
    """Whether its quantity is written on the ground; the words of very near steps would run into each other."""

    @property
    def is_narrow(self) -> bool:
        """Whether its words must stand at the right edge, below the line."""
        return self.left > _NARROW


@dataclass(frozen=True, slots=True)
class PriceChart:
    """The price over the quantity. `here`: where we are, None where nobody is yet; `missing_units` to the next step."""

    steps: tuple[PriceStep, ...]
    axis_y: int
    units: int
    here: float | None
    here_y: int
    next: PriceStep | None
    missing_units: int

    @property
    def height(self) -> int:
        """The whole picture's height in pixels, with two lines of words below the axis."""
        return self.axis_y + (40 if self.here is not None else 22)


def price_chart(tiers: Sequence[Json], reach_units: int, units: int | None = None) -> PriceChart:
    """Place price tiers (rising `min_units` with falling `unit_price_idr`, and `missing_units` where closing counts them).

    `reach_units` is the largest order, `units` where we are: None for an offer that nobody has joined.
    """
    starts = [int(tier["min_units"]) for tier in tiers]
    end = max(min(reach_units, round(starts[-1] * _BEYOND) + 1), starts[-1] + 1, units or 0)
    current = max((place for place, start in enumerate(starts) if units is not None and units >= start), default=-1)
    named = _named([100 * start / end for start in starts])
    heights = _heights([int(tier["unit_price_idr"]) for tier in tiers])
    steps = tuple(
        PriceStep(
            start,
            int(tier["unit_price_idr"]),
            left=100 * start / end,
            right=100 * following / end,
            y=y,
            standing=_standing(place, current, is_watched=units is not None),
            is_named=place in named,
        )
        for place, (tier, y, (start, following)) in enumerate(
            zip(tiers, heights, pairwise([*starts, end]), strict=True)
        )
    )
    coming = next((step for step in steps if step.standing == "next"), None)
    axis_y = heights[-1] + (_WORDS + 6 if steps[-1].is_narrow else 16)
    missing = int(tiers[current + 1].get("missing_units", starts[current + 1] - (units or 0))) if coming else 0
    return PriceChart(
        steps=steps,
        axis_y=axis_y,
        units=units or 0,
        here=None if units is None else 100 * units / end,
        here_y=steps[current].y if current >= 0 else axis_y,
        next=coming,
        missing_units=missing,
    )


def _heights(prices_idr: Sequence[int]) -> list[int]:
    """Lay prices down in proportion, but far enough from each other that words fit between."""
    highest, lowest = max(prices_idr), min(prices_idr)
    heights: list[int] = []
    for price_idr in prices_idr:
        fallen = _FALL * (highest - price_idr) / (highest - lowest) if highest > lowest else 0
        above = heights[-1] + _WORDS if heights else _TOP
        heights.append(round(max(_TOP + fallen, above)))
    return heights


def _named(lefts: Sequence[float]) -> set[int]:
    """Choose the steps whose quantities are written: the first one, and each that is far enough from the one before."""
    named = [0]
    for place, left in enumerate(lefts):
        if left - lefts[named[-1]] >= _APART:
            named.append(place)
    return set(named)


def _standing(place: int, current: int, *, is_watched: bool) -> Standing:
    if not is_watched:
        return "later"
    if place <= current:
        return "now" if place == current else "past"
    return "next" if place == current + 1 else "later"


@dataclass(frozen=True, slots=True)
class BalanceBar:
    """The balance after one line of a book: a bar from the ground up, `left` and `width` in percent, the rest in pixels."""

    left: float
    width: float
    y: float
    height: float
    is_out: bool


@dataclass(frozen=True, slots=True)
class BalanceChart:
    """The running balance of a page of a cash book, in rupiah where the name says so."""

    bars: tuple[BalanceBar, ...]
    first: int
    last: int
    highest_idr: int
    last_idr: int


_GROUND: Final = 104
_SKY: Final = 84


def balance_chart(lines: Sequence[Json]) -> BalanceChart | None:
    """Place the balance after each line, oldest first. One line alone is no picture, nor are lines that all end at zero."""
    balances = [int(line["balance_idr"]) for line in lines]
    highest = max(balances, default=0)
    if len(balances) < 2 or highest <= 0:
        return None
    width = 100 / len(balances)
    bars = []
    for place, (line, balance) in enumerate(zip(lines, balances, strict=True)):
        height = round(max(_SKY * balance / highest, 1), 1)
        bars.append(BalanceBar(width * place, width, _GROUND - height, height, is_out=line["amount_out_idr"] > 0))
    return BalanceChart(tuple(bars), int(lines[0]["number"]), int(lines[-1]["number"]), highest, balances[-1])
