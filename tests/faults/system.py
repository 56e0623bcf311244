"""The real system for one worker: PostgreSQL, RabbitMQ and the services as processes, each behind proxies of its own.

Stripe's simulator runs here, beside the services, because a provider does not die with its customer. Whatever is killed is
started again after a moment, as a supervisor does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

import services
from services.payments.resources import simulator_key, simulator_webhook_secret
from services.payments.stripe_simulator.server import serve
from services.payments.stripe_simulator.simulator import StripeSimulator
from shared.broker.amqp import dead_queue_name, queue_name
from shared.config import Settings
from shared.discovery import discover
from shared.embedded_postgres import EmbeddedPostgres
from shared.processes import spare_ports
from shared.runner import migrate_all
from shared.service import Service
from shared.testing.amqp_wire import AmqpWire
from shared.testing.postgres_wire import PostgresWire
from shared.testing.proxy import Action, TcpProxy
from shared.testing.rabbitmq import PrivateRabbitMQ
from shared.testing.running import eventually, settings_for_tests
from tests.journeys.processes import OFFICER, ROOT, is_ready

GROUPS = {"pools": ("pools",), "payments": ("payments",)}
"""Services that get a process of their own; all others (but the pages) share the process `rest`."""

TIMEOUTS = {"DB_COMMAND_TIMEOUT_S": "3", "DB_ACQUIRE_TIMEOUT_S": "2", "DB_CONNECT_TIMEOUT_S": "2"}
ANSWERED_WITHIN_S = 12.0
"""With these settings no call may take longer, whatever is down: waiting for a connection, connecting, one statement."""

_RESTART_AFTER_S = 0.2


@dataclass(slots=True)
class Process:
    """Some services as a process, at an address that survives restarts."""

    name: str
    services: tuple[str, ...]
    port: int
    database: TcpProxy
    broker: TcpProxy
    environment: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("-m", "services")
    running: asyncio.subprocess.Process | None = None
    keeper: asyncio.Task[None] | None = None
    wanted: bool = True
    may_run: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


class System:
    """What the scenarios act upon."""

    def __init__(self, folder: Path, settings: Settings, postgres: EmbeddedPostgres, rabbitmq: PrivateRabbitMQ) -> None:
        self.folder = folder
        self.settings = settings
        self.postgres = postgres
        self.rabbitmq = rabbitmq
        self.services: list[Service] = discover(services)
        self.simulator: StripeSimulator
        self.processes: dict[str, Process] = {}
        self.kills = 0
        self._servers = asyncio.Lock()

    async def add(self, name: str, names: tuple[str, ...], port: int, **changes: str) -> Process:
        """Start some services as a process, and keep it alive."""
        process = Process(
            name,
            names,
            port,
            TcpProxy(lambda: _port_of(self.postgres.dsn), PostgresWire),
            TcpProxy(lambda: _port_of(self.rabbitmq.url), AmqpWire),
        )
        await process.database.start()
        await process.broker.start()
        process.environment = self._environment(process) | changes
        process.may_run.set()
        self.processes[name] = process
        process.keeper = asyncio.create_task(self._keep(process), name=f"keep-{name}")
        return process

    async def remove(self, name: str) -> None:
        """End a process for good, in order."""
        process = self.processes.pop(name)
        process.wanted = False
        if process.running is not None and process.running.returncode is None:
            process.running.terminate()
        if process.keeper is not None:
            try:
                await asyncio.wait_for(process.keeper, 40)
            except TimeoutError:
                await self.kill(process)
        await process.database.stop()
        await process.broker.stop()

    def _environment(self, process: Process) -> dict[str, str]:
        secret = self.settings.app_secret
        assert secret is not None
        return TIMEOUTS | {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "development",
            "DATABASE_URL": _with_port(self.postgres.dsn, process.database.port),
            "AMQP_URL": _with_port(self.rabbitmq.url, process.broker.port),
            "DATA_DIR": str(self.settings.data_dir),
            "APP_SECRET": secret.get_secret_value(),
            "FIRST_OFFICER": OFFICER,
            "CODE_LIMIT_FACTOR": "1000",
            "HTTP_PORT": str(process.port),
            "STRIPE_API_URL": self.settings.stripe_api_url or "",
            "POOL_MIN_OPEN_S": "1",
            "SECURING_GRACE_S": "1",
            "SUPPLIER_ANSWER_S": "300",
            "PAYMENT_WINDOW_S": "300",
            "DB_POOL_SIZE": "4",
            "LOG_LEVEL": "warning",
        }

    async def _keep(self, process: Process) -> None:
        with (self.folder / f"{process.name}.log").open("ab") as log:
            while process.wanted:
                await process.may_run.wait()
                process.running = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *process.command,
                    "run",
                    *process.services,
                    cwd=ROOT,
                    env=process.environment,
                    stdout=log,
                    stderr=log,
                )
                await process.running.wait()
                await asyncio.sleep(_RESTART_AFTER_S)

    async def kill(self, process: Process) -> None:
        """`kill -9` of a service process; its keeper starts it again."""
        if process.running is not None and process.running.returncode is None:
            self.kills += 1
            with contextlib.suppress(ProcessLookupError):
                process.running.kill()
            await process.running.wait()

    async def kill_database(self) -> None:
        """`kill -9` of the whole of PostgreSQL, and its start with crash recovery."""
        async with self._servers:
            assert self.postgres.pid is not None
            server = psutil.Process(self.postgres.pid)
            family = [server, *server.children(recursive=True)]
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.send_signal(signal.SIGKILL)
            self.kills += 1
            await asyncio.to_thread(psutil.wait_procs, family[1:], 10)
            await eventually(self._database_is_gone)
            await asyncio.to_thread(self.postgres.start)

    async def _database_is_gone(self) -> bool:
        return self.postgres.pid is None

    async def kill_broker(self) -> None:
        """`kill -9` of RabbitMQ, and its start with what it had on disk."""
        async with self._servers:
            self.kills += 1
            await asyncio.to_thread(self.rabbitmq.kill)
            await asyncio.to_thread(self.rabbitmq.start)

    def killing(self, process: Process) -> Action:
        """Make a trap's action: the process dies there, and what it was about to send or hear is lost."""

        async def action() -> bool:
            await self.kill(process)
            return False

        return action

    async def heal(self) -> None:
        """End every fault; gives back a system in which everything answers."""
        self.simulator.faults.clear()
        for process in self.processes.values():
            process.database.heal()
            process.broker.heal()
            process.may_run.set()
        async with self._servers:  # a server that is just being started again is waited for
            await asyncio.to_thread(self.postgres.start)
            await asyncio.to_thread(self.rabbitmq.start)
        for process in self.processes.values():
            await eventually(partial(is_ready, str(process.port)), within_s=60)

    @asynccontextmanager
    async def sql(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """Look into the database as its owner, past the proxies."""
        connection = await asyncpg.connect(self.postgres.dsn, timeout=10, command_timeout=30)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)


