"""Cash at the post and transfers on the group's account, before or after the supplier has accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.commands.booking import take_in
from services.payments.commands.securing import answer_closing
from services.payments.commands.settling import settle
from services.payments.domain.accounts import bank_account, cash_box
from services.payments.domain.holding import Holding, Pool
from services.payments.domain.people import check_recorder
from services.payments.domain.refusals import (
    MoreThanDue,
    NoBankAccount,
    NotAwaitingCheck,
    NoticeWaiting,
    PaymentInFlight,
    TransferAlreadyRecorded,
    TransferAlreadyTold,
)
from services.payments.domain.securing import check_taking
from services.payments.domain.transfers import MOST_CODE_IDR, split_transfer
from services.payments.repository import banks, holdings, payments
from services.payments.repository.payments import Notice, Received
from shared.auth import Principal
from shared.db import Transaction, UniqueViolation
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Recorded:
    """A payment in the book."""

    payment_id: UUID
    receipt_no: str


async def record_cash(
    tx: Transaction, pool: Pool, pledge_id: UUID, amount_idr: int, note: str | None, who: Principal
) -> Recorded:
    """Record cash that the post has taken.

    Raises `OwnPayment`; `PaymentInFlight` while the card is being charged; and a `Conflict` or `MoreThanDue` where the
    money must not be taken: what may be held is never passed, however many people record at the same time.
    """
    (holding,) = await holdings.load(tx, pool, [pledge_id])
    check_recorder(who.account_id, holding.account_id)
    _check_taking(holding, amount_idr)
    payment = Received(
        new_id(), pledge_id, pool.id, "cash", amount_idr, cash_box(pool.known.post_id, pool.id), "",
        note=note, recorded_by=who.account_id,
    )  # fmt: skip
    now = await tx.now()
    receipt_no = await take_in(tx, pool, payment, now)
    await settle(tx, pool, [pledge_id], now)
    return Recorded(payment.id, receipt_no)


async def tell_transfer(
    tx: Transaction,
    holding: Holding,
    *,
    amount_idr: int,
    note: str | None,
    reference: str | None,
    who: Principal,
) -> UUID:
    """Write down that a member says to have transferred so much, kode unik included; the pool is locked.

    Raises `NoBankAccount`, `TransferAlreadyTold`, and a `Conflict` or `MoreThanDue` where nothing is expected.
    """
    bank = await banks.bank_of_pool(tx, holding.pool.id)
    if bank is None:
        raise NoBankAccount
    most_idr = holding.position.room_idr + MOST_CODE_IDR
    _check_taking(holding, min(amount_idr, holding.position.room_idr))
    if amount_idr > most_idr:
        raise MoreThanDue(most_idr=most_idr)
    if await payments.awaiting_notice(tx, holding.pledge_id):
        raise TransferAlreadyTold
    told = Notice(new_id(), holding.pledge_id, holding.pool.id, amount_idr, bank.id, reference=reference, note=note)
    await payments.add_notice(tx, told, who.account_id, who.assisted_by, await tx.now())
    return told.id


async def accept_transfer(tx: Transaction, pool: Pool, payment_id: UUID, who: Principal) -> Recorded:
    """The transfer that a member told of is on the account: it is booked whatever it is, and a surplus goes back.

    Raises `NotAwaitingCheck`, `OwnPayment`, `TransferAlreadyRecorded`.
    """
    told = await payments.notice(tx, payment_id)
    if told is None or told.state != "awaiting_check":
        raise NotAwaitingCheck
    return await _book_transfer(tx, pool, told, told.reference, who)


async def reject_transfer(tx: Transaction, pool: Pool, payment_id: UUID, reason: str, who: Principal) -> None:
    """The transfer that a member told of is not to be found. Raises `NotAwaitingCheck`, `OwnPayment`."""
    told = await payments.notice(tx, payment_id)
    if told is None or told.state != "awaiting_check":
        raise NotAwaitingCheck
    (holding,) = await holdings.load(tx, pool, [told.pledge_id])
    check_recorder(who.account_id, holding.account_id)
    now = await tx.now()
    await payments.reject(tx, payment_id, reason, who.account_id, now)
    await answer_closing(tx, pool, now)


async def record_transfer(
    tx: Transaction, pool: Pool, pledge_id: UUID, amount_idr: int, reference: str, who: Principal
) -> Recorded:
    """Record a transfer found on the account, kode unik included; a member's word of the same amount is thereby checked.

    Raises `NoBankAccount`, `NoticeWaiting`, `OwnPayment`, `TransferAlreadyRecorded`.
    """
    told = await payments.awaiting_notice(tx, pledge_id)
    if told is not None:
        if told.told_idr != amount_idr:
            raise NoticeWaiting(told_idr=told.told_idr)
        return await _book_transfer(tx, pool, told, reference, who)
    bank = await banks.bank_of_pool(tx, pool.id)
    if bank is None:
        raise NoBankAccount
    found = Notice(new_id(), pledge_id, pool.id, amount_idr, bank.id, state="received")
    return await _book_transfer(tx, pool, found, reference, who)


async def _book_transfer(tx: Transaction, pool: Pool, told: Notice, reference: str | None, who: Principal) -> Recorded:
    (holding,) = await holdings.load(tx, pool, [told.pledge_id])
    check_recorder(who.account_id, holding.account_id)
    ask = await banks.open_ask(tx, told.pledge_id)
    amount_idr, code_idr = split_transfer(told.told_idr, ask, holding.position.room_idr)
    payment = Received(
        told.id, told.pledge_id, pool.id, "transfer", amount_idr, bank_account(told.bank_account_id, pool.id), "",
        code_idr=code_idr, bank_account_id=told.bank_account_id, reference=reference, recorded_by=who.account_id,
    )  # fmt: skip
    now = await tx.now()
    try:
        async with tx.savepoint():
            receipt_no = await take_in(tx, pool, payment, now, was_told=told.state == "awaiting_check")
    except UniqueViolation as error:
        raise TransferAlreadyRecorded(reference=reference) from error
    await _settled(tx, pool, told.pledge_id, now)
    return Recorded(payment.id, receipt_no)


async def _settled(tx: Transaction, pool: Pool, pledge_id: UUID, now: datetime) -> None:
    await settle(tx, pool, [pledge_id], now)
    await answer_closing(tx, pool, now)


def _check_taking(holding: Holding, amount_idr: int) -> None:
    """A charge that the provider may have heard of could still go through: nothing is taken beside it."""
    attempt, position, terms = holding.attempt, holding.position, holding.pool.terms
    assert terms is not None
    check_taking(terms, amount_idr=amount_idr, missing_idr=position.missing_idr, room_idr=position.room_idr)
    if attempt is not None and attempt.kind == "charge" and attempt.sent:
        raise PaymentInFlight
