"""One-time codes: a challenge is opened by one code, within five minutes, in at most five tries, once."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.domain.contacts import Contact
from services.identity.refusals import CodeExhausted, CodeExpired, CodeUsed, CodeWrong
from shared.errors import Refusal

Language = Literal["id", "en"]

Purpose = Literal["log-in", "assist", "contact"]
"""What a code may open: a session, an operator's help at the counter, or a new contact of an account. Never another."""

LIFETIME = timedelta(minutes=5)
TRIES = 5
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code that was asked for. The code itself is known to the person alone."""

    id: UUID
    purpose: Purpose
    contact: Contact
    language: Language
    code_hash: bytes
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    """Wrong codes so far."""
    used_at: datetime | None = None
    account_id: UUID | None = None
    """Whose account it is about; unknown for a log-in, so that asking for a code never looks at accounts."""
    requested_by: UUID | None = None
    """The operator who asked, for `assist`."""
    post_id: UUID | None = None

    @property
    def asker(self) -> UUID | None:
        """Who alone may use the code: whoever asked while signed in. A log-in is open to whoever has the code."""
        return self.requested_by if self.purpose == "assist" else self.account_id


def hash_code(key: bytes, challenge_id: UUID, code: str) -> bytes:
    """Hash a code (HMAC-SHA256), bound to its challenge: a code is no use elsewhere, and the table tells nothing."""
    return hmac.new(key, challenge_id.bytes + code.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a try: nothing said where the code is right. `wrong`: the try is to be counted."""

    refusal: Refusal | None
    wrong: bool = False


RIGHT = Verdict(None)


def judge(
    challenge: Challenge | None, purpose: Purpose, asker: UUID | None, code_hash: bytes, now: datetime
) -> Verdict:
    """Judge a try. Another's challenge, or one of another purpose, is told like one that never was.

    Comparing takes the same time for any code.
    """
    if challenge is None or challenge.purpose != purpose or challenge.asker != asker:
        return Verdict(CodeExpired())
    if challenge.used_at is not None:
        return Verdict(CodeUsed())
    if now >= challenge.expires_at:
        return Verdict(CodeExpired())
    if challenge.tries >= TRIES:
        return Verdict(CodeExhausted())
    if hmac.compare_digest(challenge.code_hash, code_hash):
        return RIGHT
    left = TRIES - challenge.tries - 1
    return Verdict(CodeWrong(tries_left=left) if left else CodeExhausted(), wrong=True)
