"""A TCP proxy for tests: between a process and its server it delays, holds and cuts, and acts at named points.

It reads what passes just enough to know the points (`postgres_wire`, `amqp_wire`), so the program under test needs no hook:
a trap springs when a point has passed for the n-th time, before the bytes behind it go on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

HOST = "127.0.0.1"

_GONE = (OSError, asyncio.IncompleteReadError)


class Wire(Protocol):
    """Reads one connection's protocol, message by message. Raises `IncompleteReadError` at the end of the stream."""

    async def up(self, client: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the client's next message, and name the point that it stands for, if any."""

    async def down(self, server: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the server's next message, and name the point that it stands for, if any."""


Action = Callable[[], Awaitable[bool]]
"""What happens at a point. True: the message goes on; False: the connection is cut instead, and the message is lost."""


@dataclass(slots=True)
class Trap:
    """Runs `action` when `point` has come for the `nth` time, once."""

    point: str
    nth: int
    action: Action
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


class TcpProxy:
    """Listens on a loopback port of its own; `server_port` is asked anew for each connection, as servers restart."""

    def __init__(self, server_port: Callable[[], int], new_wire: Callable[[], Wire]) -> None:
        self.delay_s = 0.0
        """Added before every message, in both directions."""
        self.seen: dict[str, int] = {}
        """How often each point has come."""
        self.port = 0
        self._server_port = server_port
        self._new_wire = new_wire
        self._traps: list[Trap] = []
        self._open = asyncio.Event()
        self._open.set()
        self._links: set[_Link] = set()
        self._listener: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; gives the port."""
        self._listener = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Cut everything and listen no more."""
        self.heal()
        if self._listener is not None:
            self._listener.close()
        links = list(self._links)
        self.cut()
        await asyncio.gather(*(link.over.wait() for link in links))
        if self._listener is not None:
            await self._listener.wait_closed()

    def trap(self, point: str, nth: int, action: Action) -> Trap:
        """Set a trap, counting from now on."""
        assert nth >= 1
        trap = Trap(point, nth, action)
        self._traps.append(trap)
        return trap

    def hold(self) -> None:
        """Become a black hole: connections are accepted and kept, and nothing passes in either direction."""
        self._open.clear()

    def cut(self) -> None:
        """Reset every connection."""
        for link in list(self._links):
            link.cut()

    def heal(self) -> None:
        """Let everything pass again, at once, and forget all traps."""
        self.delay_s = 0.0
        self._traps.clear()
        self._open.set()

    async def passes(self, point: str | None) -> bool:
        """Wait as long as a message must, springing the traps of its point; whether it goes on."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        await self._open.wait()
        if point is None:
            return True
        self.seen[point] = self.seen.get(point, 0) + 1
        goes_on = True
        for trap in [trap for trap in self._traps if trap.point == point]:
            trap.nth -= 1
            if trap.nth == 0:
                self._traps.remove(trap)
                trap.sprung.set()
                goes_on = await trap.action() and goes_on
        return goes_on

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(HOST, self._server_port())
        except OSError:
            to_client.transport.abort()
            return
        link = _Link(to_client, to_server)
        self._links.add(link)
        wire = self._new_wire()
        pumps = [
            asyncio.ensure_future(self._pump(client, wire.up, to_server)),
            asyncio.ensure_future(self._pump(server, wire.down, to_client)),
        ]
        try:
            await asyncio.wait([*pumps, link.cutting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            link.cut()
            self._links.discard(link)
            link.over.set()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        read: Callable[[asyncio.StreamReader], Awaitable[tuple[bytes, str | None]]],
        target: asyncio.StreamWriter,
    ) -> None:
        with contextlib.suppress(*_GONE):
            while True:
                message, point = await read(source)
                if not await self.passes(point):
                    return
                target.write(message)
                await target.drain()


class _Link:
    """One connection through the proxy."""

    def __init__(self, to_client: asyncio.StreamWriter, to_server: asyncio.StreamWriter) -> None:
        self.over = asyncio.Event()
        self.cutting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writers = (to_client, to_server)

    def cut(self) -> None:
        """Reset both sides."""
        if not self.cutting.done():
            self.cutting.set_result(None)
        for writer in self._writers:
            writer.transport.abort()
