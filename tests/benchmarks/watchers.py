"""Live views: how long a pledge takes until the last of two thousand watchers of its pool has seen it, all in one process."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID

import aiohttp

from shared.runner import allow_many_connections
from shared.testing.running import eventually, principal
from tests.benchmarks.ground import Ground
from tests.benchmarks.load import request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pools import pools_with_pledges

WATCHERS = 2_000
UPDATES = 10
PLEDGES = 100
PAUSE_S = 1.0
"""Between updates, so that none waits for the spacing after the last one."""


class _Watcher(asyncio.Protocol):
    """Reads a stream, and notes when the newest event was whole and which one it was."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._received = b""
        self.version = 0
        self.seen_at = 0.0
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._head)

    def data_received(self, data: bytes) -> None:
        self._received += data
        whole, _, self._received = self._received.rpartition(b"\n\n")
        self.bytes += len(whole)
        ids = re.findall(rb"^id: (\d+)", whole, re.MULTILINE)
        if ids:
            self.version, self.seen_at = int(ids[-1]), time.perf_counter()


@contextlib.asynccontextmanager
async def _watching(port: int, path: str) -> AsyncIterator[list[_Watcher]]:
    loop = asyncio.get_running_loop()
    watchers, transports = [], []
    for number in range(WATCHERS):
        # Each from an address of its own, as our pages on this machine would pass it on.
        address = f"X-Forwarded-For: 10.0.{number // 250}.{number % 250}\r\n"
        head = request("GET", path, extra=address + "Accept: text/event-stream\r\n")
        transport, watcher = await loop.create_connection(lambda head=head: _Watcher(head), "127.0.0.1", port)  # type: ignore[misc]
        watchers.append(watcher)
        transports.append(transport)
    try:
        yield watchers
    finally:
        for transport in transports:
            transport.close()


async def measure(ground: Ground) -> list[Figure]:
    """Watch the API's stream, then the page's."""
    allow_many_connections()
    dsn = await ground.database("watchers")
    (pool_id,) = await pools_with_pledges(ground, dsn, PLEDGES)
    figures = []
    async with ground.server(["services", "run"], ground.environment(dsn), core=0) as port:
        for what, path in (("stream", f"/api/v1/pools/{pool_id}/stream"), ("page", f"/urun/{pool_id}/langsung")):
            lasts, medians, size = await _updates(ground, port, path, pool_id)
            figures += [
                Figure(
                    f"a pledge until the last of {WATCHERS:,} watchers of the {what}", max(lasts), "ms", at_most=1000
                ),
                Figure("the same, median of the updates", median(lasts), "ms"),
                Figure("the same, until half of them", median(medians), "ms"),
                Figure("bytes of an update", size, "B"),
            ]
    return figures


async def _updates(ground: Ground, port: int, path: str, pool_id: UUID) -> tuple[list[float], list[float], float]:
    """Give, for each update, milliseconds until the last watcher and until half of them; and the size of an update."""
    lasts, medians = [], []
    async with _watching(port, path) as watchers, aiohttp.ClientSession() as session:

        async def behind(version: int) -> int:
            return sum(watcher.version < version for watcher in watchers)

        await eventually(lambda: behind(1), within_s=60, until=lambda count: count == 0)
        before = sum(watcher.bytes for watcher in watchers)
        for _ in range(UPDATES):
            await asyncio.sleep(PAUSE_S)
            headers = {"Authorization": f"Bearer {ground.token(principal())}", "Idempotency-Key": str(time.time_ns())}
            url = f"http://127.0.0.1:{port}/api/v1/pools/{pool_id}/pledges"
            began = time.perf_counter()
            async with session.post(url, json={"units": 1, "method": "cash"}, headers=headers) as reply:
                assert reply.status == 201, await reply.text()
                version = int(reply.headers["Urunbeli-Version"].rpartition("=")[2])
            await eventually(lambda version=version: behind(version), within_s=30, until=lambda count: count == 0)  # type: ignore[misc]
            took_ms = sorted(1000 * (watcher.seen_at - began) for watcher in watchers)
            lasts.append(took_ms[-1])
            medians.append(took_ms[len(took_ms) // 2])
        size = (sum(watcher.bytes for watcher in watchers) - before) / WATCHERS / UPDATES
    return lasts, medians, size
