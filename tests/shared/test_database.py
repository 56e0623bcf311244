"""The door to PostgreSQL: bounded waits, a role's own walls, versions without holes, and an append-only log."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from shared.connections import Turns
from shared.db import Database
from shared.errors import Unavailable
from shared.ids import new_id
from shared.migrate import MigrationError, migrate, service_dsn
from shared.processes import spare_port
from shared.testing.databases import drop, recreate

sys.path.insert(0, str(Path(__file__).parent))
import example


@pytest.fixture(scope="module")
async def dsn(settings, owner_dsn):
    name = f"database_{new_id().hex}"
    made = await recreate(owner_dsn, name)
    await migrate(settings, made, [(one.name, one.migrations) for one in example.SERVICES])
    yield made
    await drop(owner_dsn, name)


@pytest.fixture
async def open_database(settings, dsn):
    opened = []

    async def make(**changes):
        database = Database(service_dsn(settings, dsn, "example"), schema="example", **changes)
        await database.open()
        opened.append(database)
        return database

    yield make
    for database in opened:
        await database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM hearer.counted",
        "INSERT INTO hearer.inbox (handler, event_id) VALUES ('x', gen_random_uuid())",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE SCHEMA mine",
        "UPDATE migrations SET checksum = ''",
        "UPDATE events SET type = 'example.other.v1'",
        "DELETE FROM events",
        "TRUNCATE events",
        "DROP TABLE notes",
        "SET ROLE postgres",
    ],
)
async def test_role_may_not(open_database, statement):
    database = await open_database(size=1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.run(statement)


async def test_statement_lock_and_connection_waits_are_bounded(open_database):
    database = await open_database(size=2, command_timeout_s=0.5, acquire_timeout_s=0.3)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        async with database.read() as sql:
            await sql.run("SELECT pg_sleep(30)")
    async with database.transaction() as holder:
        await holder.run("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable):
            async with database.read() as sql:
                await sql.rows("SELECT * FROM notes")
        async with database.read():
            with pytest.raises(Unavailable):
                async with database.read():
                    pass
    assert time.monotonic() - began < 5
    async with database.read() as sql:
        assert await sql.value("SELECT 1") == 1


async def test_server_that_is_not_there_is_told_in_time():
    database = Database(f"postgresql://nobody:x@127.0.0.1:{spare_port()}/none", schema="example", connect_timeout_s=1)
    with pytest.raises(Unavailable):
        await database.open()


async def test_refused_transaction_keeps_nothing(open_database):
    database = await open_database()
    note = new_id()
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await tx.run("INSERT INTO notes (id, text) VALUES ($1, 'x')", note)
            tx.emit(example.NoteWritten(note_id=note, text="x"))
            await tx.flush()
            raise ZeroDivisionError
    async with database.read() as sql:
        assert await sql.value("SELECT count(*) FROM notes WHERE id = $1", note) == 0
        assert await sql.value("SELECT count(*) FROM events WHERE aggregate_id = $1", note) == 0


async def test_savepoint_takes_back_what_was_said_inside(open_database):
    database = await open_database()
    note = new_id()
    async with database.transaction() as tx:
        tx.emit(example.NoteWritten(note_id=note, text="kept"))
        with pytest.raises(ZeroDivisionError):
            async with tx.savepoint():
                tx.emit(example.NoteWritten(note_id=note, text="lost"))
                raise ZeroDivisionError
    async with database.read() as sql:
        texts = [
            row["text"]
            for row in await sql.rows("SELECT body ->> 'text' AS text FROM events WHERE aggregate_id = $1", note)
        ]
    assert texts == ["kept"]


async def test_versions_count_without_holes_under_concurrency(open_database):
    database = await open_database(size=8)
    notes = sorted(new_id() for _ in range(3))

    async def say(turn: int) -> None:
        async with database.transaction() as tx:
            order = notes if turn % 2 else notes[::-1]
            tx.emit(*(example.NoteWritten(note_id=note, text=str(turn)) for note in order))

    await asyncio.gather(*(say(turn) for turn in range(40)))
    async with database.read() as sql:
        for note in notes:
            rows = await sql.rows(
                "SELECT version FROM events JOIN outbox ON event_id = id WHERE aggregate_id = $1 ORDER BY position",
                note,
            )
            assert [row["version"] for row in rows] == list(range(1, 41))


async def test_after_commit_runs_only_after_a_commit(open_database):
    database = await open_database()
    ran = []
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            tx.after_commit(lambda: ran.append("undone"))
            raise ZeroDivisionError
    async with database.transaction() as tx:
        tx.after_commit(lambda: ran.append("kept"))
        assert ran == []
    assert ran == ["kept"]


async def test_migration_runs_once_and_a_changed_one_is_refused(settings, owner_dsn, tmp_path):
    name = f"migrate_{new_id().hex}"
    made = await recreate(owner_dsn, name)
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id int);")
    assert len(await migrate(settings, made, [("example", tmp_path)])) == 2
    assert await migrate(settings, made, [("example", tmp_path)]) == []
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id bigint);")
    with pytest.raises(MigrationError, match="was changed after it ran"):
        await migrate(settings, made, [("example", tmp_path)])
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id int);")
    (tmp_path / "0003_gap.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match="expected 0002_name"):
        await migrate(settings, made, [("example", tmp_path)])
    (tmp_path / "0003_gap.sql").rename(tmp_path / "0002_bad.sql")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE second (id int); SELECT nonsense;")
    with pytest.raises(MigrationError, match="0002_bad"):
        await migrate(settings, made, [("example", tmp_path)])
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE second (id int);")
    assert await migrate(settings, made, [("example", tmp_path)]) == ["example: example/0002_bad.sql"]
    await drop(owner_dsn, name)


async def test_two_migrators_at_once_do_the_work_once(settings, owner_dsn):
    name = f"migrate_{new_id().hex}"
    made = await recreate(owner_dsn, name)
    folders = [(one.name, one.migrations) for one in example.SERVICES]
    results = await asyncio.gather(*(migrate(settings, made, folders) for _ in range(3)))
    assert sorted(len(ran) for ran in results) == [0, 0, 4]
    await drop(owner_dsn, name)


async def test_turns_are_given_in_the_order_of_asking():
    turns, came = Turns(2), []

    async def work(name: int) -> None:
        await turns.wait(5)
        came.append(name)
        await asyncio.sleep(0)
        turns.end()

    await asyncio.gather(*(work(name) for name in range(7)))
    assert came == list(range(7))


async def test_whoever_gets_no_turn_in_time_or_goes_away_takes_none():
    turns = Turns(1)
    await turns.wait(5)
    with pytest.raises(Unavailable):
        await turns.wait(0.01)
    gone = asyncio.create_task(turns.wait(5))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    last = asyncio.create_task(turns.wait(5))
    await asyncio.sleep(0)
    turns.end()
    await last
    turns.end()
    await turns.wait(0.01)


async def test_a_turn_that_comes_as_its_asker_goes_away_is_passed_on():
    turns = Turns(1)
    await turns.wait(5)
    asker = asyncio.create_task(turns.wait(5))
    await asyncio.sleep(0)
    turns.end()
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    await turns.wait(0.01)
