"""Live views: who watches sees every state that lasts, and nobody can make the process hold more for them than one."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web

from shared.errors import NotFound, Refusal
from shared.http import streaming
from shared.http.edge import problem
from shared.http.event_source import StreamRefused, new_session, receive
from shared.http.streaming import Limits, Message, Streams
from shared.ids import new_id
from shared.processes import spare_port
from shared.testing.running import eventually
from shared.testing.watching import Watcher

THING = new_id()
UNKNOWN = new_id()


class Source:
    """What is watched: publishes the states it is given, and counts how often a feed began and ended."""

    def __init__(self) -> None:
        self.channel: streaming.Channel | None = None
        self.state = 1
        self.text = "one"
        self.began = self.ended = 0

    async def __call__(self, channel: streaming.Channel) -> None:
        if channel.key == UNKNOWN:
            raise NotFound
        self.began += 1
        self.channel = channel
        self.show(self.state, self.text)
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    def show(self, state: int, text: str) -> None:
        self.state, self.text = state, text
        assert self.channel is not None
        self.channel.publish(Message.of(str(state), {"id": text, "en": f"{text} in English"}))

    async def end_count(self) -> int:
        return self.ended


class Server:
    """Streams of one source over real HTTP."""

    def __init__(self, **options: object) -> None:
        self.source = Source()
        self.stopping = asyncio.Event()
        self.streams = Streams("test", self.source, self.stopping, **options)
        self.port = spare_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{THING}"

    @property
    def watching(self) -> int:
        return self.streams._count

    async def watch_count(self) -> int:
        return self.watching

    async def handle(self, request: web.Request) -> web.StreamResponse:
        remote = request.headers.get("X-From", "here")
        try:
            return await self.streams.watch(
                request, remote, UUID(request.match_info["key"]), request.query.get("in", "id")
            )
        except Refusal as refusal:
            return problem(request, refusal)

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.router.add_get("/{key}", self.handle)

        async def say_stopping(_: web.Application) -> None:
            self.stopping.set()

        app.on_shutdown.append(say_stopping)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        async with self.streams.open():
            try:
                yield self
            finally:
                await runner.cleanup()


def watch(url: str, last_id: str = "", remote: str = "here") -> Watcher:
    return Watcher(url, last_id, {"X-From": remote})


async def test_all_see_the_present_state_and_every_change_of_one_feed():
    async with Server().running() as server:
        watchers = [watch(server.url), watch(server.url), watch(f"{server.url}?in=en")]
        await asyncio.gather(watchers[0].sees("one"), watchers[1].sees("one"), watchers[2].sees("one in English"))
        server.source.show(2, "two\nlines")
        await asyncio.gather(
            watchers[0].sees("one", "two\nlines"),
            watchers[1].sees("one", "two\nlines"),
            watchers[2].sees("one in English", "two\nlines in English"),
        )
        assert [event.id for event in watchers[0].got] == ["1", "2"]
        assert server.source.began == 1
        for watcher in watchers:
            await watcher.leave()


async def test_who_comes_back_is_sent_only_what_they_have_not():
    async with Server().running() as server:
        keeper = watch(server.url)
        await keeper.sees("one")
        current, page, old = watch(server.url, "1"), watch(f"{server.url}?versi=1"), watch(server.url, "0")
        await old.sees("one")
        server.source.show(2, "two")
        await asyncio.gather(current.sees("two"), page.sees("two"), old.sees("one", "two"))
        for watcher in (keeper, current, page, old):
            await watcher.leave()


async def test_header_of_a_reconnection_counts_more_than_where_the_page_began():
    async with Server().running() as server:
        watcher = watch(f"{server.url}?versi=1", "0")
        await watcher.sees("one")
        await watcher.leave()


async def test_feed_ends_with_its_last_watcher_and_begins_anew():
    async with Server(heartbeat_s=0.05).running() as server:
        first = watch(server.url)
        await first.sees("one")
        await first.leave()
        await eventually(server.source.end_count)
        assert server.watching == 0
        again = watch(server.url)
        await again.sees("one")
        assert server.source.began == 2
        await again.leave()


async def test_what_is_not_there_is_refused_before_the_stream_begins():
    async with Server().running() as server, new_session() as session:
        with pytest.raises(StreamRefused) as refused:
            await anext(receive(session, server.url.replace(str(THING), str(UNKNOWN))))
        assert refused.value.status == 404
        assert (server.watching, server.streams._channels) == (0, {})


async def test_one_address_and_one_process_have_a_limit():
    limits = Limits(watchers=3, watchers_per_address=2)
    async with Server(limits=limits).running() as server, aiohttp.ClientSession() as session:

        async def ask(remote: str) -> tuple[int, str, str | None]:
            async with session.get(server.url, headers={"X-From": remote}) as answer:
                body = await answer.json() if answer.status != 200 else {"type": ""}
                return answer.status, body["type"].rpartition("/")[2], answer.headers.get("Retry-After")

        watchers = [watch(server.url, remote="a"), watch(server.url, remote="a")]
        await asyncio.gather(*(watcher.sees("one") for watcher in watchers))
        assert await ask("a") == (429, "too-many-streams", "60")
        watchers.append(watch(server.url, remote="b"))
        await watchers[2].sees("one")
        assert await ask("c") == (503, "streams-full", "2")
        # Who has left makes room at once, before the next heartbeat tells that they are gone.
        await watchers[0].leave()
        watchers[0] = watch(server.url, remote="a")
        await watchers[0].sees("one")
        for watcher in watchers:
            await watcher.leave()


async def test_states_within_the_spacing_are_passed_over_but_never_the_last():
    async with Server(spacing_s=0.3, heartbeat_s=1000).running() as server:
        watcher = watch(server.url)
        await watcher.sees("one")
        for state in range(2, 50):
            server.source.show(state, f"state {state}")
        await watcher.sees("one", "state 49")
        loop = asyncio.get_running_loop()
        told_at = loop.time()
        server.source.show(50, "state 50")
        await watcher.sees("one", "state 49", "state 50")
        assert loop.time() - told_at > 0.2
        await watcher.leave()


async def test_signs_of_life_are_sent_while_nothing_changes():
    async with Server(heartbeat_s=0.05).running() as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as answer:
            assert answer.content_type == "text/event-stream"
            assert answer.headers["Cache-Control"] == "no-store, no-transform"
            assert answer.headers["X-Accel-Buffering"] == "no"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            lines = [await answer.content.readline() for _ in range(8)]
        assert lines == [b"id: 1\n", b"retry: 2000\n", b"data: one\n", b"\n", b":\n", b"\n", b":\n", b"\n"]


async def test_streams_end_quickly_when_the_server_stops():
    server = Server()
    async with server.running():
        watcher = watch(server.url)
        await watcher.sees("one")
        before = asyncio.get_running_loop().time()
    await watcher.over()
    assert asyncio.get_running_loop().time() - before < 2


async def test_nobody_is_let_in_while_the_server_stops():
    async with Server().running() as server, new_session() as session:
        server.stopping.set()
        with pytest.raises(StreamRefused) as refused:
            await anext(receive(session, server.url))
        assert refused.value.status == 503


async def test_watcher_that_does_not_read_is_dropped_and_nothing_piles_up():
    async with Server(patience_s=0.5).running() as server:
        reader = watch(server.url)
        await reader.sees("one")
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, ("127.0.0.1", server.port))
        await loop.sock_sendall(deaf, f"GET /{THING} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await eventually(server.watch_count, until=lambda count: count == 2)
        transports = [one.transport for one in server.source.channel.watchers]
        held, state = 0, 1

        async def only_the_reader_is_left() -> bool:
            nonlocal held, state
            state += 1
            server.source.show(state, "x" * 100_000)
            held = max([held, *(transport.get_write_buffer_size() for transport in transports)])
            return server.watching == 1

        await eventually(only_the_reader_is_left)
        assert held < 400_000, "a few states at most, of the hundreds that were shown"
        assert [one.get_write_buffer_size() for one in transports if one.is_closing()] == [0], (
            "what it never read is let go"
        )
        await eventually(reader.texts, until=lambda texts: len(texts[-1]) == 100_000)
        deaf.close()
        await reader.leave()
