"""The service listings, put together."""

from __future__ import annotations

from pathlib import Path

from services.listings.api import routes
from services.listings.consumers import consumers
from services.listings.queries.verifying import verify
from shared.service import Service

service = Service("listings", routes, consumers, migrations=Path(__file__).parent / "migrations", verify=verify)
