"""Everything as docker-compose.yml has it, and the main job through the front door."""

from __future__ import annotations

import asyncio
import sys

import aio_pika
import aiohttp
import asyncpg
import pytest
from aio_pika.exceptions import AMQPError

from shared.processes import spare_port
from shared.testing.databases import dsn_of
from shared.testing.rabbitmq import find_rabbitmq_server
from shared.testing.running import eventually
from tests.deploy.composed import DEMO, ROOT, processes
from tests.deploy.installation import installed
from tests.journeys.processes import play

pytestmark = [
    pytest.mark.amqp,
    pytest.mark.slow,
    pytest.mark.skipif(find_rabbitmq_server() is None, reason="NOT RUN: rabbitmq-server is not installed"),
]


@pytest.fixture(scope="module")
async def system(tmp_path_factory):
    async with installed(tmp_path_factory.mktemp("installed"), DEMO) as installation:
        yield installation


async def test_main_job_leaves_no_drift(system):
    await play(system.doors.front, 2)

    async def verified():
        return await system.run("operate")

    _, said = await eventually(verified, until=lambda found: found[0] == 0, within_s=30)
    assert "no drift" in said


async def test_nothing_is_written_but_photos_and_by_the_simulator(system):
    holding = [name for name in processes(system.composed) if system.data_of(name).exists()]
    assert holding == ["listings", "payments"]
    assert [path.name for path in system.data_of("listings").iterdir()] == ["photos"]
    assert [path.name for path in system.data_of("payments").iterdir()] == ["stripe-simulator.jsonl"]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_health_checks_own_words_tell_whether_it_is_well(system, path):
    async def status(port: int) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "deploy/alive.py", path, cwd=ROOT, env={"HTTP_PORT": str(port)}
        )
        return await process.wait()

    assert await status(system.ports["pools"]) == 0
    assert await status(spare_port()) == 1


async def test_pages_come_through_the_front_door_and_find_the_api_behind_it(system):
    async with aiohttp.ClientSession() as session, session.get(f"{system.doors.front}/urun") as reply:
        assert reply.status == 200
        assert reply.headers["Content-Encoding"] in {"gzip", "zstd"}
        page = await reply.text()
        asset = page.partition('href="/static/')[2].partition('"')[0]
        async with session.get(f"{system.doors.front}/static/{asset}") as static:
            assert "immutable" in static.headers["Cache-Control"]


async def test_owner_of_the_database_is_no_superuser_and_services_see_only_their_own(system):
    connection = await asyncpg.connect(dsn_of(system.superuser_dsn, "urunbeli"))
    roles = await connection.fetch(
        "SELECT rolname, rolsuper, rolcreatedb, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'urunbeli_%'"
    )
    foreign = await connection.fetch(
        "SELECT rolname, nspname FROM pg_roles, pg_namespace WHERE rolname LIKE 'urunbeli_%' AND rolname <> 'urunbeli_owner'"
        " AND nspname = ANY ($1) AND rolname <> 'urunbeli_' || nspname AND has_schema_privilege(rolname, nspname, 'USAGE')",
        list(processes(system.composed)),
    )
    elsewhere = await connection.fetchval(
        "SELECT count(*) FROM pg_roles, pg_database WHERE rolname LIKE 'urunbeli_%' AND datname <> 'urunbeli' AND datallowconn"
        " AND has_database_privilege(rolname, datname, 'CONNECT')"
    )
    await connection.close()
    assert len(roles) == len(processes(system.composed)) + 2  # the owner, and the role of the bus inside PostgreSQL
    assert not any(role["rolsuper"] or role["rolcreatedb"] or role["rolbypassrls"] for role in roles)
    assert [role["rolname"] for role in roles if role["rolcreaterole"]] == ["urunbeli_owner"]
    assert foreign == []
    assert elsewhere == 0


@pytest.mark.parametrize("stranger", ["guest:guest", "urunbeli:guessed"])
async def test_broker_knows_one_user_in_one_place(system, stranger):
    address = system.amqp_url.rpartition("@")[2]
    with pytest.raises(AMQPError):
        await aio_pika.connect(f"amqp://{stranger}@{address}urunbeli", timeout=10)
    password = (system.folder / "secrets" / "rabbitmq_password").read_text()
    for vhost in ("/", "another"):
        with pytest.raises(AMQPError):
            await aio_pika.connect(f"amqp://urunbeli:{password}@{address}{vhost.replace('/', '%2F')}", timeout=10)
    async with await aio_pika.connect(f"amqp://urunbeli:{password}@{address}urunbeli", timeout=10) as connection:
        channel = await connection.channel()
        assert await channel.get_exchange("urunbeli.events", ensure=True)
