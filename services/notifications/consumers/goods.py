"""Goods: sent, received, tested, and with their owners."""

from __future__ import annotations

from services.notifications.commands import telling
from services.notifications.consumers.around import known_pool, to_all
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostNotice
from services.notifications.repository import members, surroundings
from shared.contracts.offers import GoodsDispatched
from shared.contracts.pools import GoodsReceived, InspectionPassed, MachineOwned, PoolSettled
from shared.db import Transaction
from shared.service import Delivery


@consumers.reaction(GoodsDispatched)
async def tell_goods_dispatched(tx: Transaction, event: GoodsDispatched, delivery: Delivery) -> None:
    """Tell the post to expect a delivery, and the initiator. Raises `LookupError` before the pool is heard of."""
    pool = await known_pool(tx, event.pool_id)
    facts = {"units": event.units, "note": event.note}
    await telling.tell_post(tx, delivery, PostNotice(pool.post_id, "goods_expected", subject_id=pool.id, facts=facts))
    notices = to_all([pool.initiator_account_id], "goods_dispatched", pool.id, post_id=pool.post_id, facts=facts)
    await telling.tell(tx, delivery, notices)


@consumers.reaction(GoodsReceived)
async def tell_goods_received(tx: Transaction, event: GoodsReceived, delivery: Delivery) -> None:
    """Tell everybody in the pool what the post has received."""
    pool = await surroundings.pool(tx, event.pool_id)
    notices = to_all(
        await members.around_pool(tx, event.pool_id),
        "goods_received" if event.complete else "goods_arriving",
        event.pool_id,
        post_id=pool.post_id if pool else None,
        facts={} if event.complete else {"units": event.units},
    )
    await telling.tell(tx, delivery, notices)


@consumers.reaction(InspectionPassed)
async def tell_inspection_passed(tx: Transaction, event: InspectionPassed, delivery: Delivery) -> None:
    """Tell everybody in the pool that the acceptance test went well."""
    pool = await surroundings.pool(tx, event.pool_id)
    accounts = await members.around_pool(tx, event.pool_id)
    post_id = pool.post_id if pool else None
    await telling.tell(tx, delivery, to_all(accounts, "inspection_passed", event.pool_id, post_id=post_id))


@consumers.reaction(MachineOwned)
async def tell_machine_owned(tx: Transaction, event: MachineOwned, delivery: Delivery) -> None:
    """Tell a member where to pick up what is theirs now."""
    notice = Notice(
        event.account_id,
        "machine_owned",
        object_id=event.pledge_id,
        subject_id=event.pool_id,
        post_id=event.post_id,
        facts={"units": event.units},
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(PoolSettled)
async def tell_pool_settled(tx: Transaction, event: PoolSettled, delivery: Delivery) -> None:
    """Tell everybody in the pool that all is done."""
    accounts = await members.around_pool(tx, event.pool_id)
    await telling.tell(tx, delivery, to_all(accounts, "pool_settled", event.pool_id))
