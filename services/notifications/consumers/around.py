"""Notices about a pool, for those who are around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.notifications.domain.notice import Notice
from services.notifications.repository import surroundings
from services.notifications.repository.surroundings import Pool
from shared.db import Transaction


async def known_pool(tx: Transaction, pool_id: UUID) -> Pool:
    """Give the people around a pool. Raises `LookupError` where its opening, which came before, is still parked."""
    pool = await surroundings.pool(tx, pool_id)
    if pool is None:
        raise LookupError("this pool has not been heard of yet")
    return pool


def to_all(
    accounts: Iterable[UUID],
    template: str,
    pool_id: UUID,
    *,
    post_id: UUID | None = None,
    facts: Mapping[str, object] | None = None,
) -> list[Notice]:
    """Make a notice that leads to the pool's page, for each of some accounts."""
    return [
        Notice(account_id, template, object_id=pool_id, subject_id=pool_id, post_id=post_id, facts=facts or {})
        for account_id in accounts
    ]
