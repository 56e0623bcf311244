"""The simulator on a loopback port of its own."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from aiohttp import web

from services.payments.stripe_simulator.app import create_app
from services.payments.stripe_simulator.simulator import StripeSimulator


@asynccontextmanager
async def serve(
    *,
    secret_key: str,
    webhook_secret: str,
    clock: Callable[[], datetime],
    webhook_url: str | None = None,
    state_file: Path | None = None,
    port: int = 0,
) -> AsyncIterator[StripeSimulator]:
    """Run a simulator until the context ends; port 0 takes a free one. Its `public_url` says where it is."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        simulator = StripeSimulator(public_url, secret_key, webhook_secret, webhook_url, state_file, clock)
        runner = web.AppRunner(create_app(simulator), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        await simulator.start()
        try:
            yield simulator
        finally:
            await simulator.stop()
            await runner.cleanup()
