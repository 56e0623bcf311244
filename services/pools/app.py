"""The pools service: pooled purchases from their opening to the last rupiah."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.pools.api import routes
from services.pools.api.live import LiveProgress
from services.pools.api.pledges import Resources
from services.pools.commands.pledging import Pledging
from services.pools.consumers import consumers
from services.pools.jobs import jobs
from services.pools.repository import checking
from shared.db import Reader
from shared.hot import HotRunner
from shared.service import Context, Findings, Service


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Gather pledges per pool while the service runs, and finish those in flight at its end; tell watchers of changes."""
    resources = Resources(HotRunner(context.db, Pledging()), LiveProgress(context))
    async with resources.live.open():
        yield resources
    await resources.pledging.finish()


async def verify(sql: Reader, _: Context) -> Findings:
    """Recompute every total of pools, and state what payments must agree with."""
    facts = {"held_idr": await checking.held_idr(sql), "may_hold_idr": await checking.may_hold_idr(sql)}
    return Findings(await checking.drifts(sql), facts)


service = Service("pools", routes, consumers, jobs, Path(__file__).parent / "migrations", setup, verify)
