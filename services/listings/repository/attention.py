"""SQL of attention: adding up counts, and the last weeks of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.listings.domain.attention import SHOWN_DAYS, Kind
from shared.db import Reader, Row, Transaction, columns

# What nobody knows is ignored: a page may count what has just been put away. The order is that in which it comes, by key.
_ADD = """
INSERT INTO {kind}_attention ({kind}_id, day, what, n)
SELECT id, $4, what, least(given.n, 1000000000)
FROM unnest($1::uuid[], $2::text[], $3::bigint[]) WITH ORDINALITY AS given (id, what, n, position)
JOIN {things} USING (id) ORDER BY position
ON CONFLICT ({kind}_id, day, what) DO UPDATE SET n = least({kind}_attention.n::bigint + excluded.n, 1000000000)
"""
ADD_TO_LISTINGS = _ADD.replace("{kind}", "listing").replace("{things}", "listings")
ADD_TO_BUSINESSES = _ADD.replace("{kind}", "business").replace("{things}", "businesses")


async def add(tx: Transaction, kind: Kind, counts: Sequence[tuple[UUID, str, int]], day: date) -> None:
    """Add counts to those of a day, sorted by id and then by what happened."""
    await tx.run(ADD_TO_LISTINGS if kind == "listing" else ADD_TO_BUSINESSES, *columns(counts, 3), day)


_LATELY = """
WITH days AS (
    SELECT ((statement_timestamp() AT TIME ZONE 'Asia/Jakarta')::date - back) AS day
    FROM generate_series(0, {days} - 1) AS back
), asked AS (
    SELECT (at AT TIME ZONE 'Asia/Jakarta')::date AS day, count(*) AS enquiries,
           count(*) FILTER (WHERE outcome = 'sold') AS sold
    FROM enquiries
    WHERE listing_id {of_thing} AND at >= statement_timestamp() - interval '{days} days' GROUP BY 1
)
SELECT day, coalesce(sum(n) FILTER (WHERE what = 'view'), 0)::bigint AS view,
       coalesce(sum(n) FILTER (WHERE what = 'share'), 0)::bigint AS share,
       coalesce(sum(n) FILTER (WHERE what = 'whatsapp'), 0)::bigint AS whatsapp,
       coalesce(sum(n) FILTER (WHERE what = 'qr'), 0)::bigint AS qr,
       coalesce(min(enquiries), 0) AS enquiries, coalesce(min(sold), 0) AS sold
FROM days LEFT JOIN (SELECT * FROM {kind}_attention WHERE {kind}_id = $1) AS counted USING (day)
LEFT JOIN asked USING (day)
GROUP BY day ORDER BY day
"""
LISTING_LATELY = _LATELY.replace("{days}", str(SHOWN_DAYS)).replace("{kind}", "listing").replace("{of_thing}", "= $1")
BUSINESS_LATELY = (
    _LATELY.replace("{days}", str(SHOWN_DAYS))
    .replace("{kind}", "business")
    .replace("{of_thing}", "IN (SELECT id FROM listings WHERE business_id = $1)")
)


async def lately(sql: Reader, kind: Kind, id_: UUID) -> list[Row]:
    """Give what happened to a listing or business on each of the last four weeks' days, the oldest first."""
    return await sql.rows(LISTING_LATELY if kind == "listing" else BUSINESS_LATELY, id_)
