"""The data folder of the embedded PostgreSQL: one user at a time, one major version, nothing half made.

    cluster/        PostgreSQL's own data; appears by one rename, so a first start cut off leaves nothing behind
    password, port  chosen at first and kept, so that addresses stay the same between runs
    postgres.log    what the server says
    lock            held while somebody uses the folder

The errors of the embedded PostgreSQL, each with a sentence to show:

    EmbeddedPostgresError
    ├── DataFolderInUse      another process of ours uses the folder
    ├── MajorVersionChanged  the folder was made by another major version
    └── ServerFailed         the binaries are missing, or the server did not start
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from shared.processes import run, spare_port
from shared.unprivileged import Identity, hand_over

_LOG_KEPT_BYTES = 5_000_000


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message is a sentence to show."""


class DataFolderInUse(EmbeddedPostgresError):
    """Another process of ours uses this data folder now."""


class MajorVersionChanged(EmbeddedPostgresError):
    """The data folder was made by another major version of PostgreSQL, which this one cannot read."""


class ServerFailed(EmbeddedPostgresError):
    """The binaries are missing, or the server did not start; the message ends with the tail of its log."""


class Postmaster(NamedTuple):
    """What the server wrote about itself into `postmaster.pid`."""

    pid: int
    port: int
    ready: bool


class DataFolder:
    """Paths, lock, password and port of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.cluster = self.path / "cluster"
        self._log = self.path / "postgres.log"
        self._lock: IO[str] | None = None

    @property
    def password(self) -> str:
        """The superuser's password."""
        return (self.path / "password").read_text()

    @property
    def port(self) -> int:
        """The port that the server listens on, or will."""
        return int((self.path / "port").read_text())

    def take(self) -> None:
        """Make the folder and lock it until `release()`, or our death. Raises `DataFolderInUse`."""
        if self._lock is not None:
            return
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise DataFolderInUse(
                f"Folder data {self.path} sedang dipakai urunbeli yang lain. "
                "Hentikan dulu yang itu, atau pilih folder data lain."
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Let others take the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def choose_port(self) -> None:
        """Choose and keep a port that nobody listens on."""
        (self.path / "port").write_text(str(spare_port()))

    def ensure_cluster(self, binaries: Path, identity: Identity, *, durable: bool) -> None:
        """Create the database cluster, or check that its major version is the binaries'.

        Raises `MajorVersionChanged`, `ServerFailed`.
        """
        if self.cluster.exists():
            self._check_major(run((str(binaries / "postgres"), "--version")).stdout.split()[-1])
        else:
            self._create_cluster((*identity.prefix, str(binaries / "initdb")), identity, durable=durable)

    def _check_major(self, version: str) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        if made_by != version.partition(".")[0]:
            raise MajorVersionChanged(
                f"Folder data {self.path} dibuat oleh PostgreSQL {made_by}, tetapi yang terpasang sekarang "
                f"PostgreSQL {version}. Pasang lagi versi {made_by}, atau pindahkan isinya dengan pg_dump."
            )

    def _create_cluster(self, initdb: tuple[str, ...], identity: Identity, *, durable: bool) -> None:
        fresh, password = self.path / "cluster.new", self.path / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        hand_over(password, identity)
        self.choose_port()
        access = ("--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}")
        form = ("--encoding=UTF8", "--locale=C.UTF-8", *(() if durable else ("--no-sync",)))
        done = run((*initdb, "-D", str(fresh), *access, *form))
        if done.returncode != 0:
            raise ServerFailed(f"Basis data baru di {self.path} tidak dapat dibuat:\n{done.stdout}")
        fresh.rename(self.cluster)

    def postmaster(self) -> Postmaster | None:
        """Read who serves the cluster, or served it when it was killed."""
        with suppress(FileNotFoundError):
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 8:  # it is written in steps, the state last
                return Postmaster(int(lines[0]), int(lines[3]), lines[7].strip() == "ready")
        return None

    def forget_postmaster(self) -> None:
        """Drop a pid file whose pid is somebody else's by now, which PostgreSQL would take for a running server."""
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def open_log(self) -> IO[bytes]:
        """Open the log for appending; a long one is put aside first."""
        if self._log.exists() and self._log.stat().st_size > _LOG_KEPT_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        return self._log.open("ab")

    def said_since(self, position: int) -> str:
        """Read what the server has said since the log was `position` bytes long."""
        with self._log.open("rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")
