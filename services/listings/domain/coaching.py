"""Coaching: how complete a business is to a buyer's eye, from 0 to 100, and which step adds most.

Each step is worth the points of `STEPS`; those of a product count for up to three products. P-IRT and the halal
certificate are asked of whoever makes food. As long as no categories are chosen their points are neither given nor asked
for, so that no answer lowers a score. No step ever does: what has been done keeps its points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Step = Literal[
    "story",
    "whatsapp",
    "address",
    "hours",
    "categories",
    "nib",
    "pirt",
    "halal",
    "first_product",
    "more_products",
    "photo",
    "description",
    "unit",
]

STEPS: Final[Mapping[Step, int]] = {
    "first_product": 14,
    "photo": 5,
    "description": 3,
    "unit": 1,
    "whatsapp": 8,
    "story": 10,
    "address": 8,
    "categories": 5,
    "hours": 5,
    "more_products": 4,
    "nib": 8,
    "pirt": 6,
    "halal": 6,
}
"""Points of each step; those of `more_products`, `photo`, `description` and `unit` are for one product. Of equals the first."""

WANTED_PRODUCTS: Final = 3
FOOD: Final = frozenset({"snacks", "cakes", "drinks", "meals", "seasonings"})
_OF_FOOD: Final = frozenset({"pirt", "halal"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What there is of a business. `steps`: those that are done once for all; the counts are of products not archived."""

    steps: frozenset[Step]
    is_food: bool | None
    """None: no categories are chosen yet."""
    products: int = 0
    with_photo: int = 0
    with_description: int = 0
    with_unit: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A step: how many of how many points are earned, and whether it can be done now."""

    step: Step
    points: int
    most: int
    is_open: bool


def is_food(categories: frozenset[str]) -> bool | None:
    """Whether a business of these categories makes food; None where none are chosen."""
    return bool(categories & FOOD) if categories else None


def standings(profile: Profile) -> list[Standing]:
    """Give where each step that concerns a business stands, in the order of `STEPS`."""
    return [_standing(profile, step) for step in STEPS if _concerns(profile, step)]


def score(profile: Profile) -> int:
    """Give how complete a business is, from 0 to 100, rounded down."""
    found = standings(profile)
    return 100 * sum(standing.points for standing in found) // sum(standing.most for standing in found)


def next_step(profile: Profile) -> Step | None:
    """Give the step that adds most of those that can be done now; None when there is none."""
    possible = [standing.step for standing in standings(profile) if standing.is_open]
    return max(possible, key=STEPS.__getitem__, default=None)


def taken(profile: Profile, step: Step) -> Profile:
    """Give a profile after a step: what is done once is done, one product more is there or has what it lacked."""
    match step:
        case "first_product" | "more_products":
            return replace(profile, products=profile.products + 1)
        case "photo":
            return replace(profile, with_photo=profile.with_photo + 1)
        case "description":
            return replace(profile, with_description=profile.with_description + 1)
        case "unit":
            return replace(profile, with_unit=profile.with_unit + 1)
        case _:
            return replace(profile, steps=profile.steps | {step})


def _concerns(profile: Profile, step: Step) -> bool:
    return step not in _OF_FOOD or profile.is_food is not False or step in profile.steps


def _standing(profile: Profile, step: Step) -> Standing:
    products = profile.products
    worth = STEPS[step]
    match step:
        case "first_product":
            return Standing(step, worth * min(products, 1), worth, products == 0)
        case "more_products":
            most = WANTED_PRODUCTS - 1
            more = min(max(products - 1, 0), most)
            return Standing(step, worth * more, worth * most, products > 0 and more < most)
        case "photo":
            return _of_each(profile, step, profile.with_photo)
        case "description":
            return _of_each(profile, step, profile.with_description)
        case "unit":
            return _of_each(profile, step, profile.with_unit)
        case _:
            is_done = step in profile.steps
            is_asked = step not in _OF_FOOD or profile.is_food is True
            return Standing(step, worth if is_done else 0, worth, is_asked and not is_done)


def _of_each(profile: Profile, step: Step, count: int) -> Standing:
    """Count up to as many products as are wanted: one more without it must not lower the score."""
    worth, count = STEPS[step], min(count, WANTED_PRODUCTS)
    return Standing(step, worth * count, worth * WANTED_PRODUCTS, count < min(profile.products, WANTED_PRODUCTS))
