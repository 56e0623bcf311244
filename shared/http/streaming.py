"""Live views by server-sent events: many watch few things.

Each thing that is watched has one feed, which makes each message once; all watchers get the same bytes. A message tells the
whole present state, so a watcher keeps no queue: who reads slowly misses the states between, and who does not read at all is
dropped. `id:` names the state; whoever comes back with it as `Last-Event-ID` is sent nothing they have.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from aiohttp import web
from prometheus_client import Gauge

from shared.errors import Refusal, TooMany, Unavailable
from shared.http.edge import SECURITY_HEADERS

log = structlog.get_logger()

WATCHERS = Gauge("urunbeli_watchers", "Open streams of live views", ["service"])

HEARTBEAT_S = 15
"""Every so often a comment goes out, so that nobody between takes the connection for dead, and we learn who has left."""
RETRY_MS = 2000
PATIENCE_S = 30
"""How long a write may wait for a watcher to read, and a first watcher for the first message."""
_BEAT = b":\n\n"
_HEADERS = {
    **SECURITY_HEADERS,
    "Content-Type": "text/event-stream; charset=utf-8",
    # A proxy that compresses or gathers would hold messages back.
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


class TooManyStreams(TooMany):
    """One address holds as many live views open as one may."""

    slug = "too-many-streams"
    message_id = "Terlalu banyak halaman langsung terbuka dari alamat ini. Tutup sebagian, atau muat ulang halamannya."
    message_en = "This address keeps too many live views open. Close some, or reload the page instead."


class StreamsFull(Unavailable):
    """This process holds as many live views open as it may."""

    slug = "streams-full"
    message_id = "Sedang terlalu banyak yang melihat langsung. Muat ulang halamannya untuk angka terbaru."
    message_en = "Too many are watching right now. Reload the page for the newest figures."


@dataclass(frozen=True, slots=True)
class Message:
    """A state: its name, and its texts by variant (a language, or "" where there is only one), ready to be sent."""

    id: str
    bodies: Mapping[str, bytes]

    @classmethod
    def of(cls, id: str, texts: Mapping[str, str]) -> Message:
        """Write texts as events of a stream."""
        return cls(id, {variant: _event(id, text) for variant, text in texts.items()})


def _event(id_: str, text: str) -> bytes:
    data = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {id_}\nretry: {RETRY_MS}\n{data}\n".encode()


class _Watcher:
    """An open stream."""

    def __init__(self, remote: str, transport: asyncio.Transport) -> None:
        self.remote = remote
        self.transport = transport
        self.woken = asyncio.Event()


class Channel:
    """One thing that is watched: its newest message, and its watchers. `opened_by`: the address that came first."""

    def __init__(self, key: UUID, opened_by: str, spacing_s: float) -> None:
        self.key = key
        self.opened_by = opened_by
        self.newest: Message | None = None
        self.refusal: Refusal | None = None
        self.is_over = False
        self.watchers: set[_Watcher] = set()
        self._spacing_s = spacing_s
        self._known = asyncio.Event()
        self._told_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def publish(self, message: Message) -> None:
        """Show a new state to all. Within the spacing after the last one it waits, and is passed over if a newer one comes."""
        if self.newest is not None and self.newest.id == message.id:
            return
        self.newest = message
        self._known.set()
        loop = asyncio.get_running_loop()
        rest_s = self._told_at + self._spacing_s - loop.time()
        if rest_s <= 0:
            self._tell()
        elif self._later is None:
            self._later = loop.call_later(rest_s, self._tell)

    async def known(self, within_s: float) -> None:
        """Wait for the first state. Raises the feed's refusal, or `Unavailable` when there is none for so long."""
        try:
            await asyncio.wait_for(self._known.wait(), within_s)
        except TimeoutError:
            raise Unavailable(part="stream") from None
        if self.refusal is not None:
            raise self.refusal

    def end(self, refusal: Refusal | None = None) -> None:
        """Let all watchers go; those still waiting for the first state get the refusal."""
        self.is_over, self.refusal = True, refusal or (None if self.newest else Unavailable(part="stream"))
        self._known.set()
        if self._later is not None:
            self._later.cancel()
        self.wake()

    def wake(self) -> None:
        """Make every watcher write: the newest state, or a sign of life."""
        for watcher in self.watchers:
            watcher.woken.set()

    def _tell(self) -> None:
        self._later = None
        self._told_at = asyncio.get_running_loop().time()
        self.wake()


Feed = Callable[[Channel], Awaitable[None]]
"""Publishes states of a channel for as long as it is watched. May raise a refusal before the first one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many watch through one process at most, and from one address: whole villages share one on mobile networks."""

    watchers: int = 5000
    watchers_per_address: int = 200


