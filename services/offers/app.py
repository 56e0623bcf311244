"""The offers service: the TTG catalogue, suppliers, their offers, and purchase orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.offers.api import routes
from services.offers.catalogue import load_catalogue
from services.offers.commands import suppliers
from services.offers.commands.technologies import publish_catalogue
from services.offers.consumers import consumers
from services.offers.jobs import jobs
from services.offers.verification import verify
from shared.service import Context, Service


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[None]:
    """Bring the catalogue's table up to date with its files."""
    async with context.db.transaction() as tx:
        await publish_catalogue(tx, load_catalogue())
    yield


service = Service(
    "offers",
    routes,
    consumers,
    jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
    snapshot=suppliers.snapshot,
)
