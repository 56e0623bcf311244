"""A proxy before the API that tells how many calls a page makes one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from shared.processes import spare_port

QUIET_S = 0.05
"""After how long without a new call everything that was asked at the same time has been asked."""


class Waves:
    """Gathers calls that were made at the same time and answers them together: what is asked after that had to wait for them.

    So however fast the machine is, calls that do not wait for each other are one wave.
    """

    def __init__(self, api_url: str, session: aiohttp.ClientSession) -> None:
        self.seen: list[list[str]] = []
        self._api_url = api_url
        self._session = session
        self._gathering: asyncio.Future[None] | None = None
        self._release: asyncio.TimerHandle | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Pass a call on, and hold its answer until its wave is whole."""
        await self._join(f"{request.method} {request.rel_url}")
        async with self._session.request(
            request.method,
            self._api_url + str(request.rel_url),
            data=await request.read(),
            headers={name: value for name, value in request.headers.items() if name != "Host"},
        ) as reply:
            body = await reply.read()
            return web.Response(status=reply.status, body=body, headers={"Content-Type": reply.headers["Content-Type"]})

    async def _join(self, call: str) -> None:
        loop = asyncio.get_running_loop()
        if self._gathering is None:
            self._gathering = loop.create_future()
            self.seen.append([])
        self.seen[-1].append(call)
        if self._release is not None:
            self._release.cancel()
        gathering = self._gathering
        self._release = loop.call_later(QUIET_S, self._let_go, gathering)
        await gathering

    def _let_go(self, gathering: asyncio.Future[None]) -> None:
        self._gathering = None
        gathering.set_result(None)


@asynccontextmanager
async def waves_before(api_url: str) -> AsyncIterator[tuple[Waves, str]]:
    """Listen on a port of loopback until the block ends; gives what is seen, and the proxy's address."""
    async with aiohttp.ClientSession(auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar()) as session:
        waves = Waves(api_url, session)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", waves.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        port = spare_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield waves, f"http://127.0.0.1:{port}"
        await runner.cleanup()
