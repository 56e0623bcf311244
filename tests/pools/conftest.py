"""What the tests of pools share: a running service in an outside world that they play themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pools.outside_world import World


@pytest.fixture(scope="module")
async def world(run_services: Any, module_dsn: str) -> AsyncIterator[World]:
    """The service on a database of this module."""
    async with run_services(module_dsn, "pools") as (runner, client):
        yield await World.begin(runner, client)


@pytest.fixture
async def fresh_world(run_services: Any, fresh_dsn: str) -> AsyncIterator[World]:
    """The service on a database of this test alone."""
    async with run_services(fresh_dsn, "pools") as (runner, client):
        yield await World.begin(runner, client)
