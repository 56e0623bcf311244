"""Durable work of offers."""

from __future__ import annotations

from datetime import datetime

from services.offers.commands import orders
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(2)
async def expire_unanswered(context: Context, now: datetime) -> int:
    """End the wait for suppliers' answers that are due; found by rows, so an outage delays but loses none."""
    async with context.db.transaction() as tx:
        return await orders.expire_unanswered(tx, now)
