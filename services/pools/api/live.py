"""Live progress: one listener per process hears of every change of a pool, each is read once, and all watchers see it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web

from services.pools import queries
from services.pools.api import routes
from services.pools.views import ProgressView
from shared.auth import PUBLIC
from shared.broker import Signal
from shared.contracts import events_of
from shared.errors import Unavailable
from shared.http.call import Call
from shared.http.streaming import Channel, Message, Streams, StreamsFull, TooManyStreams
from shared.retry import backoff
from shared.service import Context

SPACING_S = 0.2
"""While a hundred neighbours tap at once, a watched pool is read five times a second, not a hundred times."""


@dataclass(slots=True)
class _Watched:
    """A pool that is watched: whether it must be read again, and the version that is shown."""

    stale: asyncio.Event = field(default_factory=asyncio.Event)
    version: int = -1


class LiveProgress:
    """Whoever watches pools through this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watched: dict[UUID, _Watched] = {}
        self.streams = Streams(context.service, self._feed, context.stopping)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen until the block ends. Raises `BrokerDown`. Nobody watches a service whose rows are only looked at."""
        if self._context.broker is None:
            yield
            return
        listener = await self._context.broker.listen(events_of("pools"), self._heard, self._missed)
        try:
            async with self.streams.open():
                yield
        finally:
            await listener.stop()

    def _heard(self, signal: Signal) -> None:
        watched = self._watched.get(signal.aggregate_id)
        if watched is not None and signal.version > watched.version:
            watched.stale.set()

    def _missed(self) -> None:
        for watched in self._watched.values():
            watched.stale.set()

    async def _feed(self, channel: Channel) -> None:
        watched = self._watched[channel.key] = _Watched()
        try:
            await self._show(channel, watched)
            while True:
                await watched.stale.wait()
                watched.stale.clear()
                await self._show_at_last(channel, watched)
                await asyncio.sleep(SPACING_S)
        finally:
            if self._watched.get(channel.key) is watched:
                del self._watched[channel.key]

    async def _show_at_last(self, channel: Channel, watched: _Watched) -> None:
        """Show the present state, as soon as the database can be asked."""
        for pause in backoff():
            try:
                await self._show(channel, watched)
            except Unavailable:
                await pause.wait()
            else:
                return

    async def _show(self, channel: Channel, watched: _Watched) -> None:
        async with self._context.db.read() as sql:
            progress = await queries.progress(sql, channel.key)
        watched.version = progress.pool.version
        channel.publish(Message.of(str(progress.pool.version), {"": progress.model_dump_json()}))


@routes.get(
    "/api/v1/pools/{pool_id}/stream",
    policy=PUBLIC,
    raw=True,
    answer=ProgressView,
    media_type="text/event-stream",
    refusals=(TooManyStreams, StreamsFull),
)
async def stream_pool(call: Call) -> web.StreamResponse:
    """Watch a pool: an event with its whole public state now and after each change, until either side leaves.

    Each event's `id` is the pool's version. A client that comes back with `Last-Event-ID` is sent nothing it has. A comment
    goes out every 15 seconds. While many changes come at once some states are passed over; the newest is always shown.
    """
    live: LiveProgress = call.context.resources.live
    return await live.streams.watch(call.request, call.remote, call.id("pool_id"))
