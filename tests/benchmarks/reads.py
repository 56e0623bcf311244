"""Reads: one product by its id, and a page of twenty out of a hundred thousand, against a bare aiohttp hello."""

from __future__ import annotations

import json
from itertools import islice, repeat

import asyncpg

from tests.benchmarks.ground import Ground
from tests.benchmarks.load import Result, load, request
from tests.benchmarks.measure import Figure, median

RUNS = 3
ROWS = 100_000
REQUESTS = 8_000
CLIENTS = 64

FILL = """
SET search_path = listings, public;
INSERT INTO posts SELECT uuidv7(), 'Posyantek ' || number, '31.75.04', 'district', 'Kramat Jati'
FROM generate_series(1, 40) AS number;
INSERT INTO businesses (id, owner_account_id, post_id, name, whatsapp, status, reviewed_by, version, registered_at)
SELECT uuidv7(), uuidv7(), post_id, 'Dapur ' || number, '+628110000001', 'verified', uuidv7(), 1, clock_timestamp()
FROM posts, generate_series(1, 50) AS number;
INSERT INTO listings (id, business_id, post_id, name, description, category, price_idr, unit, status, version, created_at,
    published_at)
SELECT uuidv7(), business.id, business.post_id, 'Keripik singkong ' || number, 'Renyah, gurih, tanpa pengawet.', 'snacks',
    15000 + number, 'bungkus', 'published', 1, clock_timestamp(), clock_timestamp()
FROM generate_series(1, $ROWS) AS number
JOIN (SELECT *, row_number() OVER () AS place FROM businesses) AS business ON place = 1 + number % 2000;
VACUUM ANALYZE;
"""


async def measure(ground: Ground) -> list[Figure]:
    """Measure both reads and the hello in turn."""
    dsn = await ground.database("reads")
    ids = await _fill(dsn)
    kinds = {
        "hello": repeat(request("GET", "/hello")),
        "one": (request("GET", f"/api/v1/listings/{ids[number % len(ids)]}") for number in range(10**9)),
        "page": repeat(request("GET", "/api/v1/listings?limit=20")),
    }
    results: dict[str, list[Result]] = {kind: [] for kind in kinds}
    async with (
        ground.server(["tests.benchmarks.hello"], ground.environment(dsn)) as hello,
        ground.server(["services", "run", "listings"], ground.environment(dsn)) as listings,
    ):
        for kind, requests in kinds.items():
            await load(hello if kind == "hello" else listings, islice(requests, 500), clients=CLIENTS)  # warm
        for _ in range(RUNS):
            for kind, requests in kinds.items():
                port = hello if kind == "hello" else listings
                results[kind].append((await load(port, islice(requests, REQUESTS), clients=CLIENTS)).only(200))
    page = json.loads(results["page"][0].sample.partition(b"\r\n\r\n")[2])
    assert len(page["items"]) == 20
    return _figures(results)


def _figures(results: dict[str, list[Result]]) -> list[Figure]:
    rates = {kind: median([one.run.per_second for one in found]) for kind, found in results.items()}
    slowest = {kind: median([one.run.percentile_ms(99) for one in found]) for kind, found in results.items()}
    against = "bare aiohttp hello"
    return [
        Figure("one product by id, 64 connections", rates["one"], "/s", rates["hello"], against, at_least=0.20),
        Figure("the same, p99", slowest["one"], "ms", at_most=30),
        Figure(
            f"20 products out of {ROWS:,}, 64 connections", rates["page"], "/s", rates["hello"], against, at_least=0.12
        ),
        Figure("the same, p99", slowest["page"], "ms", at_most=30),
    ]


async def _fill(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in FILL.replace("$ROWS", str(ROWS)).split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        return [
            str(row["id"])
            for row in await connection.fetch("SELECT id FROM listings.listings ORDER BY random() LIMIT 5000")
        ]
    finally:
        await connection.close()
