"""Money: what members owe, what failed, what came back, and what the supplier is paid."""

from __future__ import annotations

from services.notifications.commands import telling
from services.notifications.consumers.around import known_pool
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostNotice
from services.notifications.domain.standing import amount_words
from services.notifications.repository import members, surroundings
from shared.contracts.payments import ChargeDeclined, PayoutPaid, RefundPaid
from shared.contracts.pools import AmountsDue, PayoutRequested
from shared.db import Transaction
from shared.service import Delivery


@consumers.reaction(AmountsDue)
async def tell_amounts_due(tx: Transaction, event: AmountsDue, delivery: Delivery) -> None:
    """Tell each member what they owe now, by when and how; or that nothing is owed and the money comes back."""
    pool = await surroundings.pool(tx, event.pool_id)
    timing, post_id = (pool.timing, pool.post_id) if pool else (None, None)
    before = await members.standings(tx, [line.pledge_id for line in event.lines])
    await members.keep_amounts(tx, event.pool_id, delivery.version, event.lines)
    notices = []
    for line in event.lines:
        standing = before.get(line.pledge_id)
        if standing is not None and standing.version >= delivery.version:
            continue  # something newer has been told
        words = amount_words(line, standing, timing)
        if words is not None:
            notices.append(
                Notice(
                    line.account_id,
                    words.template,
                    object_id=line.pledge_id,
                    subject_id=event.pool_id,
                    post_id=post_id,
                    facts=words.facts,
                )
            )
    await telling.tell(tx, delivery, notices)


@consumers.reaction(ChargeDeclined)
async def tell_charge_declined(tx: Transaction, event: ChargeDeclined, delivery: Delivery) -> None:
    """Tell a member what to do about a card that could not be charged."""
    standing = (await members.standings(tx, [event.pledge_id])).get(event.pledge_id)
    facts: dict[str, object] = {"pay_by_at": standing.pay_by if standing else None}
    if not event.action_needed:
        facts["decline"] = event.reason
    notice = Notice(
        event.account_id,
        "charge_needs_you" if event.action_needed else "charge_declined",
        object_id=event.pledge_id,
        subject_id=event.pool_id,
        facts=facts,
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(RefundPaid)
async def tell_refund_paid(tx: Transaction, event: RefundPaid, delivery: Delivery) -> None:
    """Tell a member that money has come back."""
    standing = (await members.standings(tx, [event.pledge_id])).get(event.pledge_id)
    notice = Notice(
        event.account_id,
        "refund_paid",
        object_id=event.pledge_id,
        subject_id=event.pool_id,
        facts={"amount_idr": event.amount_idr, "back": standing.method if standing else None},
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(PayoutRequested)
async def ask_for_payout(tx: Transaction, event: PayoutRequested, delivery: Delivery) -> None:
    """Ask whoever moves money to prepare a payout: the post's operators and treasurers, and the group's treasurer."""
    pool = await surroundings.pool(tx, event.pool_id)
    if pool is None:
        return
    notice = PostNotice(
        pool.post_id,
        "payout_requested",
        roles=frozenset({"operator", "treasurer"}),
        subject_id=event.pool_id,
        facts={"stage": event.stage, "amount_idr": event.amount_idr},
    )
    await telling.tell_post(tx, delivery, notice)
    if pool.treasurer_account_id is not None:
        await telling.tell(tx, delivery, [notice.to(pool.treasurer_account_id)])


@consumers.reaction(PayoutPaid)
async def tell_payout_paid(tx: Transaction, event: PayoutPaid, delivery: Delivery) -> None:
    """Tell the supplier that a stage has been paid. Raises `LookupError` before the pool is heard of."""
    pool = await known_pool(tx, event.pool_id)
    if pool.supplier_account_id is None:
        raise LookupError("this pool's opening has not been heard of yet")
    notice = Notice(
        pool.supplier_account_id,
        "payout_paid",
        object_id=event.order_id,
        subject_id=event.pool_id,
        facts={"stage": event.stage, "amount_idr": event.amount_idr},
    )
    await telling.tell(tx, delivery, [notice])
