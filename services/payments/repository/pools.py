"""Pools as payments knows them, and their lock; posts and payees."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.payments.domain.holding import Pool, PoolFacts
from shared.db import Reader, Row, Transaction

FIELDS = """
id, post_id, title, initiator_account_id, treasurer_account_id, verified_by, supplier_id, supplier_account_id, methods,
timing, grace_until, securing_closed_at, settled_at
"""


def pool_of(row: Row) -> Pool:
    """Map a row of `pools`."""
    facts = None
    if row["post_id"] is not None:
        facts = PoolFacts(
            row["post_id"], row["title"], row["initiator_account_id"], row["treasurer_account_id"], row["verified_by"],
            row["supplier_id"], row["supplier_account_id"], tuple(row["methods"]), row["timing"],
        )  # fmt: skip
    return Pool(row["id"], facts, row["grace_until"], row["securing_closed_at"], row["settled_at"])


KNOW_POOL = "INSERT INTO pools (id) VALUES ($1) ON CONFLICT DO NOTHING"


async def know_pool(tx: Transaction, pool_id: UUID) -> Pool:
    """Lock a pool that others speak of, making its row if this is the first we hear of it."""
    await tx.run(KNOW_POOL, pool_id)
    pool = await lock_pool(tx, pool_id)
    assert pool is not None
    return pool


LOCK_POOL = f"SELECT {FIELDS} FROM pools WHERE id = $1 FOR NO KEY UPDATE"  # noqa: S608


async def lock_pool(tx: Transaction, pool_id: UUID) -> Pool | None:
    """Lock a pool: nobody else moves its money until this transaction ends."""
    row = await tx.row(LOCK_POOL, pool_id)
    return pool_of(row) if row else None


Named = Literal["pool_id", "pledge_id", "payment_id", "refund_id", "payout_id"]
"""By what a pool is named: itself, or a thing of its."""

# To which pool a thing belongs never changes, so it is found in the statement that locks.
LOCK_POOL_OF: dict[Named, str] = {
    "pool_id": LOCK_POOL,
    "pledge_id": LOCK_POOL.replace("$1", "(SELECT pool_id FROM holdings WHERE pledge_id = $1)"),
    "payment_id": LOCK_POOL.replace("$1", "(SELECT pool_id FROM payments WHERE id = $1)"),
    "refund_id": LOCK_POOL.replace("$1", "(SELECT pool_id FROM refunds WHERE id = $1)"),
    "payout_id": LOCK_POOL.replace("$1", "(SELECT pool_id FROM payouts WHERE id = $1)"),
}


async def lock_pool_of(tx: Transaction, named: Named, thing_id: UUID) -> Pool | None:
    """Lock the pool of a thing, as `lock_pool` does; None where there is no such thing."""
    row = await tx.row(LOCK_POOL_OF[named], thing_id)
    return pool_of(row) if row else None


GET_POOLS = f"SELECT {FIELDS} FROM pools WHERE id = ANY ($1::uuid[])"  # noqa: S608


async def get_pools(sql: Reader, pool_ids: Collection[UUID]) -> dict[UUID, Pool]:
    """Read pools without locking them."""
    return {row["id"]: pool_of(row) for row in await sql.rows(GET_POOLS, list(pool_ids))}


async def get_pool(sql: Reader, pool_id: UUID) -> Pool | None:
    """Read a pool without locking it."""
    return (await get_pools(sql, [pool_id])).get(pool_id)


SAVE_FACTS = """
UPDATE pools SET post_id = $2, title = $3, initiator_account_id = $4, treasurer_account_id = $5, verified_by = $6,
    supplier_id = $7, supplier_account_id = $8, methods = $9, timing = $10
WHERE id = $1
"""


async def save_facts(tx: Transaction, pool_id: UUID, facts: PoolFacts) -> None:
    """Keep what `pool_opened` said."""
    await tx.run(
        SAVE_FACTS, pool_id, facts.post_id, facts.title, facts.initiator_account_id, facts.treasurer_account_id,
        facts.verified_by, facts.supplier_id, facts.supplier_account_id, list(facts.methods), facts.timing,
    )  # fmt: skip


BEGIN_CLOSING = "UPDATE pools SET grace_until = $2 WHERE id = $1 AND grace_until IS NULL"


async def begin_closing(tx: Transaction, pool_id: UUID, grace_until: datetime) -> None:
    """The pool takes no pledges any more."""
    await tx.run(BEGIN_CLOSING, pool_id, grace_until)


END_SECURING = "UPDATE pools SET securing_closed_at = $2 WHERE id = $1 AND securing_closed_at IS NULL"


async def end_securing(tx: Transaction, pool_id: UUID, now: datetime) -> None:
    """The answer to the closing is given."""
    await tx.run(END_SECURING, pool_id, now)


GRACE_IS_OVER = """
SELECT id FROM pools WHERE grace_until <= $1 AND grace_ended_at IS NULL AND securing_closed_at IS NULL
ORDER BY grace_until LIMIT $2
"""


async def grace_is_over(sql: Reader, now: datetime, limit: int) -> list[UUID]:
    """Find pools whose grace is over and has not been ended."""
    return [row["id"] for row in await sql.rows(GRACE_IS_OVER, now, limit)]


END_GRACE = "UPDATE pools SET grace_ended_at = coalesce(grace_ended_at, $2) WHERE id = $1"


async def end_grace(tx: Transaction, pool_id: UUID, now: datetime) -> None:
    """What is still open is being expired; whoever records the last of its ends closes the securing."""
    await tx.run(END_GRACE, pool_id, now)


SETTLED = "UPDATE pools SET settled_at = coalesce(settled_at, $2) WHERE id = $1"


async def mark_settled(tx: Transaction, pool_id: UUID, now: datetime) -> None:
    """Goods are with their owners."""
    await tx.run(SETTLED, pool_id, now)


@dataclass(frozen=True, slots=True)
class Payee:
    """Where a supplier is paid."""

    bank_name: str
    account_number: str
    account_holder: str


SAVE_POST = "INSERT INTO posts (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name"


async def save_post(tx: Transaction, post_id: UUID, name: str) -> None:
    """Keep a post's name."""
    await tx.run(SAVE_POST, post_id, name)


SAVE_PAYEE = """
INSERT INTO payees (supplier_id, bank_name, account_number, account_holder, version) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (supplier_id) DO UPDATE
SET bank_name = excluded.bank_name, account_number = excluded.account_number, account_holder = excluded.account_holder,
    version = excluded.version
WHERE payees.version < excluded.version
"""


async def save_payee(tx: Transaction, supplier_id: UUID, payee: Payee, version: int) -> None:
    """Keep where a supplier is paid, unless something newer is known."""
    await tx.run(SAVE_PAYEE, supplier_id, payee.bank_name, payee.account_number, payee.account_holder, version)


FORGET_PAYEES = """
DELETE FROM payees WHERE supplier_id IN (SELECT supplier_id FROM pools WHERE supplier_account_id = $1)
"""


async def forget_payees(tx: Transaction, account_id: UUID) -> None:
    """Forget where an account's suppliers are paid."""
    await tx.run(FORGET_PAYEES, account_id)
