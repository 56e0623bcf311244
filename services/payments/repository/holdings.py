"""Holdings: what must, may and is held for each pledge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.accounts import Method
from services.payments.domain.holding import Attempt, Holding, OpenRefund, Pool
from services.payments.repository import attempts, refunds
from shared.db import Reader, Row, Transaction, columns


@dataclass(frozen=True, slots=True)
class PledgeFacts:
    """A pledge as `pledges_made` tells it; `may_idr` in rupiah."""

    pledge_id: UUID
    account_id: UUID
    method: Method
    assisted_by: UUID | None
    may_idr: int


@dataclass(frozen=True, slots=True)
class Due:
    """What must and may be held from now on, in rupiah."""

    pledge_id: UUID
    account_id: UUID
    must_idr: int
    may_idr: int
    pay_by: datetime | None


# Facts and dues have their own versions: whichever event comes last, the newest of each stands.
SAVE_PLEDGES = """
INSERT INTO holdings AS known
    (pledge_id, pool_id, account_id, method, assisted_by, facts_version, must_hold_idr, may_hold_idr, dues_version)
SELECT pledge_id, $1, account_id, method, assisted_by, $2, 0, may_idr, $2
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bigint[])
    AS said (pledge_id, account_id, method, assisted_by, may_idr)
ORDER BY pledge_id
ON CONFLICT (pledge_id) DO UPDATE SET
    method = CASE WHEN known.facts_version < $2 THEN excluded.method ELSE known.method END,
    assisted_by = CASE WHEN known.facts_version < $2 THEN excluded.assisted_by ELSE known.assisted_by END,
    facts_version = greatest(known.facts_version, $2),
    must_hold_idr = CASE WHEN known.dues_version < $2 THEN 0 ELSE known.must_hold_idr END,
    may_hold_idr = CASE WHEN known.dues_version < $2 THEN excluded.may_hold_idr ELSE known.may_hold_idr END,
    pay_by = CASE WHEN known.dues_version < $2 THEN NULL ELSE known.pay_by END,
    dues_version = greatest(known.dues_version, $2)
"""


async def save_pledges(tx: Transaction, pool_id: UUID, version: int, pledges: Sequence[PledgeFacts]) -> None:
    """Keep pledges as told at a version of the pool. While a pool is open nothing must be held."""
    rows = [(one.pledge_id, one.account_id, one.method, one.assisted_by, one.may_idr) for one in pledges]
    await tx.run(SAVE_PLEDGES, pool_id, version, *columns(rows, 5))


SAVE_DUES = """
INSERT INTO holdings AS known (pledge_id, pool_id, account_id, must_hold_idr, may_hold_idr, pay_by, dues_version)
SELECT pledge_id, $1, account_id, must_idr, may_idr, pay_by, $2
FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[], $7::timestamptz[])
    AS said (pledge_id, account_id, must_idr, may_idr, pay_by)
ORDER BY pledge_id
ON CONFLICT (pledge_id) DO UPDATE SET
    must_hold_idr = excluded.must_hold_idr, may_hold_idr = excluded.may_hold_idr, pay_by = excluded.pay_by,
    dues_version = excluded.dues_version
