"""SQL of the history: who changed what, one row per version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from shared.auth import Principal
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO history (business_id, listing_id, version, what, account_id, assisted_by, at, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def add(
    tx: Transaction,
    who: Principal,
    what: str,
    version: int,
    now: datetime,
    *,
    business_id: UUID | None = None,
    listing_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Remember a change of a business or a listing."""
    await tx.run(ADD, business_id, listing_id, version, what, who.account_id, who.assisted_by, now, dict(details or {}))


EMPTY = "UPDATE history SET details = '{}' WHERE business_id = ANY ($1::uuid[]) OR listing_id = ANY ($2::uuid[])"

ADD_ERASED = """
INSERT INTO history (business_id, listing_id, version, what, account_id, at)
SELECT business_id, listing_id, version, 'erased', $5, $6 FROM (
    SELECT business_id, NULL::uuid, version FROM unnest($1::uuid[], $2::int[]) AS businesses (business_id, version)
    UNION ALL
    SELECT NULL, listing_id, version FROM unnest($3::uuid[], $4::int[]) AS listings (listing_id, version)
) AS gone (business_id, listing_id, version)
"""


async def erase(
    tx: Transaction,
    account_id: UUID,
    businesses: Sequence[tuple[UUID, int]],
    listings: Sequence[tuple[UUID, int]],
    now: datetime,
) -> None:
    """Empty the texts in the history of things (id and new version each), and remember that they were erased."""
    business_ids, listing_ids = [one for one, _ in businesses], [one for one, _ in listings]
    await tx.run(EMPTY, business_ids, listing_ids)
    await tx.run(
        ADD_ERASED, business_ids, [version for _, version in businesses],
        listing_ids, [version for _, version in listings], account_id, now,
    )  # fmt: skip


SHOWN = "SELECT version, what, account_id, assisted_by, at, details FROM history "
BEFORE = " = $1 AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3"
OF_BUSINESS = SHOWN + "WHERE business_id" + BEFORE
OF_LISTING = SHOWN + "WHERE listing_id" + BEFORE


async def list_of_business(sql: Reader, business_id: UUID, before: int | None, limit: int) -> list[Row]:
    """List what was done with a business, newest first. `before`: the version seen last."""
    return await sql.rows(OF_BUSINESS, business_id, before, limit)


async def list_of_listing(sql: Reader, listing_id: UUID, before: int | None, limit: int) -> list[Row]:
    """List what was done with a listing, newest first. `before`: the version seen last."""
    return await sql.rows(OF_LISTING, listing_id, before, limit)
