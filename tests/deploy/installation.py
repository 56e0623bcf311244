"""An installation as the compose files describe it, without containers: its own PostgreSQL and RabbitMQ, set up by the files
that the containers mount, the real Caddy, and every service as its own process with exactly the environment it is given.

Only what a container has and a process has not is replaced: names of hosts, ports, and where secrets and data lie.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.embedded_postgres import EmbeddedPostgres
from shared.processes import plain_environment, spare_ports
from shared.testing.databases import dsn_of
from shared.testing.rabbitmq import PrivateRabbitMQ
from tests.deploy.composed import ROOT, config, ours, postgres, processes
from tests.deploy.front_door import BACK_PORT, Doors, front_door, spare_doors
from tests.journeys.processes import service_processes

SECRETS = "/run/secrets"
DATA = "/data"


@dataclass(frozen=True, slots=True)
class Installation:
    """What runs where. `superuser_dsn`: of the server's own database."""

    composed: dict[str, Any]
    folder: Path
    superuser_dsn: str
    amqp_url: str
    doors: Doors
    ports: Mapping[str, int]

    def environment(self, name: str) -> dict[str, str]:
        """Give a container's environment, as a process here needs it."""
        changed = {f"http://caddy:{BACK_PORT}": self.doors.back, "http://localhost": self.doors.front}
        given = {key: self._replaced(name, value) for key, value in self._container(name)["environment"].items()}
        given = {key: changed.get(value, value) for key, value in given.items()}
        if name in self.ports:
            given |= {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(self.ports[name])}
        return plain_environment() | given

    def lay_secrets(self, name: str) -> None:
        """Put the files that compose gives a container where its process looks for them."""
        for secret in self._container(name).get("secrets", []):
            source = self.folder / "secrets" / Path(self.composed["secrets"][secret["source"]]["file"]).name
            target = self._place(name, SECRETS) / secret.get("target", secret["source"]).removeprefix(f"{SECRETS}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self._replaced(name, source.read_text()))

    async def run(self, name: str) -> tuple[int, str]:
        """Run a container's command to its end; gives the exit status and what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", *self._container(name)["command"], cwd=ROOT, env=self.environment(name),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode is not None
        return process.returncode, output.decode()

    def data_of(self, name: str) -> Path:
        """Say where a container's data folder is here."""
        return self._place(name, DATA)

    def _container(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.composed["services"][name]
        return found

    def _place(self, name: str, path: str) -> Path:
        return self.folder / "containers" / name / path.strip("/")

    def _replaced(self, name: str, value: str) -> str:
        for theirs, here in (
            ("postgres:5432", urlsplit(self.superuser_dsn).netloc.rpartition("@")[2]),
            ("rabbitmq:5672", urlsplit(self.amqp_url).netloc.rpartition("@")[2]),
        ):
            value = value.replace(f"@{theirs}", f"@{here}").replace(f"//{theirs}", f"//{here}")
        for path in (SECRETS, DATA):
            if value == path or value.startswith(f"{path}/"):
                value = f"{self._place(name, path)}{value.removeprefix(path)}"
        return value


@asynccontextmanager
async def installed(folder: Path, *files: str) -> AsyncIterator[Installation]:
    """Set everything up as `docker compose up` would, in its order, until the block ends."""
    composed = config(*files)
    _make_secrets(folder / "secrets")
    node = PrivateRabbitMQ(folder / "rabbitmq")
    _configure_rabbitmq(composed["services"]["rabbitmq"], folder)
    names = list(processes(composed))
    async with AsyncExitStack() as stack:
        server = EmbeddedPostgres(folder / "postgres", durable=False)
        superuser_dsn = await asyncio.to_thread(server.start)
        stack.callback(server.stop)
        await asyncio.to_thread(node.start)
        stack.callback(node.stop)
        _make_roles(superuser_dsn, folder)
        ports = dict(zip(names, spare_ports(len(names)), strict=True))
        it = Installation(composed, folder, superuser_dsn, node.url, spare_doors(), ports)
        for name in ours(composed):
            it.lay_secrets(name)
        status, said = await it.run("migrate")
        assert status == 0, said
        demo = composed["services"]["payments"]["environment"]["ENVIRONMENT"] == "development"
        await stack.enter_async_context(front_door(folder / "caddy", it.doors, ports, demo=demo))
        commands = {name: composed["services"][name]["command"] for name in names}
        environments = {name: it.environment(name) for name in names}
        await stack.enter_async_context(service_processes(environments, folder, commands))
        yield it


def _make_secrets(folder: Path) -> None:
    subprocess.run([sys.executable, "deploy/make_secrets.py", str(folder)], cwd=ROOT, check=True, capture_output=True)


def _make_roles(superuser_dsn: str, folder: Path) -> None:
    """Do what PostgreSQL's container does with a new data folder: run our script, once, as the superuser."""
    script = folder / "roles.sql"
    script.write_text((ROOT / "deploy" / "roles.sql").read_text().replace(SECRETS, str(folder / "secrets")))
    server = dsn_of(superuser_dsn, "postgres")
    postgres("psql", server, "--quiet", "--command", 'DROP DATABASE "urunbeli"')  # the embedded server's own
    postgres("psql", server, "--quiet", "--no-psqlrc", "--file", str(script))


def _configure_rabbitmq(container: dict[str, Any], folder: Path) -> None:
    """Lay RabbitMQ's files as the container mounts them; its node reads `conf.d` beside its data."""
    mounted = {volume["target"]: ROOT / volume["source"] for volume in container["volumes"] if volume["type"] == "bind"}
    mounted |= {secret["target"]: folder / "secrets" / f"{secret['source']}.json" for secret in container["secrets"]}
    etc = folder / "rabbitmq"
    for target, source in mounted.items():
        place = etc / target.removeprefix("/etc/rabbitmq/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
        if place.suffix == ".conf":
            place.write_text(source.read_text().replace("/etc/rabbitmq", str(etc)))
        else:
            json.loads(place.read_text())
