"""Sends bytes as they are over HTTP/1.1: a decent client would not let bad input out of the house."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PROBLEM = "application/problem+json"
_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def slug(self) -> str:
        """The slug of a problem. Raises `AssertionError` where the body is not a whole problem."""
        problem: dict[str, Any] = json.loads(self.body)
        assert self.headers["content-type"].startswith(PROBLEM), self
        assert problem["status"] == self.status, self
        assert problem["title"], self
        assert problem["detail"], self
        place, _, slug = problem["type"].rpartition("/")
        assert place == "/problems", self
        assert slug, self
        return str(slug)


class Wire:
    """One connection at a time, kept open as long as the server keeps it."""

    def __init__(self, base_url: str) -> None:
        self._at = urlsplit(base_url)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, method: str, target: bytes, headers: Iterable[tuple[str, bytes]] = (), body: bytes | None = None
    ) -> Answer:
        """Send a request; its body's length is told, if there is a body."""
        lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: localhost"]
        lines += [name.encode() + b": " + value for name, value in headers]
        if body is not None:
            lines.append(b"Content-Length: %d" % len(body))
        return await self.send_raw(b"\r\n".join(lines) + b"\r\n\r\n" + (body or b""))

    async def send_raw(self, text: bytes) -> Answer:
        """Send anything, over the connection that is open, or over a new one where the server has closed that."""
        while True:
            reused = self._open is not None
            reader, writer = self._open or await asyncio.open_connection(self._at.hostname, self._at.port)
            self._open = reader, writer
            try:
                writer.write(text)
                answer = await asyncio.wait_for(_answer(reader), _PATIENCE_S)
            except (ConnectionError, asyncio.IncompleteReadError):
                await self.close()
                if not reused:
                    raise
                continue
            if answer.headers.get("connection") == "close" or reader.at_eof():
                await self.close()
            return answer

    async def send_and_leave(self, text: bytes) -> None:
        """Send something over a new connection and go away without an answer."""
        _, writer = await asyncio.open_connection(self._at.hostname, self._at.port)
        writer.write(text)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def close(self) -> None:
        """Hang up, whatever is still to come."""
        if self._open is not None:
            (_, writer), self._open = self._open, None
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(int(status.split()[1]), headers, body)
