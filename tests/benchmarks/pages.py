"""Pages: the pool page through `web` and the API behind it, all in one process on one core."""

from __future__ import annotations

from itertools import repeat

from tests.benchmarks.ground import Ground
from tests.benchmarks.load import Result, load, request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pools import pools_with_pledges

RUNS = 3
PAGES = 2_000
PLEDGES = 100
CLIENTS = 16


async def measure(ground: Ground) -> list[Figure]:
    """Measure an open pool with a hundred members."""
    dsn = await ground.database("pages")
    (pool_id,) = await pools_with_pledges(ground, dsn, PLEDGES)
    environment = ground.environment(dsn)
    results: list[Result] = []
    async with ground.server(["services", "run"], environment, core=0) as port:
        page = request("GET", f"/urun/{pool_id}", extra="Accept-Encoding: identity\r\n")
        await load(port, repeat(page, 200), clients=CLIENTS)  # warm
        for _ in range(RUNS):
            result = (await load(port, repeat(page, PAGES), clients=CLIENTS)).only(200)
            assert b"Urun spinner Kramat Jati" in result.sample
            results.append(result)
    return [
        Figure(
            "pool page, one core, 16 connections", median([one.run.per_second for one in results]), "/s", at_least=300
        ),
        Figure("the same, p99", median([one.run.percentile_ms(99) for one in results]), "ms", at_most=100),
    ]
