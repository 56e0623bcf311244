"""What payments hears. No order between pools, posts and suppliers is needed, nor between one pool's kinds of events."""

from __future__ import annotations

from services.payments.commands import payouts, securing, statements
from services.payments.domain.holding import PoolFacts
from services.payments.repository import pools
from services.payments.repository.holdings import Due, PledgeFacts
from services.payments.repository.payouts import Payout
from services.payments.repository.pools import Payee
from services.payments.waking import wake_after
from shared.contracts.identity import AccountErased
from shared.contracts.offers import SupplierPayeeChanged
from shared.contracts.pools import (
    AmountsDue,
    PayoutRequested,
    PledgeChanged,
    PledgeLine,
    PledgesMade,
    PledgeWithdrawn,
    PoolClosing,
    PoolOpened,
    PoolSettled,
)
from shared.contracts.posyantek import PostRegistered
from shared.db import Transaction
from shared.ids import new_id
from shared.service import Consumers, Delivery

consumers = Consumers()


@consumers.projection(PostRegistered, fills={"posts"})
async def on_post_registered(tx: Transaction, event: PostRegistered, _: Delivery) -> None:
    """Keep a post's name, for its cash box."""
    await pools.save_post(tx, event.post_id, event.name)


@consumers.projection(SupplierPayeeChanged, fills={"payees"})
async def on_supplier_payee_changed(tx: Transaction, event: SupplierPayeeChanged, delivery: Delivery) -> None:
    """Keep where a supplier is paid."""
    payee = Payee(event.bank_name, event.account_number, event.account_holder)
    await pools.save_payee(tx, event.supplier_id, payee, delivery.version)


@consumers.reaction(PoolOpened)
async def on_pool_opened(tx: Transaction, event: PoolOpened, delivery: Delivery) -> None:
    """Keep who is who in a pool, and how it takes money."""
    facts = PoolFacts(
        event.post_id, event.title, event.initiator_account_id, event.treasurer_account_id, event.verified_by,
        event.supplier_id, event.supplier_account_id, tuple(event.methods), event.timing,
    )  # fmt: skip
    await statements.open_pool(tx, event.pool_id, facts)
    wake_after(tx, delivery.context)


@consumers.reaction(PledgesMade)
async def on_pledges_made(tx: Transaction, event: PledgesMade, delivery: Delivery) -> None:
    """Keep pledges and the most that may be held for each."""
    await statements.keep_pledges(tx, event.pool_id, delivery.version, [_facts(line) for line in event.pledges])
    wake_after(tx, delivery.context)


@consumers.reaction(PledgeChanged)
async def on_pledge_changed(tx: Transaction, event: PledgeChanged, delivery: Delivery) -> None:
    """Keep a pledge's new figures."""
    await statements.keep_pledges(tx, event.pool_id, delivery.version, [_facts(event.pledge)], changed=True)
    wake_after(tx, delivery.context)


@consumers.reaction(PledgeWithdrawn)
async def on_pledge_withdrawn(tx: Transaction, event: PledgeWithdrawn, delivery: Delivery) -> None:
    """Nothing may be held for the pledge any more."""
    await statements.keep_dues(
        tx, event.pool_id, delivery.version, [Due(event.pledge_id, event.account_id, 0, 0, None)]
    )
    wake_after(tx, delivery.context)


@consumers.reaction(AmountsDue)
async def on_amounts_due(tx: Transaction, event: AmountsDue, delivery: Delivery) -> None:
    """Make it so: charge or ask below `must`, refund above `may`."""
    dues = [
        Due(line.pledge_id, line.account_id, line.must_hold_idr, line.may_hold_idr, line.pay_by) for line in event.lines
    ]
    await statements.keep_dues(tx, event.pool_id, delivery.version, dues)
    wake_after(tx, delivery.context)


@consumers.reaction(PoolClosing)
async def on_pool_closing(tx: Transaction, event: PoolClosing, delivery: Delivery) -> None:
    """Open nothing new; answer which pledges are secured as soon as nothing is open."""
    await securing.begin_closing(tx, event.pool_id, event.grace_until)
    tx.after_commit(lambda: delivery.context.wake("close_securing"))


@consumers.reaction(PoolSettled)
async def on_pool_settled(tx: Transaction, event: PoolSettled, _: Delivery) -> None:
    """Goods are with their owners: kode unik go back."""
    await statements.end_pool(tx, event.pool_id)


@consumers.reaction(PayoutRequested)
async def on_payout_requested(tx: Transaction, event: PayoutRequested, _: Delivery) -> None:
    """Put a stage that the supplier has earned into the queue."""
    payout = Payout(new_id(), event.order_id, event.pool_id, event.supplier_id, event.stage, event.amount_idr)
    await payouts.request_payout(tx, payout, await tx.now())


@consumers.reaction(AccountErased)
async def on_account_erased(tx: Transaction, event: AccountErased, _: Delivery) -> None:
    """Forget what is personal."""
    await statements.forget_account(tx, event.account_id)


def _facts(line: PledgeLine) -> PledgeFacts:
    return PledgeFacts(line.pledge_id, line.account_id, line.method, line.assisted_by, line.may_hold_idr)
