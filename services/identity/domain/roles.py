"""Roles: who may be what over what."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from services.identity.refusals import ScopeMismatch
from shared.contracts.identity import Role, ScopeKind

SCOPES: dict[Role, frozenset[ScopeKind]] = {
    "operator": frozenset({"post"}),
    "chair": frozenset({"post"}),
    "treasurer": frozenset({"post", "group"}),
    "owner": frozenset({"business"}),
    "supplier": frozenset({"supplier"}),
    "initiator": frozenset({"group"}),
    "officer": frozenset({"province"}),
}
"""Over what each role is held. A group is a pool's people: its scope id is the pool's id."""


def province_scope(region_code: str) -> UUID:
    """Give the scope id of a province, made from its Kemendagri code: the same on every installation."""
    return uuid5(NAMESPACE_URL, f"urn:urunbeli:province:{region_code}")


DKI_JAKARTA = province_scope("31")
"""The province whose posts this installation serves."""


def check_scope(role: Role, scope_kind: ScopeKind) -> None:
    """Raise `ScopeMismatch` unless such a role is held over such a thing."""
    if scope_kind not in SCOPES[role]:
        raise ScopeMismatch(role=role, scope_kind=scope_kind)
