"""Pledges and their numbered blocks; everything is written for many pledges at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.pools.domain.amounts import AmountDue
from services.pools.domain.pledge import Block, Pledge, PledgeState
from shared.db import Reader, Row, Transaction, columns


@dataclass(frozen=True, slots=True)
class KeptPledge:
    """A pledge with what is kept beside the rules' figures. `held_idr` is payments' word, in rupiah."""

    pledge: Pledge
    pool_id: UUID
    method: str
    assisted_by: UUID | None
    must_hold_idr: int
    may_hold_idr: int
    held_idr: int
    held_version: int


@dataclass(frozen=True, slots=True)
class NewPledge:
    """A pledge that is being made."""

    pledge: Pledge
    method: str
    assisted_by: UUID | None


_SELECT = """
SELECT pledges.*, array_agg(block.number ORDER BY block.number) AS numbers,
    array_agg(block.units ORDER BY block.number) AS block_units
FROM pledges JOIN pledge_blocks AS block ON block.pledge_id = pledges.id
"""

LIVE_OF_ACCOUNTS = (
    _SELECT
    + """
WHERE pledges.pool_id = $1 AND account_id = ANY ($2::uuid[]) AND state NOT IN ('dropped', 'withdrawn', 'fulfilled')
GROUP BY pledges.id
"""
)

LIVE_OF_POOL = (
    _SELECT
    + """
WHERE pledges.pool_id = $1 AND state NOT IN ('dropped', 'withdrawn', 'fulfilled') GROUP BY pledges.id ORDER BY pledges.number
"""
)

ONE = _SELECT + "WHERE pledges.id = $1 GROUP BY pledges.id"

POOL_OF = "SELECT pool_id FROM pledges WHERE id = $1"

INSERT = """
INSERT INTO pledges (id, pool_id, account_id, number, units, tolerance_units, ceiling_idr, method, state, assisted_by,
    may_hold_idr, made_at)
SELECT id, $1, account_id, number, units, tolerance, ceiling, method, state, assisted_by, may_hold, $2
FROM unnest($3::uuid[], $4::uuid[], $5::int[], $6::int[], $7::int[], $8::bigint[], $9::text[], $10::text[], $11::uuid[],
    $12::bigint[]) AS new (id, account_id, number, units, tolerance, ceiling, method, state, assisted_by, may_hold)
"""

REFIGURE = """
UPDATE pledges SET units = new.units, tolerance_units = tolerance, ceiling_idr = ceiling, state = new.state,
    may_hold_idr = may_hold
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::text[], $6::bigint[])
    AS new (id, units, tolerance, ceiling, state, may_hold)
