"""What must be true of the rows, asked of the rows: each statement gives the ids for which it is not."""

from __future__ import annotations

from uuid import UUID

from shared.db import Reader

TOLD_AFTER_ERASURE = """
SELECT messages.id FROM messages JOIN people USING (account_id) WHERE erased_at IS NOT NULL
"""

NAMED_AFTER_ERASURE = """
SELECT subjects.id FROM subjects JOIN people ON account_id = owner_account_id WHERE erased_at IS NOT NULL
"""

SENT_BUT_UNSAID = """
SELECT message_id AS id FROM deliveries
WHERE state = 'sent' AND NOT EXISTS (
    SELECT FROM events
    WHERE aggregate_id = message_id AND type = 'notifications.message_sent.v1' AND body ->> 'channel' = channel)
"""

# An erased account's deliveries are deleted, and what was said of them stays.
SAID_BUT_UNSENT = """
SELECT messages.id FROM events JOIN messages ON messages.id = aggregate_id
WHERE type = 'notifications.message_sent.v1' AND NOT EXISTS (
    SELECT FROM deliveries WHERE message_id = messages.id AND channel = body ->> 'channel' AND state = 'sent')
"""

SENT_TWICE = """
SELECT aggregate_id AS id FROM events
WHERE type = 'notifications.message_sent.v1' GROUP BY aggregate_id, body ->> 'channel' HAVING count(*) > 1
"""

CHECKS = {
    "erased account still has a message": TOLD_AFTER_ERASURE,
    "thing of an erased account is still named": NAMED_AFTER_ERASURE,
    "message is sent but nobody was told": SENT_BUT_UNSAID,
    "message is said to be sent but is not": SAID_BUT_UNSENT,
    "message is said to be sent twice": SENT_TWICE,
}


async def broken(sql: Reader) -> list[tuple[str, UUID]]:
    """Give what is not as it must be: the check, and the id it fails for."""
    return [(what, row["id"]) for what, statement in CHECKS.items() for row in await sql.rows(statement)]


SHAPES = """
SELECT template, ARRAY (SELECT jsonb_object_keys(facts)) AS facts, min(id::text) AS example
FROM messages GROUP BY 1, 2
"""


async def shapes(sql: Reader) -> list[tuple[str, frozenset[str], str]]:
    """Give every template in use, the facts that its messages have, and one of those messages."""
    return [(row["template"], frozenset(row["facts"]), row["example"]) for row in await sql.rows(SHAPES)]
