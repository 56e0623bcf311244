"""Pages: the pool page through `web` and the API behind it, all in one process on one core."""

from __future__ import annotations

from itertools import repeat

from tests.benchmarks.ground import Ground
from tests.benchmarks.load import Result, load, request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pools import pools_with_pledges

RUNS = 3
PAGES = 1_000
PLEDGES = 100
CLIENTS = 16


async def measure(ground: Ground) -> list[Figure]:
    """Measure an open pool with a hundred members: as visitors share its drawings, and with each drawn anew."""
    dsn = await ground.database("pages")
    (pool_id,) = await pools_with_pledges(ground, dsn, PLEDGES)
    page = f"/urun/{pool_id}", b"Urun spinner Kramat Jati"
    shared = await drawn(ground, dsn, *page, kept_s="1")
    anew = await drawn(ground, dsn, *page, kept_s="0")
    return [
        Figure("pool page, one core, 16 connections", per_second(shared), "/s", at_least=300),
        Figure("the same, p99", median([one.run.percentile_ms(99) for one in shared]), "ms", at_most=100),
        Figure("each page drawn anew", per_second(anew), "/s", at_least=300),
        Figure("the same, p99", median([one.run.percentile_ms(99) for one in anew]), "ms", at_most=100),
    ]


async def drawn(ground: Ground, dsn: str, path: str, said: bytes, *, kept_s: str) -> list[Result]:
    """Ask for a page that says `said` again and again, all on one core. `kept_s`: seconds for which visitors share a drawing."""
    results: list[Result] = []
    async with ground.server(["services", "run"], ground.environment(dsn, PAGES_KEPT_S=kept_s), core=0) as port:
        page = request("GET", path, extra="Accept-Encoding: identity\r\n")
        await load(port, repeat(page, 200), clients=CLIENTS)  # warm
        for _ in range(RUNS):
            result = (await load(port, repeat(page, PAGES), clients=CLIENTS)).only(200)
            assert said in result.sample
            results.append(result)
    return results


def per_second(results: list[Result]) -> float:
    """The median of several loads."""
    return median([one.run.per_second for one in results])
