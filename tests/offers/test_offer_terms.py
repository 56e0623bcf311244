"""Terms: what is refused and why, and that pools can work with whatever is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.offers.domain.refusals import BadTerms
from services.offers.domain.terms import check_terms, total_idr, unit_price_idr
from services.pools.domain.terms import FreightStep, Terms, Tier
from shared.contracts.base import MAX_IDR
from shared.contracts.offers import OfferTerms


def tiers(*steps: tuple[int, int]) -> list[dict[str, int]]:
    return [{"from_units": units, "unit_price_idr": price} for units, price in steps]


def freight(*steps: tuple[int, int]) -> list[dict[str, int]]:
    return [{"from_units": units, "cost_idr": cost} for units, cost in steps]


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"tiers": tiers((5, 900), (5, 800))}, "tiers-not-ascending", "terms.tiers.1.from_units"),
        ({"tiers": tiers((5, 900), (15, 800), (10, 700))}, "tiers-not-ascending", "terms.tiers.2.from_units"),
        ({"tiers": tiers((1, 900), (5, 800))}, "first-tier-not-at-minimum", "terms.tiers.0.from_units"),
        ({"tiers": tiers((10, 900))}, "first-tier-not-at-minimum", "terms.tiers.0.from_units"),
        ({"tiers": tiers((5, 900), (10, 901))}, "price-rises", "terms.tiers.1.unit_price_idr"),
        ({"tiers": tiers((5, 900), (41, 800))}, "step-above-capacity", "terms.tiers.1.from_units"),
        ({"freight": freight((5, 1), (5, 2))}, "freight-not-ascending", "terms.freight.1.from_units"),
        ({"freight": freight((41, 1))}, "step-above-capacity", "terms.freight.0.from_units"),
        ({"capacity_units": 4, "pack_units": 1}, "capacity-below-minimum", "terms.capacity_units"),
        ({"pack_units": 2}, "pack-does-not-divide", "terms.minimum_units"),
        ({"capacity_units": 42}, "pack-does-not-divide", "terms.capacity_units"),
        (
            {"down_payment_percent": 51, "on_delivery_percent": 50},
            "payout-shares-too-large",
            "terms.on_delivery_percent",
        ),
        ({"tiers": tiers((5, MAX_IDR))}, "order-too-large", "terms.capacity_units"),
        ({"freight": freight((5, MAX_IDR))}, "order-too-large", "terms.capacity_units"),
    ],
)
def test_unsound_terms_are_refused_at_their_field(
    make_terms: Callable[..., OfferTerms], changes: dict[str, Any], slug: str, field: str
) -> None:
    with pytest.raises(BadTerms) as refused:
        check_terms(make_terms(**changes))
    assert (refused.value.slug, refused.value.details["field"]) == (slug, field)
    assert all("{" not in refused.value.message(language) for language in ("id", "en"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tiers": tiers((5, 900), (10, 900)), "freight": []},
        {"freight": freight((20, 1), (40, 0))},
        {"down_payment_percent": 0, "on_delivery_percent": 100},
        {"minimum_units": 40, "tiers": tiers((40, 1)), "pack_units": 40},
    ],
)
def test_sound_terms_pass(make_terms: Callable[..., OfferTerms], changes: dict[str, Any]) -> None:
    check_terms(make_terms(**changes))


@pytest.mark.parametrize(
    ("quantity", "unit", "total"),
    [(5, 1_000_000, 5_175_000), (10, 900_000, 9_175_000), (15, 900_000, 13_755_000), (20, 800_000, 16_255_000)],
)
def test_an_order_costs_its_tier_and_the_fixed_costs(
    make_terms: Callable[..., OfferTerms], quantity: int, unit: int, total: int
) -> None:
    terms = make_terms()
    assert (unit_price_idr(terms, quantity), total_idr(terms, quantity)) == (unit, total)


@st.composite
def any_terms(draw: st.DrawFn) -> OfferTerms:
    """Terms near the edge of what is sound, sound or not."""
    pack = draw(st.integers(1, 3))
    minimum = pack * draw(st.integers(1, 4))
    starts = [minimum, *draw(st.lists(st.integers(1, 40), max_size=3))]
    prices = draw(st.lists(st.integers(1, MAX_IDR // 20), min_size=len(starts), max_size=len(starts)))
    return OfferTerms(
        tiers=tiers(*zip(sorted(starts), sorted(prices, reverse=True), strict=True)),
        freight=freight(*draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, MAX_IDR)), max_size=2))),
        minimum_units=minimum,
        pack_units=pack,
        capacity_units=pack * draw(st.integers(1, 15)),
        lead_time_days=1,
        warranty_months=0,
        down_payment_percent=draw(st.integers(0, 100)),
        on_delivery_percent=draw(st.integers(0, 60)),
    )


@given(any_terms())
def test_pools_can_open_from_whatever_terms_pass_and_counts_the_same(terms: OfferTerms) -> None:
    try:
        check_terms(terms)
    except BadTerms:
        return
    copied = Terms(
        tiers=tuple(Tier(tier.from_units, tier.unit_price_idr) for tier in terms.tiers),
        freight=tuple(FreightStep(step.from_units, step.cost_idr) for step in terms.freight),
        minimum_units=terms.minimum_units,
        capacity_units=terms.capacity_units,
        pack_units=terms.pack_units,
        installation_idr=terms.installation_idr,
        training_idr=terms.training_idr,
    )
    orderable = copied.orderable_quantities()
    assert (orderable[0], orderable[-1]) == (terms.minimum_units, terms.capacity_units)
    for quantity in orderable:
        assert total_idr(terms, quantity) == copied.total_idr(quantity) <= MAX_IDR
        assert unit_price_idr(terms, quantity) == copied.unit_price_idr(quantity)
