"""A pool that comes to nothing: every pledge is released, and every held rupiah goes back."""

from __future__ import annotations

from uuid import UUID

from services.pools.commands.stating import state_amounts
from services.pools.domain import amounts
from services.pools.domain import pledge as pledge_machine
from services.pools.domain.pool_machine import Pool
from services.pools.repository import orders, pledges
from shared.contracts import pools as said
from shared.db import Transaction


async def failed(tx: Transaction, pool_id: UUID, pool: Pool) -> None:
    """Release everything of a pool that has failed, and say why."""
    assert pool.failure is not None
    order = await orders.of_pool(tx, pool_id)
    await _release(tx, pool_id, amounts.DueReason.FAILED)
    tx.emit(said.PoolFailed(pool_id=pool_id, reason=pool.failure.value, order_id=order.id if order else None))


async def cancelled(tx: Transaction, pool_id: UUID, reason: str) -> None:
    """Release everything of a pool that was called off."""
    order = await orders.of_pool(tx, pool_id)
    if order is not None:
        await orders.move(tx, order.id, "cancelled")
    await _release(tx, pool_id, amounts.DueReason.CANCELLED)
    tx.emit(said.PoolCancelled(pool_id=pool_id, reason=reason, order_id=order.id if order else None))


async def _release(tx: Transaction, pool_id: UUID, reason: amounts.DueReason) -> None:
    live = await pledges.live_of_pool(tx, pool_id)
    await pledges.move(tx, [(pledge_machine.drop(kept.pledge), reason.value) for kept in live])
    accounts = {kept.pledge.id: kept.pledge.account_id for kept in live}
    await state_amounts(tx, pool_id, amounts.released(accounts, reason), accounts, None)
