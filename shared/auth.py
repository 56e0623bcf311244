"""Who is asking: principals, the short-lived tokens that carry them, and the policies that routes name.

A token is a JWT signed with Ed25519 by identity; every service verifies it by itself with the public key. Grants in a
token are at most `TOKEN_LIFETIME` old, so a revoked role is over within that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.contracts.identity import Role, ScopeKind
from shared.errors import NotAllowed, NotSignedIn
from shared.keys import TokenKeys

TOKEN_LIFETIME = timedelta(minutes=5)
ASSISTANCE_LIFETIME = timedelta(minutes=15)
ISSUER = "urunbeli"
AUDIENCE = "urunbeli-api"
_CLOCK_LEEWAY_S = 5


class Grant(NamedTuple):
    """A role over a scope."""

    role: Role
    scope_kind: ScopeKind
    scope_id: UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """The account on whose behalf a request is made, and the operator who sits beside the person, if any."""

    account_id: UUID
    grants: frozenset[Grant] = frozenset()
    assisted_by: UUID | None = None

    def holds(self, role: Role, scope_id: UUID) -> bool:
        """Whether the account has this role over exactly this scope."""
        return any(grant.role == role and grant.scope_id == scope_id for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        """Whether the account has one of the roles over anything."""
        return any(grant.role in roles for grant in self.grants)

    def scopes(self, *roles: Role) -> list[UUID]:
        """Give the scopes over which the account has one of the roles, sorted."""
        return sorted({grant.scope_id for grant in self.grants if grant.role in roles})

    def operates(self, post_id: UUID) -> bool:
        """Whether the account may do a post's work: as its operator, or as a province officer."""
        return self.holds("operator", post_id) or self.has("officer")

    @property
    def actors(self) -> frozenset[UUID]:
        """The people behind this request: the account, and whoever assists it."""
        return frozenset({self.account_id} | ({self.assisted_by} if self.assisted_by else set()))


def require(allowed: bool) -> None:
    """Raise `NotAllowed` unless allowed: the object-level check."""
    if not allowed:
        raise NotAllowed


def sign_token(keys: TokenKeys, principal: Principal, now: datetime, lifetime: timedelta = TOKEN_LIFETIME) -> str:
    """Sign a token for a principal. Only a process with the private key can."""
    assert keys.private is not None, "this process may not sign tokens"
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(principal.account_id),
        "iat": now,
        "exp": now + lifetime,
        "roles": sorted([grant.role, grant.scope_kind, str(grant.scope_id)] for grant in principal.grants),
    }
    if principal.assisted_by:
        claims["act"] = {"sub": str(principal.assisted_by)}  # RFC 8693 §4.1: who acts for the subject
    return jwt.encode(claims, keys.private, algorithm="EdDSA")


def read_token(key: Ed25519PublicKey, token: str) -> Principal:
    """Verify a token and read its principal. Raises `NotSignedIn`."""
    principal, expires_at = _verified(key.public_bytes_raw(), token)
    if time.time() >= expires_at + _CLOCK_LEEWAY_S:
        raise NotSignedIn
    return principal


# Somebody who taps shows the same token again and again, and a signature stays as good as it was: only the clock is
# looked at each time. What is refused is not kept.
@lru_cache(maxsize=4096)
def _verified(key: bytes, token: str) -> tuple[Principal, float]:
    """Verify a token. Gives its principal and when it expires, in seconds since 1970. Raises `NotSignedIn`."""
    try:
        claims = jwt.decode(
            token, Ed25519PublicKey.from_public_bytes(key), algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER,
            leeway=_CLOCK_LEEWAY_S, options={"require": ["exp", "iat", "sub"]},
        )  # fmt: skip
        grants = frozenset(Grant(role, kind, UUID(scope)) for role, kind, scope in claims["roles"])
        actor = claims.get("act")
        principal = Principal(UUID(claims["sub"]), grants, UUID(actor["sub"]) if actor else None)
        return principal, float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
        raise NotSignedIn from error


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route at all. What they may touch there is checked on the object."""

    name: str
    allows: Callable[[Principal], bool] | None
    """None: everybody, signed in or not."""

    def check(self, who: Principal | None) -> None:
        """Let pass or raise `NotSignedIn` or `NotAllowed`."""
        if self.allows is None:
            return
        if who is None:
            raise NotSignedIn
        if not self.allows(who):
            raise NotAllowed


def _holding(roles: Collection[Role], *, assisted: bool = False) -> Callable[[Principal], bool]:
    def allows(who: Principal) -> bool:
        return who.has(*roles) and (assisted or who.assisted_by is None)

    return allows


PUBLIC = Policy("public", None)
"""Everybody."""
SIGNED_IN = Policy("signed-in", lambda _: True)
"""Any account, also one that is assisted at the counter."""
IN_PERSON = Policy("in-person", lambda who: who.assisted_by is None)
"""Any account, but not through an operator's assistance."""
OPERATOR = Policy("operator", _holding(["operator", "officer"]))
"""An operator of some post, or a province officer."""
MONEY_CHECKER = Policy("money-checker", _holding(["operator", "treasurer", "officer"]))
"""Whoever may prepare or check a movement of money: operators, treasurers, province officers."""
SUPPLIER = Policy("supplier", _holding(["supplier"]))
"""A verified supplier."""
OFFICER = Policy("officer", _holding(["officer"]))
"""A province officer."""
SIGNATURE = Policy("signature", None)
"""A machine that proves itself by a signature over the body (webhooks); the handler verifies it."""
