"""The terms of an offer: what makes them sound, and what an order costs by them. All amounts are whole rupiah."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter

from services.offers.domain.refusals import (
    BadTerms,
    CapacityBelowMinimum,
    FirstTierNotAtMinimum,
    FreightNotAscending,
    OrderTooLarge,
    PackDoesNotDivide,
    PayoutSharesTooLarge,
    PriceRises,
    StepAboveCapacity,
    TiersNotAscending,
)
from shared.contracts.base import MAX_IDR
from shared.contracts.offers import FreightStep, OfferTerms, OfferTier

_FROM_UNITS = attrgetter("from_units")


def check_terms(terms: OfferTerms) -> None:
    """Raise the first `BadTerms` refusal that the terms deserve, naming the field to correct."""
    _check_quantities(terms)
    _check_ascending(terms.tiers, terms.capacity_units, "terms.tiers", TiersNotAscending)
    _check_ascending(terms.freight, terms.capacity_units, "terms.freight", FreightNotAscending)
    _check_prices(terms)
    percent = terms.down_payment_percent + terms.on_delivery_percent
    if percent > 100:
        raise PayoutSharesTooLarge(field="terms.on_delivery_percent", percent=percent)
    if _most_idr(terms) > MAX_IDR:
        raise OrderTooLarge(field="terms.capacity_units", most_idr=MAX_IDR)


def unit_price_idr(terms: OfferTerms, quantity: int) -> int:
    """The price of one unit in an order of `quantity`, which is at least the minimum, in rupiah."""
    index = bisect_right(terms.tiers, quantity, key=_FROM_UNITS)
    assert index > 0, f"no price below {terms.tiers[0].from_units} units"
    return terms.tiers[index - 1].unit_price_idr


def total_idr(terms: OfferTerms, quantity: int) -> int:
    """What an order of `quantity` costs altogether, in rupiah. Below the first freight step freight is free."""
    index = bisect_right(terms.freight, quantity, key=_FROM_UNITS)
    freight_idr = terms.freight[index - 1].cost_idr if index else 0
    return quantity * unit_price_idr(terms, quantity) + freight_idr + terms.installation_idr + terms.training_idr


def landed_price_idr(terms: OfferTerms, quantity: int) -> int:
    """What one unit costs in an order of `quantity` with its part of the fixed costs, in rupiah, rounded up."""
    return -(-total_idr(terms, quantity) // quantity)


def _check_quantities(terms: OfferTerms) -> None:
    minimum, pack, capacity = terms.minimum_units, terms.pack_units, terms.capacity_units
    if capacity < minimum:
        raise CapacityBelowMinimum(field="terms.capacity_units", capacity_units=capacity, minimum_units=minimum)
    for field, units in (("terms.minimum_units", minimum), ("terms.capacity_units", capacity)):
        if units % pack:
            raise PackDoesNotDivide(field=field, pack_units=pack, units=units)
    first = terms.tiers[0].from_units
    if first != minimum:
        raise FirstTierNotAtMinimum(field="terms.tiers.0.from_units", minimum_units=minimum, from_units=first)


def _check_ascending(
    steps: Sequence[OfferTier | FreightStep], capacity_units: int, field: str, refusal: type[BadTerms]
) -> None:
    for place, (before, step) in enumerate(pairwise(steps), start=1):
        if step.from_units <= before.from_units:
            raise refusal(
                field=f"{field}.{place}.from_units", from_units=step.from_units, before_units=before.from_units
            )
    if steps and steps[-1].from_units > capacity_units:
        raise StepAboveCapacity(
            field=f"{field}.{len(steps) - 1}.from_units", from_units=steps[-1].from_units, capacity_units=capacity_units
        )


def _check_prices(terms: OfferTerms) -> None:
    """A price that rises is a slip of the pen, or punishes the neighbours who join: refused either way."""
    for place, (before, tier) in enumerate(pairwise(terms.tiers), start=1):
        if tier.unit_price_idr > before.unit_price_idr:
            raise PriceRises(
                field=f"terms.tiers.{place}.unit_price_idr",
                from_units=tier.from_units,
                unit_price_idr=tier.unit_price_idr,
                before_idr=before.unit_price_idr,
            )


def _most_idr(terms: OfferTerms) -> int:
    """What the dearest order can cost at most: a tier's last quantity with the dearest freight, in rupiah."""
    ends = [tier.from_units - 1 for tier in terms.tiers[1:]] + [terms.capacity_units]
    goods_idr = max(tier.unit_price_idr * end for tier, end in zip(terms.tiers, ends, strict=True))
    freight_idr = max((step.cost_idr for step in terms.freight), default=0)
    return goods_idr + freight_idr + terms.installation_idr + terms.training_idr