class Streams:
    """Everything that is watched through this process."""

    def __init__(
        self,
        service: str,
        feed: Feed,
        stopping: asyncio.Event,
        *,
        limits: Limits | None = None,
        spacing_s: float = 0,
        heartbeat_s: float = HEARTBEAT_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._service = service
        self._feed = feed
        self._stopping = stopping
        self._limits = limits or Limits()
        self._spacing_s = spacing_s
        self._heartbeat_s = heartbeat_s
        self._patience_s = patience_s
        self._channels: dict[UUID, Channel] = {}
        self._feeds: dict[UUID, asyncio.Task[None]] = {}
        self._by_address: dict[str, set[_Watcher]] = {}
        self._count = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep watchers company until the block ends, or the process begins to stop."""
        beating = asyncio.create_task(self._beat(), name=f"heartbeat-{self._service}")
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            self._end_all()

    async def watch(self, request: web.Request, remote: str, key: UUID, variant: str = "") -> web.StreamResponse:
        """Stream what is watched until either side leaves.

        `Last-Event-ID`, or `?versi=` where a page begins, tells what the watcher has already. Raises `TooManyStreams`,
        `StreamsFull`, `Unavailable` and what the feed refuses.
        """
        transport = request.transport
        if self._stopping.is_set() or transport is None:
            raise Unavailable(part="stream")
        watcher = _Watcher(remote, transport)
        self._admit(watcher)
        channel = self._channel(key, remote)
        channel.watchers.add(watcher)
        try:
            await channel.known(self._patience_s)
            seen = request.headers.get("Last-Event-ID", request.query.get("versi", ""))
            return await self._stream(request, channel, watcher, variant, seen)
        finally:
            channel.watchers.discard(watcher)
            self._dismiss(watcher)
            if not channel.watchers:
                self._close(channel)

    async def _stream(
        self, request: web.Request, channel: Channel, watcher: _Watcher, variant: str, seen: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS)
        try:
            await response.prepare(request)
            while not channel.is_over and channel.newest is not None:
                watcher.woken.clear()
                body = _BEAT if channel.newest.id == seen else channel.newest.bodies[variant]
                seen = channel.newest.id
                async with asyncio.timeout(self._patience_s):
                    await response.write(body)
                await watcher.woken.wait()
        except TimeoutError:
            watcher.transport.abort()
        except ConnectionError:
            pass  # gone away, as watchers do
        return response

    def _admit(self, watcher: _Watcher) -> None:
        beside = self._by_address.setdefault(watcher.remote, set())
        if len(beside) >= self._limits.watchers_per_address or self._count >= self._limits.watchers:
            # Those who have just left are counted until something is written to them.
            alive = sum(not one.transport.is_closing() for one in beside)
            if alive >= self._limits.watchers_per_address:
                raise TooManyStreams(retry_after_s=60)
            if self._alive() >= self._limits.watchers:
                raise StreamsFull
        beside.add(watcher)
        self._count += 1
        WATCHERS.labels(self._service).inc()

    def _alive(self) -> int:
        return sum(not one.transport.is_closing() for beside in self._by_address.values() for one in beside)

    def _dismiss(self, watcher: _Watcher) -> None:
        beside = self._by_address[watcher.remote]
        beside.discard(watcher)
        if not beside:
            del self._by_address[watcher.remote]
        self._count -= 1
        WATCHERS.labels(self._service).dec()

    def _channel(self, key: UUID, remote: str) -> Channel:
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(key, remote, self._spacing_s)
            self._feeds[key] = asyncio.create_task(self._fed(channel), name=f"feed-{self._service}-{key}")
        return channel

    async def _fed(self, channel: Channel) -> None:
        refusal: Refusal | None = None
        try:
            await self._feed(channel)
        except Refusal as error:
            refusal = error
        except Exception:
            log.exception("live view broke off", service=self._service, key=str(channel.key))
        finally:
            if self._channels.get(channel.key) is channel:
                del self._channels[channel.key]
                self._feeds.pop(channel.key, None)
            channel.end(refusal)

    def _close(self, channel: Channel) -> None:
        if self._channels.get(channel.key) is channel:
            del self._channels[channel.key]
            self._feeds.pop(channel.key).cancel()

    def _end_all(self) -> None:
        for task in list(self._feeds.values()):
            task.cancel()
        for channel in list(self._channels.values()):
            channel.end()

    async def _beat(self) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._stopping.wait(), self._heartbeat_s)
            except TimeoutError:
                for channel in self._channels.values():
                    channel.wake()
        self._end_all()
