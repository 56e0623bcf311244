"""SQL of what is known of others: the names of things, who serves at a post, and who stands around a pool."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.notifications.domain.notice import PostNotice, PostRole
from shared.contracts.pools import PayTiming, PoolOpened, PoolSubmitted
from shared.db import Reader, Row, Transaction

NAME = """
INSERT INTO subjects (id, kind, name, owner_account_id, version, name_en)
SELECT $1, $2, $3, $4, $5, $6
WHERE NOT EXISTS (SELECT FROM people WHERE account_id = $4 AND erased_at IS NOT NULL)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, version = excluded.version
WHERE subjects.version < excluded.version
"""


async def name(
    tx: Transaction,
    subject_id: UUID,
    kind: str,
    called: str,
    version: int,
    owner_account_id: UUID | None = None,
    *,
    name_en: str | None = None,
) -> None:
    """Keep what a pool, business, supplier, post or technology is called; nothing of somebody who asked to be forgotten."""
    await tx.run(NAME, subject_id, kind, called, owner_account_id, version, name_en)


async def post_names(sql: Reader) -> dict[str, object]:
    """Give the name of each post, as it was heard."""
    return {str(row["id"]): row["name"] for row in await sql.rows("SELECT id, name FROM subjects WHERE kind = 'post'")}


KEEP_OFFICER = """
INSERT INTO officers (post_id, account_id, role, holds, version) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (post_id, account_id, role) DO UPDATE SET holds = excluded.holds, version = excluded.version
WHERE officers.version < excluded.version
"""


async def keep_officer(
    tx: Transaction, post_id: UUID, account_id: UUID, role: PostRole, *, holds: bool, version: int
) -> None:
    """Keep whether an account serves at a post in a role."""
    await tx.run(KEEP_OFFICER, post_id, account_id, role, holds, version)


OFFICERS = """
SELECT DISTINCT account_id FROM officers
WHERE post_id = $1 AND role = ANY ($2::text[]) AND holds AND account_id IS DISTINCT FROM $3
"""


async def officers(sql: Reader, notice: PostNotice) -> list[UUID]:
    """Give whom a post's notice goes to."""
    rows = await sql.rows(OFFICERS, notice.post_id, sorted(notice.roles), notice.except_account_id)
    return [row["account_id"] for row in rows]


KEEP_NOTICE = """
INSERT INTO post_notices (event_id, template, post_id, roles, object_id, subject_id, except_account_id, facts, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
"""


async def keep_notice(tx: Transaction, event_id: UUID, notice: PostNotice, now: datetime) -> None:
    """Keep a notice for whoever's role is heard of later."""
    await tx.run(
        KEEP_NOTICE, event_id, notice.template, notice.post_id, sorted(notice.roles), notice.object_id,
        notice.subject_id, notice.except_account_id, dict(notice.facts), now,
    )  # fmt: skip


MISSED = """
SELECT * FROM post_notices
WHERE post_id = $1 AND $2 = ANY (roles) AND at > $3 AND except_account_id IS DISTINCT FROM $4 ORDER BY at, event_id
"""


async def missed_notices(
    sql: Reader, post_id: UUID, role: PostRole, since: datetime, account_id: UUID
) -> list[tuple[UUID, PostNotice]]:
    """Give the notices of a post that somebody new to a role has missed, with the event of each."""
    return [(row["event_id"], _notice(row)) for row in await sql.rows(MISSED, post_id, role, since, account_id)]


def _notice(row: Row) -> PostNotice:
    return PostNotice(
        post_id=row["post_id"],
        template=row["template"],
        roles=frozenset(row["roles"]),
        object_id=row["object_id"],
        subject_id=row["subject_id"],
        except_account_id=row["except_account_id"],
        facts=row["facts"],
    )


async def forget_notices(tx: Transaction, before: datetime) -> int:
    """Delete the notices that nobody can have missed any more."""
    return await tx.run("DELETE FROM post_notices WHERE at < $1", before)


class Pool(NamedTuple):
    """The people around a pool."""

    id: UUID
    post_id: UUID
    initiator_account_id: UUID
    treasurer_account_id: UUID | None
    supplier_account_id: UUID | None
    timing: PayTiming | None


KEEP_SUBMITTED = "INSERT INTO pools (id, post_id, initiator_account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

KEEP_OPENED = """
INSERT INTO pools (id, post_id, initiator_account_id, treasurer_account_id, supplier_account_id, timing)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE
SET treasurer_account_id = excluded.treasurer_account_id, supplier_account_id = excluded.supplier_account_id,
    timing = excluded.timing
"""


async def keep_submitted(tx: Transaction, event: PoolSubmitted) -> None:
    """Keep whose pool it is, and at which post."""
    await tx.run(KEEP_SUBMITTED, event.pool_id, event.post_id, event.initiator_account_id)


async def keep_opened(tx: Transaction, event: PoolOpened) -> None:
    """Keep everybody around a pool."""
    await tx.run(
        KEEP_OPENED, event.pool_id, event.post_id, event.initiator_account_id, event.treasurer_account_id,
        event.supplier_account_id, event.timing,
    )  # fmt: skip


POOL = """
SELECT id, post_id, initiator_account_id, treasurer_account_id, supplier_account_id, timing FROM pools WHERE id = $1
"""


async def pool(sql: Reader, pool_id: UUID) -> Pool | None:
    """Give the people around a pool, if it has been heard of."""
    row = await sql.row(POOL, pool_id)
    return Pool(*row) if row else None
