"""Whom a thing concerns."""

from __future__ import annotations

from shared.auth import Principal
from shared.db import Row


def concerns(row: Row, who: Principal | None) -> bool:
    """Whether a thing is the caller's own, or of a post where the caller works."""
    return who is not None and (row["owner_account_id"] == who.account_id or who.operates(row["post_id"]))
