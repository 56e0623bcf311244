"""The main job, end to end, as `make demo` plays it: in one process and in many, over both brokers, twice in a row."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager

import asyncpg
import pytest

from services.identity.domain.roles import DKI_JAKARTA
from shared import operate
from shared.auth import Grant
from shared.ids import new_id
from shared.operate.opening import find, opened
from shared.operate.rebuilding import chosen, clear, rebuild
from shared.operate.replaying import Counts, Replay, source_of
from shared.processes import spare_ports
from shared.testing.databases import TEMPLATE, drop, recreate, rolled_back
from shared.testing.running import Client, eventually, principal, quiet, running, settings_for_tests
from tests.journeys.processes import OFFICER, play, service_processes
from tests.journeys.reverse_proxy import reverse_proxy

MISSED, DECLINED = 2, 1
"""Seeds: of the one the failing pool misses its target, of the other its supplier declines."""


async def played_twice(runner, client) -> None:
    """Play the main job, twice in a row: the failing pool of the one story misses its target, of the other is declined."""
    await play(client.base_url, MISSED, DECLINED)
    await quiet(runner)


async def a_need(client) -> None:
    """Let somebody need a machine at a post."""
    posts, machines = [(await client.get(f"/api/v1/{kind}")).body["items"] for kind in ("posts", "technologies")]
    body = {"post_id": posts[0]["id"], "technology_id": machines[0]["id"]}
    reply = await client.post("/api/v1/needs", body, principal())
    assert reply.status == 201, reply.body


@pytest.mark.slow
@pytest.mark.amqp
async def test_main_job_over_rabbitmq_leaves_no_drift(run_services, fresh_dsn, all_services, amqp_url):
    async with run_services(fresh_dsn, first_officer=OFFICER, amqp_url=amqp_url) as (runner, client):
        await played_twice(runner, client)
        assert await operate.verify(runner.contexts["pools"].settings, fresh_dsn, all_services) == []


@pytest.fixture(scope="module")
async def played(owner_dsn, all_services, tmp_path_factory):
    """A database in which the main job was played, and settings by which the card provider can still be asked."""
    folder = tmp_path_factory.mktemp("played")
    names = [f"{kind}_{new_id().hex}" for kind in ("played", "asked")]
    dsn = await recreate(owner_dsn, names[0], TEMPLATE)
    settings = settings_for_tests(folder, first_officer=OFFICER)
    async with running(settings, dsn, all_services) as runner:
        client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
        await played_twice(runner, client)
        await a_need(client)
        await quiet(runner)
        await client.close()
    # The provider's simulator lives in payments' process and keeps its state in the data folder.
    payments = [service for service in all_services if service.name == "payments"]
    async with running(settings, await recreate(owner_dsn, names[1], TEMPLATE), payments, all_services):
        yield dsn, settings
    for name in names:
        await drop(owner_dsn, name)


@pytest.mark.slow
@pytest.mark.xdist_group("played")
async def test_main_job_over_the_embedded_bus_leaves_no_drift(played, all_services):
    dsn, settings = played
    assert await operate.verify(settings, dsn, all_services) == []


SETTLED = "(SELECT id FROM pools.pools WHERE state = 'settled' ORDER BY id LIMIT 1)"
FAILED = "(SELECT id FROM pools.pools WHERE state = 'failed' ORDER BY id LIMIT 1)"
PAID = f"(SELECT id FROM pools.pledges WHERE state = 'fulfilled' AND pool_id = {SETTLED} ORDER BY id LIMIT 1)"

DRIFTS = {
    "a ledger entry was changed": (
        "UPDATE payments.ledger SET amount_idr = amount_idr + 1 WHERE number = (SELECT min(number) FROM payments.ledger)",
        "payments: an account's balance and its entries",
    ),
    "a ledger entry is gone": (
        "DELETE FROM payments.ledger WHERE number = (SELECT max(number) FROM payments.ledger WHERE kind = 'payment')",
        "payments: held and the book",
    ),
    "an account's balance was set": (
        "UPDATE payments.accounts SET balance_idr = balance_idr + 5 WHERE code = (SELECT min(code) FROM payments.accounts)",
        "payments: an account's balance and its entries",
    ),
    "a payment's amount was changed": (
        (
            "UPDATE payments.payments SET amount_idr = amount_idr + 7"
            " WHERE id = (SELECT min(id::text)::uuid FROM payments.payments WHERE state = 'received')"
        ),
        "payments: held and its payments and refunds",
    ),
    "a receipt is missing": (
        "DELETE FROM payments.receipts WHERE movement_id = (SELECT movement_id FROM payments.receipts ORDER BY number LIMIT 1)",
        "payments: receipts without holes",
    ),
    "payments and pools disagree on what is held": (
        f"UPDATE pools.pledges SET held_idr = held_idr + 1 WHERE id = {PAID}",
        "held_idr: payments and pools disagree",
    ),
    "a charge that succeeded was forgotten": (
        "UPDATE payments.attempts SET state = 'declined' WHERE state = 'succeeded'",
        "payments: payments of an attempt",
    ),
    "a member of a settled pool is to get money back": (
        f"UPDATE payments.holdings SET may_hold_idr = 0, must_hold_idr = 0 WHERE pledge_id = {PAID}",
        "payments: what is due, and what is done",
    ),
    "an allocated unit vanished": (
        f"UPDATE pools.allocation_lines SET units = units - 1, goods_idr = 0 WHERE pledge_id = {PAID}",
        "pools: units of an allocation and of its lines",
    ),
    "an order's total was changed": (
        f"UPDATE pools.orders SET total_idr = total_idr + 1 WHERE pool_id = {SETTLED}",
        "pools: total of a firm order and of what its pledges pay",
    ),
    "a payout is not remembered as paid": (
        (
            f"UPDATE pools.payouts SET paid_at = NULL WHERE stage = 'down_payment'"
            f" AND order_id = (SELECT id FROM pools.orders WHERE pool_id = {SETTLED})"
        ),
        "pools: stages of a closed order and its total",
    ),
    "a failed pool may still hold money": (
        f"UPDATE pools.pledges SET may_hold_idr = 1 WHERE pool_id = {FAILED}",
        "pools: what may be held of a pool that is over",
    ),
    "a dispatch is gone": (
        "DELETE FROM offers.dispatches WHERE id = (SELECT min(id::text)::uuid FROM offers.dispatches)",
        "offers: ",
    ),
    "a role was granted behind the log's back": (
        (
            "INSERT INTO identity.grants SELECT (g).* FROM (SELECT jsonb_populate_record(grants,"
            " jsonb_build_object('scope_id', gen_random_uuid(), 'id', gen_random_uuid())) AS g"
            " FROM identity.grants LIMIT 1) AS made"
        ),
        "identity: ",
    ),
}


@pytest.mark.xdist_group("played")
@pytest.mark.parametrize("what", DRIFTS)
async def test_verify_finds_a_planted_drift(played, owner_dsn, all_services, what):
    dsn, settings = played
    plant, found = DRIFTS[what]
    name = f"planted_{new_id().hex}"
    copy = await recreate(owner_dsn, name, dsn.rpartition("/")[2])
    connection = await asyncpg.connect(copy)
    await connection.execute("SET session_replication_role = replica")  # what the triggers refuse, a superuser can do
    assert (await connection.execute(plant)).rpartition(" ")[2] != "0", "nothing was planted"
    await connection.close()
    drifts = await operate.verify(settings, copy, all_services)
    await drop(owner_dsn, name)
    assert any(drift.what.startswith(found) for drift in drifts), drifts


async def rows_of(dsn, service, tables):
    """Read some tables of a service whole, each row as text."""
    connection = await asyncpg.connect(dsn)
    found = {
        table: [row[0] for row in await connection.fetch(f"SELECT t::text FROM {service}.{table} AS t ORDER BY 1")]
        for table in sorted(tables)
    }
    await connection.close()
    return found


async def change_and_forget(runner, client, dsn):
    """People change what is known of them, and two ask to be forgotten: a member and a supplier's owner."""
    connection = await asyncpg.connect(dsn)
    members = await connection.fetch("SELECT DISTINCT account_id FROM pools.pledges ORDER BY 1 LIMIT 2")
    suppliers = await connection.fetch(
        "SELECT id, account_id FROM offers.suppliers WHERE status = 'verified' ORDER BY 1"
    )
    officer = await connection.fetchrow("SELECT post_id, account_id, role FROM posyantek.officers ORDER BY 1 LIMIT 1")
    await connection.close()
    staying, leaving = (principal(row["account_id"]) for row in members)
    payee = {"bank_name": "Bank DKI", "account_number": "5550001112", "account_holder": "Rekening Baru"}
    for reply in (
        await client.send("PATCH", "/api/v1/accounts/me", staying, body={"name": "Nama Baru", "language": "en"}),
        await client.post("/api/v1/accounts/me/erasure", {}, leaving),
        await client.send(
            "PUT", f"/api/v1/suppliers/{suppliers[0]['id']}/payee", principal(suppliers[0]["account_id"]), body=payee
        ),
        await client.post("/api/v1/accounts/me/erasure", {}, principal(suppliers[1]["account_id"])),
        await client.send(
            "DELETE",
            f"/api/v1/posts/{officer['post_id']}/officers/{officer['account_id']}/{officer['role']}",
            principal(None, Grant("officer", "province", DKI_JAKARTA)),
        ),
    ):
        assert reply.ok, reply.body
    await quiet(runner)


