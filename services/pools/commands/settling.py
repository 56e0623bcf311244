"""What the supplier has earned, stage by stage, and the end of a pool that went well."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.pools.domain import pool as machine
from services.pools.domain.order import PayoutStage, payouts
from services.pools.domain.pool_machine import PoolState
from services.pools.repository import orders, pledges, pools
from services.pools.repository.pools import KeptPool
from shared.contracts import pools as said
from shared.db import Transaction


async def request_payout(
    tx: Transaction, kept: KeptPool, order_id: UUID, total_idr: int, stage: PayoutStage, now: datetime
) -> None:
    """Say that a stage of `total_idr` (rupiah) is earned; a stage without an amount is passed over."""
    for payout in payouts(total_idr, kept.payout_terms):
        if payout.stage is stage:
            await orders.request_payout(tx, order_id, payout, now)
            tx.emit(
                said.PayoutRequested(
                    pool_id=kept.id,
                    order_id=order_id,
                    supplier_id=kept.supplier_id,
                    stage=stage.value,
                    amount_idr=payout.amount_idr,
                )
            )


async def payout_paid(tx: Transaction, pool_id: UUID, order_id: UUID, stage: str, at: datetime) -> None:
    """Payments says that the supplier was paid a stage."""
    kept = await pools.lock(tx, pool_id)
    await orders.payout_paid(tx, order_id, stage, at)
    if kept.pool.state is PoolState.INSPECTED:
        await maybe_settle(tx, kept)


async def maybe_settle(tx: Transaction, kept: KeptPool) -> None:
    """Settle a pool once the supplier has all its money and nothing is left in escrow."""
    order = await orders.of_pool(tx, kept.id)
    assert order is not None
    paid = await orders.paid_idr(tx, order.id)
    owed, escrow = order.total_idr - paid, sum((await pledges.held(tx, kept.id)).values()) - paid
    if owed or escrow:
        return
    await pools.save(tx, kept.id, machine.settle(kept.pool, owed_idr=owed, escrow_idr=escrow))
    await orders.move(tx, order.id, "closed")
    tx.emit(said.PoolSettled(pool_id=kept.id, order_id=order.id))
