"""What must not be guessed: codes, session tokens, and the keys that the application secret is stretched into."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.fernet import Fernet

from services.identity.domain.codes import DIGITS
from shared.config import Settings

SESSION_PREFIX = "ubs_"
"""Tells a session token from a signed one at a glance, and lets secret scanners find a leaked one."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys for one purpose each, all derived from the application secret."""

    code: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    seal: Fernet = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        """Derive the keys of an installation."""
        return cls(
            code=bytes.fromhex(settings.derived("login-code")),
            digest=bytes.fromhex(settings.derived("code-request")),
            seal=Fernet(base64.urlsafe_b64encode(bytes.fromhex(settings.derived("login-code-seal")))),
        )

    def digested(self, kind: str, value: str) -> bytes:
        """Give a keyed digest, by which a contact or caller can be counted without being known."""
        return hmac.new(self.digest, f"{kind}:{value}".encode(errors="surrogateescape"), hashlib.sha256).digest()


def new_code() -> str:
    """Draw a code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def new_session_token() -> str:
    """Draw a session token: 256 random bits."""
    return SESSION_PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Hash a session token for the database. It is random, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
