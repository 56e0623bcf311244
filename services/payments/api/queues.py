"""The desk's queues: transfers to check, refunds and payouts that take two people."""

from __future__ import annotations

from uuid import UUID

from services.payments import queries
from services.payments.api.table import on_pool, routes
from services.payments.commands import deposits, payouts, refunds
from services.payments.domain.holding import Pool
from services.payments.domain.refusals import (
    AlreadyPaid,
    NotAwaitingCheck,
    NotByHand,
    NotEnoughHeld,
    NotPrepared,
    OwnPayment,
    RecipientMayNot,
    SamePerson,
    TransferAlreadyRecorded,
    VerifierMayNotApprove,
)
from services.payments.rights import keeps_money, may_check
from services.payments.views import (
    PaymentQueueItem,
    PayoutQueueItem,
    Proof,
    QueueQuery,
    Reason,
    RecordedView,
    Reference,
    RefundQueueItem,
)
from shared.auth import MONEY_CHECKER
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.get("/api/v1/payments/queue", policy=MONEY_CHECKER, query=QueueQuery, answer=Page[PaymentQueueItem])
async def list_payments_to_check(call: Call, query: QueueQuery) -> Page[PaymentQueueItem]:
    """List a post's transfers to check and pledges to confirm, oldest first."""
    async with call.context.db.read() as sql:
        return await queries.payments_queue(sql, query, call.who)


@routes.post(
    "/api/v1/payments/{payment_id}/accept",
    policy=MONEY_CHECKER,
    answer=RecordedView,
    money=True,
    refusals=(NotAwaitingCheck, OwnPayment, TransferAlreadyRecorded),
)
async def accept_transfer(call: Call) -> Answer:
    """Accept a transfer that was told of and is on the account; gives the receipt's number."""

    async def command(tx: Transaction, pool: Pool, payment_id: UUID) -> RecordedView:
        done = await deposits.accept_transfer(tx, pool, payment_id, call.who)
        return RecordedView(payment_id=done.payment_id, receipt_no=done.receipt_no)

    return await on_pool(call, "payment_id", lambda pool: keeps_money(call.who, pool), command)


@routes.post(
    "/api/v1/payments/{payment_id}/reject",
    policy=MONEY_CHECKER,
    body=Reason,
    refusals=(NotAwaitingCheck, OwnPayment),
)
async def reject_transfer(call: Call, body: Reason) -> Answer:
    """Reject a transfer that was told of and is not to be found."""

    async def command(tx: Transaction, pool: Pool, payment_id: UUID) -> None:
        await deposits.reject_transfer(tx, pool, payment_id, body.reason, call.who)

    return await on_pool(call, "payment_id", lambda pool: keeps_money(call.who, pool), command)


@routes.get("/api/v1/refunds/queue", policy=MONEY_CHECKER, query=QueueQuery, answer=Page[RefundQueueItem])
async def list_refunds(call: Call, query: QueueQuery) -> Page[RefundQueueItem]:
    """List a post's refunds that are given by hand, oldest first."""
    async with call.context.db.read() as sql:
        return await queries.refunds_queue(sql, query, call.who)


@routes.post(
    "/api/v1/refunds/{refund_id}/prepare",
    policy=MONEY_CHECKER,
    body=Proof,
    money=True,
    refusals=(NotByHand, AlreadyPaid, RecipientMayNot),
)
async def prepare_refund(call: Call, body: Proof) -> Answer:
    """Give money back, and show the proof; a second person then approves."""

    async def command(tx: Transaction, pool: Pool, refund_id: UUID) -> None:
        await refunds.prepare_refund(tx, pool, refund_id, body.proof, call.who)

    return await on_pool(call, "refund_id", lambda pool: keeps_money(call.who, pool), command)


@routes.post(
    "/api/v1/refunds/{refund_id}/approve",
    policy=MONEY_CHECKER,
    money=True,
    refusals=(NotPrepared, NotByHand, AlreadyPaid, SamePerson, RecipientMayNot, NotEnoughHeld),
)
async def approve_refund(call: Call) -> Answer:
    """Agree that money went back: somebody else than who prepared it, and not its recipient."""

    async def command(tx: Transaction, pool: Pool, refund_id: UUID) -> None:
        await refunds.approve_refund(tx, pool, refund_id, call.who)

    return await on_pool(call, "refund_id", lambda pool: may_check(call.who, pool), command)


@routes.get("/api/v1/payouts/queue", policy=MONEY_CHECKER, query=QueueQuery, answer=Page[PayoutQueueItem])
async def list_payouts(call: Call, query: QueueQuery) -> Page[PayoutQueueItem]:
    """List the payouts to suppliers of a post's pools, oldest first."""
    async with call.context.db.read() as sql:
        return await queries.payouts_queue(sql, query, call.who)


@routes.post(
    "/api/v1/payouts/{payout_id}/prepare",
    policy=MONEY_CHECKER,
    body=Reference,
    money=True,
    refusals=(AlreadyPaid, RecipientMayNot),
)
async def prepare_payout(call: Call, body: Reference) -> Answer:
    """Pay a supplier a stage, and name the bank's reference; a second person then approves."""

    async def command(tx: Transaction, pool: Pool, payout_id: UUID) -> None:
        await payouts.prepare_payout(tx, pool, payout_id, body.reference, call.who)

    return await on_pool(call, "payout_id", lambda pool: keeps_money(call.who, pool), command)


@routes.post(
    "/api/v1/payouts/{payout_id}/approve",
    policy=MONEY_CHECKER,
    money=True,
    refusals=(AlreadyPaid, NotPrepared, SamePerson, RecipientMayNot, VerifierMayNotApprove, NotEnoughHeld),
)
async def approve_payout(call: Call) -> Answer:
    """Agree to a payout: somebody else than who prepared it or verified the pool, and not the supplier."""

    async def command(tx: Transaction, pool: Pool, payout_id: UUID) -> None:
        await payouts.approve_payout(tx, pool, payout_id, call.who)

    return await on_pool(call, "payout_id", lambda pool: may_check(call.who, pool), command)
