"""Coaching: what to do next for a business."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.queries import coaching
from services.listings.views.coaching import Coaching
from shared.auth import SIGNED_IN
from shared.http.call import Call


@routes.get("/api/v1/businesses/{business_id}/coaching", policy=SIGNED_IN, answer=Coaching)
async def get_coaching(call: Call) -> Coaching:
    """Tell how complete a business is and the best next step; for those who run it and its post."""
    async with call.context.db.read() as sql:
        return await coaching.get_coaching(sql, call.id("business_id"), call.who)
