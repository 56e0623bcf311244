"""From the supplier's acceptance to a funded order: who has paid, who has not, and whose seat it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.pools.commands import ending
from services.pools.commands.settling import maybe_settle, request_payout
from services.pools.commands.stating import say_allocation, state_amounts
from services.pools.domain import amounts, shortfall
from services.pools.domain import pledge as pledge_machine
from services.pools.domain import pool as machine
from services.pools.domain.closing import Allocation, Bid, Infeasible
from services.pools.domain.order import PayoutStage
from services.pools.domain.pledge import Pledge, PledgeState
from services.pools.domain.pool_machine import Pool, PoolState, Window
from services.pools.repository import allocations, orders, pledges, pools
from services.pools.repository.pledges import KeptPledge
from services.pools.repository.pools import KeptPool
from shared.contracts import pools as said
from shared.db import Transaction


async def holding_changed(tx: Transaction, pledge_id: UUID, held_idr: int, version: int) -> None:
    """Payments says what is held for a pledge now, in rupiah; the order may be funded by it, or the pool settled."""
    pool_id = await pledges.pool_of_pledge(tx, pledge_id)
    if pool_id is None:
        return
    kept = await pools.lock(tx, pool_id)
    if not await pledges.hold(tx, pledge_id, held_idr, version):
        return
    # While waiters are asked, the final price is not known yet: the closing rule runs once more when that window ends.
    if kept.pool.state is PoolState.COLLECTING and kept.pool.window is not Window.WAITERS:
        await order_if_funded(tx, kept, await tx.now())
    elif kept.pool.state is PoolState.INSPECTED:
        await maybe_settle(tx, kept)


async def window_ended(tx: Transaction, pool_id: UUID) -> bool:
    """Go on when a payment window has ended; tells whether it was still to be done."""
    kept = await pools.lock(tx, pool_id)
    now = await tx.now()
    pool = kept.pool
    if pool.state is not PoolState.COLLECTING or pool.pay_by is None or now < pool.pay_by:
        return False
    if pool.window is Window.TOP_UP:
        await _fail(tx, kept, machine.collection_ended(pool, now=now))
        return True
    allocation = await allocations.read(tx, pool_id, 1)
    live = await pledges.live_of_pool(tx, pool_id)
    # Money for a pledge that is out already goes back: it wins nothing.
    held = {one.pledge.id: one.held_idr for one in live}
    if pool.window is Window.MEMBERS:
        missing = shortfall.unpaid(allocation, held)
        offered = shortfall.offer_seats(allocation, missing)
        if offered:
            await _ask_waiters(tx, kept, allocation, missing, offered, live, now)
            return True
    else:
        offered = tuple(await allocations.offered(tx, pool_id))
    await _run_again(tx, kept, allocation, offered, live, held, now)
    return True


async def _ask_waiters(
    tx: Transaction,
    kept: KeptPool,
    allocation: Allocation,
    missing: frozenset[UUID],
    offered: Sequence[Bid],
    live: Sequence[KeptPledge],
    now: datetime,
) -> None:
    pool = machine.offer_vacated_seats(kept.pool, now=now)
    await pools.save(tx, kept.id, pool)
    await allocations.offer(tx, kept.id, offered)
    await pledges.move(tx, [(pledge_machine.drop(one.pledge), "not_paid") for one in live if one.pledge.id in missing])
    accounts = {one.pledge.id: one.pledge.account_id for one in live}
    asked = amounts.on_offer(allocation, unpaid=missing, offered=offered)
    await state_amounts(tx, kept.id, asked, accounts, pool.pay_by)


async def _run_again(
    tx: Transaction,
    kept: KeptPool,
    first: Allocation,
    offered: Sequence[Bid],
    live: Sequence[KeptPledge],
    held: dict[UUID, int],
    now: datetime,
) -> None:
    """Close once more over the paid pledges, within what the supplier's acceptance binds for."""
    paid = shortfall.paid_bids(first, offered, held)
    again = shortfall.rerun(paid, kept.terms, accepted_quantity=first.quantity)
    pool = machine.collection_rerun(kept.pool, again, now=now)
    if isinstance(again, Infeasible):
        await _fail(tx, kept, pool)
        return
    await pools.save(tx, kept.id, pool)
    dues = await allocations.insert(tx, kept.id, 2, again, now)
    seats = {line.pledge_id: line for line in again.lines if line.units}
    moved: list[tuple[Pledge, str | None]] = []
    for one in live:
        if one.pledge.id not in seats:
            moved.append((pledge_machine.drop(one.pledge), _why_out(one)))
        elif one.pledge.state is PledgeState.WAITLISTED:
            moved.append((pledge_machine.promote(one.pledge), None))
    await pledges.move(tx, moved)
    accounts = {one.pledge.id: one.pledge.account_id for one in live}
    alive = [due for due in amounts.on_rerun(first, again) if due.pledge_id in accounts]
    say_allocation(tx, kept.id, again, dues, accounts, [])
    await state_amounts(tx, kept.id, alive, accounts, pool.pay_by)
    await order_if_funded(tx, replace(kept, pool=pool), now)


def _why_out(one: KeptPledge) -> str:
    return "not_paid" if one.held_idr < one.must_hold_idr else "no_seat"


async def order_if_funded(tx: Transaction, kept: KeptPool, now: datetime) -> None:
    """Make the order firm once every pledge holds what it must; deposits may do so from the first moment."""
    if await pledges.any_unfunded(tx, kept.id):
        return
    run = await allocations.newest_run(tx, kept.id)
    assert run is not None
    await _order(tx, kept, await allocations.read(tx, kept.id, run), now)


async def _order(tx: Transaction, kept: KeptPool, allocation: Allocation, now: datetime) -> None:
    """Every rupiah of the order is held: it is firm, the waiting list ends, and the down payment is due."""
    pool = machine.funding_complete(kept.pool)
    await pools.save(tx, kept.id, pool)
    live = await pledges.live_of_pool(tx, kept.id)
    waiting = [one.pledge for one in live if one.pledge.state is PledgeState.WAITLISTED]
    await pledges.move(tx, [(pledge_machine.drop(pledge), "no_seat") for pledge in waiting])
    accounts = {one.pledge.id: one.pledge.account_id for one in live}
    # After a re-run its waiters are out and released already.
    ended = [due for due in amounts.on_offer(allocation, unpaid=(), offered=()) if due.pledge_id in accounts]
    await state_amounts(tx, kept.id, ended, accounts, None)
    order = await orders.of_pool(tx, kept.id)
    assert order is not None
    await orders.confirm(tx, order.id, allocation.quantity, allocation.unit_price_idr, allocation.total_idr)
    tx.emit(
        said.PoolOrdered(
            pool_id=kept.id,
            order_id=order.id,
            supplier_id=kept.supplier_id,
            quantity=allocation.quantity,
            total_idr=allocation.total_idr,
        )
    )
    await request_payout(tx, kept, order.id, allocation.total_idr, PayoutStage.DOWN_PAYMENT, now)


async def _fail(tx: Transaction, kept: KeptPool, pool: Pool) -> None:
    await pools.save(tx, kept.id, pool)
    order = await orders.of_pool(tx, kept.id)
    assert order is not None
    await orders.move(tx, order.id, "cancelled")
    await ending.failed(tx, kept.id, pool)
