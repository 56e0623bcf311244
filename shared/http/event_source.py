"""Reading a stream of server-sent events, such as another service's live view."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp

SILENCE_S = 40
"""A stream that says nothing for longer, not even a heartbeat, is dead."""
MAX_LINE_BYTES = 512 * 1024


class StreamRefused(Exception):
    """The stream was answered with something else: `status` says what."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """An event: `id` is the last one that was told."""

    id: str
    data: str


def new_session(*, silence_s: float = SILENCE_S) -> aiohttp.ClientSession:
    """Make a session for any number of streams, which last for ever as long as they speak."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_read=silence_s),
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=MAX_LINE_BYTES,
    )


async def receive(
    session: aiohttp.ClientSession, url: str, *, last_id: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Received]:
    """Open a stream and give its events until it ends.

    Raises `StreamRefused` when there is none, `aiohttp.ClientError`, `OSError` or `TimeoutError` when it breaks.
    """
    sent = {"Accept": "text/event-stream", **(headers or {})}
    if last_id:
        sent["Last-Event-ID"] = last_id
    async with session.get(url, headers=sent, allow_redirects=False) as response:
        if response.status != 200 or response.content_type != "text/event-stream":
            raise StreamRefused(response.status)
        data: list[str] = []
        async for raw in response.content:
            name, _, value = raw.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                last_id = value
            elif name == "data":
                data.append(value)
            elif not name and not value and data:
                yield Received(last_id, "\n".join(data))
                data = []
