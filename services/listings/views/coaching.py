"""Coaching over the wire."""

from __future__ import annotations

from uuid import UUID

from services.listings.domain.coaching import Step
from shared.http.fields import View


class CoachingStep(View):
    """A step: how many of how many points are earned, and whether it can be done now."""

    step: Step
    points: int
    most: int
    is_open: bool


class NextStep(View):
    """The step that adds most. `listing_id`: the product that it is about, where it is about one."""

    step: Step
    listing_id: UUID | None


class Coaching(View):
    """How complete a business is, from 0 to 100, and what to do next; null when nothing is left."""

    score: int
    next: NextStep | None
    steps: list[CoachingStep]
