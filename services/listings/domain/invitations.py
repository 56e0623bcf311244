"""Invitations to run a business: how many, for how long, and what is kept of their code."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

LIFETIME: Final = timedelta(days=7)
MOST_OPEN: Final = 10
MOST_MANAGERS: Final = 20


def hash_of(code: str) -> bytes:
    """Give what is kept of a code. It is too long to be guessed, so a plain SHA-256 is enough."""
    return hashlib.sha256(code.encode()).digest()
