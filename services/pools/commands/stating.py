"""Saying what is owed and what was decided: the statements that payments and members act upon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.pools.domain.amounts import AmountDue
from services.pools.domain.closing import Allocation
from services.pools.domain.split import Due
from services.pools.repository import pledges
from shared.contracts import pools as said
from shared.db import Transaction

CHUNK = 500
"""Longer lists are said in several events."""

Item = TypeVar("Item")


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut a list into pieces that fit one event."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


async def state_amounts(
    tx: Transaction, pool_id: UUID, amounts: Sequence[AmountDue], accounts: Mapping[UUID, UUID], pay_by: datetime | None
) -> None:
    """Keep and say what must and may be held for pledges. `accounts`: whose pledge it is."""
    await pledges.state_amounts(tx, amounts, pay_by)
    for piece in chunks(amounts):
        tx.emit(said.AmountsDue(pool_id=pool_id, lines=[_line(due, accounts[due.pledge_id], pay_by) for due in piece]))


def _line(due: AmountDue, account_id: UUID, pay_by: datetime | None) -> said.AmountDue:
    return said.AmountDue(
        pledge_id=due.pledge_id,
        account_id=account_id,
        must_hold_idr=due.must_hold_idr,
        may_hold_idr=due.may_hold_idr,
        pay_by=pay_by if due.must_hold_idr else None,
        reason=due.reason.value,
    )


def say_allocation(
    tx: Transaction,
    pool_id: UUID,
    allocation: Allocation,
    dues: Sequence[Due],
    accounts: Mapping[UUID, UUID],
    not_secured: Sequence[UUID],
) -> None:
    """Say what each pledge got."""
    amounts = {due.pledge_id: due.total_idr for due in dues}
    lines = [
        said.AllocationLine(
            pledge_id=line.pledge_id,
            account_id=accounts[line.pledge_id],
            units=line.units,
            amount_idr=amounts.get(line.pledge_id, 0),
            outcome=line.outcome.value,
        )
        for line in allocation.lines
    ] + [
        said.AllocationLine(
            pledge_id=pledge_id, account_id=accounts[pledge_id], units=0, amount_idr=0, outcome="not_secured"
        )
        for pledge_id in not_secured
    ]
    pieces = list(chunks(lines))
    for number, piece in enumerate(pieces, start=1):
        tx.emit(
            said.PoolClosed(
                pool_id=pool_id,
                quantity=allocation.quantity,
                unit_price_idr=allocation.unit_price_idr,
                fixed_costs_idr=allocation.fixed.total_idr,
                lines=list(piece),
                chunk=number,
                chunks=len(pieces),
            )
        )
