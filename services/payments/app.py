"""The service payments, put together."""

from __future__ import annotations

from pathlib import Path

from services.payments.api import routes
from services.payments.consumers import consumers
from services.payments.jobs import jobs
from services.payments.resources import mounts, setup
from services.payments.verify import verify
from shared.service import Service

service = Service(
    "payments",
    routes,
    consumers=consumers,
    jobs=jobs,
    migrations=Path(__file__).parent / "migrations",
    setup=setup,
    verify=verify,
    mounts=mounts,
)
