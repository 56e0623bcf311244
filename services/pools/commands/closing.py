"""From the last pledge to the supplier's answer: two clocks, the closing rule, and the purchase order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.pools.commands import ending
from services.pools.commands.collecting import order_if_funded
from services.pools.commands.stating import say_allocation, state_amounts
from services.pools.domain import amounts
from services.pools.domain import pledge as pledge_machine
from services.pools.domain import pool as machine
from services.pools.domain.closing import Allocation, Infeasible, close, fills_capacity
from services.pools.domain.pledge import Pledge, PledgeState
from services.pools.domain.pool_machine import Pool, PoolState
from services.pools.repository import allocations, orders, pledges, pools
from services.pools.repository.orders import Order
from services.pools.repository.pledges import KeptPledge
from services.pools.repository.pools import KeptPool
from shared.config import Settings
from shared.contracts import pools as said
from shared.db import Transaction
from shared.ids import new_id


async def pledge_secured(tx: Transaction, pledge_id: UUID, may_hold_idr: int | None, settings: Settings) -> None:
    """Payments says that a pledge counts, with the figures (rupiah) that it knew. A pledge raised since does not yet.

    When the secured ones fill the capacity at the best price, closing begins.

    For display only: what is allocated hangs on `securing_closed`. Hence it is no error when the pool has moved on.
    """
    pool_id = await pledges.pool_of_pledge(tx, pledge_id)
    if pool_id is None:
        return
    kept = await pools.lock(tx, pool_id)
    entry = await pledges.one(tx, pledge_id)
    if kept.pool.state is not PoolState.OPEN or entry is None or entry.pledge.state is not PledgeState.MADE:
        return
    if may_hold_idr is not None and may_hold_idr < entry.pledge.most_idr:
        return
    pledge = pledge_machine.secure(entry.pledge)
    await pledges.move(tx, [(pledge, None)])
    secured = kept.secured_units + pledge.units
    await pools.count(tx, pool_id, kept.counters, secured)
    tx.emit(said.PoolProgressed(pool_id=pool_id, units_secured=secured, units_dispatched=0))
    # Only when there are units enough is it worth looking at every ceiling.
    if secured >= kept.terms.orderable_quantities()[-1]:
        live = await pledges.live_of_pool(tx, pool_id)
        bids = [bid for one in live if one.pledge.state is PledgeState.SECURED for bid in one.pledge.bids()]
        if fills_capacity(bids, kept.terms):
            await _start(tx, kept, await tx.now(), settings, filled=True)


async def close_due(tx: Transaction, pool_id: UUID, settings: Settings) -> bool:
    """Begin to close a pool whose deadline has come; tells whether it was still to be done."""
    kept = await pools.lock(tx, pool_id)
    now = await tx.now()
    if kept.pool.state is not PoolState.OPEN or now < kept.pool.deadline:
        return False
    await _start(tx, kept, now, settings, filled=False)
    return True


async def _start(tx: Transaction, kept: KeptPool, now: datetime, settings: Settings, *, filled: bool) -> None:
    pool = machine.start_closing(kept.pool, now=now, filled=filled)
    assert pool.closing_reason is not None
    await pools.save(tx, kept.id, pool)
    tx.emit(
        said.PoolClosing(
            pool_id=kept.id,
            reason=pool.closing_reason.value,
            grace_until=now + timedelta(seconds=settings.securing_grace_s),
        )
    )


async def securing_closed(
    tx: Transaction, pool_id: UUID, chunk: int, chunks: int, pledge_ids: Sequence[UUID], settings: Settings
) -> None:
    """Payments has named secured pledges; with the last chunk the closing rule runs and the supplier is asked."""
    kept = await pools.lock(tx, pool_id)
    named = await orders.secured_ids(tx, pool_id, chunk, chunks, pledge_ids)
    if named is None or kept.pool.state is not PoolState.CLOSING:
        return  # more chunks will come, or the pool was cancelled meanwhile
    now = await tx.now()
    live = await pledges.live_of_pool(tx, pool_id)
    secured = set(named)
    inside = [one for one in live if one.pledge.id in secured]
    outcome = close([bid for one in inside for bid in one.pledge.bids()], kept.terms)
    pool = machine.securing_closed(kept.pool, outcome)
    await pools.save(tx, pool_id, pool)
    # Some word of a secured pledge may still be under way; from here on the answer is what is shown.
    await pools.count(tx, pool_id, kept.counters, sum(one.pledge.units for one in inside))
    if isinstance(outcome, Infeasible):
        await ending.failed(tx, pool_id, pool)
        return
    await _allocate(tx, pool_id, live, inside, outcome, now)
    await _ask_supplier(tx, kept, outcome, now, settings)


async def _allocate(
    tx: Transaction,
    pool_id: UUID,
    live: Collection[KeptPledge],
    inside: Collection[KeptPledge],
    allocation: Allocation,
    now: datetime,
) -> None:
    accounts = {one.pledge.id: one.pledge.account_id for one in live}
    lines = {line.pledge_id: line for line in allocation.lines}
    outside = [one.pledge for one in live if one.pledge.id not in lines]
    moved: list[tuple[Pledge, str | None]] = [(pledge_machine.drop(pledge), "not_secured") for pledge in outside]
    for one in inside:
        line = lines[one.pledge.id]
        pledge = pledge_machine.close_with(pledge_machine.secure(one.pledge), line)
        reason = None if pledge.state is PledgeState.ALLOCATED else line.outcome.value
        moved.append((pledge, reason))
    dues = await allocations.insert(tx, pool_id, 1, allocation, now)
    await pledges.move(tx, moved)
    out = [pledge.id for pledge in outside]
    released = (*amounts.released(out, amounts.DueReason.DROPPED), *amounts.on_closing(allocation))
    say_allocation(tx, pool_id, allocation, dues, accounts, out)
    await state_amounts(tx, pool_id, released, accounts, None)


async def _ask_supplier(
    tx: Transaction, kept: KeptPool, allocation: Allocation, now: datetime, settings: Settings
) -> None:
    answer_by = now + timedelta(seconds=settings.supplier_answer_s)
    fund_by = answer_by + timedelta(seconds=settings.payment_window_s) + machine.LATER_WINDOWS
    order = Order(
        id=new_id(),
        pool_id=kept.id,
        state="requested",
        quantity=allocation.quantity,
        minimum_quantity=kept.terms.smallest_in_tier(allocation.quantity),
        unit_price_idr=allocation.unit_price_idr,
        total_idr=allocation.total_idr,
        answer_by=answer_by,
        fund_by=fund_by,
        dispatched_units=0,
    )
    await orders.insert(tx, order)
    tx.emit(
        said.PurchaseOrderRequested(
            pool_id=kept.id,
            order_id=order.id,
            supplier_id=kept.supplier_id,
            supplier_account_id=kept.supplier_account_id,
            post_id=kept.post_id,
            offer_id=kept.offer_id,
            offer_version=kept.offer_version,
            technology_id=kept.technology_id,
            title=kept.title,
            quantity=order.quantity,
            minimum_quantity=order.minimum_quantity,
            unit_price_idr=order.unit_price_idr,
            total_idr=order.total_idr,
            answer_by=answer_by,
            fund_by=fund_by,
        )
    )


async def order_accepted(tx: Transaction, pool_id: UUID, order_id: UUID, settings: Settings) -> None:
    """The supplier is bound if funded: say what every pledge must hold, and by when. Deposits may cover it already."""
    kept = await pools.lock(tx, pool_id)
    if kept.pool.state is not PoolState.AWAITING_SUPPLIER:
        return  # cancelled before the answer came; the supplier hears of that
    now = await tx.now()
    pool = machine.supplier_accepted(kept.pool, now=now, window=timedelta(seconds=settings.payment_window_s))
    await pools.save(tx, pool_id, pool)
    await orders.move(tx, order_id, "accepted")
    allocation = await allocations.read(tx, pool_id, 1)
    accounts = {one.pledge.id: one.pledge.account_id for one in await pledges.live_of_pool(tx, pool_id)}
    await state_amounts(tx, pool_id, amounts.on_acceptance(allocation), accounts, pool.pay_by)
    await order_if_funded(tx, replace(kept, pool=pool), now)


async def order_declined(tx: Transaction, pool_id: UUID, order_id: UUID) -> None:
    """The supplier says no: the pool fails."""
    await _refused(tx, pool_id, order_id, "declined")


async def order_expired(tx: Transaction, pool_id: UUID, order_id: UUID) -> None:
    """The supplier has not answered in time: the pool fails."""
    await _refused(tx, pool_id, order_id, "expired")


async def _refused(tx: Transaction, pool_id: UUID, order_id: UUID, state: str) -> None:
    kept = await pools.lock(tx, pool_id)
    if kept.pool.state is not PoolState.AWAITING_SUPPLIER:
        return
    end = machine.supplier_declined if state == "declined" else machine.supplier_expired
    pool: Pool = end(kept.pool)
    await pools.save(tx, pool_id, pool)
    await orders.move(tx, order_id, state)
    await ending.failed(tx, pool_id, pool)
