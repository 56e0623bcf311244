"""SQL of people: contacts, wishes, and the forgetting of both."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.contracts.identity import ProfileChanged
from shared.db import Reader, Transaction


class Wishes(NamedTuple):
    """What a person wishes to get besides the inbox."""

    email: bool
    whatsapp: bool


# A profile heard after the erasure, or older than the one kept, changes nothing.
KEEP_PROFILE = """
INSERT INTO people (account_id, name, phone, email, language, version) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id) DO UPDATE
SET name = excluded.name, phone = excluded.phone, email = excluded.email,
    language = excluded.language, version = excluded.version
WHERE people.erased_at IS NULL AND people.version < excluded.version
"""

# Messages that waited for the person to be heard of are due at once.
STOP_WAITING = """
UPDATE deliveries SET due_at = $2
FROM messages
WHERE messages.id = message_id AND account_id = $1 AND state = 'waiting' AND attempts = 0
"""


async def keep_profile(tx: Transaction, event: ProfileChanged, version: int, now: datetime) -> int:
    """Keep a profile; gives how many messages need not wait any longer."""
    kept = await tx.run(KEEP_PROFILE, event.account_id, event.name, event.phone, event.email, event.language, version)
    return await tx.run(STOP_WAITING, event.account_id, now) if kept else 0


FORGET_PROFILES = """
UPDATE people SET name = NULL, phone = NULL, email = NULL, language = 'id', version = 0 WHERE erased_at IS NULL
"""


async def forget_profiles(tx: Transaction) -> None:
    """Take out all that was heard of people who have not been erased."""
    await tx.run(FORGET_PROFILES)


FORGET = """
INSERT INTO people (account_id, erased_at) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE
SET name = NULL, phone = NULL, email = NULL, language = 'id', erased_at = coalesce(people.erased_at, excluded.erased_at)
"""


async def erase(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Forget a person, their messages, and the names of what was theirs.

    The person's row is locked first: whoever writes messages holds a share of that lock, so none is written in between.
    """
    await tx.run(FORGET, account_id, now)
    await tx.run("DELETE FROM messages WHERE account_id = $1", account_id)
    await tx.run("DELETE FROM subjects WHERE owner_account_id = $1", account_id)


async def wishes(sql: Reader, account_id: UUID) -> Wishes:
    """Give a person's wishes; nobody has to wish for anything to be told."""
    row = await sql.row("SELECT wants_email, wants_whatsapp FROM people WHERE account_id = $1", account_id)
    return Wishes(row["wants_email"], row["wants_whatsapp"]) if row else Wishes(email=True, whatsapp=True)


KEEP_WISHES = """
INSERT INTO people (account_id, wants_email, wants_whatsapp) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE
SET wants_email = excluded.wants_email, wants_whatsapp = excluded.wants_whatsapp
"""


async def keep_wishes(tx: Transaction, account_id: UUID, wished: Wishes) -> None:
    """Keep what a person wishes."""
    await tx.run(KEEP_WISHES, account_id, wished.email, wished.whatsapp)


async def language(sql: Reader, account_id: UUID) -> str | None:
    """Give a person's language, if their profile has been heard."""
    found: str | None = await sql.value("SELECT language FROM people WHERE account_id = $1 AND version > 0", account_id)
    return found
