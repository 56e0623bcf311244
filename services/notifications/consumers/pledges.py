"""Pledges: made, changed, withdrawn, secured, and what each got at the closing."""

from __future__ import annotations

from uuid import UUID

from services.notifications.commands import telling
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice
from services.notifications.domain.standing import Words, allocation_words, changed_words, pledge_words
from services.notifications.repository import members, surroundings
from shared.contracts.payments import PledgeSecured
from shared.contracts.pools import AllocationLine, PledgeChanged, PledgeLine, PledgesMade, PledgeWithdrawn, PoolClosed
from shared.db import Transaction
from shared.service import Delivery


@consumers.reaction(PledgesMade)
async def tell_pledges_made(tx: Transaction, event: PledgesMade, delivery: Delivery) -> None:
    """Confirm each pledge to its member, also where an operator made it for them."""
    await members.keep_pledges(tx, event.pool_id, delivery.version, event.pledges)
    pool = await surroundings.pool(tx, event.pool_id)
    timing, post_id = (pool.timing, pool.post_id) if pool else (None, None)
    await telling.tell(
        tx,
        delivery,
        [_to_member(line, event, pledge_words(line, timing), post_id=post_id) for line in event.pledges],
    )


@consumers.reaction(PledgeChanged)
async def tell_pledge_changed(tx: Transaction, event: PledgeChanged, delivery: Delivery) -> None:
    """Confirm a pledge's new figures."""
    await members.keep_pledges(tx, event.pool_id, delivery.version, [event.pledge])
    await telling.tell(tx, delivery, [_to_member(event.pledge, event, changed_words(event.pledge))])


@consumers.reaction(PledgeWithdrawn)
async def tell_pledge_withdrawn(tx: Transaction, event: PledgeWithdrawn, delivery: Delivery) -> None:
    """Confirm that a pledge is taken back."""
    await members.withdraw(tx, event.pool_id, delivery.version, event.pledge_id, event.account_id)
    await telling.tell(tx, delivery, [_to_member(event, event, Words("pledge_withdrawn", {}))])


@consumers.reaction(PledgeSecured)
async def tell_pledge_secured(tx: Transaction, event: PledgeSecured, delivery: Delivery) -> None:
    """Tell a member that the pledge counts. Raises `LookupError` where the pledge, which came before, is still parked."""
    standing = (await members.standings(tx, [event.pledge_id])).get(event.pledge_id)
    if standing is None:
        raise LookupError("this pledge has not been heard of yet")
    notice = Notice(standing.account_id, "pledge_secured", object_id=event.pledge_id, subject_id=event.pool_id)
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(PoolClosed)
async def tell_allocation(tx: Transaction, event: PoolClosed, delivery: Delivery) -> None:
    """Tell each member what they got and why."""
    before = await members.standings(tx, [line.pledge_id for line in event.lines])
    await members.keep_allocation(tx, event.pool_id, delivery.version, event.lines)
    notices = []
    for line in event.lines:
        words = allocation_words(line, before.get(line.pledge_id), event.unit_price_idr)
        if words is not None:
            notices.append(_to_member(line, event, words))
    await telling.tell(tx, delivery, notices)


def _to_member(
    pledge: PledgeLine | AllocationLine | PledgeWithdrawn,
    event: PledgesMade | PledgeChanged | PledgeWithdrawn | PoolClosed,
    words: Words,
    post_id: UUID | None = None,
) -> Notice:
    return Notice(
        pledge.account_id,
        words.template,
        object_id=pledge.pledge_id,
        subject_id=event.pool_id,
        post_id=post_id,
        facts=words.facts,
    )
