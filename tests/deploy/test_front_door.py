"""What stands at the door: the real Caddy with our Caddyfile, before services that only tell what reached them."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from io import BytesIO

import aiohttp
import pytest
from aiohttp import web

from shared.http.streaming import Channel, Message, Streams
from shared.ids import new_id
from shared.processes import spare_port, spare_ports
from shared.testing.running import NOBODY, eventually
from tests.deploy.front_door import front_door, spare_doors

FOREIGN = "203.0.113.9"
"""An address that somebody claims to come from."""


def telling(name: str) -> web.Application:
    """A service that tells who it is and what came to it."""

    async def tell(request: web.Request) -> web.Response:
        body = {
            "service": name,
            "path": request.path_qs,
            "forwarded_for": request.headers.getall("X-Forwarded-For", []),
            "proto": request.headers.get("X-Forwarded-Proto"),
            "size": len(await request.read()),
            "filler": "x" * 2000,
        }
        return web.json_response(body, headers={"ETag": 'W/"abc"', "Server": "telling", "Cache-Control": "no-cache"})

    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_route("*", "/{path:.*}", tell)
    return app


@asynccontextmanager
async def listening(name: str, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(telling(name), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture(scope="module")
async def system(all_services, tmp_path_factory):
    """Both doors' addresses, before one telling service for each real one; `offers` is down."""
    ports = dict(zip([service.name for service in all_services], spare_ports(len(all_services)), strict=True))
    doors = spare_doors()
    async with AsyncExitStack() as stack:
        for name, port in ports.items():
            if name != "offers":
                await stack.enter_async_context(listening(name, port))
        await stack.enter_async_context(front_door(tmp_path_factory.mktemp("door") / "caddy", doors, ports))
        yield doors


@pytest.fixture(scope="module")
async def http():
    async with aiohttp.ClientSession(auto_decompress=False, headers={"Accept-Encoding": "identity"}) as session:
        yield session


async def test_every_route_leads_to_its_owner(system, http, all_services):
    for service in all_services:
        if service.name == "offers":
            continue
        for route in service.routes.all:
            path = re.sub(r"{(\w+)(?::[^}]*)?}", str(new_id()), route.path)
            async with http.request(route.method, f"{system.front}{path}?a=b") as reply:
                told = await reply.json()
                assert (told["service"], told["path"]) == (service.name, f"{path}?a=b")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/poolsides", "/api/v1", "/api/openapi.json", "/livez"])
