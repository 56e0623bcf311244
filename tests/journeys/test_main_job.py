"""The main job, end to end, as `make demo` plays it: in one process and in many, over both brokers, twice in a row."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from services.demo import journey, story
from services.demo.narrator import Narrator
from shared import operate
from shared.http.client import ApiClient
from shared.processes import spare_ports
from shared.testing.running import eventually, quiet, settings_for_tests
from tests.journeys.reverse_proxy import reverse_proxy

ROOT = Path(__file__).parents[2]
OFFICER = f"{story.OFFICER[0]} <{story.OFFICER[1]}>"


@pytest.mark.slow
@pytest.mark.parametrize("broker", ["embedded", pytest.param("amqp", marks=pytest.mark.amqp)])
async def test_main_job_in_one_process_leaves_no_drift(run_services, fresh_dsn, all_services, broker, request):
    changes = {"amqp_url": request.getfixturevalue("amqp_url")} if broker == "amqp" else {}
    async with run_services(fresh_dsn, first_officer=OFFICER, **changes) as (runner, client):
        api = ApiClient(client.base_url, timeout_s=30)
        for seed in (1, 4):  # the failing pool of the one misses its target, that of the other is declined
            await journey.play(api, seed=seed, officer_phone=story.OFFICER[1], narrator=Narrator(quiet=True))
        await api.close()
        await quiet(runner)
        settings = runner.contexts["pools"].settings
        drifts = await operate.verify(settings, fresh_dsn, all_services)
    assert drifts == []


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
    async with AsyncExitStack() as stack:
        for name, port in by_name.items():
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services", "run", name,
                cwd=ROOT, env={**base, "HTTP_PORT": str(port)}, stdout=log, stderr=log,
            )  # fmt: skip
            stack.push_async_callback(_end, process)
        await stack.enter_async_context(reverse_proxy(front, services, by_name))
        for port in by_name.values():
            await eventually(lambda port=port: _ready(port), within_s=60)
        yield f"http://127.0.0.1:{front}", by_name


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0, "a service did not stop cleanly"


async def _ready(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as reply:
            return reply.status == 200
    except aiohttp.ClientError:
        return False


@pytest.mark.slow
@pytest.mark.amqp
async def test_main_job_with_every_service_in_its_own_process(fresh_dsn, amqp_url, all_services, tmp_path):
    async with each_in_its_own_process(fresh_dsn, amqp_url, all_services, tmp_path) as (url, ports):
        api = ApiClient(url, timeout_s=30)
        try:
            await journey.play(api, seed=2, officer_phone=story.OFFICER[1], narrator=Narrator(quiet=True))
        finally:
            await api.close()
        settings = settings_for_tests(tmp_path, http_port=ports["payments"])  # its simulator is asked there

        async def drifts():
            return await operate.verify(settings, fresh_dsn, all_services)

        await eventually(drifts, until=lambda found: found == [], within_s=20)
