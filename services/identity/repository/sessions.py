"""Sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.identity.domain.sessions import EndReason, Session
from shared.db import Reader, Row, Transaction

_SESSION = "SELECT id, account_id, created_at, last_seen_at, expires_at, ended_at FROM sessions "

ADD = """
INSERT INTO sessions (id, account_id, token_sha256, challenge_id, created_at, last_seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

BY_TOKEN = _SESSION + "WHERE token_sha256 = $1"

BY_ID = _SESSION + "WHERE id = $1 AND account_id = $2"

SEEN = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2"

END = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL"

OF_ACCOUNT = (
    _SESSION
    + """
WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_seen_at > $3 AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5
"""
)

FORGET = "DELETE FROM sessions WHERE expires_at < $1"


async def add_session(tx: Transaction, session: Session, token_sha256: bytes, challenge_id: UUID) -> None:
    """Keep a new session. Raises `UniqueViolation` where the challenge has opened one already."""
    await tx.run(
        ADD,
        session.id,
        session.account_id,
        token_sha256,
        challenge_id,
        session.created_at,
        session.last_seen_at,
        session.expires_at,
    )


async def session_of_token(sql: Reader, token_sha256: bytes) -> Session | None:
    """Find a session by its token's hash, live or not."""
    return _session(await sql.row(BY_TOKEN, token_sha256))


async def session_of_account(sql: Reader, session_id: UUID, account_id: UUID) -> Session | None:
    """Find one of an account's sessions, live or not."""
    return _session(await sql.row(BY_ID, session_id, account_id))


async def note_seen(tx: Transaction, session_id: UUID, now: datetime) -> None:
    """Note that a session was used."""
    await tx.run(SEEN, session_id, now)


async def end_session(tx: Transaction, session_id: UUID, now: datetime, reason: EndReason) -> bool:
    """End a session; tells whether it had not ended yet."""
    return await tx.run(END, session_id, now, reason) > 0


async def live_sessions(
    sql: Reader, account_id: UUID, now: datetime, seen_after: datetime, before: UUID | None, limit: int
) -> list[Session]:
    """List an account's live sessions, newest first."""
    return [Session(**row) for row in await sql.rows(OF_ACCOUNT, account_id, now, seen_after, before, limit)]


async def forget_sessions(tx: Transaction, expired_before: datetime) -> int:
    """Delete sessions that could not have been live since a moment; gives how many."""
    return await tx.run(FORGET, expired_before)


def _session(row: Row | None) -> Session | None:
    return Session(**row) if row else None
