"""What pools hears: offers and names it keeps, the supplier's answers, and what payments says of money."""

from __future__ import annotations

from services.pools.commands import closing, collecting, delivering, settling
from services.pools.repository import others
from shared.contracts.identity import AccountErased, ProfileChanged
from shared.contracts.offers import (
    GoodsDispatched,
    OfferChanged,
    OfferPublished,
    OfferWithdrawn,
    PurchaseOrderAccepted,
    PurchaseOrderDeclined,
    PurchaseOrderExpired,
)
from shared.contracts.payments import HoldingChanged, PayoutPaid, PledgeSecured, SecuringClosed
from shared.contracts.posyantek import PostRegistered
from shared.db import Transaction
from shared.service import Consumers, Delivery

consumers = Consumers()


@consumers.projection(ProfileChanged, fills={"people"})
async def keep_person(tx: Transaction, event: ProfileChanged, delivery: Delivery) -> None:
    """Keep a name, for masked lists."""
    await others.keep_person(tx, event.account_id, event.name, delivery.version)


@consumers.projection(AccountErased, fills={"people"})
async def forget_person(tx: Transaction, event: AccountErased, delivery: Delivery) -> None:
    """Delete a name."""
    await others.forget_person(tx, event.account_id, delivery.version)


@consumers.projection(PostRegistered, fills={"posts"})
async def keep_post(tx: Transaction, event: PostRegistered, _: Delivery) -> None:
    """Keep a post's name."""
    await others.keep_post(tx, event.post_id, event.name)


@consumers.projection(OfferPublished, fills={"offers"})
async def keep_offer(tx: Transaction, event: OfferPublished, _: Delivery) -> None:
    """Keep a standing offer."""
    await others.keep_offer(tx, event)


@consumers.projection(OfferChanged, fills={"offers"})
async def keep_changed_offer(tx: Transaction, event: OfferChanged, _: Delivery) -> None:
    """Keep an offer's newer version."""
    await others.keep_offer(tx, event)


@consumers.projection(OfferWithdrawn, fills={"offers"})
async def withdraw_offer(tx: Transaction, event: OfferWithdrawn, _: Delivery) -> None:
    """Let no pool open from it any more."""
    await others.withdraw_offer(tx, event.offer_id)


@consumers.reaction(PledgeSecured)
async def secure_pledge(tx: Transaction, event: PledgeSecured, delivery: Delivery) -> None:
    """Show that a pledge counts; close early when the capacity is filled at the best price."""
    await closing.pledge_secured(tx, event.pledge_id, event.may_hold_idr, delivery.context.settings)


@consumers.reaction(SecuringClosed)
async def allocate(tx: Transaction, event: SecuringClosed, delivery: Delivery) -> None:
    """Run the closing rule over the secured pledges."""
    await closing.securing_closed(
        tx, event.pool_id, event.chunk, event.chunks, event.secured_pledge_ids, delivery.context.settings
    )


@consumers.reaction(PurchaseOrderAccepted)
async def begin_collecting(tx: Transaction, event: PurchaseOrderAccepted, delivery: Delivery) -> None:
    """Ask every member for their final amount."""
    await closing.order_accepted(tx, event.pool_id, event.order_id, delivery.context.settings)


@consumers.reaction(PurchaseOrderDeclined)
async def fail_declined(tx: Transaction, event: PurchaseOrderDeclined, _: Delivery) -> None:
    """Fail the pool."""
    await closing.order_declined(tx, event.pool_id, event.order_id)


@consumers.reaction(PurchaseOrderExpired)
async def fail_unanswered(tx: Transaction, event: PurchaseOrderExpired, _: Delivery) -> None:
    """Fail the pool."""
    await closing.order_expired(tx, event.pool_id, event.order_id)


@consumers.reaction(HoldingChanged)
async def take_holding(tx: Transaction, event: HoldingChanged, delivery: Delivery) -> None:
    """Keep what is held; the order may be funded by it."""
    await collecting.holding_changed(tx, event.pledge_id, event.held_idr, delivery.version)


@consumers.reaction(GoodsDispatched)
async def note_dispatch(tx: Transaction, event: GoodsDispatched, _: Delivery) -> None:
    """Keep what is on its way."""
    await delivering.dispatched(tx, event.pool_id, event.order_id, event.dispatch_id, event.units)


@consumers.reaction(PayoutPaid)
async def note_payout(tx: Transaction, event: PayoutPaid, delivery: Delivery) -> None:
    """Keep that a stage was paid; the pool may be settled by it."""
    await settling.payout_paid(tx, event.pool_id, event.order_id, event.stage, delivery.at)
