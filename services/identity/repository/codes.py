"""One-time codes, how often they were asked for, and their way to the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.identity.domain.codes import Challenge, Language, Purpose
from services.identity.domain.contacts import Contact
from shared.db import Reader, Transaction

# Requests are counted and then added: two at once would both find room for one. The contact's lock comes always first.
LOCK_DIGESTS = """
SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 7240602)),
    pg_advisory_xact_lock(hashtextextended(encode($2, 'hex'), 7240602))
"""

REQUESTS = """
SELECT at, contact_digest = $1 AS to_contact, coalesce(caller_digest = $2, false) AS by_caller FROM code_requests
WHERE (contact_digest = $1 OR caller_digest = $2) AND at > $3
"""

ADD_REQUEST = "INSERT INTO code_requests (contact_digest, caller_digest, at) VALUES ($1, $2, $3)"

ADD_CHALLENGE = """
INSERT INTO login_codes (challenge_id, purpose, contact_kind, contact, language, code_hash, created_at, expires_at,
                         account_id, requested_by, post_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

LOCK_CHALLENGE = "SELECT * FROM login_codes WHERE challenge_id = $1 FOR UPDATE"

COUNT_WRONG_TRY = "UPDATE login_codes SET tries = tries + 1 WHERE challenge_id = $1"

USE_CHALLENGE = "UPDATE login_codes SET used_at = $2 WHERE challenge_id = $1"

ADD_MESSAGE = """
INSERT INTO code_messages (challenge_id, state, sealed_code, send_at, reference) VALUES ($1, $2, $3, $4, $5)
"""

# Whoever takes a message moves its time ahead: nobody else sends it meanwhile, and a crash only delays it.
TAKE_MESSAGES = """
WITH due AS (
    SELECT challenge_id FROM code_messages WHERE state = 'waiting' AND send_at <= $1
    ORDER BY send_at LIMIT $3 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE code_messages SET send_at = $2, attempts = attempts + 1
    FROM due WHERE due.challenge_id = code_messages.challenge_id
    RETURNING code_messages.challenge_id, sealed_code, attempts
)
SELECT challenge_id, sealed_code, attempts, purpose, contact_kind, contact, login_codes.language, expires_at,
       operator.name AS operator_name
FROM taken JOIN login_codes USING (challenge_id) LEFT JOIN accounts AS operator ON operator.id = requested_by
"""

SETTLE_MESSAGE = """
UPDATE code_messages SET state = $2, reference = $3, reason = $4, sealed_code = NULL
WHERE challenge_id = $1 AND state = 'waiting'
"""

POSTPONE_MESSAGE = "UPDATE code_messages SET send_at = $2, reason = $3 WHERE challenge_id = $1 AND state = 'waiting'"

ADD_DEV_MESSAGE = """
INSERT INTO dev_messages (id, challenge_id, recipient, text, code, at) VALUES ($1, $2, $3, $4, $5, $6)
"""

DEV_MESSAGES = """
SELECT challenge_id, recipient, text, code, at FROM dev_messages
WHERE $1::text IS NULL OR recipient = $1 ORDER BY id DESC LIMIT $2
"""

# Messages go with their codes.
FORGET = [
    "DELETE FROM login_codes WHERE created_at < $1",
    "DELETE FROM code_requests WHERE at < $1",
    "DELETE FROM dev_messages WHERE at < $1",
]


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A code on its way to a person."""

    challenge_id: UUID
    purpose: Purpose
    contact: Contact
    language: Language
    expires_at: datetime
    sealed_code: bytes
    attempts: int
    operator_name: str | None


@dataclass(frozen=True, slots=True)
class DevMessage:
    """What the message box of a developer's machine shows."""

    challenge_id: UUID
    recipient: str
    text: str
    code: str
    at: datetime


async def lock_requests(tx: Transaction, contact_digest: bytes, caller_digest: bytes | None) -> None:
    """Keep others from asking for a code to this contact, and the caller from asking for another, until the commit."""
    await tx.run(LOCK_DIGESTS, contact_digest, caller_digest)


async def times_of_requests(
    tx: Transaction, contact_digest: bytes, caller_digest: bytes | None, since: datetime
) -> tuple[list[datetime], list[datetime]]:
    """Give when codes were asked for to this contact, and when by this caller."""
    rows = await tx.rows(REQUESTS, contact_digest, caller_digest, since)
    return [row["at"] for row in rows if row["to_contact"]], [row["at"] for row in rows if row["by_caller"]]


async def add_request(tx: Transaction, contact_digest: bytes, caller_digest: bytes | None, now: datetime) -> None:
    """Note that a code was asked for."""
    await tx.run(ADD_REQUEST, contact_digest, caller_digest, now)


async def add_challenge(tx: Transaction, challenge: Challenge) -> None:
    """Keep a new challenge."""
    await tx.run(
        ADD_CHALLENGE,
        challenge.id,
        challenge.purpose,
        challenge.contact.kind,
        challenge.contact.value,
        challenge.language,
        challenge.code_hash,
        challenge.created_at,
        challenge.expires_at,
        challenge.account_id,
        challenge.requested_by,
        challenge.post_id,
    )


async def lock_challenge(tx: Transaction, challenge_id: UUID) -> Challenge | None:
    """Find a challenge, and keep others from trying it until the commit."""
    row = await tx.row(LOCK_CHALLENGE, challenge_id)
    if row is None:
        return None
    return Challenge(
        id=row["challenge_id"],
        purpose=row["purpose"],
        contact=Contact(row["contact_kind"], row["contact"]),
        language=row["language"],
        code_hash=row["code_hash"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        tries=row["tries"],
        used_at=row["used_at"],
        account_id=row["account_id"],
        requested_by=row["requested_by"],
        post_id=row["post_id"],
    )


async def count_wrong_try(tx: Transaction, challenge_id: UUID) -> None:
    """Note a wrong code."""
    await tx.run(COUNT_WRONG_TRY, challenge_id)


async def use_challenge(tx: Transaction, challenge_id: UUID, now: datetime) -> None:
    """Note that a challenge was opened."""
    await tx.run(USE_CHALLENGE, challenge_id, now)


async def add_message(tx: Transaction, challenge_id: UUID, sealed_code: bytes, now: datetime) -> None:
    """Keep the intent to send a code."""
    await tx.run(ADD_MESSAGE, challenge_id, "waiting", sealed_code, now, None)


async def add_unsent_message(tx: Transaction, challenge_id: UUID, reference: str, now: datetime) -> None:
    """Note that a code needs no messenger, since the person reads it in `reference`."""
    await tx.run(ADD_MESSAGE, challenge_id, "sent", None, now, reference)


async def take_messages(tx: Transaction, now: datetime, until: datetime, most: int) -> list[CodeMessage]:
    """Take codes that are due to be sent; nobody else takes them before `until`."""
    return [
        CodeMessage(
            row["challenge_id"], row["purpose"], Contact(row["contact_kind"], row["contact"]), row["language"],
            row["expires_at"], row["sealed_code"], row["attempts"], row["operator_name"],
        )
        for row in await tx.rows(TAKE_MESSAGES, now, until, most)
    ]  # fmt: skip


async def settle_message(
    tx: Transaction,
    challenge_id: UUID,
    state: Literal["sent", "refused", "late"],
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    """Note what became of a code's message; the code itself is forgotten with it."""
    await tx.run(SETTLE_MESSAGE, challenge_id, state, reference, reason)


async def postpone_message(tx: Transaction, challenge_id: UUID, send_at: datetime, reason: str) -> None:
    """Try a message again later."""
    await tx.run(POSTPONE_MESSAGE, challenge_id, send_at, reason)


async def add_dev_message(tx: Transaction, message_id: UUID, message: DevMessage) -> None:
    """Put a message into the box of a developer's machine."""
    await tx.run(
        ADD_DEV_MESSAGE,
        message_id,
        message.challenge_id,
        message.recipient,
        message.text,
        message.code,
        message.at,
    )


async def dev_messages(sql: Reader, recipient: str | None, most: int) -> list[DevMessage]:
    """List what the box of a developer's machine holds, newest first."""
    return [DevMessage(**row) for row in await sql.rows(DEV_MESSAGES, recipient, most)]


async def forget_before(tx: Transaction, moment: datetime) -> int:
    """Delete codes, requests and box messages from before a moment; gives how many rows."""
    return sum([await tx.run(statement, moment) for statement in FORGET])
