"""A load of HTTP/1.1 requests over keep-alive connections, cheap enough that on two cores the server is the slower side.

An ordinary client library costs more for each request than the server that is measured, so requests are ready bytes here
and of an answer only status and length are looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from tests.benchmarks.measure import Run


@dataclass(slots=True)
class Result:
    """What a load met: the answers by status, and how long each took in seconds."""

    took_s: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    sample: bytes = b""
    """The first answer, head and body, to look at."""

    @property
    def run(self) -> Run:
        """As a measured run."""
        return Run(len(self.latencies_s) / self.took_s, self.latencies_s)

    def only(self, status: int) -> Result:
        """Insist that every answer had this status. Raises `AssertionError`."""
        assert set(self.statuses) == {status}, f"{self.statuses}; the first answer: {self.sample[:500]!r}"
        return self


def request(method: str, path: str, *, token: str = "", key: str = "", body: bytes = b"", extra: str = "") -> bytes:
    """Write a request. `extra`: more header lines, each ended by CR LF."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{extra}"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if key:
        head += f"Idempotency-Key: {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class _Connection(asyncio.Protocol):
    """One client: sends the next request when the answer to the last one is there."""

    def __init__(self, requests: Iterator[bytes], result: Result, pause_s: float) -> None:
        self._requests = requests
        self._result = result
        self._pause_s = pause_s
        self._received = b""
        self._wanted = 0
        self._sent = 0.0
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class does not say that it is one
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._wanted:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._received[:end].lower()
            at = head.find(b"content-length: ")
            length = int(head[at + 16 :].partition(b"\r\n")[0]) if at >= 0 else 0
            self._wanted = end + 4 + length
        if len(self._received) >= self._wanted:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(error or ConnectionError("the server hung up"))

    def _answered(self) -> None:
        result = self._result
        result.latencies_s.append(time.perf_counter() - self._sent)
        result.statuses[int(self._received[9:12])] += 1
        result.sample = result.sample or self._received
        self._received, self._wanted = b"", 0
        if self._pause_s:
            asyncio.get_running_loop().call_later(self._pause_s, self._next)
        else:
            self._next()

    def _next(self) -> None:
        following = next(self._requests, None)
        if following is None:
            self.finished.set_result(None)
            self._transport.close()
        else:
            self._sent = time.perf_counter()
            self._transport.write(following)


async def load(port: int, requests: Iterator[bytes], *, clients: int, pause_s: float = 0.0) -> Result:
    """Send all requests from so many clients at once; each pauses after an answer if told so. Raises `ConnectionError`."""
    loop = asyncio.get_running_loop()
    result = Result()
    started = time.perf_counter()
    connections = []
    for _ in range(clients):
        _, connection = await loop.create_connection(lambda: _Connection(requests, result, pause_s), "127.0.0.1", port)
        connections.append(connection)
    await asyncio.gather(*(connection.finished for connection in connections))
    result.took_s = time.perf_counter() - started
    return result