WHERE known.dues_version < excluded.dues_version
"""


async def save_dues(tx: Transaction, pool_id: UUID, version: int, dues: Sequence[Due]) -> None:
    """Keep what must and may be held, for each pledge only if newer than what is known."""
    rows = [(due.pledge_id, due.account_id, due.must_idr, due.may_idr, due.pay_by) for due in dues]
    await tx.run(SAVE_DUES, pool_id, version, *columns(rows, 5))


LOAD = """
SELECT holdings.*, ref AS customer FROM holdings LEFT JOIN customers USING (account_id)
WHERE pool_id = $1 AND pledge_id = ANY ($2::uuid[]) ORDER BY pledge_id
"""


async def load(sql: Reader, pool: Pool, pledge_ids: Collection[UUID], *, lock: bool = True) -> list[Holding]:
    """Load pledges of one pool with what is under way for them. With `lock`, the pool must be locked already."""
    rows = await sql.rows(LOAD, pool.id, list(pledge_ids))
    ids = [row["pledge_id"] for row in rows]
    flying = await attempts.in_flight(sql, ids, lock=lock)
    going = await refunds.open_refunds(sql, ids, lock=lock)
    return [holding_of(row, pool, flying.get(row["pledge_id"]), going.get(row["pledge_id"], ())) for row in rows]


def holding_of(row: Row, pool: Pool, attempt: Attempt | None, going: tuple[OpenRefund, ...]) -> Holding:
    """Map a row of `holdings` with its `customer`."""
    return Holding(
        pledge_id=row["pledge_id"],
        pool=pool,
        account_id=row["account_id"],
        method=row["method"],
        assisted_by=row["assisted_by"],
        must_idr=row["must_hold_idr"],
        may_idr=row["may_hold_idr"],
        pay_by=row["pay_by"],
        dues_version=row["dues_version"],
        held_idr=row["held_idr"],
        codes_idr=row["codes_idr"],
        confirmed_idr=row["confirmed_idr"],
        card_ref=row["card_ref"],
        customer=row["customer"],
        blocked_version=row["charge_blocked_version"],
        block_reason=row["block_reason"],
        secured=row["secured"],
        attempt=attempt,
        refunds=going,
    )


MOVE = """
UPDATE holdings SET received_idr = received_idr + $2, refunded_idr = refunded_idr + $3, codes_idr = codes_idr + $4
WHERE pledge_id = $1 RETURNING held_idr
"""


async def move(
    tx: Transaction, pledge_id: UUID, *, received_idr: int = 0, refunded_idr: int = 0, codes_idr: int = 0
) -> int:
    """Change what was received, refunded and held as kode unik, in rupiah; gives what is held now."""
    held: int = await tx.value(MOVE, pledge_id, received_idr, refunded_idr, codes_idr)
    return held


SET_SECURED = """
UPDATE holdings SET secured = is_so, secured_at = CASE WHEN is_so THEN $3::timestamptz END
FROM unnest($1::uuid[], $2::boolean[]) AS found (pledge_id, is_so) WHERE holdings.pledge_id = found.pledge_id
"""


async def set_secured(tx: Transaction, secured: dict[UUID, bool], now: datetime) -> None:
    """Keep whether pledges count."""
    await tx.run(SET_SECURED, list(secured), list(secured.values()), now)


CONFIRM = "UPDATE holdings SET confirmed_idr = $2, confirmed_by = $3 WHERE pledge_id = $1"


async def confirm(tx: Transaction, pledge_id: UUID, may_idr: int, by: UUID) -> None:
    """An operator stands for the pledge, up to its present figure."""
    await tx.run(CONFIRM, pledge_id, may_idr, by)


SAVE_CARD = """
UPDATE holdings SET card_ref = $2, charge_blocked_version = NULL, block_reason = NULL WHERE pledge_id = $1
"""


async def save_card(tx: Transaction, pledge_id: UUID, card_ref: str) -> None:
    """Keep the card to charge."""
    await tx.run(SAVE_CARD, pledge_id, card_ref)


BLOCK_CHARGE = """
UPDATE holdings SET charge_blocked_version = dues_version, block_reason = $2 WHERE pledge_id = $1
"""


async def block_charge(tx: Transaction, pledge_id: UUID, reason: str) -> None:
    """The saved card was declined: it is not charged again until pools says something new."""
    await tx.run(BLOCK_CHARGE, pledge_id, reason)


SECURED = "SELECT pledge_id FROM holdings WHERE pool_id = $1 AND secured ORDER BY pledge_id"


async def secured_pledges(sql: Reader, pool_id: UUID) -> list[UUID]:
    """List a pool's secured pledges."""
    return [row["pledge_id"] for row in await sql.rows(SECURED, pool_id)]


PLEDGES = "SELECT pledge_id FROM holdings WHERE pool_id = $1 ORDER BY pledge_id"


async def pledges_of_pool(sql: Reader, pool_id: UUID) -> list[UUID]:
    """List a pool's pledges."""
    return [row["pledge_id"] for row in await sql.rows(PLEDGES, pool_id)]


CUSTOMER = """
WITH made AS (INSERT INTO customers (account_id, ref) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING RETURNING ref)
SELECT ref FROM made UNION ALL SELECT ref FROM customers WHERE account_id = $1 LIMIT 1
"""


async def keep_customer(tx: Transaction, account_id: UUID, ref: str) -> str:
    """Keep the provider's customer for an account; gives the one that was kept first."""
    kept: str | None = await tx.value(CUSTOMER, account_id, ref)
    if kept is None:  # another transaction has kept one this moment, unseen by this statement's snapshot
        kept = await tx.value("SELECT ref FROM customers WHERE account_id = $1", account_id)
    assert kept is not None
    return kept


async def customer_of(sql: Reader, account_id: UUID) -> str | None:
    """Find the provider's customer for an account."""
    ref: str | None = await sql.value("SELECT ref FROM customers WHERE account_id = $1", account_id)
    return ref
