"""The durable work of identity."""

from __future__ import annotations

from datetime import datetime

from services.identity import commands
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(2)
async def send_codes(context: Context, now: datetime) -> int:
    """Send codes that wait; woken when one is asked for."""
    return await commands.send_due_codes(context.db, context.resources, now)


@jobs.every(3600)
async def forget_old(context: Context, now: datetime) -> int:
    """Delete what is no longer needed."""
    async with context.db.transaction() as tx:
        return await commands.forget_old(tx, now)
