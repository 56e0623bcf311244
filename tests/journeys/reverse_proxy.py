"""A reverse proxy for tests: sends each path to the process of the service that owns it, as the deployed one does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from shared.service import Service

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}


def owners(services: Sequence[Service]) -> dict[str, str]:
    """Tell which service owns which first segment after `/api/v1`."""
    return {
        route.path.split("/")[3]: service.name
        for service in services
        for route in service.routes.all
        if route.path.startswith("/api/v1/")
    }


@asynccontextmanager
async def reverse_proxy(port: int, services: Sequence[Service], ports: Mapping[str, int]) -> AsyncIterator[None]:
    """Listen on `port` of loopback until the block ends. `ports`: where each service's process listens."""
    segments = owners(services)

    def target(path: str) -> int:
        if path.startswith("/stripe-simulator"):
            return ports["payments"]
        parts = path.split("/")
        return ports[segments[parts[3]]] if path.startswith("/api/v1/") and parts[3] in segments else ports["web"]

    async def handle(request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        async with client.request(
            request.method,
            f"http://127.0.0.1:{target(request.path)}{request.raw_path}",
            headers=headers,
            data=await request.read(),
            allow_redirects=False,
        ) as reply:
            kept = [(name, value) for name, value in reply.headers.items() if name.lower() not in _HOP_BY_HOP]
            response = web.Response(status=reply.status, body=await reply.read())
            response.headers.clear()
            for name, value in kept:
                response.headers.add(name, value)
            return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()
