"""From a proposal to an open pool, and whatever ends or moves one by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.pools.commands import ending
from services.pools.domain import pool as machine
from services.pools.domain.pool_machine import PoolState, Step, expect
from services.pools.domain.refusals import (
    DeadlineTooFar,
    DeadlineTooSoon,
    NotTheInitiator,
    OfferNotThere,
    SupplierInOwnPool,
)
from services.pools.repository import pools
from shared.auth import Principal, require
from shared.contracts import pools as said
from shared.db import Transaction


@dataclass(frozen=True, slots=True)
class Redraft:
    """New words and figures of a draft; None leaves one as it is."""

    title: str | None = None
    story: str | None = None
    deadline: datetime | None = None
    methods: Sequence[str] | None = None
    timing: str | None = None


async def propose(tx: Transaction, proposal: pools.Proposal, offer_id: UUID, *, open_at_least: timedelta) -> UUID:
    """Keep a draft from a standing offer, whose terms and version are copied.

    Raises OfferNotThere, DeadlineTooSoon, DeadlineTooFar, SupplierInOwnPool.
    """
    now = await tx.now()
    _check_deadline(proposal.deadline, now, open_at_least)
    if not await pools.propose(tx, proposal, offer_id, now):
        raise OfferNotThere
    # Reading it back through the rules refuses terms that nothing could be ordered by, before anybody pledges.
    kept = await pools.lock(tx, proposal.pool_id)
    if kept.supplier_account_id in {proposal.initiator_id, proposal.treasurer_id}:
        raise SupplierInOwnPool
    return proposal.pool_id


async def redraft(tx: Transaction, pool_id: UUID, who: Principal, change: Redraft, *, open_at_least: timedelta) -> None:
    """Change a draft. Raises NotFound, NotTheInitiator, WrongPoolState, DeadlineTooSoon, DeadlineTooFar."""
    kept = await pools.lock(tx, pool_id)
    if who.account_id != kept.pool.initiator_id:
        raise NotTheInitiator
    expect(kept.pool, PoolState.DRAFT, Step.SUBMIT)
    if change.deadline is not None:
        _check_deadline(change.deadline, await tx.now(), open_at_least)
    await pools.redraft(
        tx,
        pool_id,
        title=change.title,
        story=change.story,
        deadline=change.deadline,
        methods=change.methods,
        timing=change.timing,
    )


async def submit(tx: Transaction, pool_id: UUID, who: Principal) -> None:
    """Ask the post to check a draft. Raises NotFound, NotTheInitiator, DeadlineNotLater, WrongPoolState."""
    kept = await pools.lock(tx, pool_id)
    pool = machine.submit(kept.pool, by=who.account_id, now=await tx.now())
    await pools.save(tx, pool_id, pool)
    tx.emit(
        said.PoolSubmitted(
            pool_id=pool_id, post_id=kept.post_id, initiator_account_id=pool.initiator_id, title=kept.title
        )
    )


async def verify(tx: Transaction, pool_id: UUID, who: Principal) -> None:
    """An operator of the post has checked the pool: it opens at once.

    Raises NotFound, NotAllowed, OwnPoolNotVerified, DeadlinePassed, WrongPoolState.
    """
    kept = await pools.lock(tx, pool_id)
    require(who.operates(kept.post_id))
    now = await tx.now()
    pool = machine.open_pool(machine.verify(kept.pool, by=who.account_id), now=now)
    await pools.save(tx, pool_id, pool, opened_at=now)
    tx.emit(
        said.PoolVerified(
            pool_id=pool_id, post_id=kept.post_id, initiator_account_id=pool.initiator_id, verified_by=who.account_id
        ),
        said.PoolOpened(
            pool_id=pool_id,
            post_id=kept.post_id,
            initiator_account_id=pool.initiator_id,
            treasurer_account_id=kept.treasurer_id,
            verified_by=who.account_id,
            title=kept.title,
            offer_id=kept.offer_id,
            offer_version=kept.offer_version,
            supplier_id=kept.supplier_id,
            supplier_account_id=kept.supplier_account_id,
            technology_id=kept.technology_id,
            methods=list(kept.methods),
            timing=kept.timing,
            deadline=pool.deadline,
        ),
    )


async def reject(tx: Transaction, pool_id: UUID, who: Principal, reason: str) -> None:
    """An operator sends a pool back to its draft, with a reason. Raises as `verify` does."""
    kept = await pools.lock(tx, pool_id)
    require(who.operates(kept.post_id))
    pool = machine.send_back(kept.pool, by=who.account_id, reason=reason)
    await pools.save(tx, pool_id, pool, reason=reason)
    tx.emit(
        said.PoolRejected(pool_id=pool_id, post_id=kept.post_id, initiator_account_id=pool.initiator_id, reason=reason)
    )


async def extend(tx: Transaction, pool_id: UUID, who: Principal, deadline: datetime, notice: str | None) -> None:
    """Move the deadline, once. Raises what `domain.pool.extend` raises, and NotFound."""
    kept = await pools.lock(tx, pool_id)
    pool = machine.extend(kept.pool, by=who.account_id, deadline=deadline, now=await tx.now())
    await pools.save(tx, pool_id, pool, notice=notice)
    tx.emit(said.PoolExtended(pool_id=pool_id, deadline=deadline, notice=notice))


async def cancel(tx: Transaction, pool_id: UUID, who: Principal, reason: str) -> None:
    """Call a pool off before it is ordered: every held rupiah goes back.

    Raises NotFound, NotYoursToCancel, TooLateToCancel, ReasonMissing.
    """
    kept = await pools.lock(tx, pool_id)
    pool = machine.cancel(kept.pool, by=who.account_id, is_officer=who.operates(kept.post_id), reason=reason)
    await pools.save(tx, pool_id, pool, reason=reason)
    await ending.cancelled(tx, pool_id, reason)


def _check_deadline(deadline: datetime, now: datetime, open_at_least: timedelta) -> None:
    if deadline < now + open_at_least:
        raise DeadlineTooSoon(hours=max(1, round(open_at_least.total_seconds() / 3600)))
    if deadline > now + machine.MAX_OPEN:
        raise DeadlineTooFar(days=machine.MAX_OPEN.days)
