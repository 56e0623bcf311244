"""SQL of who runs a business beside its owner, and of the invitations to do so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.db import Reader, Row, Transaction

MANAGERS: Final = "ARRAY(SELECT account_id FROM managers WHERE managers.business_id = businesses.id)"
"""The managers of a business, as a column of a query of `businesses`."""

RUN_BY: Final = """ARRAY(
    SELECT id FROM businesses WHERE owner_account_id = $1
    UNION ALL SELECT business_id FROM managers WHERE account_id = $1
)"""
"""The businesses that the account $1 owns or manages."""

OF_BUSINESS = "SELECT account_id FROM managers WHERE business_id = $1"


async def of_business(sql: Reader, business_id: UUID) -> frozenset[UUID]:
    """Give the managers of a business."""
    return frozenset(row["account_id"] for row in await sql.rows(OF_BUSINESS, business_id))


MANAGES = "SELECT EXISTS (SELECT FROM managers WHERE business_id = $1 AND account_id = $2)"


async def manages(sql: Reader, business_id: UUID, account_id: UUID) -> bool:
    """Look whether somebody is a manager of a business."""
    return bool(await sql.value(MANAGES, business_id, account_id))


LIST = """
SELECT account_id, added_at FROM managers
WHERE business_id = $1 AND ($2::timestamptz IS NULL OR (added_at, account_id) > ($2, $3::uuid))
ORDER BY added_at, account_id LIMIT $4
"""


async def list_of_business(
    sql: Reader, business_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """List the managers of a business, longest-serving first."""
    since, account_id = after or (None, None)
    return await sql.rows(LIST, business_id, since, account_id, limit)


ADD = "INSERT INTO managers (business_id, account_id, added_at) VALUES ($1, $2, $3)"


async def add(tx: Transaction, business_id: UUID, account_id: UUID, now: datetime) -> None:
    """Write a new manager."""
    await tx.run(ADD, business_id, account_id, now)


async def remove(tx: Transaction, business_id: UUID, account_id: UUID) -> None:
    """Take a manager off."""
    await tx.run("DELETE FROM managers WHERE business_id = $1 AND account_id = $2", business_id, account_id)


SET_VERSION = "UPDATE businesses SET version = $2 WHERE id = $1"


async def set_version(tx: Transaction, business_id: UUID, version: int) -> None:
    """Write a business's new version."""
    await tx.run(SET_VERSION, business_id, version)


# Held before their managers are touched, as everywhere, and in one order.
RUN_NO_LONGER = """
WITH held AS (
    SELECT id FROM businesses WHERE id IN (SELECT business_id FROM managers WHERE account_id = $1) ORDER BY id FOR UPDATE
), gone AS (
    DELETE FROM managers USING held WHERE business_id = held.id AND account_id = $1 RETURNING business_id
), moved AS (
    UPDATE businesses SET version = version + 1 FROM gone WHERE id = business_id RETURNING id, version
)
INSERT INTO history (business_id, version, what, account_id, at)
SELECT id, version, 'manager_removed', $1, $2 FROM moved
"""


async def forget(tx: Transaction, account_id: UUID, now: datetime) -> None:
    """Take somebody off every business that they manage; the history says so."""
    await tx.run(RUN_NO_LONGER, account_id, now)


ERASE = """
WITH gone AS (DELETE FROM managers WHERE business_id = ANY ($1::uuid[]))
DELETE FROM invitations WHERE business_id = ANY ($1::uuid[])
"""


async def erase_of_businesses(tx: Transaction, businesses: Sequence[UUID]) -> None:
    """Take every manager and invitation of some businesses off."""
    await tx.run(ERASE, list(businesses))


DROP_EXPIRED = "DELETE FROM invitations WHERE business_id = $1 AND expires_at <= $2"
ADD_INVITATION = "INSERT INTO invitations (code_hash, business_id, expires_at) VALUES ($1, $2, $3)"


async def count_open_invitations(tx: Transaction, business_id: UUID, now: datetime) -> int:
    """Count the open invitations of a business; those that are too old are swept away."""
    await tx.run(DROP_EXPIRED, business_id, now)
    count: int = await tx.value("SELECT count(*) FROM invitations WHERE business_id = $1", business_id)
    return count


async def add_invitation(tx: Transaction, code_hash: bytes, business_id: UUID, expires_at: datetime) -> None:
    """Write a new invitation."""
    await tx.run(ADD_INVITATION, code_hash, business_id, expires_at)


INVITATION = """
SELECT business_id, name AS business_name, expires_at FROM invitations JOIN businesses ON id = business_id
WHERE code_hash = $1 AND expires_at > $2
"""


async def get_invitation(sql: Reader, code_hash: bytes, now: datetime) -> Row | None:
    """Give an open invitation, with the business that it is about."""
    return await sql.row(INVITATION, code_hash, now)


async def spend_invitation(tx: Transaction, code_hash: bytes) -> bool:
    """Take an invitation away; says whether it was still there."""
    return await tx.run("DELETE FROM invitations WHERE code_hash = $1", code_hash) == 1


async def withdraw_invitations(tx: Transaction, business_id: UUID) -> None:
    """Take every open invitation of a business away."""
    await tx.run("DELETE FROM invitations WHERE business_id = $1", business_id)
