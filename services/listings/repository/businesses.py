"""SQL of businesses: writing, locking, and as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.business import Business
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO businesses (id, owner_account_id, post_id, name, story, whatsapp, kelurahan_code, categories, status,
                        assisted_by, version, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


async def add(
    tx: Transaction,
    business: Business,
    *,
    story: str | None,
    whatsapp: str,
    kelurahan_code: str | None,
    categories: Sequence[str],
    now: datetime,
) -> None:
    """Write a new business. `whatsapp` in E.164."""
    await tx.run(
        ADD, business.id, business.owner_account_id, business.post_id, business.name, story, whatsapp, kelurahan_code,
        list(categories), business.status, business.assisted_by, business.version, now,
    )  # fmt: skip


LOCK = """
SELECT id, owner_account_id, post_id, name, status, reason, assisted_by, reviewed_by, version
FROM businesses WHERE id = $1 AND erased_at IS NULL FOR UPDATE
"""


async def lock(tx: Transaction, business_id: UUID) -> Business | None:
    """Give a business and hold it until the commit."""
    row = await tx.row(LOCK, business_id)
    if row is None:
        return None
    return Business(
        row["id"], row["owner_account_id"], row["post_id"], row["name"], row["status"], row["reason"],
        row["assisted_by"], row["reviewed_by"], row["version"],
    )  # fmt: skip


SAVE = "UPDATE businesses SET status = $2, reason = $3, reviewed_by = $4, version = $5 WHERE id = $1"


async def save(tx: Transaction, business: Business) -> None:
    """Write what a review has changed."""
    await tx.run(SAVE, business.id, business.status, business.reason, business.reviewed_by, business.version)


ERASE = """
UPDATE businesses
SET name = 'Usaha dihapus', story = NULL, whatsapp = NULL, kelurahan_code = NULL, reason = NULL,
    version = version + 1, erased_at = $2
WHERE owner_account_id = $1 AND erased_at IS NULL
RETURNING id, version
"""


async def erase_of_owner(tx: Transaction, account_id: UUID, now: datetime) -> list[tuple[UUID, int]]:
    """Forget whatever tells of a person in their businesses. Gives their ids and new versions."""
    return [(row["id"], row["version"]) for row in await tx.rows(ERASE, account_id, now)]


SHOWN = """
SELECT businesses.id, businesses.name, post_id, posts.name AS post_name, owner_account_id, status, reason, whatsapp,
       story, kelurahan_code, categories, assisted_by, registered_at, version,
       EXISTS (SELECT FROM machine_owned WHERE account_id = owner_account_id) AS made_with_ttg
FROM businesses LEFT JOIN posts USING (post_id)
"""

GET = SHOWN + "WHERE businesses.id = $1 AND erased_at IS NULL"


async def get(sql: Reader, business_id: UUID) -> Row | None:
    """Give a business as people see it."""
    return await sql.row(GET, business_id)


OF_OWNER = (
    SHOWN
    + """
WHERE owner_account_id = $1 AND erased_at IS NULL AND ($2::uuid IS NULL OR businesses.id < $2)
ORDER BY businesses.id DESC LIMIT $3
"""
)


async def list_of_owner(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List an account's own businesses, newest first."""
    return await sql.rows(OF_OWNER, account_id, after, limit)


PENDING = (
    SHOWN
    + """
WHERE status = 'pending' AND erased_at IS NULL
  AND ($1::uuid[] IS NULL OR post_id = ANY ($1)) AND ($2::uuid IS NULL OR businesses.id > $2)
ORDER BY businesses.id LIMIT $3
"""
)


async def list_pending(sql: Reader, posts: Sequence[UUID] | None, after: UUID | None, limit: int) -> list[Row]:
    """List the businesses that wait for a review, of some posts or of all, longest-waiting first."""
    return await sql.rows(PENDING, posts, after, limit)
