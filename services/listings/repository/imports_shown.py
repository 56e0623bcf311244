"""SQL of imports as their owners see them, and of what they export."""

from __future__ import annotations

from uuid import UUID

from shared.db import Reader, Row

SHOWN = """
SELECT imports.id, business_id, businesses.name AS business_name, businesses.status AS business_status, account_id,
       file_name, kind, imports.state, if_known, publish, notes, created_at, started_at, ended_at, counted.*, photographed.*,
       (SELECT count(*) FROM import_rows WHERE import_id = imports.id AND findings <> '[]') AS rows_with_findings
FROM imports JOIN businesses ON businesses.id = business_id
CROSS JOIN LATERAL (
    SELECT count(*) AS rows_total,
           count(*) FILTER (WHERE state = 'ready') AS rows_ready, count(*) FILTER (WHERE state = 'wrong') AS rows_wrong,
           count(*) FILTER (WHERE state = 'added') AS rows_added, count(*) FILTER (WHERE state = 'updated') AS rows_updated,
           count(*) FILTER (WHERE state = 'unchanged') AS rows_unchanged,
           count(*) FILTER (WHERE state = 'skipped') AS rows_skipped, count(*) FILTER (WHERE state = 'failed') AS rows_failed
    FROM import_rows WHERE import_id = imports.id
) AS counted
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'waiting') AS photos_waiting, count(*) FILTER (WHERE state = 'done') AS photos_done,
           count(*) FILTER (WHERE state = 'failed') AS photos_failed
    FROM import_photos WHERE import_id = imports.id
) AS photographed
"""

GET = SHOWN + "WHERE imports.id = $1 AND account_id = $2"


async def get(sql: Reader, import_id: UUID, account_id: UUID) -> Row | None:
    """Give an import of an account, counted."""
    return await sql.row(GET, import_id, account_id)


OF_ACCOUNT = (
    SHOWN
    + """
WHERE account_id = $1 AND ($2::uuid IS NULL OR imports.id < $2)
ORDER BY imports.id DESC LIMIT $3
"""
)


async def list_of_account(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List an account's imports, newest first."""
    return await sql.rows(OF_ACCOUNT, account_id, after, limit)


OWNED = "SELECT true FROM imports WHERE id = $1 AND account_id = $2"


async def is_owned(sql: Reader, import_id: UUID, account_id: UUID) -> bool:
    """Whether an import was sent by an account."""
    return bool(await sql.value(OWNED, import_id, account_id))


ROWS = """
SELECT import_rows.number, state, "values", given, findings, listing_id, coalesce(photos, '[]') AS photos
FROM (
    SELECT * FROM import_rows WHERE import_id = $1 AND number > $2::bigint{narrowed} ORDER BY number LIMIT $3
) AS import_rows
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('source', source, 'state', import_photos.state, 'reason', reason) ORDER BY place)
    FROM import_photos WHERE import_id = $1 AND import_photos.number = import_rows.number
) AS pictured (photos) ON true
ORDER BY import_rows.number
"""

ALL_ROWS = ROWS.replace("{narrowed}", "")
ROWS_WITH_FINDINGS = ROWS.replace("{narrowed}", " AND findings <> '[]'")


async def list_rows(sql: Reader, import_id: UUID, after: int, limit: int, *, only_findings: bool) -> list[Row]:
    """List the rows of an import in the order of the file, all or those with findings."""
    return await sql.rows(ROWS_WITH_FINDINGS if only_findings else ALL_ROWS, import_id, after, limit)


OWNED_LISTINGS = """
SELECT id::text, name, category, price_idr, unit, description, stock, ready_in_days, status
FROM listings WHERE business_id = $1 ORDER BY id LIMIT $2
"""


async def list_for_export(sql: Reader, business_id: UUID, most: int) -> list[Row]:
    """List everything that a business sells, in every state, oldest first."""
    return await sql.rows(OWNED_LISTINGS, business_id, most)
