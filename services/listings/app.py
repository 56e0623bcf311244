"""The service listings, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.listings.api import routes
from services.listings.consumers import consumers
from services.listings.jobs import jobs
from services.listings.queries.verifying import verify
from services.listings.resources import Resources
from shared.service import Context, Service


@asynccontextmanager
async def setup(_: Context) -> AsyncIterator[Resources]:
    """Begin to count who sends how often."""
    yield Resources()


service = Service(
    "listings",
    routes,
    consumers,
    jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
)
