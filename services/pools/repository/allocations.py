"""What the closing rule decided, kept so that it can be read back exactly: prices are frozen here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.pools.domain.closing import Allocation, Bid, Line, Outcome
from services.pools.domain.split import Due, split
from services.pools.domain.terms import FixedCosts
from shared.db import Reader, Row, Transaction, columns

INSERT = """
INSERT INTO allocations (pool_id, run, quantity, unit_price_idr, landed_price_idr, freight_idr, installation_idr,
    training_idr, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

INSERT_LINES = """
INSERT INTO allocation_lines (pool_id, run, pledge_id, number, units, tolerance_used_units, waitlisted_units, ceiling_idr,
    outcome, goods_idr, freight_idr, installation_idr, training_idr)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::int[], $5::int[], $6::int[], $7::int[], $8::bigint[], $9::text[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
"""

INSERT_BIDS = """
INSERT INTO allocation_bids (pool_id, run, number, waits, pledge_id, units, tolerance_units, ceiling_idr)
SELECT $1, $2, * FROM unnest($3::int[], $4::boolean[], $5::uuid[], $6::int[], $7::int[], $8::bigint[])
"""

OFFER = """
UPDATE allocation_bids AS bid SET offered_units = given.units
FROM unnest($2::int[], $3::int[]) AS given (number, units)
WHERE pool_id = $1 AND run = 1 AND waits AND bid.number = given.number
"""

READ = "SELECT * FROM allocations WHERE pool_id = $1 AND run = $2"

READ_LINES = "SELECT * FROM allocation_lines WHERE pool_id = $1 AND run = $2 ORDER BY number"

READ_BIDS = "SELECT * FROM allocation_bids WHERE pool_id = $1 AND run = $2 ORDER BY number"

NEWEST_UNITS = """
SELECT pledge_id, units FROM allocation_lines
WHERE pool_id = $1 AND run = (SELECT max(run) FROM allocations WHERE pool_id = $1) AND units > 0
"""

NEWEST_RUN = "SELECT max(run) FROM allocations WHERE pool_id = $1"


async def insert(tx: Transaction, pool_id: UUID, run: int, allocation: Allocation, now: datetime) -> tuple[Due, ...]:
    """Keep an allocation with its exact split, in three statements. Gives the split."""
    fixed = allocation.fixed
    await tx.run(
        INSERT,
        pool_id,
        run,
        allocation.quantity,
        allocation.unit_price_idr,
        allocation.landed_price_idr,
        fixed.freight_idr,
        fixed.installation_idr,
        fixed.training_idr,
        now,
    )
    dues = split(allocation)
    by_pledge = {due.pledge_id: due for due in dues}
    await tx.run(INSERT_LINES, pool_id, run, *columns([_line_row(line, by_pledge) for line in allocation.lines], 11))
    bids = [(bid, False) for bid in allocation.served] + [(bid, True) for bid in allocation.waiters]
    rows = [(bid.number, waits, bid.pledge_id, bid.units, bid.tolerance_units, bid.ceiling_idr) for bid, waits in bids]
    await tx.run(INSERT_BIDS, pool_id, run, *columns(rows, 6))
    return dues


def _line_row(line: Line, dues: dict[UUID, Due]) -> tuple[object, ...]:
    due = dues.get(line.pledge_id)
    costs = (due.goods_idr, due.freight_idr, due.installation_idr, due.training_idr) if due else (0, 0, 0, 0)
    return (
        line.pledge_id,
        line.number,
        line.units,
        line.tolerance_used_units,
        line.waitlisted_units,
        line.ceiling_idr,
        line.outcome.value,
        *costs,
    )


async def offer(tx: Transaction, pool_id: UUID, offered: Sequence[Bid]) -> None:
    """Keep which waiters were offered how many vacated seats."""
    if offered:
        await tx.run(OFFER, pool_id, *columns([(bid.number, bid.units) for bid in offered], 2))


async def read(sql: Reader, pool_id: UUID, run: int) -> Allocation:
    """Read an allocation back as it was decided."""
    header = await sql.row(READ, pool_id, run)
    assert header is not None, "the pool has an allocation of this run"
    lines = [_line_of(row) for row in await sql.rows(READ_LINES, pool_id, run)]
    bids = [(row["waits"], _bid_of(row)) for row in await sql.rows(READ_BIDS, pool_id, run)]
    return Allocation(
        quantity=header["quantity"],
        unit_price_idr=header["unit_price_idr"],
        landed_price_idr=header["landed_price_idr"],
        fixed=FixedCosts(header["freight_idr"], header["installation_idr"], header["training_idr"]),
        lines=tuple(lines),
        served=tuple(bid for waits, bid in bids if not waits),
        waiters=tuple(bid for waits, bid in bids if waits),
    )


async def offered(sql: Reader, pool_id: UUID) -> list[Bid]:
    """Read the vacated seats that were offered to waiters, as bids for as many units, by number."""
    return [
        Bid(row["pledge_id"], row["number"], row["offered_units"], row["tolerance_units"], row["ceiling_idr"])
        for row in await sql.rows(READ_BIDS, pool_id, 1)
        if row["offered_units"]
    ]


async def newest_units(sql: Reader, pool_id: UUID) -> dict[UUID, int]:
    """Tell how many units the newest allocation gives each pledge that gets some."""
    return {row["pledge_id"]: row["units"] for row in await sql.rows(NEWEST_UNITS, pool_id)}


async def newest_run(sql: Reader, pool_id: UUID) -> int | None:
    """Tell the number of the newest allocation, None before the closing."""
    run: int | None = await sql.value(NEWEST_RUN, pool_id)
    return run


def _bid_of(row: Row) -> Bid:
    return Bid(row["pledge_id"], row["number"], row["units"], row["tolerance_units"], row["ceiling_idr"])


def _line_of(row: Row) -> Line:
    return Line(
        row["pledge_id"],
        row["number"],
        row["units"],
        row["tolerance_used_units"],
        row["waitlisted_units"],
        row["ceiling_idr"],
        Outcome(row["outcome"]),
    )
