"""SQL of the members of pools. Statements of an older version of the pool than the one kept change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.notifications.domain.standing import Standing, ends
from shared.contracts.pools import AllocationLine, AmountDue, PledgeLine
from shared.db import Reader, Transaction, columns

KEEP_PLEDGES = """
INSERT INTO members (pool_id, version, pledge_id, account_id, method, units)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::integer[])
ON CONFLICT (pledge_id) DO UPDATE SET method = excluded.method, units = excluded.units, version = excluded.version
WHERE members.version < excluded.version
"""


async def keep_pledges(tx: Transaction, pool_id: UUID, version: int, lines: Sequence[PledgeLine]) -> None:
    """Keep new pledges, or new figures of known ones."""
    rows = [(line.pledge_id, line.account_id, line.method, line.units) for line in lines]
    await tx.run(KEEP_PLEDGES, pool_id, version, *columns(rows, 4))


WITHDRAW = """
INSERT INTO members (pool_id, version, pledge_id, account_id, gone) VALUES ($1, $2, $3, $4, true)
ON CONFLICT (pledge_id) DO UPDATE SET gone = true, version = excluded.version WHERE members.version < excluded.version
"""


async def withdraw(tx: Transaction, pool_id: UUID, version: int, pledge_id: UUID, account_id: UUID) -> None:
    """Keep that a pledge is taken back."""
    await tx.run(WITHDRAW, pool_id, version, pledge_id, account_id)


STANDINGS = """
SELECT pledge_id, account_id, method, units, outcome, must_hold_idr, pay_by, version
FROM members WHERE pledge_id = ANY ($1::uuid[])
"""


async def standings(sql: Reader, pledge_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Give how pledges stood, as far as they are known."""
    rows = await sql.rows(STANDINGS, pledge_ids)
    return {row["pledge_id"]: Standing(*list(row)[1:]) for row in rows}


KEEP_ALLOCATION = """
INSERT INTO members (pool_id, version, pledge_id, account_id, outcome)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::text[])
ON CONFLICT (pledge_id) DO UPDATE
SET outcome = coalesce(members.outcome, excluded.outcome), version = excluded.version
WHERE members.version < excluded.version
"""


async def keep_allocation(tx: Transaction, pool_id: UUID, version: int, lines: Sequence[AllocationLine]) -> None:
    """Keep what came out for each pledge. A second run does not change that; the amounts that follow do."""
    if lines:
        rows = [(line.pledge_id, line.account_id, line.outcome) for line in lines]
        await tx.run(KEEP_ALLOCATION, pool_id, version, *columns(rows, 3))


KEEP_AMOUNTS = """
INSERT INTO members (pool_id, version, pledge_id, account_id, must_hold_idr, pay_by, gone)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::boolean[])
ON CONFLICT (pledge_id) DO UPDATE
SET must_hold_idr = excluded.must_hold_idr, pay_by = excluded.pay_by, gone = excluded.gone, version = excluded.version
WHERE members.version < excluded.version
"""


async def keep_amounts(tx: Transaction, pool_id: UUID, version: int, lines: Sequence[AmountDue]) -> None:
    """Keep what each pledge owes, in rupiah, and who is out."""
    rows = [(line.pledge_id, line.account_id, line.must_hold_idr, line.pay_by, ends(line)) for line in lines]
    await tx.run(KEEP_AMOUNTS, pool_id, version, *columns(rows, 5))


AUDIENCE = """
SELECT account_id FROM members WHERE pool_id = $1 AND NOT gone
UNION SELECT initiator_account_id FROM pools WHERE id = $1
"""

MEMBERS = "SELECT DISTINCT account_id FROM members WHERE pool_id = $1 AND NOT gone"


async def in_pool(sql: Reader, pool_id: UUID) -> list[UUID]:
    """Give the accounts that are in a pool."""
    return [row["account_id"] for row in await sql.rows(MEMBERS, pool_id)]


async def around_pool(sql: Reader, pool_id: UUID) -> list[UUID]:
    """Give the accounts that are in a pool, and its initiator, each once."""
    return [row["account_id"] for row in await sql.rows(AUDIENCE, pool_id)]
