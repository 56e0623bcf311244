"""A pool's way from its proposal to its opening, and its ending before the order."""

from __future__ import annotations

from services.notifications.commands import telling
from services.notifications.consumers.around import to_all
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostNotice
from services.notifications.repository import members, surroundings
from shared.contracts.pools import (
    PoolCancelled,
    PoolClosing,
    PoolExtended,
    PoolFailed,
    PoolOpened,
    PoolRejected,
    PoolSubmitted,
    TierReached,
)
from shared.db import Transaction
from shared.service import Delivery


@consumers.projection(PoolSubmitted, fills={"subjects", "pools"})
async def keep_submitted_pool(tx: Transaction, event: PoolSubmitted, delivery: Delivery) -> None:
    """Keep a pool's name and whose it is."""
    await surroundings.name(tx, event.pool_id, "pool", event.title, delivery.version)
    await surroundings.keep_submitted(tx, event)


@consumers.projection(PoolOpened, fills={"subjects", "pools"})
async def keep_opened_pool(tx: Transaction, event: PoolOpened, delivery: Delivery) -> None:
    """Keep a pool's name and everybody around it."""
    await surroundings.name(tx, event.pool_id, "pool", event.title, delivery.version)
    await surroundings.keep_opened(tx, event)


@consumers.reaction(PoolSubmitted)
async def announce_pool(tx: Transaction, event: PoolSubmitted, delivery: Delivery) -> None:
    """Ask the post to check a pool; nobody checks their own."""
    notice = PostNotice(
        event.post_id, "pool_submitted", subject_id=event.pool_id, except_account_id=event.initiator_account_id
    )
    await telling.tell_post(tx, delivery, notice)


@consumers.reaction(PoolRejected)
async def tell_pool_rejected(tx: Transaction, event: PoolRejected, delivery: Delivery) -> None:
    """Tell the initiator what to correct."""
    notices = to_all([event.initiator_account_id], "pool_rejected", event.pool_id, facts={"reason": event.reason})
    await telling.tell(tx, delivery, notices)


@consumers.reaction(PoolOpened)
async def tell_pool_opened(tx: Transaction, event: PoolOpened, delivery: Delivery) -> None:
    """Tell the initiator that the pool is checked and open, and the treasurer of the trust put into them."""
    notices = to_all([event.initiator_account_id], "pool_opened", event.pool_id, facts={"deadline_at": event.deadline})
    if event.treasurer_account_id != event.initiator_account_id:
        notices += to_all([event.treasurer_account_id], "treasurer_named", event.pool_id)
    await telling.tell(tx, delivery, notices)


@consumers.reaction(PoolExtended)
async def tell_pool_extended(tx: Transaction, event: PoolExtended, delivery: Delivery) -> None:
    """Give the members notice of the new deadline."""
    accounts = await members.in_pool(tx, event.pool_id)
    notices = to_all(accounts, "pool_extended", event.pool_id, facts={"deadline_at": event.deadline})
    await telling.tell(tx, delivery, notices)


@consumers.reaction(TierReached)
async def tell_tier_reached(tx: Transaction, event: TierReached, delivery: Delivery) -> None:
    """Tell everybody in the pool that the price has come down."""
    facts = {"from_units": event.from_units, "unit_price_idr": event.unit_price_idr}
    accounts = await members.around_pool(tx, event.pool_id)
    await telling.tell(tx, delivery, to_all(accounts, "tier_reached", event.pool_id, facts=facts))


@consumers.reaction(PoolClosing)
async def tell_pool_closing(tx: Transaction, event: PoolClosing, delivery: Delivery) -> None:
    """Tell everybody in the pool that it takes no more pledges."""
    facts = {"closing": event.reason, "grace_until_at": event.grace_until}
    accounts = await members.around_pool(tx, event.pool_id)
    await telling.tell(tx, delivery, to_all(accounts, "pool_closing", event.pool_id, facts=facts))


_TOLD_BY_THE_ANSWER = frozenset({"declined", "unanswered"})
"""The supplier's answer, or its silence, has been told to initiator and supplier already."""


@consumers.reaction(PoolFailed)
async def tell_pool_failed(tx: Transaction, event: PoolFailed, delivery: Delivery) -> None:
    """Tell the initiator why, and stop the supplier. Members are told with their amounts that all comes back."""
    pool = await surroundings.pool(tx, event.pool_id)
    if pool is None or event.reason in _TOLD_BY_THE_ANSWER:
        return
    notices = to_all([pool.initiator_account_id], "pool_failed", event.pool_id, facts={"failure": event.reason})
    await telling.tell(tx, delivery, [*notices, *_called_off(event, pool)])


@consumers.reaction(PoolCancelled)
async def tell_pool_cancelled(tx: Transaction, event: PoolCancelled, delivery: Delivery) -> None:
    """Tell the initiator, who may not have done it, and stop the supplier. A draft was known to nobody else."""
    pool = await surroundings.pool(tx, event.pool_id)
    if pool is None:
        return
    notices = to_all([pool.initiator_account_id], "pool_cancelled", event.pool_id, facts={"reason": event.reason})
    await telling.tell(tx, delivery, [*notices, *_called_off(event, pool)])


def _called_off(event: PoolFailed | PoolCancelled, pool: surroundings.Pool) -> list[Notice]:
    if event.order_id is None or pool.supplier_account_id is None:
        return []
    return [Notice(pool.supplier_account_id, "order_called_off", object_id=event.order_id, subject_id=event.pool_id)]
