"""The number of SQL statements of every request: as reviewed in `statements.txt`, and the same for one row and for many.

A row is the most that a successful call of the walk took. `BEGIN` and `COMMIT` are not counted. Pledges run in batches:
their requests take no statement but to find the pool, and the batch has a row of its own.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from services.pools.commands.pledging import Asked
from services.pools.domain.hot import MakePledge
from shared.db import StatementCount, recorded_statements, uncounted
from shared.http.edge import STATEMENTS_HEADER
from shared.http.idempotency import Claim
from shared.ids import new_id
from tests.architecture import town
from tests.architecture.statements_client import ROUTES, CountingClient, name_of, statements_of
from tests.architecture.statements_walk import Walk

pytestmark = pytest.mark.slow

ON_FILE = Path(__file__).parent / "statements.txt"
BATCH = "a batch of pledges"
LISTS = [name_of(route) for route in ROUTES if route.query and route.query.model_fields.keys() & {"limit", "ids"}]


@pytest.fixture(scope="module")
async def walked(run_services, module_dsn):
    async with run_services(module_dsn, first_officer=town.OFFICER, code_limit_factor=1000) as (runner, client):
        api = CountingClient(client.base_url)
        try:
            walk = Walk(api, runner.contexts["payments"].settings)
            await walk.go()
            pledging = runner.contexts["pools"].resources.pledging
            walk.few_and_many[BATCH] = [await batch(pledging, await walk.open_pool(), size) for size in (1, 12)]
            api.counts[BATCH] = walk.few_and_many[BATCH]
            yield walk
        finally:
            await api.close()


async def batch(pledging, pool_id, size):
    """Let so many people pledge in the same moment; gives the statements of the one batch that they make."""

    async def pledge():
        account_id, pledge_id = new_id(), new_id()
        asked = Asked(MakePledge(pledge_id, account_id, 1, 0, None), "cash", None)
        claim = Claim.of(account_id, str(pledge_id), "POST", "/", b"")
        assert (await pledging.run_on(UUID(pool_id), asked, claim, 201)).status == 201

    with recorded_statements() as statements:
        await asyncio.gather(*(pledge() for _ in range(size)))
    assert sum("FOR UPDATE" in statement for statement in statements) == 1, "one batch locks once"
    return len(statements)


def test_every_route_takes_as_many_statements_as_reviewed(walked):
    """After a deliberate change: `python -m tests.architecture.write_statements`."""
    counts = walked.api.counts
    names = [*sorted(map(name_of, ROUTES)), BATCH]
    assert [name for name in names if not counts[name]] == [], "the walk has to call these"
    lines = [f"{max(counts[name]):2}  {name}" for name in names]
    if "WRITE_STATEMENTS" in os.environ:
        ON_FILE.write_text("\n".join(lines) + "\n")
    assert lines == ON_FILE.read_text().splitlines()


@pytest.mark.parametrize("name", [*LISTS, BATCH])
def test_statements_do_not_grow_with_the_rows(walked, name):
    few, many = walked.few_and_many[name]
    assert few == many


def test_reading_or_ending_a_large_pool_takes_no_more_than_a_small_one(walked):
    pool = "/api/v1/pools/{pool_id}"
    for name in (
        f"GET    {pool}",
        f"GET    {pool}/preview",
        f"POST   {pool}/cancel",
        "POST   /api/v1/accounts/me/erasure",
    ):
        few, many = walked.few_and_many[name]
        assert few == many, name


async def test_statements_are_told_to_prometheus(walked):
    def told():
        labels = {"service": "pools", "route": "read_pool"}
        return [REGISTRY.get_sample_value(f"urunbeli_request_statements_{what}", labels) for what in ("count", "sum")]

    before = told()
    reply = await walked.market.owner.send("GET", f"/pools/{await walked.open_pool()}")
    # The first read, that of `open_pool`, works the preview out; the second remembers it.
    assert [now - then for now, then in zip(told(), before, strict=True)] == [2, 2 + statements_of(reply)]
    assert statements_of(reply) == 1


async def test_statements_of_a_task_that_works_for_others_too_are_its_own(database):
    db = await database("pools")

    async def read():
        async with db.read() as sql:
            await sql.value("SELECT 1")

    async def batch():
        uncounted()
        await read()

    with StatementCount() as count:
        await read()
        await asyncio.create_task(batch())
        async with db.transaction() as tx:
            await tx.now()
    await read()
    assert count.sent == 2


async def test_only_development_tells_statements_in_a_header(run_services, fresh_dsn):
    async with run_services(fresh_dsn, "posyantek", environment="production") as (_, client):
        reply = await client.get("/api/v1/posts")
        assert reply.ok
        assert STATEMENTS_HEADER not in reply.headers
