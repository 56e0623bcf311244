"""SQL of businesses: writing, locking, and as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.listings.domain.business import Business, Hours
from services.listings.repository import managers
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO businesses (id, owner_account_id, post_id, name, story, whatsapp, kelurahan_code, categories, status,
                        assisted_by, version, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


async def add(tx: Transaction, business: Business, now: datetime) -> None:
    """Write a new business."""
    await tx.run(
        ADD, business.id, business.owner_account_id, business.post_id, business.name, business.story,
        business.whatsapp, business.kelurahan_code, list(business.categories), business.status, business.assisted_by,
        business.version, now,
    )  # fmt: skip


LOCK = """
SELECT id, owner_account_id, post_id, name, story, whatsapp, kelurahan_code, address, open_days, opens, closes,
       categories, welcomes_visits, status, reason, assisted_by, reviewed_by, version
FROM businesses WHERE id = $1 AND erased_at IS NULL FOR UPDATE
"""


async def lock(tx: Transaction, business_id: UUID) -> Business | None:
    """Give a business and hold it until the commit.

    Its managers are read once the lock is there: in one statement with it, whoever waited would see those of before.
    """
    row = await tx.row(LOCK, business_id)
    if row is None:
        return None
    fields = dict(row)
    open_days, opens, closes = [fields.pop(name) for name in ("open_days", "opens", "closes")]
    hours = Hours(tuple(open_days), opens, closes) if opens is not None else None
    categories = tuple(fields.pop("categories"))
    return Business(**fields, hours=hours, categories=categories, managers=await managers.of_business(tx, business_id))


SAVE = """
UPDATE businesses
SET name = $2, story = $3, whatsapp = $4, kelurahan_code = $5, address = $6, open_days = $7, opens = $8, closes = $9,
    categories = $10, status = $11, reason = $12, reviewed_by = $13, version = $14, welcomes_visits = $15
WHERE id = $1
"""


async def save(tx: Transaction, business: Business) -> None:
    """Write what a change or a review has changed."""
    hours = business.hours
    await tx.run(
        SAVE, business.id, business.name, business.story, business.whatsapp, business.kelurahan_code, business.address,
        list(hours.open_days) if hours else None, hours.opens if hours else None, hours.closes if hours else None,
        list(business.categories), business.status, business.reason, business.reviewed_by, business.version,
        business.welcomes_visits,
    )  # fmt: skip


ERASE = """
UPDATE businesses
SET name = 'Usaha dihapus', story = NULL, whatsapp = NULL, kelurahan_code = NULL, address = NULL, open_days = NULL,
    opens = NULL, closes = NULL, halal = false, welcomes_visits = false, reason = NULL,
    version = version + 1, erased_at = $2
WHERE owner_account_id = $1 AND erased_at IS NULL
RETURNING id, version
"""


async def erase_of_owner(tx: Transaction, account_id: UUID, now: datetime) -> list[tuple[UUID, int]]:
    """Forget whatever tells of a person in their businesses. Gives their ids and new versions."""
    return [(row["id"], row["version"]) for row in await tx.rows(ERASE, account_id, now)]


SHOWN = """
SELECT businesses.id, businesses.name, post_id, posts.name AS post_name, owner_account_id, status, reason, whatsapp,
       story, kelurahan_code, address, categories, halal, welcomes_visits, assisted_by, registered_at, version,
       CASE WHEN opens IS NOT NULL
            THEN jsonb_build_object('open_days', open_days, 'opens', opens, 'closes', closes) END AS hours,
       coalesce((
           SELECT jsonb_agg(jsonb_build_object('kind', kind, 'number', number, 'checked_on', checked_on) ORDER BY kind)
           FROM permits WHERE permits.business_id = businesses.id
       ), '[]') AS permits,
       {managers} AS managers,
       EXISTS (SELECT FROM machine_owned WHERE account_id = owner_account_id) AS made_with_ttg
FROM businesses LEFT JOIN posts USING (post_id)
""".replace("{managers}", managers.MANAGERS)

GET = SHOWN + "WHERE businesses.id = $1 AND erased_at IS NULL"


async def get(sql: Reader, business_id: UUID) -> Row | None:
    """Give a business as people see it."""
    return await sql.row(GET, business_id)


RUN_BY = (
    SHOWN
    + f"""
WHERE businesses.id = ANY ({managers.RUN_BY}) AND erased_at IS NULL AND ($2::uuid IS NULL OR businesses.id < $2)
ORDER BY businesses.id DESC LIMIT $3
"""
)


async def list_run_by(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """List the businesses that somebody owns or manages, newest first."""
    return await sql.rows(RUN_BY, account_id, after, limit)


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
