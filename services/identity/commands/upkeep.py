"""Forgetting what is no longer needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.identity.repository import codes, sessions
from shared.db import Transaction

KEEP_CODES = timedelta(hours=25)
"""A little longer than the longest limit of rate looks back."""
KEEP_SESSIONS = timedelta(days=30)
"""How long an expired session can still be asked about."""


async def forget_old(tx: Transaction, now: datetime) -> int:
    """Delete codes, requests and box messages after a day, and sessions a month after their end; gives how many rows."""
    return await codes.forget_before(tx, now - KEEP_CODES) + await sessions.forget_sessions(tx, now - KEEP_SESSIONS)
