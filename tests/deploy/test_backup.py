"""A backup brings back what was said and handled; `after_restore.sql` also what was on its way, and nothing twice."""

from __future__ import annotations

import asyncpg
import pytest

from shared.auth import Grant
from shared.ids import new_id
from shared.testing.databases import TEMPLATE, drop, recreate
from shared.testing.running import eventually, principal, quiet
from tests.deploy.composed import ROOT, postgres

OFFICER = principal(None, Grant("officer", "province", new_id()))
AFTER_RESTORE = str(ROOT / "deploy" / "after_restore.sql")


async def ask(dsn: str, sql: str):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture
async def restored_dsn(owner_dsn):
    """The superuser's URL of a database as `migrate` leaves a new installation."""
    name = f"restored_{new_id().hex}"
    yield await recreate(owner_dsn, name, TEMPLATE)
    await drop(owner_dsn, name)


HANDLED = "SELECT count(*) FROM notifications.inbox WHERE event_id IN (SELECT id FROM posyantek.events)"
"""How often the post was heard of; when all services run, notifications hears of the catalogue, too."""


@pytest.mark.slow
async def test_what_was_on_its_way_arrives_after_a_restore_and_nothing_is_handled_twice(
    run_services, fresh_dsn, restored_dsn, tmp_path
):
    post = {"region_code": "31.71.05", "name": "Posyantek Cempaka Putih", "address": "Kantor kecamatan"}
    async with run_services(fresh_dsn, "posyantek", "notifications") as (runner, client):  # listings does not run
        assert (await client.post("/api/v1/posts", post, OFFICER)).status == 201
        await quiet(runner)
    heard_by_one = await ask(fresh_dsn, HANDLED)
    assert heard_by_one > 0
    assert await ask(fresh_dsn, "SELECT count(*) FROM bus.messages WHERE queue = 'listings'") > 0

    backup = str(tmp_path / "urunbeli.dump")
    postgres("pg_dump", "--format=custom", f"--file={backup}", fresh_dsn)
    postgres("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={restored_dsn}", backup)
    await ask(restored_dsn, "DELETE FROM bus.messages")  # a broker's content is in no backup
    said = postgres("psql", restored_dsn, "--no-psqlrc", "--file", AFTER_RESTORE)
    assert "posyantek: 1 events are said again" in said

    async with run_services(restored_dsn) as (runner, _):
        await eventually(lambda: ask(restored_dsn, "SELECT count(*) FROM listings.posts"))
        await quiet(runner)
    assert await ask(restored_dsn, HANDLED) == heard_by_one
    assert await ask(restored_dsn, "SELECT count(*) FROM posyantek.events") == 1


async def test_what_waited_in_the_outbox_goes_behind_what_was_said_before_it(fresh_dsn):
    aggregate = new_id()
    connection = await asyncpg.connect(fresh_dsn)
    events = [new_id() for _ in range(3)]
    for version, event in enumerate(events, start=1):
        await connection.execute(
            "INSERT INTO posyantek.events (id, aggregate_id, version, type, transient, body)"
            " VALUES ($1, $2, $3, 'posyantek.said.v1', false, '{}')",
            event, aggregate, version,
        )  # fmt: skip
    await connection.execute("INSERT INTO posyantek.outbox (event_id) VALUES ($1)", events[2])
    postgres("psql", fresh_dsn, "--no-psqlrc", "--file", AFTER_RESTORE)
    rows = await connection.fetch("SELECT event_id FROM posyantek.outbox ORDER BY position")
    await connection.close()
    assert [row["event_id"] for row in rows] == events