@pytest.fixture(scope="module")
async def copies(played, owner_dsn, all_services, tmp_path_factory):
    """The played database, in which some have changed their names and some were forgotten; nothing runs on it."""
    dsn, _ = played
    name = f"copies_{new_id().hex}"
    copy = await recreate(owner_dsn, name, dsn.rpartition("/")[2])
    here = settings_for_tests(tmp_path_factory.mktemp("copies"), first_officer=OFFICER)
    async with running(here, copy, all_services) as runner:
        client = Client(f"http://127.0.0.1:{here.http_port}", here)
        await change_and_forget(runner, client, copy)
        await client.close()
    yield copy
    await drop(owner_dsn, name)


KEEPING = ["listings", "notifications", "payments", "pools", "posyantek"]


def test_these_services_keep_copies(all_services):
    assert [service.name for service in all_services if chosen(service, ())] == KEEPING


@pytest.mark.xdist_group("played")
@pytest.mark.parametrize("name", KEEPING)
async def test_rebuild_gives_the_same_rows(copies, played, all_services, name):
    _, settings = played
    service = find(all_services, name)
    tables = {table for consumer in chosen(service, ()) for table in consumer.fills}
    before = await rows_of(copies, name, [*tables, "heard"])
    assert all(before.values()), "an empty table shows nothing"
    reports = []
    rebuilt = await rebuild(settings, copies, all_services, name, report=reports.append)
    assert await rows_of(copies, name, [*tables, "heard"]) == before
    assert rebuilt.tables == sorted(tables)
    assert (rebuilt.counts.failed, rebuilt.counts.left_parked) == (0, 0)
    assert rebuilt.counts.handled > 0
    assert all(progress.done <= progress.total for progress in reports)


