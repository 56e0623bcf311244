"""SQL of moderation as people see it: the queue, a case with its reports, earlier cases, a hiding; and its drifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.repository.moderation import NEAR_BUSINESS, NEAR_CASE
from shared.db import Reader, Row
from shared.service import Drift

_MOST_SUSPICIONS: Final = 50

QUEUE = """
SELECT cases.id, cases.listing_id, listings.name AS listing_name, listings.status AS listing_status, business_id,
       business_name, cases.post_id, state, waiting_since AS since, coalesce(hidden_by = $1, false) AS hidden_by_you,
       (SELECT count(*) FROM reports WHERE case_id = cases.id)::int AS reports_count,
       ARRAY(SELECT DISTINCT reports.reason FROM reports WHERE case_id = cases.id ORDER BY 1) AS reasons,
       ARRAY(SELECT DISTINCT kind FROM suspicions WHERE case_id = cases.id ORDER BY 1) AS suspicions
FROM cases JOIN listings ON listings.id = cases.listing_id JOIN businesses ON businesses.id = business_id
WHERE waiting_since IS NOT NULL AND ($2::uuid[] IS NULL OR cases.post_id = ANY ($2))
  AND NOT (coalesce($1 IN (owner_account_id, businesses.assisted_by), false)
           OR EXISTS (SELECT FROM managers WHERE managers.business_id = businesses.id AND account_id = $1)
           OR EXISTS (SELECT FROM appeals WHERE case_id = cases.id AND appeals.assisted_by = $1))
  AND ($3::timestamptz IS NULL OR (waiting_since, cases.id) > ($3, $4::uuid))
ORDER BY waiting_since, cases.id LIMIT $5
"""


async def list_waiting(
    sql: Reader, account_id: UUID, posts: Sequence[UUID] | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """List the cases that wait for an operator, of some posts or of all, oldest first; none that is too near the caller."""
    return await sql.rows(QUEUE, account_id, posts, *(after or (None, None)), limit)


GET = f"""
SELECT cases.*, listings.name AS listing_name, listings.status AS listing_status, business_id, business_name,
       (SELECT count(*) FROM reports WHERE case_id = cases.id)::int AS reports_count,
       {NEAR_CASE} AS near
FROM cases JOIN listings ON listings.id = listing_id JOIN businesses ON businesses.id = business_id
WHERE cases.id = $1
"""  # noqa: S608 -- composed of constants


async def get(sql: Reader, case_id: UUID) -> Row | None:
    """Give a case with its product, and who is too near to see it."""
    return await sql.row(GET, case_id)


OF_CASE = """
SELECT suspicions.*, listings.name AS other_listing_name, business_name AS other_business_name
FROM suspicions LEFT JOIN listings ON listings.id = other_listing_id
WHERE case_id = $1 ORDER BY at, key LIMIT $2
"""


async def suspicions_of(sql: Reader, case_id: UUID) -> list[Row]:
    """List what the rules found, the first things first."""
    return await sql.rows(OF_CASE, case_id, _MOST_SUSPICIONS)


REPORTS = """
SELECT id, reason, words, at FROM reports WHERE case_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3
"""


async def list_reports(sql: Reader, case_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List the reports of a case, oldest first; never who made them."""
    return await sql.rows(REPORTS, case_id, after, limit)


NEAR = f"""
SELECT listings.post_id, {NEAR_BUSINESS} AS near
FROM listings JOIN businesses ON businesses.id = business_id WHERE listings.id = $1
"""  # noqa: S608 -- composed of constants


async def near_listing(sql: Reader, listing_id: UUID) -> Row | None:
    """Give the post of a listing, and who runs its business or helped to register it."""
    return await sql.row(NEAR, listing_id)


OF_LISTING = """
SELECT id, state, created_at, ended_at, reason, words, note,
       (SELECT count(*) FROM reports WHERE case_id = cases.id)::int AS reports_count
FROM cases WHERE listing_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def list_of_listing(sql: Reader, listing_id: UUID, before: UUID | None, limit: int) -> list[Row]:
    """List the cases of a listing, newest first."""
    return await sql.rows(OF_LISTING, listing_id, before, limit)


HIDING = """
SELECT cases.id, reason, words, hidden_at AS at, listings.version,
       ARRAY(SELECT photos.id FROM photos WHERE photos.listing_id = listings.id ORDER BY position) AS photo_ids
FROM cases JOIN listings ON listings.id = listing_id WHERE listing_id = $1 AND state IN ('hidden', 'appealed')
"""


async def hiding_of(sql: Reader, listing_id: UUID) -> Row | None:
    """Give why a listing is hidden now, and what it is like."""
    return await sql.row(HIDING, listing_id)


UNLIKE_CASES = """
SELECT listings.id, status, count(cases.id) FILTER (WHERE state IN ('hidden', 'appealed'))::int AS hidings,
       count(cases.id) FILTER (WHERE state = 'open')::int AS open_cases
FROM listings LEFT JOIN cases ON listing_id = listings.id AND state IN ('open', 'hidden', 'appealed')
GROUP BY listings.id
HAVING count(cases.id) FILTER (WHERE state IN ('hidden', 'appealed')) <> (status = 'hidden')::int
    OR (status IN ('draft', 'archived') AND count(cases.id) > 0)
ORDER BY listings.id
"""

UNLIKE_APPEALS = """
SELECT id, state FROM cases
WHERE state IN ('hidden', 'appealed')
  AND (state = 'appealed') <> EXISTS (SELECT FROM appeals WHERE case_id = cases.id AND decided_by IS NULL)
ORDER BY id
"""


async def unlike_cases(sql: Reader) -> list[Drift]:
    """Find hidden listings without the case that hid them, cases of listings that are not shown, and appeals gone astray."""
    listings, cases = await sql.rows(UNLIKE_CASES), await sql.rows(UNLIKE_APPEALS)
    return [
        *(
            Drift(
                "a listing and its cases",
                str(row["id"]),
                row["status"],
                {"hidings": row["hidings"], "open": row["open_cases"]},
            )
            for row in listings
        ),
        *(Drift("a case and its appeals", str(row["id"]), "an appeal that waits", row["state"]) for row in cases),
    ]
