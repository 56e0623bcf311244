"""Hot pools: many clients pledge on one pool through the HTTP API, against hand-written `SELECT … FOR UPDATE`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from shared.testing.running import principal
from tests.benchmarks.ground import Ground, pgbench
from tests.benchmarks.load import Result, load, request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pools import check_sums, open_pools

RUNS = 3
NEIGHBOURS = 4_000
BASELINE_CLIENTS = 32
BASELINE_S = 5
POOLS = 1_000
BODY = json.dumps({"units": 1, "method": "cash"}).encode()

# The same rows in the same tables as one pledge through the API, in as few statements as a careful hand would take.
FOR_UPDATE = """
\\set i :i + 1
\\set n :client_id * 100000000 + :i
BEGIN;
SELECT next_number AS number FROM pools.pools WHERE id = :pool::uuid FOR UPDATE \\gset
WITH pledge AS (
    INSERT INTO pools.pledges (id, pool_id, account_id, number, units, tolerance_units, ceiling_idr, method, state,
        may_hold_idr, made_at)
    VALUES (('00000001-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :pool::uuid,
        ('00000002-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :number, 1, 0, 1045834, 'cash', 'made', 1045834,
        clock_timestamp())
), block AS (
    INSERT INTO pools.pledge_blocks (pool_id, number, pledge_id, units)
    VALUES (:pool::uuid, :number, ('00000001-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 1)
)
UPDATE pools.pools SET next_number = next_number + 1, live_pledges = live_pledges + 1, pledged_units = pledged_units + 1
WHERE id = :pool::uuid;
WITH told AS (
    INSERT INTO pools.aggregates (aggregate_id, version) VALUES (:pool::uuid, 1)
    ON CONFLICT (aggregate_id) DO UPDATE SET version = aggregates.version + 1 RETURNING version
), event AS (
    INSERT INTO pools.events (id, aggregate_id, version, type, transient, body)
    SELECT ('00000003-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :pool::uuid, version, 'pools.pledges_made.v1', false,
        jsonb_build_object('pool_id', :pool::text, 'pledges', jsonb_build_array(jsonb_build_object(
            'pledge_id', '00000001-0000-7000-8000-' || lpad(:n::text, 12, '0'), 'units', 1, 'number', :number::int,
            'account_id', '00000002-0000-7000-8000-' || lpad(:n::text, 12, '0'), 'tolerance_units', 0,
            'ceiling_idr', 1045834, 'method', 'cash', 'may_hold_idr', 1045834)))
    FROM told
)
INSERT INTO pools.outbox (event_id) VALUES (('00000003-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid);
INSERT INTO pools.idempotency_keys (account_id, key, request, status, answer, headers)
VALUES (('00000002-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :n::text, decode(repeat('ab', 32), 'hex'), 201,
    decode(repeat('ab', 420), 'hex'), '{"Urunbeli-Version": "pools:00000000-0000-0000-0000-000000000000@pledges_made.v1=1"}');
COMMIT;
"""


class Neighbours:
    """People who each pledge once, in turn on the pools given. Their requests are written beforehand.

    They have looked at their pledges before, as whoever pledges has opened the pool's page: their tokens are known.
    """

    def __init__(self, ground: Ground, count: int) -> None:
        self._tokens = [ground.token(principal()) for _ in range(count)]
        self._keys = 0

    async def look(self, port: int) -> None:
        """Show each token once."""
        looks = [request("GET", "/api/v1/pledges/mine", token=token) for token in self._tokens]
        (await load(port, iter(looks), clients=16)).only(200)

    def requests(self, pools: Sequence[UUID]) -> Iterator[bytes]:
        """Write one pledge for each neighbour."""
        self._keys += 1
        written = [
            request(
                "POST",
                f"/api/v1/pools/{pools[number % len(pools)]}/pledges",
                token=token,
                key=f"run-{self._keys}-{number}",
                body=BODY,
            )
            for number, token in enumerate(self._tokens)
        ]
        return iter(written)


async def measure(ground: Ground) -> list[Figure]:
    """Measure one hot pool with 64 and 256 clients, and a thousand pools, each beside its baseline."""
    dsn = await ground.database("hot_pool")
    pools = await open_pools(ground, dsn, 2 * RUNS * POOLS + 3 * RUNS + 1)
    apart, single = iter(pools[3 * RUNS + 1 :]), iter(pools[: 3 * RUNS + 1])
    neighbours = Neighbours(ground, NEIGHBOURS)
    baseline, by_64, by_256 = [], [], []
    async with ground.server(["services", "run", "pools"], ground.environment(dsn)) as port:
        await neighbours.look(port)
        await load(port, neighbours.requests([next(single)]), clients=64)  # warm
        for run in range(RUNS):
            baseline.append(_for_update(ground, dsn, next(single), run))
            for clients, results in ((64, by_64), (256, by_256)):
                pool = next(single)
                results.append((await load(port, neighbours.requests([pool]), clients=clients)).only(201))
                await check_sums(dsn, pool, NEIGHBOURS)
    for_update = median(baseline)
    against = f"pgbench FOR UPDATE, {BASELINE_CLIENTS} clients"
    return [
        Figure("pledges on one pool, 64 clients", _per_second(by_64), "/s", for_update, against, at_least=4),
        Figure("pledges on one pool, 256 clients", _per_second(by_256), "/s", for_update, against, at_least=4),
        Figure("the same, p99 at 64 clients", median([one.run.percentile_ms(99) for one in by_64]), "ms", at_most=60),
        *await _apart(ground, dsn, apart, neighbours),
    ]


async def _apart(ground: Ground, dsn: str, pools: Iterator[UUID], neighbours: Neighbours) -> list[Figure]:
    """A thousand pools, a neighbour here and there: as built, and with one transaction for each pledge."""
    kinds: dict[str, list[Result]] = {"tests.benchmarks.one_by_one": [], "services": []}
    for _ in range(RUNS):
        for module, results in kinds.items():
            command = [module, *(["run", "pools"] if module == "services" else [])]
            async with ground.server(command, ground.environment(dsn)) as port:
                await neighbours.look(port)
                places = [next(pools) for _ in range(POOLS)]
                results.append((await load(port, neighbours.requests(places), clients=64)).only(201))
    alone, gathered = kinds.values()
    against = "one transaction each, same API"
    return [
        Figure(
            "pledges on 1,000 pools, 64 clients", _per_second(gathered), "/s", _per_second(alone), against, at_least=1
        )
    ]


def _for_update(ground: Ground, dsn: str, pool: UUID, run: int) -> float:
    return pgbench(
        dsn, FOR_UPDATE, ground.folder, clients=BASELINE_CLIENTS, seconds=BASELINE_S,
        defines={"pool": str(pool), "i": str(run * 1_000_000)},
    )  # fmt: skip


def _per_second(results: Sequence[Result]) -> float:
    return median([result.run.per_second for result in results])
