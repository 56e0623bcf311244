"""The route table of payments, and what its handlers share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.payments.domain.holding import Pool
from services.payments.repository import pools
from services.payments.repository.pools import Named
from services.payments.resources import Resources
from services.payments.waking import wake_after
from shared.auth import require
from shared.db import Transaction
from shared.errors import NotFound
from shared.http.call import Answer, Call
from shared.http.routes import Routes

routes = Routes("payments")


def resources(call: Call) -> Resources:
    """What the service holds open."""
    found: Resources = call.context.resources
    return found


async def on_pool(
    call: Call,
    named: Named,
    allowed: Callable[[Pool], bool],
    command: Callable[[Transaction, Pool, UUID], Awaitable[object]],
) -> Answer:
    """Run a command on the pool of the thing that the path names, under the pool's lock, once per idempotency key.

    `named`: the name of the thing's id in the path. Raises `NotFound`, and `NotAllowed` unless `allowed`.
    """
    thing_id = call.id(named)

    async def locked(tx: Transaction) -> object:
        pool = await known_pool(tx, named, thing_id)
        require(allowed(pool))
        wake_after(tx, call.context)
        return await command(tx, pool, thing_id)

    return await call.transact(locked)


async def known_pool(tx: Transaction, named: Named, thing_id: UUID) -> Pool:
    """Lock the pool of a thing, of which the facts are known. Raises `NotFound`."""
    pool = await pools.lock_pool_of(tx, named, thing_id)
    if pool is None or pool.facts is None:
        raise NotFound
    return pool
