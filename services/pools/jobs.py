"""Deadlines of pools, found as rows that are due: an outage delays them, and loses none."""

from __future__ import annotations

from datetime import datetime

from services.pools.commands import closing, collecting
from services.pools.repository import pools
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(1)
async def close_pools(context: Context, now: datetime) -> int:
    """Begin to close the pools whose deadline has come."""
    async with context.db.read() as sql:
        due = await pools.due_to_close(sql, now)
    done = 0
    for pool_id in due:
        async with context.db.transaction() as tx:
            done += await closing.close_due(tx, pool_id, context.settings)
    return done


@jobs.every(5)
async def end_payment_windows(context: Context, now: datetime) -> int:
    """Go on with the pools whose payment window has ended."""
    async with context.db.read() as sql:
        due = await pools.due_to_collect(sql, now)
    done = 0
    for pool_id in due:
        async with context.db.transaction() as tx:
            done += await collecting.window_ended(tx, pool_id)
    return done
