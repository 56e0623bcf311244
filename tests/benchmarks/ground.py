"""The ground to measure on: a durable PostgreSQL, a private RabbitMQ, and services as processes of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

import services
from shared.auth import Principal, sign_token
from shared.config import Settings
from shared.discovery import discover
from shared.embedded_postgres import EmbeddedPostgres
from shared.keys import load_token_keys
from shared.processes import plain_environment, spare_port
from shared.runner import migrate_all
from shared.testing.databases import recreate
from shared.testing.rabbitmq import PrivateRabbitMQ
from shared.testing.running import eventually, settings_for_tests

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Ground:
    """Servers for one `make bench`, and the settings that services get to use them."""

    folder: Path
    settings: Settings
    owner_dsn: str
    rabbitmq: PrivateRabbitMQ

    async def database(self, name: str) -> str:
        """Make an empty migrated database. Gives the owner's URL."""
        dsn = await recreate(self.owner_dsn, name)
        await migrate_all(self.settings, dsn, discover(services))
        return dsn

    def token(self, who: Principal) -> str:
        """Sign a token that outlives the run."""
        return sign_token(load_token_keys(self.settings), who, datetime.now(UTC), timedelta(hours=5))

    def environment(self, dsn: str, **changes: str) -> dict[str, str]:
        """Give a service process its settings, on a spare port."""
        return plain_environment() | {
            "ENVIRONMENT": "development",
            "DATA_DIR": str(self.folder / "data"),
            "APP_SECRET": self.settings.app_secret.get_secret_value(),
            "DATABASE_URL": dsn,
            "AMQP_URL": self.rabbitmq.url,
            "HTTP_PORT": str(spare_port()),
            "LOG_LEVEL": "warning",
            "POOL_MIN_OPEN_S": "1",
            **changes,
        }

    @asynccontextmanager
    async def server(
        self, command: Sequence[str], environment: Mapping[str, str], *, core: int | None = None
    ) -> AsyncIterator[int]:
        """Run a server process, on one core if told so, until the block ends; it begins when the port answers. Gives the port."""
        with (self.folder / "server.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *command, cwd=ROOT, env=dict(environment), stdout=log, stderr=log
            )
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        port = int(environment["HTTP_PORT"])
        try:
            await eventually(lambda: _answers(port), within_s=60)
            yield port
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)


async def _answers(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as reply:
            return reply.status == 200
    except aiohttp.ClientError:
        return False


@contextmanager
def prepared() -> Iterator[Ground]:
    """Start the servers, and stop them at the end. PostgreSQL keeps what it has committed: no setting is loosened."""
    folder = Path(tempfile.mkdtemp(prefix="urunbeli-bench-"))
    folder.chmod(0o755)
    try:
        with EmbeddedPostgres(folder / "postgres") as postgres, PrivateRabbitMQ(folder / "rabbitmq") as rabbitmq:
            settings = settings_for_tests(folder / "data")
            yield Ground(folder, settings, postgres.dsn, rabbitmq)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pgbench(dsn: str, script: str, folder: Path, *, clients: int, seconds: int, defines: Mapping[str, str]) -> float:
    """Run a pgbench script, prepared. Gives transactions a second. Raises `FileNotFoundError`, `AssertionError`."""
    program = shutil.which("pgbench") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None
    )
    if program is None:
        raise FileNotFoundError(
            "pgbench is not installed (Debian: apt install postgresql-contrib, or postgresql-client)"
        )
    file = folder / "pgbench.sql"
    file.write_text(script, encoding="utf-8")
    parts = urlsplit(dsn)
    environment = plain_environment() | {"PGPASSWORD": parts.password or ""}
    command = [
        program, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2", f"--time={seconds}",
        f"--file={file}", f"--host={parts.hostname}", f"--port={parts.port}", f"--username={parts.username}",
        *(f"--define={name}={value}" for name, value in defines.items()), parts.path.lstrip("/"),
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=seconds + 60)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps = "))
    return float(line.split()[2])


def quiet_cores() -> str:
    """Say how busy the machine was before the run, so that a reader can judge the figures."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run"
