"""Sessions: how long somebody stays logged in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
SEEN_EVERY = timedelta(hours=1)
"""How coarse `last_seen_at` is: finer would cost a write per request and follow people closer than anybody needs."""

EndReason = Literal["logged-out", "rotated", "revoked", "erased"]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody logged in on one device."""

    id: UUID
    account_id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


def is_live(session: Session, now: datetime) -> bool:
    """Whether the session still stands."""
    return session.ended_at is None and now < min(session.expires_at, session.last_seen_at + IDLE)


def should_note(session: Session, now: datetime) -> bool:
    """Whether `last_seen_at` is due to be written again."""
    return now - session.last_seen_at >= SEEN_EVERY
