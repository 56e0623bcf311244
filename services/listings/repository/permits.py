"""SQL of permits: entering, checking, and those that wait for a check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.permits import Permit, PermitKind
from shared.db import Reader, Row, Transaction

GET = """
SELECT kind, number, since, entered_by, assisted_by, checked_on, checked_by
FROM permits WHERE business_id = $1 AND kind = $2
"""


async def get(sql: Reader, business_id: UUID, kind: PermitKind) -> Permit | None:
    """Give a permit of a business; its business is held by whoever changes it."""
    row = await sql.row(GET, business_id, kind)
    return Permit(**row) if row else None


SAVE = """
INSERT INTO permits (business_id, kind, post_id, number, since, entered_by, assisted_by, checked_on, checked_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (business_id, kind) DO UPDATE
SET number = excluded.number, since = excluded.since, entered_by = excluded.entered_by,
    assisted_by = excluded.assisted_by, checked_on = excluded.checked_on, checked_by = excluded.checked_by
"""


async def save(tx: Transaction, business_id: UUID, post_id: UUID, permit: Permit) -> None:
    """Write a permit, new or changed."""
    await tx.run(
        SAVE, business_id, permit.kind, post_id, permit.number, permit.since, permit.entered_by, permit.assisted_by,
        permit.checked_on, permit.checked_by,
    )  # fmt: skip


async def remove(tx: Transaction, business_id: UUID, kind: PermitKind) -> None:
    """Take a permit off."""
    await tx.run("DELETE FROM permits WHERE business_id = $1 AND kind = $2", business_id, kind)


KEEP_HALAL = """
UPDATE businesses SET version = $2, halal = EXISTS (
    SELECT FROM permits WHERE business_id = $1 AND kind = 'halal' AND checked_on IS NOT NULL
) WHERE id = $1
"""


async def keep_halal(tx: Transaction, business_id: UUID, version: int) -> None:
    """Write a business's new version, and whether its halal permit is checked."""
    await tx.run(KEEP_HALAL, business_id, version)


async def erase_of_businesses(tx: Transaction, businesses: Sequence[UUID]) -> None:
    """Take every permit of some businesses off."""
    await tx.run("DELETE FROM permits WHERE business_id = ANY ($1::uuid[])", list(businesses))


CHECKED_BY = "SELECT EXISTS (SELECT FROM permits WHERE business_id = $1 AND checked_by = $2)"


async def checked_by(sql: Reader, business_id: UUID, account_id: UUID) -> bool:
    """Look whether somebody has checked a permit of a business."""
    return bool(await sql.value(CHECKED_BY, business_id, account_id))


UNCHECKED = """
SELECT business_id, permits.kind, permits.number, permits.since, permits.post_id, businesses.name AS business_name,
       owner_account_id, whatsapp, businesses.status AS business_status,
       coalesce($1 IN (owner_account_id, permits.entered_by, permits.assisted_by, businesses.assisted_by), false)
       OR EXISTS (SELECT FROM managers WHERE managers.business_id = businesses.id AND account_id = $1) AS concerns_you
FROM permits JOIN businesses ON businesses.id = business_id
WHERE checked_on IS NULL AND businesses.status <> 'rejected'
  AND ($2::uuid[] IS NULL OR permits.post_id = ANY ($2))
  AND ($3::timestamptz IS NULL OR (permits.since, business_id, permits.kind) > ($3, $4::uuid, $5))
ORDER BY permits.since, business_id, permits.kind LIMIT $6
"""


async def list_unchecked(
    sql: Reader,
    account_id: UUID,
    posts: Sequence[UUID] | None,
    after: tuple[datetime, UUID, PermitKind] | None,
    limit: int,
) -> list[Row]:
    """List the permits that wait for a check, of some posts or of all, oldest first.

    `account_id`: who asks; of each permit it is told whether they are too near to check it.
    """
    return await sql.rows(UNCHECKED, account_id, posts, *(after or (None, None, None)), limit)
