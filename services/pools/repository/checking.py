"""Recomputes the totals of pools from their rows; each statement gives the rows in which two figures differ."""

from __future__ import annotations

from shared.db import Reader
from shared.service import Drift

CHECKS = {
    "pledged units while open": """
        SELECT pools.id, coalesce(sum(units), 0)::int AS expected, pledged_units AS found
        FROM pools LEFT JOIN pledges ON pool_id = pools.id AND pledges.state NOT IN ('dropped', 'withdrawn', 'fulfilled')
        WHERE pools.state = 'open' GROUP BY pools.id HAVING coalesce(sum(units), 0) <> pledged_units""",
    "secured units while open": """
        SELECT pools.id, coalesce(sum(units), 0)::int AS expected, secured_units AS found
        FROM pools LEFT JOIN pledges ON pool_id = pools.id AND pledges.state = 'secured'
        WHERE pools.state = 'open' GROUP BY pools.id HAVING coalesce(sum(units), 0) <> secured_units""",
    "live pledges while open": """
        SELECT pools.id, count(pledges.id)::int AS expected, live_pledges AS found
        FROM pools LEFT JOIN pledges ON pool_id = pools.id AND pledges.state NOT IN ('dropped', 'withdrawn', 'fulfilled')
        WHERE pools.state = 'open' GROUP BY pools.id HAVING count(pledges.id) <> live_pledges""",
    "units of a pledge and of its blocks": """
        SELECT pledges.id, coalesce(sum(block.units), 0)::int AS expected, pledges.units AS found
        FROM pledges LEFT JOIN pledge_blocks AS block ON pledge_id = pledges.id
        GROUP BY pledges.id HAVING coalesce(sum(block.units), 0) <> pledges.units""",
    "units of an allocation and of its lines": """
        SELECT allocation.pool_id AS id, coalesce(sum(units), 0)::int AS expected, quantity AS found
        FROM allocations AS allocation LEFT JOIN allocation_lines USING (pool_id, run)
        GROUP BY allocation.pool_id, run, quantity HAVING coalesce(sum(units), 0) <> quantity""",
    "price of an allocation and of its lines": """
        SELECT allocation.pool_id AS id,
            coalesce(sum(line.goods_idr + line.freight_idr + line.installation_idr + line.training_idr), 0)::bigint AS expected,
            quantity * unit_price_idr + allocation.freight_idr + allocation.installation_idr + allocation.training_idr AS found
        FROM allocations AS allocation LEFT JOIN allocation_lines AS line USING (pool_id, run)
        GROUP BY allocation.pool_id, allocation.run
        HAVING coalesce(sum(line.goods_idr + line.freight_idr + line.installation_idr + line.training_idr), 0)
            <> quantity * unit_price_idr + allocation.freight_idr + allocation.installation_idr + allocation.training_idr""",
    "total of a firm order and of what its pledges pay": """
        SELECT orders.id, coalesce(sum(must_hold_idr), 0)::bigint AS expected, total_idr AS found
        FROM orders LEFT JOIN pledges USING (pool_id) WHERE orders.state IN ('confirmed', 'received', 'closed')
        GROUP BY orders.id HAVING coalesce(sum(must_hold_idr), 0) <> total_idr""",
    "stages of a closed order and its total": """
        SELECT orders.id, total_idr AS expected, coalesce(sum(amount_idr), 0)::bigint AS found
        FROM orders LEFT JOIN payouts ON order_id = orders.id AND paid_at IS NOT NULL
        WHERE orders.state = 'closed' GROUP BY orders.id HAVING coalesce(sum(amount_idr), 0) <> total_idr""",
    "units dispatched": """
        SELECT orders.id, coalesce(sum(units), 0)::int AS expected, dispatched_units AS found
        FROM orders LEFT JOIN dispatches ON order_id = orders.id
        GROUP BY orders.id HAVING coalesce(sum(units), 0) <> dispatched_units""",
    "units received": """
        SELECT pools.id, coalesce(sum(units), 0)::int AS expected, received_units AS found
        FROM pools LEFT JOIN receipts ON pool_id = pools.id
        GROUP BY pools.id HAVING coalesce(sum(units), 0) <> received_units""",
    "what may be held of a pool that is over": """
        SELECT pledges.id, 0 AS expected, may_hold_idr AS found FROM pledges JOIN pools ON pools.id = pool_id
        WHERE pools.state IN ('failed', 'cancelled') AND may_hold_idr > 0""",
    "live pledges of a pool that is over": """
        SELECT pools.id, 0 AS expected, count(*)::int AS found FROM pools JOIN pledges ON pool_id = pools.id
        WHERE pools.state IN ('failed', 'cancelled') AND pledges.state NOT IN ('dropped', 'withdrawn', 'fulfilled')
        GROUP BY pools.id""",
}

HELD = "SELECT id, held_idr FROM pledges"
MAY = "SELECT id, may_hold_idr FROM pledges"


async def drifts(sql: Reader) -> list[Drift]:
    """Give every row in which two figures of pools differ."""
    found = []
    for what, statement in CHECKS.items():
        for row in await sql.rows(statement):
            found.append(Drift(what, str(row["id"]), row["expected"], row["found"]))
    return found


async def held_idr(sql: Reader) -> dict[str, object]:
    """What pools knows to be held for each pledge, in rupiah."""
    return {str(row["id"]): row["held_idr"] for row in await sql.rows(HELD)}


async def may_hold_idr(sql: Reader) -> dict[str, object]:
    """What pools has stated that may be held for each pledge, in rupiah."""
    return {str(row["id"]): row["may_hold_idr"] for row in await sql.rows(MAY)}
