"""Every service as a process of its own, as it runs in production, and the main job played against them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp

from services.demo import journey, story
from services.demo.narrator import Narrator
from shared.http.client import ApiClient
from shared.testing.running import eventually

ROOT = Path(__file__).parents[2]
OFFICER = f"{story.OFFICER[0]} <{story.OFFICER[1]}>"


async def play(url: str, *seeds: int) -> None:
    """Play the main job against what runs at `url`, once for each seed. Raises `StepFailed` at the first wrong step."""
    api = ApiClient(url, timeout_s=30)
    try:
        for seed in seeds:
            await journey.play(api, seed=seed, officer_phone=story.OFFICER[1], narrator=Narrator(quiet=True))
    finally:
        await api.close()


@asynccontextmanager
async def service_processes(
    environments: Mapping[str, Mapping[str, str]],
    folder: Path,
    commands: Mapping[str, Sequence[str]] | None = None,
) -> AsyncIterator[None]:
    """Run each service with exactly its environment until the block ends; it begins when all are ready.

    Their logs go into `folder`. `commands`: other words than `run <service>`.
    """
    async with AsyncExitStack() as stack:
        for name, environment in environments.items():
            words = commands[name] if commands else ("run", name)
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services", *words, cwd=ROOT, env=dict(environment), stdout=log, stderr=log
            )
            stack.push_async_callback(_end, name, process)
        for environment in environments.values():
            await eventually(partial(is_ready, environment["HTTP_PORT"]), within_s=180)
        yield


async def _end(name: str, process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0, f"{name} did not stop cleanly"


async def is_ready(port: str) -> bool:
    """Whether the process that listens on `port` says that it can work."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as reply:
            return reply.status == 200
    except aiohttp.ClientError:
        return False
