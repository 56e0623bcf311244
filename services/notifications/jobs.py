"""The durable work of notifications."""

from __future__ import annotations

from datetime import datetime

from services.notifications.commands import people, sending
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(5)
async def send_due_messages(context: Context, now: datetime) -> int:
    """Send what waits to leave; woken when something was written."""
    return await sending.send_due(context, now)


@jobs.every(3600)
async def forget_notices(context: Context, now: datetime) -> int:
    """Delete what was kept for officers who were heard of late."""
    async with context.db.transaction() as tx:
        return await people.forget_notices(tx, now)
