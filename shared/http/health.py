"""Is it alive, is it ready, and how does it fare: `/livez`, `/readyz`, `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.broker import Broker
from shared.errors import Unavailable
from shared.measures import measure
from shared.service import Context


def add_health(app: web.Application, contexts: Sequence[Context], broker: Broker) -> None:
    """Add the three routes to an application."""

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        checks = {context.service: _database(context) for context in contexts}
        found = dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))
        found["broker"] = await _broker(broker)
        ready = all(found.values())
        body = {"status": "ready" if ready else "not ready", "parts": found}
        return web.json_response(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})

    async def metrics(_: web.Request) -> web.Response:
        await measure(contexts, broker)
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)


async def _database(context: Context) -> bool:
    try:
        async with context.db.read() as sql:
            return bool(await sql.value("SELECT true"))
    except Unavailable:
        return False


async def _broker(broker: Broker) -> bool:
    try:
        await asyncio.wait_for(broker.depths(), 3)
    except Exception:  # noqa: BLE001 -- whatever is wrong with the broker, we are not ready
        return False
    return True
