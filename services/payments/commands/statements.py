"""What pools declares: its pools, pledges and figures. Each statement is kept if it is news, and then settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.payments.commands.settling import settle
from services.payments.domain.holding import PoolFacts
from services.payments.repository import banks, holdings, payments, pools
from services.payments.repository.holdings import Due, PledgeFacts
from shared.db import Transaction


async def open_pool(tx: Transaction, pool_id: UUID, facts: PoolFacts) -> None:
    """A pool has opened; what came before it is settled now that its terms are known."""
    await pools.know_pool(tx, pool_id)
    await pools.save_facts(tx, pool_id, facts)
    await settle_all(tx, pool_id)


async def keep_pledges(
    tx: Transaction, pool_id: UUID, version: int, pledges: Sequence[PledgeFacts], *, changed: bool = False
) -> None:
    """Pledges are made or changed. A changed one that is secured is told so again: pools has forgotten it."""
    pool = await pools.know_pool(tx, pool_id)
    await holdings.save_pledges(tx, pool_id, version, pledges)
    await settle(tx, pool, [pledge.pledge_id for pledge in pledges], await tx.now(), tell_again=changed)


async def keep_dues(tx: Transaction, pool_id: UUID, version: int, dues: Sequence[Due]) -> None:
    """What must and may be held has changed."""
    pool = await pools.know_pool(tx, pool_id)
    await holdings.save_dues(tx, pool_id, version, dues)
    await settle(tx, pool, [due.pledge_id for due in dues], await tx.now())


async def end_pool(tx: Transaction, pool_id: UUID) -> None:
    """Goods are with their owners: what is left of members' kode unik goes back."""
    await pools.know_pool(tx, pool_id)
    await pools.mark_settled(tx, pool_id, await tx.now())
    await settle_all(tx, pool_id)


async def settle_all(tx: Transaction, pool_id: UUID, now: datetime | None = None) -> None:
    """Settle every pledge of a pool."""
    pool = await pools.know_pool(tx, pool_id)
    await settle(tx, pool, await holdings.pledges_of_pool(tx, pool_id), now or await tx.now())


async def forget_account(tx: Transaction, account_id: UUID) -> None:
    """Delete what is personal of an account: notes, and names beside bank accounts. Movements of money stay, with ids."""
    await payments.forget_notes(tx, account_id)
    await banks.forget_holders(tx, account_id)
    await pools.forget_payees(tx, account_id)
