"""What is held for a pledge, and money in by hand."""

from __future__ import annotations

from uuid import UUID

from services.payments import queries
from services.payments.api.table import on_pool, resources, routes
from services.payments.commands import deposits, securing
from services.payments.domain.holding import Pool
from services.payments.domain.people import check_recorder
from services.payments.domain.refusals import (
    DepositNeeded,
    MoreThanDue,
    NoBankAccount,
    NotDueYet,
    NothingDue,
    NoticeWaiting,
    OwnPayment,
    PaymentInFlight,
    SecuringIsOver,
    TransferAlreadyRecorded,
    TransferAlreadyTold,
)
from services.payments.repository import holdings as rows
from services.payments.rights import keeps_money, operates
from services.payments.views import CashTaken, HoldingView, NoticeView, RecordedView, TransferFound, TransferTold
from shared.auth import IN_PERSON, OPERATOR, SIGNED_IN, require
from shared.db import Transaction
from shared.http.call import Answer, Call

_NO_MONEY_NOW = (NothingDue, NotDueYet, SecuringIsOver, PaymentInFlight, MoreThanDue)


@routes.get("/api/v1/holdings/{pledge_id}", policy=SIGNED_IN, answer=HoldingView)
async def get_holding(call: Call) -> HoldingView:
    """Read what is held for a pledge, and what its member does next."""
    offered = resources(call).cards is not None
    async with call.context.db.read() as sql:
        return await queries.get_holding(sql, call.id("pledge_id"), call.who, cards_offered=offered)


@routes.post(
    "/api/v1/holdings/{pledge_id}/transfer-notice",
    policy=SIGNED_IN,
    body=TransferTold,
    answer=NoticeView,
    status=201,
    money=True,
    refusals=(*_NO_MONEY_NOW, NoBankAccount, TransferAlreadyTold),
)
async def tell_transfer(call: Call, body: TransferTold) -> Answer:
    """Tell that one has transferred; the post then checks it."""

    async def command(tx: Transaction, pool: Pool, pledge_id: UUID) -> NoticeView:
        (holding,) = await rows.load(tx, pool, [pledge_id])
        require(holding.account_id == call.who.account_id)
        payment_id = await deposits.tell_transfer(tx, holding, **body.model_dump(), who=call.who)
        return NoticeView(payment_id=payment_id)

    return await on_pool(call, "pledge_id", lambda _: True, command)


@routes.post(
    "/api/v1/holdings/{pledge_id}/confirm",
    policy=OPERATOR,
    refusals=(NothingDue, SecuringIsOver, DepositNeeded, OwnPayment),
)
async def confirm_pledge(call: Call) -> Answer:
    """Stand for a pledge that is paid later, so that it counts."""

    async def command(tx: Transaction, pool: Pool, pledge_id: UUID) -> None:
        (holding,) = await rows.load(tx, pool, [pledge_id])
        check_recorder(call.who.account_id, holding.account_id)
        await securing.confirm(tx, holding, call.who.account_id)

    return await on_pool(call, "pledge_id", lambda pool: operates(call.who, pool), command)


@routes.post(
    "/api/v1/holdings/{pledge_id}/cash",
    policy=OPERATOR,
    body=CashTaken,
    answer=RecordedView,
    status=201,
    money=True,
    refusals=(*_NO_MONEY_NOW, OwnPayment),
)
async def record_cash(call: Call, body: CashTaken) -> Answer:
    """Record cash that the post has taken; gives the receipt's number."""

    async def command(tx: Transaction, pool: Pool, pledge_id: UUID) -> RecordedView:
        done = await deposits.record_cash(tx, pool, pledge_id, body.amount_idr, body.note, call.who)
        return RecordedView(payment_id=done.payment_id, receipt_no=done.receipt_no)

    return await on_pool(call, "pledge_id", lambda pool: operates(call.who, pool), command)


@routes.post(
    "/api/v1/holdings/{pledge_id}/transfer",
    policy=IN_PERSON,
    body=TransferFound,
    answer=RecordedView,
    status=201,
    money=True,
    refusals=(NoBankAccount, NoticeWaiting, OwnPayment, TransferAlreadyRecorded),
)
async def record_transfer(call: Call, body: TransferFound) -> Answer:
    """Record a transfer found on the group's bank account; a surplus is refunded."""

    async def command(tx: Transaction, pool: Pool, pledge_id: UUID) -> RecordedView:
        done = await deposits.record_transfer(tx, pool, pledge_id, body.amount_idr, body.reference, call.who)
        return RecordedView(payment_id=done.payment_id, receipt_no=done.receipt_no)

    return await on_pool(call, "pledge_id", lambda pool: keeps_money(call.who, pool), command)
