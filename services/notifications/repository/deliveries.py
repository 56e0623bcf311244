"""SQL of messages on their way out of the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.notifications.domain.languages import Names
from services.notifications.domain.sending import Channel, Fate
from services.notifications.domain.sending import Reader as Person
from shared.db import Row, Transaction

# Whoever takes a message has it until $2; after that it is found again.
TAKE = """
WITH due AS (
    SELECT message_id, channel FROM deliveries
    WHERE state = 'waiting' AND due_at <= $1 AND channel = ANY ($3::text[])
    ORDER BY due_at LIMIT $4
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE deliveries SET due_at = $2, attempts = attempts + 1 FROM due
    WHERE deliveries.message_id = due.message_id AND deliveries.channel = due.channel
    RETURNING deliveries.message_id, deliveries.channel, attempts
)
SELECT taken.message_id, taken.channel, taken.attempts, messages.account_id, template, object_id, facts, at,
       subject.name AS subject, subject.name_en AS subject_en, post.name AS post,
       people.name AS name, email, phone, language, wants_email, wants_whatsapp
FROM taken
JOIN messages ON messages.id = message_id
JOIN people ON people.account_id = messages.account_id
LEFT JOIN subjects AS subject ON subject.id = subject_id
LEFT JOIN subjects AS post ON post.id = messages.post_id
ORDER BY message_id
"""


class Taken(NamedTuple):
    """A message to be sent now, by one channel."""

    message_id: UUID
    channel: Channel
    attempts: int
    account_id: UUID
    template: str
    object_id: UUID | None
    facts: dict[str, object]
    names: Names
    at: datetime
    reader: Person


async def take(tx: Transaction, now: datetime, until: datetime, channels: Sequence[Channel], most: int) -> list[Taken]:
    """Take messages that are due; each is counted as tried."""
    return [_taken(row) for row in await tx.rows(TAKE, now, until, channels, most)]


def _taken(row: Row) -> Taken:
    return Taken(
        message_id=row["message_id"],
        channel=row["channel"],
        attempts=row["attempts"],
        account_id=row["account_id"],
        template=row["template"],
        object_id=row["object_id"],
        facts=row["facts"],
        names=Names(row["subject"], row["post"], row["subject_en"]),
        at=row["at"],
        reader=Person(
            row["name"], row["email"], row["phone"], row["language"], row["wants_email"], row["wants_whatsapp"]
        ),
    )


SETTLE = """
UPDATE deliveries
SET state = $3, due_at = $4, reason = left($5, 500), reference = $6, sent_at = CASE WHEN $3 = 'sent' THEN $7::timestamptz END
WHERE message_id = $1 AND channel = $2 AND state = 'waiting'
"""


async def settle(tx: Transaction, taken: Taken, fate: Fate, now: datetime) -> bool:
    """Record what became of a message; tells whether it was still waiting, and not erased or settled by another."""
    changed = await tx.run(
        SETTLE, taken.message_id, taken.channel, fate.state, fate.due_at, fate.reason, fate.reference, now
    )
    return changed > 0
