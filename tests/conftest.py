"""What all tests share: one PostgreSQL server and one migrated template per run, a copy of it per worker."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import services
from shared.config import Settings
from shared.db import Database
from shared.discovery import discover
from shared.ids import new_id
from shared.log import configure_logging
from shared.migrate import service_dsn
from shared.runner import Runner
from shared.service import Service
from shared.testing.databases import TEMPLATE, drop, make_template, recreate
from shared.testing.rabbitmq import PrivateRabbitMQ, find_rabbitmq_server
from shared.testing.running import Client, running, settings_for_tests

OWNER = "URUNBELI_TEST_OWNER_DSN"


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that starts the workers."""
    configure_logging(settings_for_tests(Path(tempfile.gettempdir())))
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    if url := os.environ.get("DATABASE_URL"):
        os.environ[OWNER] = url
    else:
        from shared.embedded_postgres import EmbeddedPostgres

        folder = Path(tempfile.mkdtemp(prefix="urunbeli-test-"))
        server = EmbeddedPostgres(folder / "postgres", durable=False)
        os.environ[OWNER] = server.start()
        config.add_cleanup(lambda: (server.stop(), shutil.rmtree(folder, ignore_errors=True)))
    asyncio.run(make_template(settings_for_tests(Path(tempfile.gettempdir())), os.environ[OWNER], discover(services)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI insist that nothing was left out."""
    parser.addoption("--strict-left-out", action="store_true", help="fail when a test was skipped")


left_out: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was not run."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        left_out.append(f"{report.nodeid}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what could not be run."""
    if left_out:
        terminalreporter.section("NOT RUN", sep="!", red=True)
        for line in left_out:
            terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under `--strict-left-out` a run that left something out has failed."""
    strict = session.config.option.strict_left_out and not hasattr(session.config, "workerinput")
    if strict and left_out and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file on one worker (`--dist loadgroup`): its services start once. So do all tests of one broker, or browser."""
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        shared = next((name for name in ("amqp", "browser") if item.get_closest_marker(name)), None)
        item.add_marker(pytest.mark.xdist_group(shared or item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def owner_dsn() -> str:
    """The superuser's URL of the test server."""
    return os.environ[OWNER]


@pytest.fixture(scope="session")
def all_services() -> list[Service]:
    """Every service of the system."""
    return discover(services)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of this worker."""
    return settings_for_tests(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
async def worker_dsn(owner_dsn: str) -> AsyncIterator[str]:
    """The superuser's URL of this worker's own migrated database."""
    name = f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    yield await recreate(owner_dsn, name, TEMPLATE)
    await drop(owner_dsn, name)


@pytest.fixture(scope="session")
async def database(settings: Settings, worker_dsn: str) -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """Open the worker's database as a service's role: `db = await database("pools")`."""
    opened: dict[str, Database] = {}

    async def open_as(service: str) -> Database:
        if service not in opened:
            opened[service] = Database(service_dsn(settings, worker_dsn, service), schema=service, size=4)
            await opened[service].open()
        return opened[service]

    yield open_as
    for db in opened.values():
        await db.close()


@pytest.fixture
async def fresh_dsn(owner_dsn: str) -> AsyncIterator[str]:
    """The superuser's URL of a migrated database for this test alone."""
    name = f"fresh_{new_id().hex}"
    yield await recreate(owner_dsn, name, TEMPLATE)
    await drop(owner_dsn, name)


@pytest.fixture(scope="module")
async def module_dsn(owner_dsn: str) -> AsyncIterator[str]:
    """The superuser's URL of a migrated database for this module alone."""
    name = f"module_{new_id().hex}"
    yield await recreate(owner_dsn, name, TEMPLATE)
    await drop(owner_dsn, name)


RunServices = Callable[..., "asynccontextmanager[tuple[Runner, Client]]"]


@pytest.fixture(scope="session")
def run_services(all_services: list[Service], tmp_path_factory: pytest.TempPathFactory):
    """Run some services on a database: `async with run_services(dsn, "pools", …) as (runner, client)`."""

    @asynccontextmanager
    async def run(dsn: str, *names: str, **changes: object) -> AsyncIterator[tuple[Runner, Client]]:
        chosen = [service for service in all_services if not names or service.name in names]
        settings = settings_for_tests(tmp_path_factory.mktemp("run"), **changes)
        client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
        try:
            async with running(settings, dsn, chosen, all_services) as runner:
                yield runner, client
        finally:
            await client.close()

    return run


@pytest.fixture(scope="session")
def amqp_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A RabbitMQ to test with: `AMQP_URL`, or a private node of the installed server."""
    if url := os.environ.get("AMQP_URL"):
        yield url
        return
    if find_rabbitmq_server() is None:
        pytest.skip("NOT RUN: no RabbitMQ. Set AMQP_URL or install rabbitmq-server.")
    node = PrivateRabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    yield node.start()
    node.stop()
