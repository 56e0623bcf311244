"""What identity says: accounts, roles, and that somebody has asked to be forgotten."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event

ScopeKind = Literal["post", "business", "supplier", "group", "province"]
"""What a role is held over."""

Role = Literal["operator", "chair", "owner", "supplier", "initiator", "treasurer", "officer"]
"""What somebody may be: an operator or chair of a post, a business's owner, a supplier, a group's people, a province officer."""


class AccountRegistered(Event):
    """Somebody has an account; who that is stays in identity."""

    type = "identity.account_registered.v1"
    aggregate = "account_id"

    account_id: UUID


class ProfileChanged(Event):
    """A person's name and ways to reach them, for services that must show or write to them."""

    type = "identity.profile_changed.v1"
    aggregate = "account_id"
    transient: ClassVar[bool] = True

    account_id: UUID
    name: str
    phone: str | None
    email: str | None
    language: Literal["id", "en"]


class RoleGranted(Event):
    """An account holds a role over a scope from now on."""

    type = "identity.role_granted.v1"
    aggregate = "account_id"

    account_id: UUID
    role: Role
    scope_kind: ScopeKind
    scope_id: UUID


class RoleRevoked(Event):
    """An account holds that role no longer."""

    type = "identity.role_revoked.v1"
    aggregate = "account_id"

    account_id: UUID
    role: Role
    scope_kind: ScopeKind
    scope_id: UUID


class AccountErased(Event):
    """A person has asked to be forgotten: whoever keeps their name or contacts deletes them."""

    type = "identity.account_erased.v1"
    aggregate = "account_id"

    account_id: UUID
