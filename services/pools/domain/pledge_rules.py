"""Which pledges a pool takes: while it is open and before its deadline, in bounds, and at a price that can happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.pools.domain.pool_machine import Pool, PoolState
from services.pools.domain.refusals import (
    CeilingTooLow,
    DeadlinePassed,
    PledgeTooLarge,
    PoolNotOpen,
    ToleranceOutOfRange,
    UnitsOutOfRange,
)
from services.pools.domain.terms import Terms
from shared.contracts.base import MAX_IDR


@dataclass(frozen=True, slots=True)
class PledgeRules:
    """A pool's bounds for pledges, worked out once for a batch. Prices are all-in for one unit, in rupiah."""

    state: PoolState
    deadline: datetime
    terms: Terms
    cheapest_landed_price_idr: int
    default_ceiling_idr: int

    @classmethod
    def of(cls, pool: Pool, terms: Terms) -> PledgeRules:
        """Work out the rules of a pool with these terms."""
        return cls(
            state=pool.state,
            deadline=pool.deadline,
            terms=terms,
            cheapest_landed_price_idr=terms.cheapest_landed_price_idr,
            default_ceiling_idr=terms.default_ceiling_idr,
        )

    def check_open(self, now: datetime) -> None:
        """Raise PoolNotOpen or DeadlinePassed. `now` is read after the pool's lock was won."""
        if self.state is not PoolState.OPEN:
            raise PoolNotOpen(state=self.state.value)
        if now >= self.deadline:
            raise DeadlinePassed

    def check_figures(self, *, units: int, tolerance_units: int, ceiling_idr: int) -> None:
        """Raise UnitsOutOfRange, ToleranceOutOfRange, CeilingTooLow or PledgeTooLarge.

        Together the pledges may exceed the capacity: whoever is beyond it waits for a seat.
        """
        capacity = self.terms.capacity_units
        if not 1 <= units <= capacity:
            raise UnitsOutOfRange(most_units=capacity)
        if not 0 <= tolerance_units <= capacity - units:
            raise ToleranceOutOfRange(most_units=capacity - units)
        if ceiling_idr < self.cheapest_landed_price_idr:
            raise CeilingTooLow(cheapest_idr=self.cheapest_landed_price_idr)
        if ceiling_idr * (units + tolerance_units) > MAX_IDR:
            raise PledgeTooLarge(most_idr=MAX_IDR)
