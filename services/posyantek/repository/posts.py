"""SQL of posts and their officers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.posyantek.domain.posts import Officer, OfficerRole, Post
from shared.db import Reader, Row, Transaction


def _post(row: Row) -> Post:
    return Post(
        row["id"], row["slug"], row["name"], row["region_code"], row["address"], row["whatsapp"], row["hours"], row["pilot"]
    )  # fmt: skip


def _officer(row: Row) -> Officer:
    return Officer(
        row["id"], row["post_id"], row["account_id"], row["role"], row["appointed_at"], row["dismissed_at"]
    )  # fmt: skip


ADD_POST = """
INSERT INTO posts (id, slug, name, region_code, address, whatsapp, hours, pilot, registered_by, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (region_code) DO NOTHING
"""


async def add_post(tx: Transaction, post: Post, by: UUID | None, now: datetime) -> bool:
    """Write a post; tells whether its region was free. Raises `UniqueViolation` where the slug was taken this moment."""
    written = await tx.run(
        ADD_POST, post.id, post.slug, post.name, post.region_code, post.address, post.whatsapp, post.hours, post.pilot, by, now
    )  # fmt: skip
    return written == 1


async def slug_taken(sql: Reader, slug: str) -> bool:
    """Look whether a post has this slug."""
    return bool(await sql.value("SELECT EXISTS (SELECT FROM posts WHERE slug = $1)", slug))


POSTS_OF_REGIONS = "SELECT region_code, id FROM posts WHERE region_code = ANY ($1::text[])"


async def posts_of_regions(sql: Reader, codes: Collection[str]) -> dict[str, UUID]:
    """Give the post of each of these regions that has one."""
    return {row["region_code"]: row["id"] for row in await sql.rows(POSTS_OF_REGIONS, list(codes))}


# $1 the region or one above it (codes nest, and each level has its width);
# $2 words in the name, or $3 regions that answer to them; $4 after which code
LIST_POSTS = """
SELECT id, slug, name, region_code, address, whatsapp, hours, pilot FROM posts
WHERE ($1::text IS NULL OR starts_with(region_code, $1))
  AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0 OR region_code = ANY ($3::text[]))
  AND ($4::text IS NULL OR region_code > $4)
ORDER BY region_code LIMIT $5
"""


async def list_posts(
    sql: Reader, *, region: str | None, q: str | None, codes: Collection[str], after: str | None, limit: int
) -> list[Post]:
    """List posts by region code: those in `region`, and whose name contains `q` or whose region is one of `codes`."""
    return [_post(row) for row in await sql.rows(LIST_POSTS, region, q, list(codes), after, limit)]


GET_POST = """
SELECT id, slug, name, region_code, address, whatsapp, hours, pilot,
       (SELECT count(DISTINCT account_id) FROM officers WHERE post_id = posts.id AND dismissed_at IS NULL) AS officers_count
FROM posts WHERE id = $1 OR slug = $2
"""


async def get_post(sql: Reader, *, post_id: UUID | None = None, slug: str | None = None) -> tuple[Post, int] | None:
    """Give a post, by id or slug, and how many people serve there."""
    row = await sql.row(GET_POST, post_id, slug)
    return (_post(row), row["officers_count"]) if row else None


async def post_exists(sql: Reader, post_id: UUID) -> bool:
    """Look whether there is such a post."""
    return bool(await sql.value("SELECT EXISTS (SELECT FROM posts WHERE id = $1)", post_id))


APPOINT = """
INSERT INTO officers (id, post_id, account_id, role, appointed_by, appointed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (post_id, account_id, role) WHERE dismissed_at IS NULL DO NOTHING
RETURNING id, post_id, account_id, role, appointed_at, dismissed_at
"""


async def appoint(
    tx: Transaction,
    officer_id: UUID,
    post_id: UUID,
    account_id: UUID,
    role: OfficerRole,
    by: UUID | None,
    now: datetime,
) -> Officer | None:
    """Begin a time of service; None if the account holds the role there already."""
    row = await tx.row(APPOINT, officer_id, post_id, account_id, role, by, now)
    return _officer(row) if row else None


DISMISS = """
UPDATE officers SET dismissed_by = $4, dismissed_at = greatest($5, appointed_at)
WHERE post_id = $1 AND account_id = $2 AND role = $3 AND dismissed_at IS NULL
"""


async def dismiss(tx: Transaction, post_id: UUID, account_id: UUID, role: str, by: UUID | None, now: datetime) -> bool:
    """End a time of service; tells whether there was one."""
    return await tx.run(DISMISS, post_id, account_id, role, by, now) == 1


LIST_OFFICERS = """
SELECT id, post_id, account_id, role, appointed_at, dismissed_at FROM officers
WHERE post_id = $1 AND ($2 OR dismissed_at IS NULL) AND ($3::uuid IS NULL OR id > $3)
ORDER BY id LIMIT $4
"""


async def list_officers(
    sql: Reader, post_id: UUID, *, former_too: bool, after: UUID | None, limit: int
) -> list[Officer]:
    """List who serves at a post, and who did if asked, longest-serving first."""
    return [_officer(row) for row in await sql.rows(LIST_OFFICERS, post_id, former_too, after, limit)]


POSTS_AND_WHAT_WAS_SAID = """
SELECT posts.id, name, region_code, count(events.id) AS times_said,
       max(events.body->>'name') AS said_name, max(events.body->>'region_code') AS said_region_code
FROM posts LEFT JOIN events ON events.aggregate_id = posts.id AND events.type = 'posyantek.post_registered.v1'
GROUP BY posts.id
"""


async def posts_and_what_was_said(sql: Reader) -> list[Row]:
    """Give every post with what the log says of its registration."""
    return await sql.rows(POSTS_AND_WHAT_WAS_SAID)


# The log knows no ends: somebody serves who was appointed once more often than dismissed.
SERVICE_AND_WHAT_WAS_SAID = """
WITH said AS (
    SELECT aggregate_id AS post_id, (body->>'account_id')::uuid AS account_id, body->>'role' AS role,
           sum(CASE type WHEN 'posyantek.officer_appointed.v1' THEN 1 ELSE -1 END)::int AS serving
    FROM events WHERE type IN ('posyantek.officer_appointed.v1', 'posyantek.officer_dismissed.v1')
    GROUP BY 1, 2, 3
), kept AS (
    SELECT post_id, account_id, role, (count(*) FILTER (WHERE dismissed_at IS NULL))::int AS serving
    FROM officers GROUP BY 1, 2, 3
)
SELECT post_id, account_id, role, coalesce(said.serving, 0) AS said, coalesce(kept.serving, 0) AS kept
FROM said FULL JOIN kept USING (post_id, account_id, role)
WHERE coalesce(said.serving, 0) <> coalesce(kept.serving, 0)
ORDER BY post_id, account_id, role
"""


async def service_unlike_what_was_said(sql: Reader) -> list[Row]:
    """Give every account and role whose rows disagree with the log about serving now."""
    return await sql.rows(SERVICE_AND_WHAT_WAS_SAID)
