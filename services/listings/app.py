"""The service listings, put together."""

from __future__ import annotations

from pathlib import Path

from services.listings.api import routes
from services.listings.consumers import consumers
from services.listings.jobs import jobs
from services.listings.queries.verifying import verify
from services.listings.resources import setup
from shared.service import Service

service = Service(
    "listings",
    routes,
    consumers,
    jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
)
