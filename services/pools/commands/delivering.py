"""Goods: sent, received at the post, tested, and with their owners."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from services.pools.commands.settling import maybe_settle, request_payout
from services.pools.domain import pledge as pledge_machine
from services.pools.domain import pool as machine
from services.pools.domain.order import PayoutStage
from services.pools.domain.pledge import PledgeState
from services.pools.domain.pool_machine import PoolState
from services.pools.domain.refusals import SerialNumbersMissing
from services.pools.repository import allocations, orders, pledges, pools
from services.pools.repository.pools import KeptPool
from shared.auth import Principal, require
from shared.contracts import pools as said
from shared.db import Transaction
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Inspection:
    """An acceptance test that went well: a serial number for every unit, and how many members were trained."""

    serial_numbers: tuple[str, ...]
    trained: int
    note: str


async def dispatched(tx: Transaction, pool_id: UUID, order_id: UUID, dispatch_id: UUID, units: int) -> None:
    """The supplier says that goods are on their way; each dispatch counts once."""
    kept = await pools.lock(tx, pool_id)
    on_their_way = await orders.dispatch(tx, order_id, dispatch_id, units)
    if on_their_way is not None:
        tx.emit(said.PoolProgressed(pool_id=pool_id, units_secured=kept.secured_units, units_dispatched=on_their_way))


async def receive(tx: Transaction, pool_id: UUID, who: Principal, units: int, note: str) -> UUID:
    """An operator of the post has received goods; with the last of them the second stage is earned.

    Raises NotFound, NotAllowed, ReceivedTooMany, WrongPoolState.
    """
    kept = await pools.lock(tx, pool_id)
    require(who.operates(kept.post_id))
    now = await tx.now()
    pool = machine.goods_received(kept.pool, units=units, complete=False)
    await pools.save(tx, pool_id, pool)
    receipt_id = new_id()
    await orders.receive(tx, receipt_id, pool_id, units=units, note=note, by=who.account_id, now=now)
    order = await orders.of_pool(tx, pool_id)
    assert order is not None
    complete = pool.state is PoolState.DELIVERED
    tx.emit(
        said.GoodsReceived(
            pool_id=pool_id,
            order_id=order.id,
            supplier_id=kept.supplier_id,
            units=units,
            received_by=who.account_id,
            complete=complete,
        )
    )
    if complete:
        await orders.move(tx, order.id, "received")
        await request_payout(tx, kept, order.id, order.total_idr, PayoutStage.ON_DELIVERY, now)
    return receipt_id


async def inspect(tx: Transaction, pool_id: UUID, who: Principal, inspection: Inspection) -> None:
    """The acceptance test went well: members own their machines, and the last stage is earned.

    Raises NotFound, NotAllowed, SerialNumbersMissing, WrongPoolState.
    """
    kept = await pools.lock(tx, pool_id)
    require(who.operates(kept.post_id))
    now = await tx.now()
    pool = machine.inspection_passed(kept.pool)
    numbers = inspection.serial_numbers
    if not len(numbers) == len(set(numbers)) == pool.quantity:
        raise SerialNumbersMissing(units=pool.quantity)
    await pools.save(tx, pool_id, pool)
    await orders.inspect(
        tx,
        pool_id,
        serial_numbers=numbers,
        trained=inspection.trained,
        note=inspection.note,
        by=who.account_id,
        now=now,
    )
    order = await orders.of_pool(tx, pool_id)
    assert order is not None
    tx.emit(
        said.InspectionPassed(
            pool_id=pool_id, order_id=order.id, supplier_id=kept.supplier_id, inspected_by=who.account_id
        )
    )
    await _hand_over(tx, kept)
    await request_payout(tx, kept, order.id, order.total_idr, PayoutStage.ON_ACCEPTANCE, now)
    await maybe_settle(tx, replace(kept, pool=pool))


async def _hand_over(tx: Transaction, kept: KeptPool) -> None:
    units = await allocations.newest_units(tx, kept.id)
    owners = [one for one in await pledges.live_of_pool(tx, kept.id) if one.pledge.state is PledgeState.ALLOCATED]
    await pledges.move(tx, [(pledge_machine.fulfil(one.pledge), None) for one in owners])
    tx.emit(
        *(
            said.MachineOwned(
                pool_id=kept.id,
                pledge_id=one.pledge.id,
                account_id=one.pledge.account_id,
                technology_id=kept.technology_id,
                post_id=kept.post_id,
                units=units[one.pledge.id],
            )
            for one in owners
        )
    )
