"""The proxy's named points are where they say: what is cut before a commit is undone, after it is kept."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg
import pytest

from shared.db import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.migrate import service_dsn
from shared.testing.postgres_wire import PostgresWire
from shared.testing.proxy import TcpProxy

CLAIM = "INSERT INTO inbox (handler, event_id) VALUES ('test', $1)"


@pytest.fixture
async def proxied(settings, worker_dsn):
    """A proxy, and a service's database behind it with short patience."""
    parts = urlsplit(service_dsn(settings, worker_dsn, "posyantek"))
    proxy = TcpProxy(lambda: parts.port or 5432, PostgresWire)
    port = await proxy.start()
    dsn = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}").geturl()
    db = Database(dsn, schema="posyantek", size=2, command_timeout_s=1, acquire_timeout_s=1, connect_timeout_s=1)
    await db.open()
    yield proxy, db
    await db.close()
    await proxy.stop()


async def cut() -> bool:
    return False


@pytest.mark.parametrize(("point", "kept"), [("consumer_before_commit", 0), ("consumer_after_commit", 1)])
async def test_a_cut_at_the_commit(proxied, point, kept):
    proxy, db = proxied
    event_id = new_id()
    trap = proxy.trap(point, 2, cut)
    async with db.transaction() as tx:
        await tx.run(CLAIM, new_id())
    with pytest.raises(Unavailable):
        async with db.transaction() as tx:
            await tx.run(CLAIM, event_id)
    assert trap.sprung.is_set()
    async with db.read() as sql:
        assert await sql.value("SELECT count(*) FROM inbox WHERE event_id = $1", event_id) == kept


async def test_kinds_of_transactions_are_told_apart(proxied):
    proxy, db = proxied
    for _ in range(2):  # the second time the statements are prepared already
        async with db.transaction() as tx:
            await tx.run("INSERT INTO idempotency_keys (account_id, key, request) VALUES ($1, 'k', '')", new_id())
    async with db.transaction() as tx:
        await tx.now()
    async with db.transaction() as tx:
        await tx.run("DELETE FROM outbox WHERE position = ANY ($1::bigint[])", [0])
    assert proxy.seen == {"command_before_commit": 2, "command_after_commit": 2, "relay_before_delete": 1}


async def test_a_black_hole_gives_a_bounded_error_and_heals(proxied):
    proxy, db = proxied
    proxy.hold()
    with pytest.raises(Unavailable):
        async with db.read() as sql:
            await sql.value("SELECT 1")
    proxy.heal()
    async with db.read() as sql:
        assert await sql.value("SELECT 1") == 1


async def test_a_server_that_is_away_is_told_at_once():
    nowhere = TcpProxy(lambda: 1, PostgresWire)
    port = await nowhere.start()
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await asyncpg.connect(host="127.0.0.1", port=port, user="x", password="x", timeout=5)
    await nowhere.stop()
