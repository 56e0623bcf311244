"""Closing a pool of ten thousand pledges with all its writes and events, and previewing a pool of a thousand."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import repeat
from uuid import UUID

import asyncpg

from services.pools.commands.closing import securing_closed
from shared.db import Database
from shared.migrate import service_dsn
from tests.benchmarks.ground import Ground
from tests.benchmarks.load import load, request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pools import pools_with_pledges

RUNS = 3
SIZES = (2_500, 5_000, 10_000, 20_000)
PREVIEWS = 3_000

BEGIN_CLOSING = "UPDATE pools.pools SET state = 'closing', closing_reason = 'deadline' WHERE id = $1"
PLEDGES = "SELECT id FROM pools.pledges WHERE pool_id = $1"


async def measure(ground: Ground) -> list[Figure]:
    """Measure closings of four sizes, and previews under 32 clients."""
    dsn = await ground.database("closing")
    pools = await pools_with_pledges(ground, dsn, *(SIZES * RUNS), 1_000)
    took: dict[int, list[float]] = {size: [] for size in SIZES}
    database = Database(service_dsn(ground.settings, dsn, "pools"), schema="pools", size=2, command_timeout_s=60)
    await database.open()
    for size, pool_id in zip(SIZES * RUNS, pools, strict=False):
        took[size].append(await _close(ground, dsn, database, pool_id))
    await database.close()
    seconds = {size: median(found) for size, found in took.items()}
    growth = seconds[20_000] / seconds[10_000]
    n_log_n = 2 * math.log(20_000) / math.log(10_000)
    return [
        Figure("closing 10,000 pledges: rule, writes, events", seconds[10_000], "s", at_most=2),
        Figure("closing twice as many, times as long", growth, "×", at_most=n_log_n * 1.1),
        *await _previews(ground, dsn, pools[-1:]),
    ]


async def _close(ground: Ground, dsn: str, database: Database, pool_id: UUID) -> float:
    """Close a pool as payments' last answer does. Gives the seconds until the commit is back."""
    owner = await asyncpg.connect(dsn)
    await owner.execute(BEGIN_CLOSING, pool_id)
    ids = [row["id"] for row in await owner.fetch(PLEDGES, pool_id)]
    started = time.perf_counter()
    async with database.transaction() as tx:
        await securing_closed(tx, pool_id, 1, 1, ids, ground.settings)
    took = time.perf_counter() - started
    state = await owner.fetchval("SELECT state FROM pools.pools WHERE id = $1", pool_id)
    await owner.close()
    assert state == "awaiting_supplier", state
    return took


async def _previews(ground: Ground, dsn: str, pools: Sequence[UUID]) -> list[Figure]:
    previews = []
    async with ground.server(["services", "run", "pools"], ground.environment(dsn)) as port:
        asked = request("GET", f"/api/v1/pools/{pools[0]}/preview?units=2")
        for _ in range(RUNS):
            previews.append((await load(port, repeat(asked, PREVIEWS), clients=32)).only(200))
    return [
        Figure(
            "preview at 1,000 pledges, 32 clients, p95",
            median([one.run.percentile_ms(95) for one in previews]),
            "ms",
            at_most=50,
        )
    ]
