"""Random small pools, and an independent closing rule by exhaustive search, read off the design's text.

The search shares nothing with the rule under test but the inputs: it tries every quantity and looks at every pledge.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from uuid import UUID

from hypothesis import strategies as st

from services.pools.domain.closing import Bid
from services.pools.domain.terms import FreightStep, Terms, Tier


def pledge_id(number: int) -> UUID:
    """A readable pledge id for tests."""
    return UUID(int=number)


def bid(number: int, units: int = 1, tolerance: int = 0, ceiling: int = 1_000_000, *, of: int | None = None) -> Bid:
    """A bid under `number`, of the pledge `of` (by default the one that bears the number)."""
    return Bid(pledge_id(number if of is None else of), number, units, tolerance, ceiling)


@st.composite
def offers(draw: st.DrawFn) -> Terms:
    """Terms of a small offer, falling and rising prices alike."""
    pack = draw(st.integers(1, 5))
    minimum = draw(st.integers(1, 12))
    smallest = -(-minimum // pack) * pack
    capacity = draw(st.integers(smallest, smallest + 25))
    starts = draw(st.sets(st.integers(1, capacity + 3), max_size=3)) | {draw(st.integers(1, smallest))}
    tiers = tuple(Tier(start, draw(st.integers(8, 11)) * 10) for start in sorted(starts))
    steps = draw(st.sets(st.integers(1, capacity + 3), max_size=2))
    return Terms(
        tiers=tiers,
        minimum_units=minimum,
        capacity_units=capacity,
        pack_units=pack,
        freight=tuple(FreightStep(start, draw(st.integers(0, 120))) for start in sorted(steps)),
        installation_idr=draw(st.sampled_from([0, 0, 7, 50])),
        training_idr=draw(st.sampled_from([0, 0, 1, 33])),
    )


@st.composite
def bids_for(draw: st.DrawFn, terms: Terms) -> list[Bid]:
    """Bids of up to eight pledges, some raised later, in any order; ceilings near the prices that can happen."""
    prices = sorted({terms.landed_price_idr(quantity) for quantity in terms.orderable_quantities()})
    ceilings = st.sampled_from(prices).flatmap(lambda price: st.integers(max(1, price - 1), price + 1))
    numbers = iter(draw(st.permutations(range(1, 17))))
    bids: list[Bid] = []
    for index in range(draw(st.integers(0, 8))):
        ceiling = draw(ceilings)
        blocks = sorted(next(numbers) for _ in range(draw(st.sampled_from([1, 1, 1, 2]))))
        for position, number in enumerate(blocks):
            tolerance = 0 if position else draw(st.sampled_from([0, 0, 1, 3, 6]))
            bids.append(Bid(pledge_id(100 + index), number, draw(st.integers(1, 8)), tolerance, ceiling))
    return draw(st.permutations(bids))


@st.composite
def pools(draw: st.DrawFn) -> tuple[Terms, list[Bid]]:
    """An offer and the bids of a pool on it."""
    terms = draw(offers())
    return terms, draw(bids_for(terms))


def naive_prices(terms: Terms, quantity: int) -> tuple[int, int]:
    """Unit price and landed price at a quantity, in rupiah, by looking at every tier and step."""
    price = max((tier.from_units, tier.unit_price_idr) for tier in terms.tiers if tier.from_units <= quantity)[1]
    freight = [(step.from_units, step.cost_idr) for step in terms.freight if step.from_units <= quantity]
    fixed = (max(freight)[1] if freight else 0) + terms.installation_idr + terms.training_idr
    return price, price + ceil(fixed / quantity)


def naive_quantities(terms: Terms, low: int = 0, high: int = 10**9) -> list[int]:
    """Every orderable quantity."""
    least, most = max(terms.minimum_units, low), min(terms.capacity_units, high)
    return [quantity for quantity in range(least, most + 1) if quantity % terms.pack_units == 0]


def naive_feasible(bids: Sequence[Bid], terms: Terms, quantity: int, orderable: Sequence[int]) -> bool:
    """Whether the design calls `quantity` feasible."""
    price, landed = naive_prices(terms, quantity)
    demand = sum(bid.units for bid in bids if bid.ceiling_idr >= landed)
    tolerance = sum(bid.tolerance_units for bid in bids if bid.ceiling_idr >= landed)
    if quantity <= demand:
        return True
    between = [other for other in orderable if demand <= other < quantity]
    return quantity <= demand + tolerance and all(naive_prices(terms, other)[0] != price for other in between)


def naive_close(bids: Sequence[Bid], terms: Terms, low: int = 0, high: int = 10**9) -> int:
    """The largest feasible quantity, 0 if there is none."""
    orderable = naive_quantities(terms, low, high)
    return max((q for q in orderable if naive_feasible(bids, terms, q, orderable)), default=0)
