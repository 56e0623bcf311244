"""The exact split: what each pledge pays, every rupiah by its origin (*Kenapa Rp segini?*).

Why nobody pays above their ceiling: with fixed costs F over q units, the largest-remainder part of u units is at most
⌈F·u ÷ q⌉. Since F ÷ q ≤ ⌈F ÷ q⌉, F·u ÷ q ≤ u·⌈F ÷ q⌉, which is whole, so ⌈F·u ÷ q⌉ ≤ u·⌈F ÷ q⌉. Hence units × price + part
≤ u × landed price ≤ u × ceiling. That holds only because the *total* of the fixed costs is split once: splitting
freight, installation and training each by itself could round up three times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.pools.domain.apportion import apportion
from services.pools.domain.closing import Allocation
from services.pools.domain.terms import FixedCosts


@dataclass(frozen=True, slots=True)
class Due:
    """What one pledge pays for its units, by origin, in rupiah."""

    pledge_id: UUID
    units: int
    unit_price_idr: int
    freight_idr: int
    installation_idr: int
    training_idr: int

    @property
    def goods_idr(self) -> int:
        """Units × unit price, in rupiah."""
        return self.units * self.unit_price_idr

    @property
    def total_idr(self) -> int:
        """All of it, in rupiah."""
        return self.goods_idr + self.freight_idr + self.installation_idr + self.training_idr


def split(allocation: Allocation) -> tuple[Due, ...]:
    """Give what every pledge with units pays, by number; totals and every origin sum exactly to the order's."""
    lines = [line for line in allocation.lines if line.units]
    units = [line.units for line in lines]
    parts = apportion(allocation.fixed.total_idr, units)
    origins = _by_origin(allocation.fixed, parts, units)
    dues = tuple(
        Due(line.pledge_id, line.units, allocation.unit_price_idr, *origin)
        for line, origin in zip(lines, origins, strict=True)
    )
    assert sum(due.total_idr for due in dues) == allocation.total_idr, "a rupiah came or went"
    return dues


def _by_origin(fixed: FixedCosts, parts: Sequence[int], units: Sequence[int]) -> list[tuple[int, int, int]]:
    """Break each pledge's part of the fixed costs down by origin, exact along both sides.

    Every cell starts at its share rounded down. The odd rupiah of each origin then go, in number order, where a pledge's
    part is not yet explained; both sides lack the same sum, so nothing is left over.
    """
    quantity = sum(units)
    costs = (fixed.freight_idr, fixed.installation_idr, fixed.training_idr)
    columns = [[cost * taken // quantity for taken in units] for cost in costs]
    unexplained = [part - sum(cells) for part, *cells in zip(parts, *columns, strict=True)]
    for cost, column in zip(costs, columns, strict=True):
        odd = cost - sum(column)
        for index, room in enumerate(unexplained):
            given = min(odd, room)
            column[index] += given
            unexplained[index] -= given
            odd -= given
    return list(zip(*columns, strict=True))
