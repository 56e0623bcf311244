"""Jobs: ask the card provider about what is due, apply webhooks, end the grace of closing pools.

Each takes due rows under a lease, asks the provider outside any transaction, and writes each answer in its own. Killed at
any point, the lease runs out and the same question is asked again with the same key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from services.payments.card_gateway import (
    CardGateway,
    CardGatewayRefused,
    CardGatewayUnavailable,
    Checkout,
)
from services.payments.commands import outcomes, provider, refunds, securing
from services.payments.repository import attempts, notices, pools, setups
from services.payments.repository import refunds as refund_rows
from services.payments.repository.attempts import ClaimedAttempt
from services.payments.repository.setups import Setup
from services.payments.resources import Resources
from services.payments.waking import wake_after
from shared.db import Transaction
from shared.service import Context, Jobs

log = structlog.get_logger()

jobs = Jobs()

BATCH = 24
AT_ONCE = 8
"""Questions in flight to the provider; each answer then needs a connection for a moment."""
LEASE = timedelta(minutes=1)
_LONGEST_PAUSE_S = 300

Row = TypeVar("Row", ClaimedAttempt, Setup, refund_rows.Refund)


@jobs.every(2)
async def advance_attempts(context: Context, now: datetime) -> int:
    """Charge saved cards, and ask how charges and payment links stand."""
    return await _advance(context, now, attempts.claim, _advance_attempt, attempts.postpone)


@jobs.every(2)
async def advance_setups(context: Context, now: datetime) -> int:
    """Ask how the pages stand on which cards are saved."""
    return await _advance(context, now, setups.claim, _advance_setup, setups.postpone)


@jobs.every(2)
async def advance_refunds(context: Context, now: datetime) -> int:
    """Refund cards, and ask how refunds stand."""
    return await _advance(context, now, refund_rows.claim, _advance_refund, refund_rows.postpone)


@jobs.every(2)
async def apply_notices(context: Context, now: datetime) -> int:
    """Let the other jobs ask at once about what new webhooks speak of."""
    async with context.db.transaction() as tx:
        done = await notices.apply_new(tx, now, 100)
        if done:
            wake_after(tx, context)
    return done


@jobs.every(1)
async def close_securing(context: Context, now: datetime) -> int:
    """End the grace of closing pools: expire what is open, then answer."""
    async with context.db.read() as sql:
        due = await pools.grace_is_over(sql, now, BATCH)
    for pool_id in due:
        async with context.db.transaction() as tx:
            await securing.end_grace(tx, pool_id, now)
            wake_after(tx, context)
    return len(due)


Claim = Callable[[Transaction, datetime, datetime, int], Awaitable[list[Row]]]
Work = Callable[[Context, CardGateway, Row, datetime], Awaitable[None]]
Postpone = Callable[..., Awaitable[None]]


async def _advance(context: Context, now: datetime, claim: Claim[Row], work: Work[Row], postpone: Postpone) -> int:
    resources: Resources = context.resources
    if resources.cards is None:
        return 0
    async with context.db.transaction() as tx:
        claimed = await claim(tx, now, now + LEASE, BATCH)
    return await _do_all(context, resources.cards, claimed, work, postpone, now)


async def _do_all(
    context: Context, gateway: CardGateway, claimed: Sequence[Row], work: Work[Row], postpone: Postpone, now: datetime
) -> int:
    gate = asyncio.Semaphore(AT_ONCE)

    async def do(row: Row) -> bool:
        async with gate:
            try:
                await work(context, gateway, row, now)
            except CardGatewayUnavailable as reason:
                log.warning("card provider gave no answer", id=str(row.id), tries=row.tries, reason=str(reason)[:200])
                await _put_off(context, row, postpone)
            except Exception:
                log.exception("card work failed", id=str(row.id), tries=row.tries)
                await _put_off(context, row, postpone)
            else:
                return True
            return False

    return sum(await asyncio.gather(*(do(row) for row in claimed)))


async def _put_off(context: Context, row: Row, postpone: Postpone) -> None:
    pause = timedelta(seconds=min(2 ** min(row.tries, 10), _LONGEST_PAUSE_S))
    async with context.db.transaction() as tx:
        now = await tx.now()
        await postpone(tx, row.id, row.nudges, now, now + pause)


async def _advance_attempt(context: Context, gateway: CardGateway, attempt: ClaimedAttempt, now: datetime) -> None:
    try:
        if attempt.kind == "link":
            await _advance_link(context, gateway, attempt)
            return
        charge = await provider.look_at_charge(gateway, attempt, now)
    except CardGatewayRefused as refusal:
        async with context.db.transaction() as tx:
            await outcomes.record_refused(tx, attempt.id, attempt.pool_id, refusal.code)
            wake_after(tx, context)
        return
    async with context.db.transaction() as tx:
        if charge is None:
            await outcomes.record_never_made(tx, attempt.id, attempt.pool_id)
        else:
            await outcomes.record_charge(tx, attempt.id, attempt.pool_id, charge, attempt.nudges)
        wake_after(tx, context)


async def _advance_link(context: Context, gateway: CardGateway, link: ClaimedAttempt) -> None:
    found = await provider.look_at_link(gateway, link)
    async with context.db.transaction() as tx:
        if isinstance(found, Checkout):
            await outcomes.record_link_opened(tx, link.id, link.pool_id, found)
        else:
            await outcomes.record_link(tx, link.id, link.pool_id, found, link.nudges)
        wake_after(tx, context)


async def _advance_setup(context: Context, gateway: CardGateway, setup: Setup, _: datetime) -> None:
    try:
        found = await provider.look_at_setup(gateway, setup)
    except CardGatewayRefused:
        async with context.db.transaction() as tx:
            await outcomes.record_setup_refused(tx, setup)
        return
    async with context.db.transaction() as tx:
        if isinstance(found, Checkout):
            await outcomes.record_setup_opened(tx, setup, found)
        else:
            await outcomes.record_setup(tx, setup, found)
        wake_after(tx, context)


async def _advance_refund(context: Context, gateway: CardGateway, refund: refund_rows.Refund, now: datetime) -> None:
    try:
        found = await provider.look_at_refund(gateway, refund, now)
    except CardGatewayRefused as refusal:
        async with context.db.transaction() as tx:
            await refunds.ask_people(tx, refund, str(refusal)[:500])
        return
    async with context.db.transaction() as tx:
        await refunds.record_refund(tx, refund, found)
        wake_after(tx, context)
