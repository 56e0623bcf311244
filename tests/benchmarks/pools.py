"""Pools to measure on: opened through the API as people do it, then copied as rows where many are needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import repeat
from uuid import UUID

import asyncpg

import services
from shared.discovery import discover
from shared.ids import new_id
from shared.testing.running import Client, running
from tests.benchmarks.ground import Ground
from tests.pools.outside_world import World

PAST = 20_000

TERMS = {
    "capacity_units": 1_000_000,
    "minimum_units": 4,
    "pack_units": 1,
    "tiers": [
        {"from_units": 4, "unit_price_idr": 1_000_000},
        {"from_units": 1_000, "unit_price_idr": 900_000},
        {"from_units": 100_000, "unit_price_idr": 800_000},
    ],
}

COPY_POOLS = """
INSERT INTO pools.pools SELECT (jsonb_populate_record(pool, jsonb_build_object('id', copy))).*
FROM pools.pools AS pool, unnest($2::uuid[]) AS copy WHERE pool.id = $1
"""

FIGURES = """
SELECT (SELECT count(*) FROM pools.pledges WHERE pool_id = $1) AS pledges,
    (SELECT coalesce(sum(units), 0) FROM pools.pledges WHERE pool_id = $1) AS units,
    (SELECT pledged_units FROM pools.pools WHERE id = $1) AS counted,
    (SELECT coalesce(sum(jsonb_array_length(body -> 'pledges')), 0) FROM pools.events
     WHERE aggregate_id = $1 AND type = 'pools.pledges_made.v1') AS told
"""


@asynccontextmanager
async def world_on(ground: Ground, dsn: str) -> AsyncIterator[World]:
    """Run pools in this process, to prepare what is measured."""
    everything = discover(services)
    chosen = [service for service in everything if service.name == "pools"]
    settings = ground.settings
    client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
    try:
        async with running(settings, dsn, chosen, everything) as runner:
            world = await World.begin(runner, client)
            yield world
    finally:
        await client.close()


PLEDGE = """
WITH new AS (
    SELECT number, uuidv7() AS id, uuidv7() AS account_id FROM generate_series(1, $2::int) AS number
), pledge AS (
    INSERT INTO pools.pledges (id, pool_id, account_id, number, units, tolerance_units, ceiling_idr, method, state, may_hold_idr,
        made_at)
    SELECT id, $1, account_id, number, 1 + number % 3, number % 2, ceiling, 'cash', 'secured',
        ceiling * (1 + number % 3 + number % 2), clock_timestamp()
    FROM new, LATERAL (SELECT 1_100_000 + number % 97 * 1_000 AS ceiling) AS chosen
)
INSERT INTO pools.pledge_blocks (pool_id, number, pledge_id, units) SELECT $1, number, id, 1 + number % 3 FROM new
"""

COUNT = """
UPDATE pools.pools SET next_number = $2 + 1, live_pledges = $2, (pledged_units, secured_units) =
    (SELECT sum(units), sum(units) FROM pools.pledges WHERE pool_id = $1)
WHERE id = $1
"""


async def open_pools(ground: Ground, dsn: str, count: int) -> list[UUID]:
    """Open one pool as people do, and copy it until there are so many; beside them stands one of the past.

    Without it every plan would be made for empty tables, and kept while they grow.
    """
    return (await pools_with_pledges(ground, dsn, PAST, *repeat(0, count)))[1:]


async def pools_with_pledges(ground: Ground, dsn: str, *counts: int) -> list[UUID]:
    """Open a pool for each count, with so many secured pledges of differing ceilings and tolerance."""
    async with world_on(ground, dsn) as world:
        deadline = (world.now() + timedelta(days=30)).isoformat()
        first = (await world.open(proposal={"deadline": deadline}, **TERMS)).id
    found = [first, *(new_id() for _ in counts[1:])]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(COPY_POOLS, first, found[1:])
        for pool_id, count in zip(found, counts, strict=True):
            if count:
                await connection.execute(PLEDGE, pool_id, count)
                await connection.execute(COUNT, pool_id, count)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return found


async def check_sums(dsn: str, pool_id: UUID, pledges: int) -> None:
    """Insist that a pool counts and tells exactly the pledges that were answered. Raises `AssertionError`."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetchrow(FIGURES, pool_id)
    finally:
        await connection.close()
    assert found is not None
    assert set(found.values()) == {pledges}, f"{dict(found)} instead of {pledges} each"