@pytest.mark.xdist_group("played")
@pytest.mark.parametrize("name", KEEPING)
async def test_projection_writes_no_table_that_it_does_not_name(copies, played, all_services, name):
    _, settings = played
    service = find(all_services, name)
    for consumer in chosen(service, ()):
        async with opened(service, settings, copies) as context, rolled_back(context.db) as tx:
            await clear(tx, chosen(service, ()))
            before = await written(tx)
            source = find(all_services, source_of(consumer))
            async with opened(source, settings, copies) as said_by, said_by.db.transaction() as log:
                await Replay(tx, context, [consumer], {}, Counts()).run(source, log, lambda _: None)
            changed = {table for table, count in (await written(tx)).items() if count != before.get(table, 0)}
            assert changed - {"inbox", "heard"} <= consumer.fills, consumer.name


async def written(tx):
    """Count the rows of each table that this transaction has written so far."""
    rows = await tx.rows(
        "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS count FROM pg_stat_xact_user_tables"
        " WHERE schemaname = current_schema()"
    )
    return {row["relname"]: row["count"] for row in rows}


@asynccontextmanager
async def each_in_its_own_process(dsn, amqp_url, services, folder):
    """Run every service as its own process behind a reverse proxy; gives the proxy's address and each one's port."""
    front, *ports = spare_ports(len(services) + 1)
    by_name = dict(zip([service.name for service in services], ports, strict=True))
    base = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "DATABASE_URL": dsn,
        "AMQP_URL": amqp_url,
        "DATA_DIR": str(folder),
        "APP_SECRET": settings_for_tests(folder).secret.decode(),
        "FIRST_OFFICER": OFFICER,
        "PUBLIC_URL": f"http://localhost:{front}",
        "API_URL": f"http://127.0.0.1:{front}",
        "POOL_MIN_OPEN_S": "1",
        "DB_POOL_SIZE": "3",
        "LOG_LEVEL": "warning",
    }
    environments = {name: {**base, "HTTP_PORT": str(port)} for name, port in by_name.items()}
    async with service_processes(environments, folder), reverse_proxy(front, services, by_name):
        yield f"http://127.0.0.1:{front}", by_name


@pytest.mark.slow
@pytest.mark.amqp
async def test_main_job_with_every_service_in_its_own_process(fresh_dsn, amqp_url, all_services, tmp_path):
    async with each_in_its_own_process(fresh_dsn, amqp_url, all_services, tmp_path) as (url, ports):
        await play(url, MISSED)
        settings = settings_for_tests(tmp_path, http_port=ports["payments"])  # its simulator is asked there

        async def drifts():
            return await operate.verify(settings, fresh_dsn, all_services)

        await eventually(drifts, until=lambda found: found == [], within_s=20)
