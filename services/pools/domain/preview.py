"""*Kalau ditutup sekarang?* The closing rule on the present state, and how far it is to something better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.pools.domain.closing import Allocation, Bid, Infeasible, close, sweep
from services.pools.domain.split import Due, split
from services.pools.domain.terms import Terms, Tier

VISITOR_ID = UUID(int=0)
"""The pledge id of somebody who has not pledged."""


@dataclass(frozen=True, slots=True)
class TierGap:
    """A tier above the present one. `missing_units` more, willing to pay its price, would reach it.

    `quantity` is the smallest order of the tier, `landed_price_idr` what one unit costs there all-in, in rupiah.
    """

    tier: Tier
    quantity: int
    landed_price_idr: int
    missing_units: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What closing now would give. `missing_units`: how many more make an order at all (0 if one is possible)."""

    outcome: Allocation | Infeasible
    missing_units: int
    next_tiers: tuple[TierGap, ...]
    dues: tuple[Due, ...]

    @property
    def quantity(self) -> int:
        """What would be ordered, in units; 0 for nothing."""
        return self.outcome.quantity if isinstance(self.outcome, Allocation) else 0


@dataclass(frozen=True, slots=True)
class VisitorPreview:
    """What a visitor would get and pay if they pledged and the pool closed now.

    `due` is None where they would get nothing. `at_most_idr` is the most they could ever pay for their units, in rupiah.
    """

    outcome: Allocation | Infeasible
    due: Due | None
    waitlisted_units: int
    at_most_idr: int


def preview(bids: Sequence[Bid], terms: Terms) -> Preview:
    """Close `bids` as if the deadline were now."""
    outcome = close(bids, terms)
    if isinstance(outcome, Allocation):
        return Preview(outcome, 0, _next_tiers(bids, terms, outcome.quantity), split(outcome))
    return Preview(outcome, outcome.missing_units, _next_tiers(bids, terms, 0), ())


def preview_for_visitor(
    bids: Sequence[Bid], terms: Terms, *, units: int, ceiling_idr: int | None = None
) -> VisitorPreview:
    """Close `bids` together with a newcomer who wants `units` and no tolerance, at the default ceiling if none is given."""
    ceiling_idr = terms.default_ceiling_idr if ceiling_idr is None else ceiling_idr
    number = max((bid.number for bid in bids), default=0) + 1
    outcome = close([*bids, Bid(VISITOR_ID, number, units, 0, ceiling_idr)], terms)
    due, waitlisted_units = None, 0
    if isinstance(outcome, Allocation):
        due = next((due for due in split(outcome) if due.pledge_id == VISITOR_ID), None)
        # The newest number stands last.
        waitlisted_units = outcome.lines[-1].waitlisted_units
    return VisitorPreview(outcome, due, waitlisted_units, units * ceiling_idr)


def _next_tiers(bids: Sequence[Bid], terms: Terms, quantity: int) -> tuple[TierGap, ...]:
    present_from = terms.tier(quantity).from_units if quantity else 0
    missing: dict[Tier, int] = {}
    for candidate in sweep(bids, terms):
        tier = terms.tier(candidate.quantity)
        missing[tier] = min(candidate.missing_units, missing.get(tier, candidate.missing_units))
    gaps: list[TierGap] = []
    for tier, missing_units in missing.items():
        if tier.from_units > present_from:
            smallest = terms.smallest_in_tier(tier.from_units)
            gaps.append(TierGap(tier, smallest, terms.landed_price_idr(smallest), missing_units))
    return tuple(gaps)
