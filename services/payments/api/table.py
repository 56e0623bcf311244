"""The route table of payments, and what its handlers share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.payments.domain.holding import Pool
from services.payments.repository import holdings, pools
from services.payments.resources import Resources
from services.payments.waking import wake_after
from shared.auth import require
from shared.db import Reader, Transaction
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
    find: Callable[[Reader, UUID], Awaitable[UUID | None]],
    name: str,
    allowed: Callable[[Pool], bool],
    command: Callable[[Transaction, Pool, UUID], Awaitable[object]],
) -> Answer:
    """Run a command on the pool of the thing that the path names, under the pool's lock, once per idempotency key.

    `find` gives the pool of the thing whose id is the path's `name`. Raises `NotFound`, and `NotAllowed` unless `allowed`.
    """
    thing_id = call.id(name)

    async def locked(tx: Transaction) -> object:
        pool = await known_pool(tx, await find(tx, thing_id))
        require(allowed(pool))
        wake_after(tx, call.context)
        return await command(tx, pool, thing_id)

    return await call.transact(locked)


async def known_pool(tx: Transaction, pool_id: UUID | None) -> Pool:
    """Lock a pool of which the facts are known. Raises `NotFound`."""
    pool = await pools.lock_pool(tx, pool_id) if pool_id else None
    if pool is None or pool.facts is None:
        raise NotFound
    return pool


pool_of_pledge = holdings.pool_of_pledge


async def pool_itself(_: Reader, pool_id: UUID) -> UUID:
    """The pool that the path names."""
    return pool_id
