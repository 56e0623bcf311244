"""Coaching: the score never falls by doing something, and the next step is the one that adds most."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings.commands import businesses, permits, products
from services.listings.domain import coaching as rules
from services.listings.domain.business import Hours
from services.listings.domain.categories import CATEGORIES
from services.listings.domain.coaching import STEPS, Profile, score, standings, taken
from services.listings.queries import coaching
from shared.errors import NotAllowed, NotFound
from shared.ids import new_id
from shared.testing.running import principal

ONCE = [step for step in STEPS if step not in {"first_product", "more_products", "photo", "description", "unit"}]


@st.composite
def profiles(draw):
    steps = draw(st.frozensets(st.sampled_from(ONCE)))
    products = draw(st.integers(0, 6))
    counts = [draw(st.integers(0, products)) for _ in range(3)]
    is_food = draw(st.booleans()) if "categories" in steps else None
    return Profile(steps, is_food, products, *counts)


@given(profiles())
def test_score_is_a_percentage_and_100_is_all(profile):
    assert 0 <= score(profile) <= 100
    is_all = all(standing.points == standing.most for standing in standings(profile))
    assert (score(profile) == 100) == is_all


@given(profiles(), st.sampled_from(list(STEPS)))
def test_no_step_lowers_the_score(profile, step):
    after = taken(profile, step)
    if step == "categories" and profile.is_food is None:
        for is_food in (True, False):
            assert score(replace(after, is_food=is_food)) >= score(profile)
    else:
        assert score(after) >= score(profile)


@given(profiles())
def test_next_step_is_the_one_that_adds_most(profile):
    def points(of):
        return sum(standing.points for standing in standings(of))

    step = rules.next_step(profile)
    gains = {
        standing.step: points(taken(profile, standing.step)) - points(profile)
        for standing in standings(profile)
        if standing.is_open
    }
    if step is None:
        assert gains == {}
    else:
        assert gains[step] == max(gains.values()) > 0


@given(profiles())
def test_whoever_follows_the_advice_gets_to_100(profile):
    for _ in range(40):
        step = rules.next_step(profile)
        if step is None:
            break
        profile = taken(profile, step)
        if step == "categories":
            profile = replace(profile, is_food=True)
    assert score(profile) == 100


@pytest.mark.parametrize(
    ("categories", "expected"), [((), None), (("batik",), False), (("batik", "snacks"), True), (("drinks",), True)]
)
def test_food_is_told_by_the_shelves(categories, expected):
    assert rules.is_food(frozenset(categories)) is expected


def test_food_shelves_are_shelves():
    assert {shelf.code for shelf in CATEGORIES} > rules.FOOD


def test_permits_for_food_are_asked_of_food_makers_only():
    nothing = Profile(frozenset(), None)
    assert not [one for one in standings(nothing) if one.step in {"pirt", "halal"} and one.is_open]
    batik = Profile(frozenset({"categories"}), is_food=False)
    assert not {one.step for one in standings(batik)} & {"pirt", "halal"}
    food = Profile(frozenset({"categories"}), is_food=True)
    assert {one.step for one in standings(food) if one.is_open} >= {"pirt", "halal"}


async def test_coaching_follows_what_is_done(shop):
    business_id = await shop.business(verified=True, story=None)

    async def look(who=None):
        return await coaching.get_coaching(shop.tx, business_id, who or shop.owner)

    first = await look()
    assert (first.next.step, first.next.listing_id) == ("first_product", None)
    listing_id = await products.create_listing(
        shop.tx, shop.owner, business_id=business_id, name="Keripik", category="snacks", price_idr=10000
    )
    second = await look()
    assert second.score > first.score
    assert second.next.step == "story"
    changes = {
        "story": "Dari dapur.", "address": "Jl. Duren Tiga", "kelurahan_code": "31.74.08.1004",
        "hours": Hours((1,), "08:00", "12:00"), "categories": ("snacks",),
    }  # fmt: skip
    await businesses.revise_business(shop.tx, shop.owner, business_id, changes)
    for kind, number in (("nib", "9120001234567"), ("pirt", "206317101012329"), ("halal", "ID00410000123450120")):
        await permits.enter_permit(shop.tx, shop.owner, business_id, kind, number)
    third = await look()
    assert (third.next.step, third.next.listing_id) == ("photo", listing_id)
    earned = {one.step: one.points for one in third.steps}
    assert earned["description"] == earned["unit"] == earned["more_products"] == 0
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"description": "Renyah.", "unit": "bungkus"})
    await products.move_listing(shop.tx, shop.owner, listing_id, "archived")
    assert (await look()).next.step == "first_product", "what is archived does not count"
    assert await look(shop.operator) == await look()
    with pytest.raises(NotAllowed):
        await look(principal())
    with pytest.raises(NotFound):
        await coaching.get_coaching(shop.tx, new_id(), shop.owner)
