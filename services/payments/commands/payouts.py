"""Money to suppliers: only what was received, each stage of an order once, by two people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.payments.domain.drawing import draw
from services.payments.domain.entries import Movement, paid_out
from services.payments.domain.holding import Pool
from services.payments.domain.people import check_checker, check_maker
from services.payments.domain.refusals import AlreadyPaid, NotEnoughHeld, NotPrepared
from services.payments.repository import ledger, pools
from services.payments.repository import payouts as repository
from services.payments.repository.payouts import Payout
from shared.auth import Principal
from shared.contracts.payments import PayoutApproved, PayoutPaid
from shared.db import Transaction


async def request_payout(tx: Transaction, payout: Payout, now: datetime) -> None:
    """Pools says that the supplier has earned a stage; the first word for a stage of an order stands."""
    await pools.know_pool(tx, payout.pool_id)
    await repository.add_payout(tx, payout, now)


async def prepare_payout(tx: Transaction, pool: Pool, payout_id: UUID, reference: str, who: Principal) -> None:
    """The first person sends the money and names its reference. Raises `AlreadyPaid`, `RecipientMayNot`."""
    payout = await repository.get_payout(tx, payout_id)
    if payout.state == "paid":
        raise AlreadyPaid
    check_maker(who.account_id, {pool.known.supplier_account_id})
    await repository.prepare(tx, payout.id, who.account_id, reference, await tx.now())


async def approve_payout(tx: Transaction, pool: Pool, payout_id: UUID, who: Principal) -> None:
    """The second person agrees: the stage is paid, out of the hands that hold the pool's money.

    Raises `AlreadyPaid`, `NotPrepared`, `SamePerson`, `RecipientMayNot`, `VerifierMayNotApprove`, `NotEnoughHeld`.
    """
    payout = await repository.get_payout(tx, payout_id)
    if payout.state == "paid":
        raise AlreadyPaid
    if payout.prepared_by is None:
        raise NotPrepared
    facts = pool.known
    check_checker(who.account_id, payout.prepared_by, {facts.supplier_account_id}, facts.verified_by)
    free = await ledger.available(tx, pool.id)
    parts = draw(payout.amount_idr, free.by_custodian)
    if free.escrow_idr < payout.amount_idr or not parts:
        raise NotEnoughHeld(held_idr=max(0, free.escrow_idr))
    now = await tx.now()
    number = await ledger.give_receipt(tx, "BKK", facts.post_id, payout.id, now)
    movement = Movement(payout.id, pool.id, number, None, payout.prepared_by, who.account_id)
    await ledger.post(tx, paid_out(movement, payout.supplier_id, parts), now)
    await repository.paid(tx, payout.id, who.account_id, number, now)
    told = {
        "order_id": payout.order_id,
        "pool_id": pool.id,
        "supplier_id": payout.supplier_id,
        "stage": payout.stage,
        "amount_idr": payout.amount_idr,
    }
    tx.emit(PayoutApproved(**told, approved_by=who.account_id), PayoutPaid(**told))
