"""The real Caddy with the real Caddyfile, its names and ports replaced by those of a test."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from shared.processes import plain_environment, spare_ports
from shared.testing.running import eventually
from tests.deploy.composed import ROOT, tool

BACK_PORT = 8081
PATIENCE = '"try_duration":10000000000'
"""How long a service that is down is waited for, in nanoseconds; a test waits a fifth of it."""


class Doors(NamedTuple):
    """Addresses: of the public door, and of the one that only the pages use."""

    front: str
    back: str


def spare_doors() -> Doors:
    """Choose two addresses of loopback. The front one has a name, as the site does."""
    front, back = spare_ports(2)
    return Doors(f"http://localhost:{front}", f"http://127.0.0.1:{back}")


@asynccontextmanager
async def front_door(
    folder: Path, doors: Doors, upstreams: Mapping[str, int], *, demo: bool = False
) -> AsyncIterator[None]:
    """Run Caddy until the block ends. `upstreams`: on which port of loopback each service listens."""
    config = _configure(folder, doors, upstreams, demo=demo)
    environment = plain_environment() | {"HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            tool("caddy"), "run", "--config", str(config), env=environment, stdout=log, stderr=log
        )
    try:
        async with aiohttp.ClientSession() as session:

            async def open_() -> bool:
                assert process.returncode is None, (folder / "caddy.log").read_text()
                try:
                    async with session.get(f"{doors.back}/livez") as reply:
                        return reply.status == 200
                except aiohttp.ClientError:
                    return False

            await eventually(open_, within_s=20)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)


def _configure(folder: Path, doors: Doors, upstreams: Mapping[str, int], *, demo: bool) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "deploy" / "Caddyfile", folder)
    if demo:
        shutil.copytree(ROOT / "deploy" / "caddy", folder / "demo.d")
    adapted = subprocess.run(
        [tool("caddy"), "adapt", "--config", "Caddyfile"],
        cwd=folder, env=plain_environment() | {"SITE_ADDRESS": doors.front}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert adapted.returncode == 0, adapted.stderr
    assert "not formatted" not in adapted.stderr, "caddy fmt --overwrite deploy/Caddyfile"
    text = adapted.stdout
    for service, port in upstreams.items():
        text = text.replace(json.dumps(f"{service}:8080"), json.dumps(f"127.0.0.1:{port}"))
    assert PATIENCE in text
    text = text.replace(PATIENCE, '"try_duration":2000000000')
    for asked, door in ((doors.front.rpartition(":")[2], doors.front), (str(BACK_PORT), doors.back)):
        text = text.replace(f'"listen":[":{asked}"]', f'"listen":["127.0.0.1:{door.rpartition(":")[2]}"]')
    assert text.count('"listen":["127.0.0.1:') == 2, "the door would be open to the network"
    if doors.front.startswith("https:"):
        text = _kept_at_home(text)
    config = folder / "caddy.json"
    config.write_text(text)
    return config


def _kept_at_home(text: str) -> str:
    """Of a door with TLS: open no port 80 beside it, and do not make this machine trust Caddy's own authority."""
    config = json.loads(text)
    for server in config["apps"]["http"]["servers"].values():
        server["automatic_https"] = {"disable_redirects": True}
    config["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    return json.dumps(config)
