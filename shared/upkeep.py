"""Upkeep of the mechanism's own tables: what is old enough to be of no use is removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.service import Context

INBOX_KEPT = timedelta(days=90)
"""Beyond that, versions and unique keys keep handlers right."""
ANSWERS_KEPT = timedelta(days=7)
PARKED_BODY_KEPT = timedelta(days=30)

PRUNE_INBOX = "DELETE FROM inbox WHERE at < $1"
PRUNE_ANSWERS = "DELETE FROM idempotency_keys WHERE at < $1"
EXPIRE_PARKED = "UPDATE parked SET body = NULL, state = 'dead' WHERE parked_at < $1 AND body IS NOT NULL"


async def prune(context: Context, now: datetime) -> int:
    """Remove old inbox rows and kept answers, and the bodies of long-parked events (they may be personal)."""
    async with context.db.transaction() as tx:
        await tx.run(PRUNE_INBOX, now - INBOX_KEPT)
        await tx.run(PRUNE_ANSWERS, now - ANSWERS_KEPT)
        await tx.run(EXPIRE_PARKED, now - PARKED_BODY_KEPT)
    return 0
