"""SQL of the inbox: writing, reading, marking as read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.notifications.domain.languages import Names
from services.notifications.domain.notice import Notice
from services.notifications.domain.sending import Channel
from shared.db import Reader, Row, Transaction, columns
from shared.ids import new_id

# Messages point to their reader; somebody of whom nothing was heard yet gets an empty row.
EXPECT_READERS = "INSERT INTO people (account_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING"

# $1 event, $2 now, $3 until when to wait for an unknown person's contacts, $4 channels, $5 quiet templates, then columns.
# Readers are locked against erasure, and read under that lock: a profile that comes this moment is not missed.
WRITE = """
WITH reader AS MATERIALIZED (
    SELECT account_id, version = 0 AS unheard,
           wants_email AND (email IS NOT NULL OR version = 0) AS by_email,
           wants_whatsapp AND (phone IS NOT NULL OR version = 0) AS by_whatsapp
    FROM people WHERE account_id = ANY ($7::uuid[]) AND erased_at IS NULL
    FOR SHARE
), told AS (
    INSERT INTO messages (id, account_id, event_id, template, object_id, subject_id, post_id, facts, at)
    SELECT id, account_id, $1, template, object_id, subject_id, post_id, facts, $2
    FROM unnest($6::uuid[], $7::uuid[], $8::text[], $9::uuid[], $10::uuid[], $11::uuid[], $12::jsonb[])
        AS notice (id, account_id, template, object_id, subject_id, post_id, facts)
    JOIN reader USING (account_id)
    ON CONFLICT ON CONSTRAINT told_once DO NOTHING
    RETURNING id, account_id, template
)
INSERT INTO deliveries (message_id, channel, due_at)
SELECT told.id, channel, CASE WHEN unheard THEN $3 ELSE $2 END
FROM told JOIN reader USING (account_id) CROSS JOIN unnest($4::text[]) AS channel
WHERE template <> ALL ($5::text[]) AND CASE channel WHEN 'email' THEN by_email ELSE by_whatsapp END
"""


async def write(
    tx: Transaction,
    event_id: UUID,
    notices: Sequence[Notice],
    channels: Sequence[Channel],
    quiet: Collection[str],
    now: datetime,
    contact_wait: timedelta,
) -> int:
    """Put notices into the inboxes, each once for an event, however many, in two statements. Gives how many are to be sent."""
    await tx.run(EXPECT_READERS, sorted({notice.account_id for notice in notices}))
    rows = [
        (
            new_id(),
            notice.account_id,
            notice.template,
            notice.object_id,
            notice.subject_id,
            notice.post_id,
            notice.facts,
        )
        for notice in notices
    ]
    return await tx.run(
        WRITE, event_id, now, now + contact_wait, channels, sorted(quiet), *columns(rows, 7)
    )  # fmt: skip


class Entry(NamedTuple):
    """A message as it is kept."""

    id: UUID
    template: str
    object_id: UUID | None
    facts: dict[str, object]
    names: Names
    at: datetime
    read: bool


INBOX = """
SELECT messages.id, template, object_id, facts, subject.name AS subject, subject.name_en AS subject_en, post.name AS post,
       at, read_at IS NOT NULL AS read
FROM messages
LEFT JOIN subjects AS subject ON subject.id = subject_id
LEFT JOIN subjects AS post ON post.id = post_id
WHERE account_id = $1 AND ($2::uuid IS NULL OR messages.id < $2)
ORDER BY messages.id DESC LIMIT $3
"""


async def inbox(sql: Reader, account_id: UUID, before: UUID | None, limit: int) -> list[Entry]:
    """Give an account's messages, newest first."""
    return [_entry(row) for row in await sql.rows(INBOX, account_id, before, limit)]


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        template=row["template"],
        object_id=row["object_id"],
        facts=row["facts"],
        names=Names(row["subject"], row["post"], row["subject_en"]),
        at=row["at"],
        read=row["read"],
    )


UNREAD = "SELECT count(*) FROM messages WHERE account_id = $1 AND read_at IS NULL"


async def unread(sql: Reader, account_id: UUID) -> int:
    """Count an account's unread messages."""
    count: int = await sql.value(UNREAD, account_id)
    return count


MARK_READ = "UPDATE messages SET read_at = coalesce(read_at, greatest(at, $3)) WHERE id = $1 AND account_id = $2"

MARK_ALL_READ = "UPDATE messages SET read_at = greatest(at, $2) WHERE account_id = $1 AND read_at IS NULL"


async def mark_read(tx: Transaction, message_id: UUID, account_id: UUID, now: datetime) -> bool:
    """Mark an account's message as read; tells whether there is such a message."""
    return await tx.run(MARK_READ, message_id, account_id, now) > 0


async def mark_all_read(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Mark all of an account's messages as read."""
    await tx.run(MARK_ALL_READ, account_id, now)
