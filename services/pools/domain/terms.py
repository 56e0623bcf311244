"""What an order costs: price tiers, fixed costs, and the quantities that can be ordered.

The landed price is what one unit costs all-in: its tier's price and its part of the fixed costs, rounded up, so that
units × landed price is never less than what is owed. All amounts are whole rupiah.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from services.pools.domain.refusals import (
    NoOrderableQuantity,
    OrderTooLarge,
    TermsOutOfRange,
    TierMissingAtMinimum,
    TiersNotAscending,
)
from shared.contracts.base import MAX_IDR

_FROM_UNITS = attrgetter("from_units")


@dataclass(frozen=True, slots=True)
class Tier:
    """From this many units one unit costs this, in rupiah."""

    from_units: int
    unit_price_idr: int


@dataclass(frozen=True, slots=True)
class FreightStep:
    """From this many units the freight of the whole order costs this, in rupiah."""

    from_units: int
    cost_idr: int


@dataclass(frozen=True, slots=True)
class FixedCosts:
    """What an order costs besides its units, in rupiah, by origin."""

    freight_idr: int = 0
    installation_idr: int = 0
    training_idr: int = 0

    @property
    def total_idr(self) -> int:
        """All of it, in rupiah."""
        return self.freight_idr + self.installation_idr + self.training_idr


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring orderable quantities with one unit price and the same fixed costs: here the landed price never rises."""

    quantities: range
    unit_price_idr: int
    fixed: FixedCosts

    def landed_price_idr(self, quantity: int) -> int:
        """What one unit costs all-in at `quantity`, in rupiah, rounded up."""
        return self.unit_price_idr + -(-self.fixed.total_idr // quantity)


@dataclass(frozen=True, slots=True)
class Terms:
    """An offer's terms, frozen at a pool's opening.

    Prices and freight may fall or rise with the quantity: no rule relies on either. Below the first freight step
    freight is free. Raises a `BadTerms` refusal for terms that nothing can be ordered by.
    """

    tiers: tuple[Tier, ...]
    minimum_units: int
    capacity_units: int
    pack_units: int = 1
    freight: tuple[FreightStep, ...] = ()
    installation_idr: int = 0
    training_idr: int = 0

    def __post_init__(self) -> None:
        _check_least(self)
        if not self.tiers or not _ascending(self.tiers) or not _ascending(self.freight):
            raise TiersNotAscending
        orderable = self.orderable_quantities()
        if not orderable:
            raise NoOrderableQuantity(
                pack_units=self.pack_units, minimum_units=self.minimum_units, capacity_units=self.capacity_units
            )
        if self.tiers[0].from_units > orderable[0]:
            raise TierMissingAtMinimum(smallest_units=orderable[0], from_units=self.tiers[0].from_units)
        if max(self._dearest_orders()) > MAX_IDR:
            raise OrderTooLarge(most_idr=MAX_IDR)

    def orderable_quantities(self, low: int | None = None, high: int | None = None) -> range:
        """Multiples of the pack between minimum and capacity, and between `low` and `high` where given, in units."""
        first = max(self.minimum_units, low or 0)
        last = self.capacity_units if high is None else min(self.capacity_units, high)
        return range(-(-first // self.pack_units) * self.pack_units, last + 1, self.pack_units)

    def tier(self, quantity: int) -> Tier:
        """The tier that holds at `quantity`; the caller asks for quantities from the first tier up."""
        index = bisect_right(self.tiers, quantity, key=_FROM_UNITS)
        assert index > 0, f"no price below {self.tiers[0].from_units} units"
        return self.tiers[index - 1]

    def unit_price_idr(self, quantity: int) -> int:
        """The price of one unit at `quantity`, without fixed costs, in rupiah."""
        return self.tier(quantity).unit_price_idr

    def fixed_costs(self, quantity: int) -> FixedCosts:
        """What the whole order costs besides its units at `quantity`."""
        index = bisect_right(self.freight, quantity, key=_FROM_UNITS)
        freight_idr = self.freight[index - 1].cost_idr if index else 0
        return FixedCosts(freight_idr, self.installation_idr, self.training_idr)

    def landed_price_idr(self, quantity: int) -> int:
        """What one unit costs all-in at `quantity`: tier price + ⌈fixed costs ÷ quantity⌉, in rupiah."""
        return self.unit_price_idr(quantity) + -(-self.fixed_costs(quantity).total_idr // quantity)

    def total_idr(self, quantity: int) -> int:
        """What the supplier is owed for an order of `quantity`, in rupiah, to the rupiah."""
        return quantity * self.unit_price_idr(quantity) + self.fixed_costs(quantity).total_idr

    @property
    def default_ceiling_idr(self) -> int:
        """The ceiling of a pledge that names none: the landed price of the smallest order, in rupiah for one unit."""
        return self.landed_price_idr(self.orderable_quantities()[0])

    @property
    def cheapest_landed_price_idr(self) -> int:
        """The lowest landed price of any orderable quantity, in rupiah for one unit."""
        return min(segment.landed_price_idr(segment.quantities[-1]) for segment in self.segments())

    def smallest_in_tier(self, quantity: int) -> int:
        """q_min: the smallest orderable quantity of the tier that holds at `quantity`, in units."""
        return self.orderable_quantities(low=self.tier(quantity).from_units)[0]

    def tier_reached(self, units: int) -> Tier | None:
        """The tier of the largest order that `units` fill, if they fill any."""
        filled = self.orderable_quantities(high=units)
        return self.tier(filled[-1]) if filled else None

    def segments(self, low: int | None = None, high: int | None = None) -> Iterator[Segment]:
        """Give the orderable quantities between `low` and `high` in rising segments; few, whatever the capacity."""
        orderable = self.orderable_quantities(low, high)
        if not orderable:
            return
        first, end = orderable[0], orderable[-1] + 1
        starts = {tier.from_units for tier in self.tiers} | {step.from_units for step in self.freight}
        bounds = [first, *sorted(start for start in starts if first < start < end), end]
        for start, stop in pairwise(bounds):
            quantities = self.orderable_quantities(start, stop - 1)
            if quantities:
                at = quantities[0]
                yield Segment(quantities, self.unit_price_idr(at), self.fixed_costs(at))

    def _dearest_orders(self) -> Iterator[int]:
        # Within a segment the total rises with the quantity, so its end is its dearest.
        return (self.total_idr(segment.quantities[-1]) for segment in self.segments())


def _ascending(parts: tuple[Tier, ...] | tuple[FreightStep, ...]) -> bool:
    starts = [part.from_units for part in parts]
    return all(a < b for a, b in pairwise(starts))


def _check_least(terms: Terms) -> None:
    """Raise TermsOutOfRange for the first figure that is below what it can mean."""
    figures = [
        ("minimum_units", terms.minimum_units, 1),
        ("pack_units", terms.pack_units, 1),
        ("capacity_units", terms.capacity_units, 1),
        ("installation_idr", terms.installation_idr, 0),
        ("training_idr", terms.training_idr, 0),
        *(("tiers.from_units", tier.from_units, 1) for tier in terms.tiers),
        *(("tiers.unit_price_idr", tier.unit_price_idr, 1) for tier in terms.tiers),
        *(("freight.from_units", step.from_units, 1) for step in terms.freight),
        *(("freight.cost_idr", step.cost_idr, 0) for step in terms.freight),
    ]
    for field, figure, least in figures:
        if figure < least:
            raise TermsOutOfRange(field=field, least=least)
