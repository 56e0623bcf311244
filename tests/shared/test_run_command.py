"""`python -m services run`, as `make run` starts it: it keeps its data, stops cleanly, and survives a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from shared.http.client import ApiClient
from shared.processes import spare_port
from shared.testing.running import eventually

ROOT = Path(__file__).parents[2]
OFFICER = "+628110000001"


@asynccontextmanager
async def started(folder: Path, port: int):
    """Start everything without demo data; gives (process, client)."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "production",
        "DATA_DIR": str(folder),
        "HTTP_PORT": str(port),
        "PUBLIC_URL": f"http://localhost:{port}",
        "FIRST_OFFICER": f"Ibu Ratna <{OFFICER}>",
        "LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", "run", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    api = ApiClient(f"http://127.0.0.1:{port}")

    async def ready() -> bool:
        assert process.returncode is None, (await process.stdout.read()).decode()
        return await _ready(api)

    try:
        await eventually(ready, within_s=90)
        yield process, api
    finally:
        await api.close()
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ready(api: ApiClient) -> bool:
    from shared.errors import Unavailable

    try:
        return (await api.send("GET", "/readyz")).status == 200
    except Unavailable:
        return False


async def regions_digest(api: ApiClient) -> int:
    return len((await api.send("GET", "/api/v1/regions?limit=100")).body["items"])


@pytest.mark.slow
async def test_start_stop_start_kill_and_recover(tmp_path):
    folder, port = tmp_path / "data", spare_port()
    async with started(folder, port) as (process, api):
        assert await regions_digest(api) == 100
        first_key = (folder / "keys" / "token_ed25519.pem").read_bytes()
        children = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: everybody in the terminal's group gets it
        assert await asyncio.wait_for(process.wait(), 30) == 0
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []
    async with started(folder, port) as (process, api):
        assert (folder / "keys" / "token_ed25519.pem").read_bytes() == first_key
        process.kill()
        await process.wait()
    async with started(folder, port) as (process, api):
        assert await regions_digest(api) == 100
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


@pytest.mark.slow
async def test_second_run_on_the_same_data_is_told_so(tmp_path):
    folder, port = tmp_path / "data", spare_port()
    async with started(folder, port):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", "run", cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "HTTP_PORT": str(spare_port())},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "sedang dipakai" in output.decode()
