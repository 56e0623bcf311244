"""Money that has moved: into the book, onto the pledge's figures, and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.payments.domain.entries import Movement, received, refunded
from services.payments.domain.holding import Pool
from services.payments.repository import holdings, ledger, payments
from services.payments.repository.payments import Received
from services.payments.repository.refunds import Refund
from shared.contracts.payments import HoldingChanged
from shared.db import Transaction


async def take_in(tx: Transaction, pool: Pool, payment: Received, now: datetime, *, was_told: bool = False) -> str:
    """Book a payment that has come, with its receipt. `was_told`: a member's word of it stands written already.

    Gives the receipt's number. Raises `UniqueViolation` for a bank reference that is known.
    """
    number = await ledger.give_receipt(tx, "KW", pool.known.post_id, payment.id, now)
    payment = replace(payment, receipt_no=number)
    movement = Movement(
        payment.id, pool.id, number, payment.pledge_id, payment.recorded_by, assisted_by=payment.assisted_by
    )
    await ledger.post(
        tx, received(movement, payment.method, payment.custodian, payment.amount_idr, payment.code_idr), now
    )
    await (payments.accept if was_told else payments.add_received)(tx, payment, now)
    await _changed(tx, pool, payment.pledge_id, received_idr=payment.amount_idr, codes_idr=payment.code_idr)
    return number


async def give_out(
    tx: Transaction,
    pool: Pool,
    refund: Refund,
    now: datetime,
    *,
    maker: UUID | None = None,
    checker: UUID | None = None,
) -> str:
    """Book a refund that has gone; gives the receipt's number. Raises `DataRefused` where it is not held."""
    number = await ledger.give_receipt(tx, "BKK", pool.known.post_id, refund.id, now)
    movement = Movement(refund.id, pool.id, number, refund.pledge_id, maker, checker)
    await ledger.post(tx, refunded(movement, refund.method, refund.custodian, refund.amount_idr, refund.code_idr), now)
    await _changed(tx, pool, refund.pledge_id, refunded_idr=refund.amount_idr, codes_idr=-refund.code_idr)
    return number


async def take_back(tx: Transaction, pool: Pool, refund: Refund, now: datetime) -> None:
    """Reverse a refund that has come back: the card's bank did not take it."""
    await ledger.reverse(tx, refund.id, None, now)
    await _changed(tx, pool, refund.pledge_id, refunded_idr=-refund.amount_idr, codes_idr=refund.code_idr)


async def _changed(
    tx: Transaction, pool: Pool, pledge_id: UUID, *, received_idr: int = 0, refunded_idr: int = 0, codes_idr: int = 0
) -> None:
    held_idr = await holdings.move(
        tx, pledge_id, received_idr=received_idr, refunded_idr=refunded_idr, codes_idr=codes_idr
    )
    if received_idr or refunded_idr:
        tx.emit(HoldingChanged(pledge_id=pledge_id, pool_id=pool.id, held_idr=held_idr))
