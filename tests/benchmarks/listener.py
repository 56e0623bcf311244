"""A hearer that notes how long after its saying each event arrived; alone, or in one process with pools."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

import uvloop
from aiohttp import web

import services
from shared.broker import Broker, Envelope
from shared.config import load_settings
from shared.discovery import discover
from shared.runner import Runner, new_broker, run_until_signal

NAME = "bench"
HEARS = ["pools.pledges_made.v1"]


class Listener:
    """Notes the lags, in seconds, and hands them out once."""

    def __init__(self) -> None:
        self._lags_s: list[float] = []

    async def hear(self, envelope: Envelope) -> None:
        """Note an event. Its time is read before the commit, so the commit itself counts."""
        self._lags_s.append((datetime.now(UTC) - envelope.at).total_seconds())

    async def begin(self, broker: Broker) -> None:
        """Hear, and answer `/lags`."""
        await broker.declare(NAME, HEARS)
        await broker.subscribe(NAME, self.hear)
        app = web.Application()
        app.router.add_get("/lags", self._hand_out)
        app.router.add_get("/readyz", self._ready)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["LISTENER_PORT"])).start()

    async def _hand_out(self, _: web.Request) -> web.Response:
        lags, self._lags_s = self._lags_s, []
        return web.json_response(lags)

    async def _ready(self, _: web.Request) -> web.Response:
        return web.Response()


async def main() -> None:
    """Run until terminated; with pools where its name is given."""
    settings, dsn, everything = load_settings(), os.environ["DATABASE_URL"], discover(services)
    listener = Listener()
    if sys.argv[1:] == ["pools"]:
        chosen = [service for service in everything if service.name == "pools"]
        runner = Runner(settings, dsn, chosen, everything)
        await run_until_signal(runner, listener.begin(runner.broker))
        return
    broker = new_broker(settings, dsn, everything)
    await broker.open()
    await listener.begin(broker)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
