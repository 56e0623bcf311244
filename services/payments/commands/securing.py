"""The closing of a pool: nothing new is opened, open pages finish or expire, then one answer says which pledges count."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.payments.commands.settling import settle
from services.payments.domain.holding import Holding, Pool
from services.payments.domain.securing import check_confirming, chunks_of, securing_may_end
from services.payments.repository import holdings, pools, setups
from shared.contracts.payments import SecuringClosed
from shared.db import Transaction


async def begin_closing(tx: Transaction, pool_id: UUID, grace_until: datetime) -> None:
    """Pools has closed the pool: answer at once if nothing is open."""
    await pools.know_pool(tx, pool_id)
    await pools.begin_closing(tx, pool_id, grace_until)
    pool = await pools.know_pool(tx, pool_id)
    await answer_closing(tx, pool, await tx.now())


async def end_grace(tx: Transaction, pool_id: UUID, now: datetime) -> None:
    """The grace is over, once: let what is open be expired, and answer if nothing is. Else the last page's end does."""
    pool = await pools.know_pool(tx, pool_id)
    await pools.end_grace(tx, pool_id, now)
    await setups.abandon_all(tx, pool_id, now)
    await answer_closing(tx, pool, now)


async def answer_closing(tx: Transaction, pool: Pool, now: datetime) -> None:
    """Say once which pledges are secured, as soon as nothing can change it any more. The pool must be locked."""
    if pool.grace_until is None or pool.securing_closed_at is not None:
        return
    open_setups, unchecked = await setups.still_open(tx, pool.id)
    if not securing_may_end(
        open_setups=open_setups, unchecked_transfers=unchecked, grace_until=pool.grace_until, now=now
    ):
        return
    await pools.end_securing(tx, pool.id, now)
    chunks = chunks_of(await holdings.secured_pledges(tx, pool.id))
    for number, chunk in enumerate(chunks, start=1):
        tx.emit(SecuringClosed(pool_id=pool.id, secured_pledge_ids=chunk, chunk=number, chunks=len(chunks)))


async def confirm(tx: Transaction, holding: Holding, by: UUID) -> None:
    """An operator stands for a pledge that is paid later; its pool is locked.

    Raises `NothingDue`, `SecuringIsOver` or `DepositNeeded`.
    """
    terms = holding.pool.terms
    assert terms is not None
    check_confirming(terms, holding.method, holding.may_idr)
    await holdings.confirm(tx, holding.pledge_id, holding.may_idr, by)
    await settle(tx, holding.pool, [holding.pledge_id], await tx.now())
