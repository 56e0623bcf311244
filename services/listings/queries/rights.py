"""Whom a thing concerns."""

from __future__ import annotations

from services.listings.domain.business import Role
from shared.auth import Principal, require
from shared.db import Row
from shared.errors import NotFound


def role_in(row: Row, who: Principal | None) -> Role | None:
    """What the caller is to a business, by a row with its `owner_account_id` and its `managers`."""
    if who is None:
        return None
    if row["owner_account_id"] == who.account_id:
        return "owner"
    return "manager" if who.account_id in row["managers"] else None


def concerns(row: Row, who: Principal | None) -> bool:
    """Whether a thing is run by the caller, or of a post where the caller works."""
    return who is not None and (role_in(row, who) is not None or who.operates(row["post_id"]))


def require_concern(row: Row | None, who: Principal) -> Row:
    """Let nobody else look behind a business or a listing. Raises `NotFound`, `NotAllowed`."""
    if row is None:
        raise NotFound
    require(concerns(row, who))
    return row