async def test_everything_else_is_the_pages(system, http, path):
    async with http.get(system.front + path) as reply:
        assert (await reply.json())["service"] == "web"


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/readyz", "/stripe-simulator", "/stripe-simulator/v1/x", "//metrics", "/x/../metrics", "/%6detrics"],
)
async def test_what_is_inside_stays_inside(system, http, path):
    async with http.get(aiohttp.client.URL(system.front + path, encoded=True)) as reply:
        assert (reply.status, reply.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


async def test_back_door_knows_the_api_only(system, http):
    async with http.get(f"{system.back}/api/v1/pools") as reply:
        assert (await reply.json())["service"] == "pools"
    async with http.get(f"{system.back}/urun") as reply:
        assert reply.status == 404


async def test_callers_address_cannot_be_claimed_at_the_front_and_is_kept_at_the_back(system, http):
    headers = {"X-Forwarded-For": FOREIGN}
    async with http.get(f"{system.front}/api/v1/codes", headers=headers) as reply:
        assert (await reply.json())["forwarded_for"] == ["127.0.0.1"]
    async with http.get(f"{system.back}/api/v1/codes", headers=headers) as reply:
        assert (await reply.json())["forwarded_for"] == [FOREIGN]


@pytest.mark.parametrize(("accepted", "used"), [("gzip, br, zstd", "zstd"), ("gzip", "gzip"), ("br", None)])
async def test_answers_are_compressed(system, http, accepted, used):
    async with http.get(f"{system.front}/urun", headers={"Accept-Encoding": accepted}) as reply:
        body = await reply.read()
        assert reply.headers.get("Content-Encoding") == used
        assert reply.headers["ETag"] == 'W/"abc"'
        assert (len(body) < 1000) == (used is not None)
        if used == "gzip":
            assert b'"service": "web"' in gzip.decompress(body)


async def test_headers(system, http):
    async with http.get(f"{system.front}/urun") as reply:
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in reply.headers
        assert "Via" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-cache"


async def test_body_limit_lets_pass_what_a_route_takes_and_no_more(system, http, all_services):
    routes = [route for service in all_services for route in service.routes.all]
    largest = max(route.max_bytes for route in routes if route.max_bytes <= 2_000_000)
    async with http.post(f"{system.front}/api/v1/pools", data=BytesIO(b"x" * largest)) as reply:
        assert (await reply.json())["size"] == largest
    async with http.post(f"{system.front}/api/v1/pools", data=BytesIO(b"x" * 2_000_001)) as reply:
        assert reply.status == 413
    for route in routes:
        if route.max_bytes <= 2_000_000:
            continue
        path = re.sub(r"{\w+}", str(new_id()), route.path)
        async with http.post(f"{system.front}{path}", data=BytesIO(b"x" * route.max_bytes)) as reply:
            assert (await reply.json())["size"] == route.max_bytes, path
        async with http.post(f"{system.front}{path}", data=BytesIO(b"x" * 43_000_000)) as reply:
            assert reply.status == 413, path


@pytest.mark.parametrize("path", ["/api/v1/imports", "/jualan/impor"])
async def test_spreadsheet_may_be_larger(system, http, path):
    async with http.post(f"{system.front}{path}", data=BytesIO(b"x" * 8_000_000)) as reply:
        assert (await reply.json())["size"] == 8_000_000


async def test_a_service_that_is_down_is_told_plainly(system, http):
    async with http.get(f"{system.front}/api/v1/offers") as reply:
        assert (reply.status, reply.headers["Retry-After"]) == (502, "5")
        assert "Coba lagi" in await reply.text()


async def test_a_service_that_restarts_is_waited_for(http, all_services, tmp_path):
    late, doors = spare_port(), spare_doors()
    upstreams = dict.fromkeys((service.name for service in all_services), late)
    async with front_door(tmp_path / "caddy", doors, upstreams):
        asked = asyncio.ensure_future(http.post(f"{doors.front}/api/v1/pools", data=b"once"))
        await asyncio.wait([asked], timeout=0.5)
        assert not asked.done()
        async with listening("pools", late), await asked as reply:
            assert (await reply.json())["size"] == 4


async def test_demonstration_shows_the_simulator(http, all_services, tmp_path):
    port, doors = spare_port(), spare_doors()
    upstreams = dict.fromkeys((service.name for service in all_services), port)
    async with (
        listening("payments", port),
        front_door(tmp_path / "caddy", doors, upstreams, demo=True),
        http.get(f"{doors.front}/stripe-simulator/pay/1") as reply,
    ):
        assert (await reply.json())["service"] == "payments"


class Streaming:
    """A service with a live view, which shows what it is told to."""

    def __init__(self) -> None:
        self.channel: Channel | None = None
        self.streams = Streams("test", self._feed, asyncio.Event(), heartbeat_s=0.1)

    async def _feed(self, channel: Channel) -> None:
        self.channel = channel
        self.show("first")
        try:
            await asyncio.Event().wait()
        finally:
            self.channel = None

    def show(self, text: str) -> None:
        assert self.channel is not None
        self.channel.publish(Message.of(text, {"": text}))

    async def is_watched(self) -> bool:
        return self.channel is not None

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        async def watch(request: web.Request) -> web.StreamResponse:
            return await self.streams.watch(request, "somebody", NOBODY)

        app = web.Application()
        app.router.add_get("/{path:.*}", watch)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with self.streams.open():
            try:
                yield
            finally:
                await runner.cleanup()


@pytest.mark.parametrize("path", [f"/api/v1/pools/{NOBODY}/stream", f"/urun/{NOBODY}/langsung"])
async def test_live_views_pass_as_they_are_said(all_services, tmp_path, path):
    port, doors, streaming = spare_port(), spare_doors(), Streaming()
    upstreams = dict.fromkeys((service.name for service in all_services), port)
    patience = aiohttp.ClientTimeout(sock_read=5)
    async with (
        streaming.listening(port),
        front_door(tmp_path / "caddy", doors, upstreams),
        aiohttp.ClientSession(timeout=patience, headers={"Accept-Encoding": "gzip, zstd"}) as browser,
    ):
        async with browser.get(doors.front + path) as reply:
            assert (reply.status, reply.content_type) == (200, "text/event-stream")
            assert "Content-Encoding" not in reply.headers
            for text in ("first", "second", "third"):
                if text != "first":
                    streaming.show(text)
                while (said := await reply.content.readuntil(b"\n\n")) == b":\n\n":
                    pass
                assert said == f"id: {text}\nretry: 2000\ndata: {text}\n\n".encode()
            assert await reply.content.readuntil(b"\n\n") == b":\n\n"
        await eventually(streaming.is_watched, until=lambda found: not found, within_s=5)
