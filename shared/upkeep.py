"""Upkeep of the mechanism's own tables: what is old enough to be of no use is removed, a piece at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.service import Context

INBOX_KEPT = timedelta(days=90)
"""Beyond that, versions and unique keys keep handlers right."""
ANSWERS_KEPT = timedelta(days=7)
PARKED_BODY_KEPT = timedelta(days=30)

PIECE = 5_000
"""Rows of a table in one transaction: after a long outage, or a flood, no statement runs into its time limit."""

PRUNE_INBOX = "DELETE FROM inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM inbox WHERE at < $1 LIMIT $2))"
PRUNE_ANSWERS = """
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_keys WHERE at < $1 LIMIT $2))
"""
EXPIRE_PARKED = """
UPDATE parked SET body = NULL, state = 'dead'
WHERE position IN (SELECT position FROM parked WHERE parked_at < $1 AND body IS NOT NULL ORDER BY position LIMIT $2)
"""


async def prune(context: Context, now: datetime) -> int:
    """Remove old inbox rows and kept answers, and the bodies of long-parked events (they may be personal).

    Gives how many; while there are any, the job runs again at once.
    """
    async with context.db.transaction() as tx:
        pruned = await tx.run(PRUNE_INBOX, now - INBOX_KEPT, PIECE)
        pruned += await tx.run(PRUNE_ANSWERS, now - ANSWERS_KEPT, PIECE)
        return pruned + await tx.run(EXPIRE_PARKED, now - PARKED_BODY_KEPT, PIECE)
