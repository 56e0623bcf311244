"""The service notifications, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.notifications.api import routes
from services.notifications.consumers import consumers
from services.notifications.jobs import jobs
from services.notifications.queries import verify
from services.notifications.resources import Resources
from shared.messengers import open_messengers
from shared.service import Context, Service


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Open the messengers that the settings name."""
    async with open_messengers(context.settings) as messengers:
        yield Resources(messengers)


service = Service(
    "notifications",
    routes,
    consumers,
    jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
)
