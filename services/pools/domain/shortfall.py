"""When the payment window has ended and money is missing.

The seats of those who did not pay are offered to the waiters, lowest number first; then the closing rule runs once more
over the paid pledges, within what the supplier's acceptance binds for. Amounts are whole rupiah.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from uuid import UUID

from services.pools.domain.closing import Allocation, Bid, Infeasible, close
from services.pools.domain.split import split
from services.pools.domain.terms import Terms


def unpaid(allocation: Allocation, held_idr: Mapping[UUID, int]) -> frozenset[UUID]:
    """The pledges with units for which less is held than they pay; half paid is not paid."""
    return frozenset(due.pledge_id for due in split(allocation) if held_idr.get(due.pledge_id, 0) < due.total_idr)


def offer_seats(allocation: Allocation, unpaid: Collection[UUID]) -> tuple[Bid, ...]:
    """Offer the seats of `unpaid` to the waiters in number order; the last one may be offered fewer than they wait for.

    Their ceilings allow the landed price, or they would not wait. Who has not paid for the seats they got is not
    offered more.
    """
    vacated = sum(line.units for line in allocation.lines if line.pledge_id in unpaid)
    offered: list[Bid] = []
    for bid in allocation.waiters:
        units = min(bid.units, vacated)
        if units and bid.pledge_id not in unpaid:
            offered.append(replace(bid, units=units))
            vacated -= units
    return tuple(offered)


def offered_idr(allocation: Allocation, offered: Sequence[Bid]) -> dict[UUID, int]:
    """What waiters pay for offered seats, by pledge: at the landed price, which the re-run may round down a little."""
    prices: dict[UUID, int] = {}
    for bid in offered:
        prices[bid.pledge_id] = prices.get(bid.pledge_id, 0) + bid.units * allocation.landed_price_idr
    return prices


def paid_bids(allocation: Allocation, offered: Sequence[Bid], held_idr: Mapping[UUID, int]) -> tuple[Bid, ...]:
    """The bids that are paid for, by number: seats of the closing, and offered ones where the money covers both."""
    missing = unpaid(allocation, held_idr)
    due_idr = {due.pledge_id: due.total_idr for due in split(allocation)}
    extra_idr = offered_idr(allocation, offered)
    kept = [bid for bid in allocation.served if bid.pledge_id not in missing]
    won = [
        bid
        for bid in offered
        if held_idr.get(bid.pledge_id, 0) >= due_idr.get(bid.pledge_id, 0) + extra_idr[bid.pledge_id]
    ]
    return _one_per_number([*kept, *won])


def rerun(paid: Sequence[Bid], terms: Terms, *, accepted_quantity: int) -> Allocation | Infeasible:
    """Close over paid bids within [q_min, q], for which the supplier's acceptance of `accepted_quantity` binds."""
    low = terms.smallest_in_tier(accepted_quantity)
    return close(paid, terms, low=low, high=accepted_quantity)


def _one_per_number(bids: Sequence[Bid]) -> tuple[Bid, ...]:
    """Join the two parts of a bid that the closing had cut."""
    joined: dict[int, Bid] = {}
    for bid in sorted(bids, key=attrgetter("number")):
        other = joined.get(bid.number)
        joined[bid.number] = bid if other is None else _join(other, bid)
    return tuple(joined.values())


def _join(one: Bid, other: Bid) -> Bid:
    return replace(
        one,
        units=one.units + other.units,
        tolerance_units=one.tolerance_units + other.tolerance_units,
    )
