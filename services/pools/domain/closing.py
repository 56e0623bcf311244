"""The closing rule: which quantity is ordered, at what price, and who gets how many units.

For every orderable quantity q, let L(q) be its landed price, and D(q) and T(q) the units and the tolerance of the bids
whose ceiling is at least L(q). q is feasible if q ≤ D(q) — the highest numbers wait — or if D(q) < q ≤ D(q) + T(q) and
no orderable quantity in [D(q), q) has the same unit price: tolerance fills one pack or reaches one tier, never more.
The largest feasible q wins.

The ceilings are sorted once; then one sweep over rising quantities walks along them. The landed price moves the walk
one way inside a segment of the terms, so the cost is O(n log n + capacity ÷ pack), and at most n steps more for each
segment where prices turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from services.pools.domain.apportion import apportion
from services.pools.domain.terms import FixedCosts, Terms
from shared.contracts.base import MAX_IDR

_NUMBER = attrgetter("number")


@dataclass(frozen=True, slots=True)
class Bid:
    """Units of a pledge under one number. A pledge that was raised has several bids, its tolerance on the first.

    `ceiling_idr` is the highest all-in price for one unit that it accepts, in rupiah.
    """

    pledge_id: UUID
    number: int
    units: int
    tolerance_units: int
    ceiling_idr: int

    def __post_init__(self) -> None:
        assert self.units > 0, "a bid is for units"
        assert self.tolerance_units >= 0


class Outcome(StrEnum):
    """What the closing did with a pledge, and why fewer units than wished, if so."""

    ALLOCATED = "allocated"
    WAITLISTED = "waitlisted"
    """Willing to pay the price, but its number is beyond the ordered quantity."""
    CEILING_TOO_LOW = "ceiling_too_low"


@dataclass(frozen=True, slots=True)
class Line:
    """One pledge after the closing. `number` is its lowest; `units` are all that it gets, extra ones included."""

    pledge_id: UUID
    number: int
    units: int
    tolerance_used_units: int
    waitlisted_units: int
    ceiling_idr: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Allocation:
    """A closing that orders. `lines` hold every pledge once, by number; their units sum to `quantity`.

    `served` and `waiters` are the bids cut at the last seat, by number: own units that got one, and those that wait.
    """

    quantity: int
    unit_price_idr: int
    landed_price_idr: int
    fixed: FixedCosts
    lines: tuple[Line, ...]
    served: tuple[Bid, ...]
    waiters: tuple[Bid, ...]

    @property
    def total_idr(self) -> int:
        """What the supplier is owed, in rupiah."""
        return self.quantity * self.unit_price_idr + self.fixed.total_idr


class InfeasibleReason(StrEnum):
    """Why nothing can be ordered."""

    TOO_FEW_UNITS = "too_few_units"
    CEILINGS_TOO_LOW = "ceilings_too_low"
    """There would be units enough, if more of them accepted the price."""


@dataclass(frozen=True, slots=True)
class Infeasible:
    """A closing that orders nothing; `missing_units` more, at the price, would make an order."""

    reason: InfeasibleReason
    missing_units: int


class Candidate(NamedTuple):
    """One quantity considered. Feasible exactly if `missing_units`, the fewest that must join at its price, is 0."""

    quantity: int
    unit_price_idr: int
    landed_price_idr: int
    fixed: FixedCosts
    missing_units: int


def close(
    bids: Sequence[Bid], terms: Terms, *, low: int | None = None, high: int | None = None
) -> Allocation | Infeasible:
    """Apply the closing rule to secured bids.

    `low` and `high` narrow what can be ordered, in units, for the re-run after a shortfall.
    """
    assert len({bid.number for bid in bids}) == len(bids), "numbers decide who waits, so they are unique"
    best: Candidate | None = None
    missing_units: int | None = None
    for candidate in sweep(bids, terms, low=low, high=high):
        if candidate.missing_units == 0:
            best = candidate
        if missing_units is None or candidate.missing_units < missing_units:
            missing_units = candidate.missing_units
    if best is not None:
        return _allocate(bids, best)
    assert missing_units is not None, f"nothing can be ordered between {low} and {high}"
    return Infeasible(_why(bids, terms, low, high), missing_units)


def sweep(bids: Sequence[Bid], terms: Terms, *, low: int | None = None, high: int | None = None) -> Iterator[Candidate]:
    """Weigh the orderable quantities in rising order.

    All feasible ones come, and of every segment of the terms the one that fewest units are missing to. Quantities so far
    beyond all bids that they can be neither are left out: a huge capacity costs nothing.
    """
    demand = _Demand(bids)
    last_at_price: dict[int, int] = {}
    for segment in terms.segments(low, high):
        price_idr = segment.unit_price_idr
        previous = last_at_price.get(price_idr, 0)
        least = segment.quantities[-1] + 1
        for quantity in segment.quantities:
            beyond = quantity - demand.most_units
            if beyond > 0 and beyond >= least:
                break
            landed_idr = segment.landed_price_idr(quantity)
            wanted, tolerance = demand.at(landed_idr)
            missing = _missing(quantity, wanted, tolerance, previous)
            yield Candidate(quantity, price_idr, landed_idr, segment.fixed, missing)
            least = min(least, missing)
            previous = quantity
        last_at_price[price_idr] = segment.quantities[-1]


def fills_capacity(bids: Sequence[Bid], terms: Terms) -> bool:
    """Whether secured bids fill the largest order at the lowest unit price, so that nothing better can come."""
    largest = terms.orderable_quantities()[-1]
    if terms.unit_price_idr(largest) > min(segment.unit_price_idr for segment in terms.segments()):
        return False
    landed_idr = terms.landed_price_idr(largest)
    return sum(bid.units for bid in bids if bid.ceiling_idr >= landed_idr) >= largest


class _Demand:
    """Units and tolerance wanted at a price; a walk along the sorted ceilings, for neighbouring prices are asked in turn."""

    def __init__(self, bids: Sequence[Bid]) -> None:
        ordered = sorted(bids, key=attrgetter("ceiling_idr"), reverse=True)
        self._ceilings = [bid.ceiling_idr for bid in ordered]
        self._sums = [(0, 0)]
        for bid in ordered:
            units, tolerance = self._sums[-1]
            self._sums.append((units + bid.units, tolerance + bid.tolerance_units))
        self._reached = 0
        self.most_units = sum(self._sums[-1])

    def at(self, price_idr: int) -> tuple[int, int]:
        reached = self._reached
        while reached < len(self._ceilings) and self._ceilings[reached] >= price_idr:
            reached += 1
        while reached > 0 and self._ceilings[reached - 1] < price_idr:
            reached -= 1
        self._reached = reached
        return self._sums[reached]


def _missing(quantity: int, wanted: int, tolerance: int, previous: int) -> int:
    """How many units more, at the price and without tolerance, make `quantity` feasible.

    `previous` is the largest orderable quantity below it at the same unit price (0: none): demand must pass it, or
    tolerance would do more than fill one pack or reach one tier.
    """
    if quantity <= wanted:
        return 0
    return max(0, quantity - wanted - tolerance, previous + 1 - wanted)


def _why(bids: Sequence[Bid], terms: Terms, low: int | None, high: int | None) -> InfeasibleReason:
    willing = [replace(bid, ceiling_idr=MAX_IDR) for bid in bids]
    if any(candidate.missing_units == 0 for candidate in sweep(willing, terms, low=low, high=high)):
        return InfeasibleReason.CEILINGS_TOO_LOW
    return InfeasibleReason.TOO_FEW_UNITS


def _allocate(bids: Sequence[Bid], chosen: Candidate) -> Allocation:
    """Serve the willing bids in number order; what the order has beyond them is spent from tolerance, in proportion."""
    by_number = sorted(bids, key=_NUMBER)
    willing = [bid for bid in by_number if bid.ceiling_idr >= chosen.landed_price_idr]
    served: list[Bid] = []
    waiters: list[Bid] = []
    left = chosen.quantity
    for bid in willing:
        taken = min(bid.units, left)
        left -= taken
        if taken:
            served.append(replace(bid, units=taken))
        if taken < bid.units:
            # The served part keeps the tolerance: it is the pledge's, not each unit's.
            tolerance = 0 if taken else bid.tolerance_units
            waiters.append(replace(bid, units=bid.units - taken, tolerance_units=tolerance))
    tolerances = dict.fromkeys((bid.pledge_id for bid in willing), 0)
    for bid in willing:
        tolerances[bid.pledge_id] += bid.tolerance_units
    extra = dict(zip(tolerances, apportion(left, list(tolerances.values())), strict=True))
    return Allocation(
        quantity=chosen.quantity,
        unit_price_idr=chosen.unit_price_idr,
        landed_price_idr=chosen.landed_price_idr,
        fixed=chosen.fixed,
        lines=_lines(by_number, served, waiters, extra),
        served=tuple(served),
        waiters=tuple(waiters),
    )


def _lines(
    by_number: Sequence[Bid], served: Sequence[Bid], waiters: Sequence[Bid], extra: dict[UUID, int]
) -> tuple[Line, ...]:
    first: dict[UUID, Bid] = {}
    for bid in by_number:
        first.setdefault(bid.pledge_id, bid)
    own = _units_by_pledge(served)
    waiting = _units_by_pledge(waiters)
    lines: list[Line] = []
    for pledge_id, bid in first.items():
        used = extra.get(pledge_id, 0)
        units = own.get(pledge_id, 0) + used
        waits = waiting.get(pledge_id, 0)
        outcome = Outcome.ALLOCATED if units else Outcome.WAITLISTED if waits else Outcome.CEILING_TOO_LOW
        lines.append(Line(pledge_id, bid.number, units, used, waits, bid.ceiling_idr, outcome))
    return tuple(lines)


def _units_by_pledge(bids: Sequence[Bid]) -> dict[UUID, int]:
    units: dict[UUID, int] = {}
    for bid in bids:
        units[bid.pledge_id] = units.get(bid.pledge_id, 0) + bid.units
    return units
