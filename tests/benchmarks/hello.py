"""The baseline of reads: a bare aiohttp application that answers ready JSON, under the same event loop."""

from __future__ import annotations

import os

import uvloop
from aiohttp import web

BODY = b'{"hello":"Kramat Jati"}'


async def hello(_: web.Request) -> web.Response:
    """Answer ready bytes."""
    return web.Response(body=BODY, content_type="application/json")


async def main() -> None:
    """Listen until terminated."""
    app = web.Application()
    app.router.add_get("/hello", hello)
    app.router.add_get("/readyz", hello)
    runner = web.AppRunner(app, access_log=None, handle_signals=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["HTTP_PORT"]), backlog=512).start()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    import asyncio

    uvloop.run(main())
