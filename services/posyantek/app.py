"""The service posyantek, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.posyantek.api import routes
from services.posyantek.queries import verify
from services.posyantek.regions import load_regions
from shared.service import Context, Service


@asynccontextmanager
async def setup(_: Context) -> AsyncIterator[None]:
    """Read the regions before the first request, beside the event loop: it takes a quarter of a second."""
    await asyncio.to_thread(load_regions)
    yield


service = Service("posyantek", routes, migrations=Path(__file__).parent / "migrations", setup=setup, verify=verify)
