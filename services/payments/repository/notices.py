"""Webhooks of the card provider: stored first, then they let the jobs ask about what they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Transaction


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A genuine webhook: which thing of the provider to ask about."""

    id: str
    type: str
    subject: str
    object_ref: str
    charge_ref: str | None
    pledge_id: UUID | None
    attempt_id: UUID | None
    refund_id: UUID | None
    created_at: datetime


STORE = """
INSERT INTO notices (id, type, subject, object_ref, charge_ref, pledge_id, attempt_id, refund_id, created_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
"""


async def store(tx: Transaction, notice: StoredNotice, now: datetime) -> bool:
    """Keep a notice; tells whether it is new."""
    stored = await tx.run(
        STORE, notice.id, notice.type, notice.subject, notice.object_ref, notice.charge_ref, notice.pledge_id,
        notice.attempt_id, notice.refund_id, notice.created_at, now,
    )  # fmt: skip
    return stored == 1


# What a notice speaks of is looked up by every name that it may carry: the provider's, or ours in its metadata.
APPLY = """
WITH due AS (
    SELECT * FROM notices WHERE state = 'new' ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED
), of_attempts AS (
    SELECT due.id AS notice, attempts.id FROM due JOIN attempts ON attempts.id = due.attempt_id
    UNION SELECT due.id, attempts.id FROM due JOIN attempts ON attempts.ref = due.object_ref
    UNION SELECT due.id, attempts.id FROM due JOIN attempts ON attempts.charge_ref = due.charge_ref
), of_refunds AS (
    SELECT due.id AS notice, refunds.id FROM due JOIN refunds ON refunds.id = due.refund_id
    UNION SELECT due.id, refunds.id FROM due JOIN refunds ON refunds.ref = due.object_ref
    UNION SELECT due.id, refunds.id FROM due JOIN refunds ON refunds.charge_ref = due.charge_ref
), of_setups AS (
    SELECT due.id AS notice, card_setups.id FROM due JOIN card_setups ON card_setups.ref = due.object_ref
    UNION SELECT due.id, card_setups.id FROM due JOIN card_setups USING (pledge_id)
        WHERE due.subject IN ('checkout', 'setup') AND card_setups.state IN ('intended', 'open')
), nudged_attempts AS (
    UPDATE attempts SET look_at = $1, nudges = nudges + 1
    WHERE id IN (SELECT id FROM of_attempts) AND state <> 'succeeded' AND sent_at IS NOT NULL
), nudged_refunds AS (
    UPDATE refunds SET look_at = $1, nudges = nudges + 1
    WHERE id IN (SELECT id FROM of_refunds) AND (state IN ('intended', 'pending') OR (state = 'paid' AND ref IS NOT NULL))
), nudged_setups AS (
    UPDATE card_setups SET look_at = $1, nudges = nudges + 1
    WHERE id IN (SELECT id FROM of_setups) AND state IN ('intended', 'open')
), ours AS (
    SELECT notice FROM of_attempts UNION SELECT notice FROM of_refunds UNION SELECT notice FROM of_setups
)
UPDATE notices SET handled_at = $1, state = CASE WHEN due.id IN (SELECT notice FROM ours) THEN 'done' ELSE 'ignored' END
FROM due WHERE notices.id = due.id
"""


async def apply_new(tx: Transaction, now: datetime, limit: int) -> int:
    """Let the jobs ask at once about what new notices speak of; gives how many notices were handled."""
    return await tx.run(APPLY, now, limit)
