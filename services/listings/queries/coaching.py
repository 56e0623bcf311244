"""Coaching: what to do next for a business."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.listings.domain import coaching as rules
from services.listings.domain.coaching import Profile, Step
from services.listings.queries.rights import require_concern
from services.listings.repository import coaching
from services.listings.views.coaching import Coaching, CoachingStep, NextStep
from shared.auth import Principal
from shared.db import Reader, Row

_DONE_BY: Final[dict[str, Step]] = {
    "has_story": "story",
    "has_whatsapp": "whatsapp",
    "has_address": "address",
    "has_hours": "hours",
}
_LACKED_BY: Final[dict[Step, str]] = {
    "photo": "without_photo",
    "description": "without_description",
    "unit": "without_unit",
}


async def get_coaching(sql: Reader, business_id: UUID, who: Principal) -> Coaching:
    """Tell how complete a business is, and the best next step. Raises `NotFound`, `NotAllowed`."""
    facts = require_concern(await coaching.get_facts(sql, business_id), who)
    profile = profile_of(facts)
    step = rules.next_step(profile)
    return Coaching(
        score=rules.score(profile),
        next=NextStep(step=step, listing_id=facts[_LACKED_BY[step]] if step in _LACKED_BY else None) if step else None,
        steps=[
            CoachingStep(step=one.step, points=one.points, most=one.most, is_open=one.is_open)
            for one in rules.standings(profile)
        ],
    )


def profile_of(facts: Row) -> Profile:
    """Read a profile as the rules see it."""
    done = {step for name, step in _DONE_BY.items() if facts[name]} | set(facts["permits"])
    if facts["categories"]:
        done.add("categories")
    return Profile(
        steps=frozenset(done),
        is_food=rules.is_food(frozenset(facts["categories"])),
        products=facts["products"],
        with_photo=facts["with_photo"],
        with_description=facts["with_description"],
        with_unit=facts["with_unit"],
    )
