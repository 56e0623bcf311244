"""Money back to members: by card as the provider tells, by hand by two people."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.payments import card_gateway
from services.payments.commands import booking
from services.payments.commands.settling import settle
from services.payments.domain.holding import Holding, Pool
from services.payments.domain.people import check_checker, check_maker
from services.payments.domain.refusals import AlreadyPaid, NotByHand, NotEnoughHeld, NotPrepared
from services.payments.repository import holdings, ledger, pools
from services.payments.repository import refunds as repository
from services.payments.repository.refunds import Refund
from shared.auth import Principal
from shared.contracts.payments import RefundPaid
from shared.db import DataRefused, Transaction

LOOK_AGAIN = timedelta(minutes=10)


async def prepare_refund(tx: Transaction, pool: Pool, refund_id: UUID, proof: str, who: Principal) -> None:
    """The first person gives the money back and shows the proof; a wrong proof may be replaced until it is approved.

    Raises `NotByHand`, `AlreadyPaid`, `RecipientMayNot`.
    """
    refund, holding = await _by_hand(tx, pool, refund_id)
    check_maker(who.account_id, {holding.account_id})
    await repository.prepare(tx, refund.id, who.account_id, proof, await tx.now())


async def approve_refund(tx: Transaction, pool: Pool, refund_id: UUID, who: Principal) -> None:
    """The second person agrees: the money has gone.

    Raises `NotPrepared`, `NotByHand`, `AlreadyPaid`, `SamePerson`, `RecipientMayNot`, `NotEnoughHeld`.
    """
    refund, holding = await _by_hand(tx, pool, refund_id)
    if refund.state != "prepared" or refund.prepared_by is None:
        raise NotPrepared
    check_checker(who.account_id, refund.prepared_by, {holding.account_id})
    now = await tx.now()
    try:
        async with tx.savepoint():
            number = await booking.give_out(tx, pool, refund, now, maker=refund.prepared_by, checker=who.account_id)
    except DataRefused as error:
        free = await ledger.available(tx, pool.id)
        raise NotEnoughHeld(held_idr=max(0, free.escrow_idr)) from error
    await repository.paid_by_hand(tx, refund.id, who.account_id, number, now)
    _tell(tx, holding, refund)
    await settle(tx, pool, [refund.pledge_id], now)


async def _by_hand(tx: Transaction, pool: Pool, refund_id: UUID) -> tuple[Refund, Holding]:
    refund = await repository.lock_refund(tx, refund_id)
    if refund.state in {"intended", "pending"}:
        raise NotByHand
    if refund.state in {"paid", "cancelled", "failed"}:
        raise AlreadyPaid
    (holding,) = await holdings.load(tx, pool, [refund.pledge_id])
    return refund, holding


async def record_refund(tx: Transaction, claimed: Refund, outcome: card_gateway.Refund) -> None:
    """A refund to a card stands so; told any number of times, it is booked once, and reversed once if it comes back."""
    pool = await pools.know_pool(tx, claimed.pool_id)
    refund = await repository.lock_refund(tx, claimed.id)
    now = await tx.now()
    if outcome.amount_idr != refund.amount_idr:
        raise RuntimeError(f"refund {refund.id} is for {refund.amount_idr}, the provider says {outcome.amount_idr}")
    match outcome.status:
        case "failed":
            await _came_back(tx, pool, refund, claimed.nudges, outcome.ref, now)
        case "pending" | "succeeded":
            await _went(tx, pool, refund, claimed.nudges, outcome, now)


async def _went(
    tx: Transaction, pool: Pool, refund: Refund, nudges: int, outcome: card_gateway.Refund, now: datetime
) -> None:
    """The money has left the provider's balance; told to the member once it is on its card."""
    if refund.state not in {"intended", "pending"}:
        await repository.postpone(tx, refund.id, nudges, now, None)
        return
    number = await booking.give_out(tx, pool, refund, now) if refund.state == "intended" else None
    arrived = outcome.status == "succeeded"
    await repository.moved_by_card(
        tx, refund.id, "paid" if arrived else "pending", now,
        ref=outcome.ref, receipt_no=number, nudges=nudges, look_at=None if arrived else now + LOOK_AGAIN,
    )  # fmt: skip
    if arrived:
        (holding,) = await holdings.load(tx, pool, [refund.pledge_id])
        _tell(tx, holding, refund)
    await settle(tx, pool, [refund.pledge_id], now)


async def _came_back(tx: Transaction, pool: Pool, refund: Refund, nudges: int, ref: str, now: datetime) -> None:
    if refund.state in {"pending", "paid"}:
        await booking.take_back(tx, pool, refund, now)
    elif refund.state != "intended":
        await repository.postpone(tx, refund.id, nudges, now, None)
        return
    await repository.moved_by_card(tx, refund.id, "failed", now, ref=ref, receipt_no=None, nudges=nudges, look_at=None)
    await settle(tx, pool, [refund.pledge_id], now)


async def ask_people(tx: Transaction, claimed: Refund, problem: str) -> None:
    """The provider refuses a refund: people look into it."""
    await pools.know_pool(tx, claimed.pool_id)
    refund = await repository.lock_refund(tx, claimed.id)
    if refund.state == "intended":
        await repository.ask_people(tx, refund.id, problem)


def _tell(tx: Transaction, holding: Holding, refund: Refund) -> None:
    tx.emit(
        RefundPaid(
            pledge_id=refund.pledge_id,
            pool_id=refund.pool_id,
            account_id=holding.account_id,
            amount_idr=refund.amount_idr + refund.code_idr,
        )
    )
