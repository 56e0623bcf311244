"""The service posyantek, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.posyantek.api import routes
from services.posyantek.consumers import consumers
from services.posyantek.queries import verify
from services.posyantek.regions import load_regions
from shared.service import Context, Service


@asynccontextmanager
async def setup(_: Context) -> AsyncIterator[None]:
    """Read the regions beside the start, which need not wait for it: half a second, or the first request pays it."""
    reading = asyncio.create_task(asyncio.to_thread(load_regions))
    yield
    await reading


service = Service(
    "posyantek", routes, consumers, migrations=Path(__file__).parent / "migrations", setup=setup, verify=verify
)
