"""Durable work of listings."""

from __future__ import annotations

from datetime import datetime

from services.listings.commands import promotions
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(5)
async def tell_promotions(context: Context, now: datetime) -> int:
    """Tell others of promotions that have begun; found by rows, so an outage delays but loses none."""
    async with context.db.transaction() as tx:
        return await promotions.tell_started(tx, now)
