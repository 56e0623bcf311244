"""Deadlines of pools, found as rows that are due: an outage delays them, and loses none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.pools.commands import closing, collecting
from services.pools.repository import pools
from shared.db import Transaction
from shared.errors import Unavailable
from shared.service import Context, Jobs

jobs = Jobs()


@jobs.every(1)
async def close_pools(context: Context, now: datetime) -> int:
    """Begin to close the pools whose deadline has come."""
    async with context.db.read() as sql:
        due = await pools.due_to_close(sql, now)
    return await _each(context, due, lambda tx, pool_id: closing.close_due(tx, pool_id, context.settings))


@jobs.every(5)
async def end_payment_windows(context: Context, now: datetime) -> int:
    """Go on with the pools whose payment window has ended."""
    async with context.db.read() as sql:
        due = await pools.due_to_collect(sql, now)
    return await _each(context, due, collecting.window_ended)


async def _each(context: Context, pool_ids: Sequence[UUID], act: Callable[[Transaction, UUID], Awaitable[bool]]) -> int:
    """Act on each pool in its own transaction; one that fails delays only itself, and is told when all had their turn."""
    done, failures = 0, []
    for pool_id in pool_ids:
        try:
            async with context.db.transaction() as tx:
                done += await act(tx, pool_id)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others' deadlines have come as well
            failures.append(error)
    if failures:
        raise ExceptionGroup("pools whose deadline could not be handled", failures)
    return done
