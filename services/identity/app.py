"""The service identity, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.identity import commands
from services.identity.api import routes
from services.identity.consumers import consumers
from services.identity.jobs import jobs
from services.identity.keys import Keys
from services.identity.queries import verify
from services.identity.resources import Resources
from shared.messengers import open_messengers
from shared.service import Context, Service


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Open the messengers, and see to it that the province has an officer who can appoint all others."""
    settings = context.settings
    async with open_messengers(settings) as messengers:
        if settings.first_officer:
            async with context.db.transaction() as tx:
                await commands.ensure_first_officer(tx, settings.first_officer)
        yield Resources(Keys.of(settings), messengers, settings.development, settings.code_limit_factor)


service = Service(
    "identity",
    routes,
    consumers,
    jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
    snapshot=commands.snapshot,
)
