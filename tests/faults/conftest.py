"""One system for all runs of this folder's tests: it takes the longest to start."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.testing.rabbitmq import find_rabbitmq_server
from tests.faults.run import Theatre, theatre


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Theatre]:
    """A running system whose PostgreSQL and RabbitMQ may be killed: both are its own."""
    if find_rabbitmq_server() is None:
        pytest.skip("NOT RUN: no RabbitMQ. Install rabbitmq-server: the faults need a node that they can kill.")
    async with theatre(tmp_path_factory.mktemp("faults")) as running:
        yield running