WHERE pledges.id = new.id
"""

MOVE = """
UPDATE pledges SET state = new.state, reason = new.reason
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, state, reason) WHERE pledges.id = new.id
"""

DROP_BLOCKS = "DELETE FROM pledge_blocks WHERE pledge_id = ANY ($1::uuid[])"

INSERT_BLOCKS = """
INSERT INTO pledge_blocks (pool_id, number, pledge_id, units)
SELECT $1, * FROM unnest($2::int[], $3::uuid[], $4::int[])
"""

STATE_AMOUNTS = """
UPDATE pledges SET must_hold_idr = must, may_hold_idr = may, pay_by = $1
FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS new (id, must, may) WHERE pledges.id = new.id
"""

HOLD = "UPDATE pledges SET held_idr = $2, held_version = $3 WHERE id = $1 AND held_version < $3"

ANY_UNFUNDED = "SELECT EXISTS (SELECT FROM pledges WHERE pool_id = $1 AND held_idr < must_hold_idr)"

HELD = "SELECT id, held_idr FROM pledges WHERE pool_id = $1 AND held_idr > 0"


async def live_of_accounts(tx: Transaction, pool_id: UUID, accounts: Sequence[UUID]) -> dict[UUID, KeptPledge]:
    """Read the live pledges of some accounts, by account. The pool is locked."""
    rows = await tx.rows(LIVE_OF_ACCOUNTS, pool_id, accounts)
    return {row["account_id"]: pledge_of(row) for row in rows}


async def live_of_pool(sql: Reader, pool_id: UUID) -> list[KeptPledge]:
    """Read all live pledges of a pool, by number."""
    return [pledge_of(row) for row in await sql.rows(LIVE_OF_POOL, pool_id)]


async def one(sql: Reader, pledge_id: UUID) -> KeptPledge | None:
    """Read a pledge."""
    row = await sql.row(ONE, pledge_id)
    return pledge_of(row) if row else None


async def pool_of_pledge(sql: Reader, pledge_id: UUID) -> UUID | None:
    """Tell to which pool a pledge belongs; that never changes."""
    found: UUID | None = await sql.value(POOL_OF, pledge_id)
    return found


async def insert(tx: Transaction, pool_id: UUID, new: Sequence[NewPledge], now: datetime) -> None:
    """Keep new pledges and their blocks, in two statements."""
    rows = [
        (
            entry.pledge.id,
            entry.pledge.account_id,
            entry.pledge.number,
            entry.pledge.units,
            entry.pledge.tolerance_units,
            entry.pledge.ceiling_idr,
            entry.method,
            entry.pledge.state.value,
            entry.assisted_by,
            entry.pledge.most_idr if entry.pledge.is_live else 0,
        )
        for entry in new
    ]
    await tx.run(INSERT, pool_id, now, *columns(rows, 10))
    await _insert_blocks(tx, pool_id, [entry.pledge for entry in new])


async def refigure(tx: Transaction, pool_id: UUID, pledges: Sequence[Pledge]) -> None:
    """Keep pledges' new figures and blocks, in three statements."""
    rows = [
        (pledge.id, pledge.units, pledge.tolerance_units, pledge.ceiling_idr, pledge.state.value, pledge.most_idr)
        for pledge in pledges
    ]
    await tx.run(REFIGURE, *columns(rows, 6))
    await tx.run(DROP_BLOCKS, [pledge.id for pledge in pledges])
    await _insert_blocks(tx, pool_id, pledges)


async def _insert_blocks(tx: Transaction, pool_id: UUID, pledges: Iterable[Pledge]) -> None:
    rows = [(block.number, pledge.id, block.units) for pledge in pledges for block in pledge.blocks]
    await tx.run(INSERT_BLOCKS, pool_id, *columns(rows, 3))


async def move(tx: Transaction, moved: Sequence[tuple[Pledge, str | None]]) -> None:
    """Keep pledges' new states, each with the reason why fewer units than wished, if so."""
    if moved:
        rows = [(pledge.id, pledge.state.value, reason) for pledge, reason in moved]
        await tx.run(MOVE, *columns(rows, 3))


async def state_amounts(tx: Transaction, amounts: Sequence[AmountDue], pay_by: datetime | None) -> None:
    """Keep what must and may be held, in rupiah."""
    if amounts:
        rows = [(due.pledge_id, due.must_hold_idr, due.may_hold_idr) for due in amounts]
        await tx.run(STATE_AMOUNTS, pay_by, *columns(rows, 3))


async def hold(tx: Transaction, pledge_id: UUID, held_idr: int, version: int) -> bool:
    """Keep payments' newest word on what is held; tells whether it was newer than what was known."""
    return bool(await tx.run(HOLD, pledge_id, held_idr, version))


async def any_unfunded(tx: Transaction, pool_id: UUID) -> bool:
    """Whether less is held for some pledge than must be."""
    return bool(await tx.value(ANY_UNFUNDED, pool_id))


async def held(sql: Reader, pool_id: UUID) -> dict[UUID, int]:
    """What is held for each pledge, in rupiah."""
    return {row["id"]: row["held_idr"] for row in await sql.rows(HELD, pool_id)}


def pledge_of(row: Row) -> KeptPledge:
    """Map a row of `pledges` with its blocks."""
    blocks = tuple(Block(number, units) for number, units in zip(row["numbers"], row["block_units"], strict=True))
    pledge = Pledge(
        row["id"], row["account_id"], blocks, row["tolerance_units"], row["ceiling_idr"], PledgeState(row["state"])
    )
    return KeptPledge(
        pledge,
        row["pool_id"],
        row["method"],
        row["assisted_by"],
        row["must_hold_idr"],
        row["may_hold_idr"],
        row["held_idr"],
        row["held_version"],
    )