@asynccontextmanager
async def system(folder: Path) -> AsyncIterator[System]:
    """Start everything in `folder`, ready to be disturbed, until the block ends."""
    pools, payments, rest, stripe = spare_ports(4)
    settings = settings_for_tests(folder / "data", http_port=payments, stripe_api_url=f"http://127.0.0.1:{stripe}")
    postgres, rabbitmq = EmbeddedPostgres(folder / "postgres"), PrivateRabbitMQ(folder / "rabbitmq")
    made = System(folder, settings, postgres, rabbitmq)
    simulator = serve(
        secret_key=simulator_key(settings),
        webhook_secret=simulator_webhook_secret(settings),
        clock=lambda: datetime.now(UTC),
        webhook_url=f"http://127.0.0.1:{payments}/api/v1/webhooks/stripe",
        port=stripe,
    )
    try:
        await asyncio.gather(asyncio.to_thread(postgres.start), asyncio.to_thread(rabbitmq.start))
        await migrate_all(settings, postgres.dsn, made.services)
        async with simulator as made.simulator:
            try:
                alone = {name for names in GROUPS.values() for name in names} | {"web"}
                others = tuple(service.name for service in made.services if service.name not in alone)
                for name, names, port in (
                    ("pools", GROUPS["pools"], pools),
                    ("payments", GROUPS["payments"], payments),
                    ("rest", others, rest),
                ):
                    await made.add(name, names, port)
                await made.heal()
                queues = [kind(service.name) for service in made.services for kind in (queue_name, dead_queue_name)]
                await asyncio.to_thread(rabbitmq.wait_until_registered, *queues)
                yield made
            finally:
                for name in list(made.processes):
                    await made.remove(name)
    finally:
        await asyncio.to_thread(rabbitmq.stop)
        await asyncio.to_thread(postgres.stop)


def _port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _with_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}"))
