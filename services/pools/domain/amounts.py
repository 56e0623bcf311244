"""What must and what may be held for each pledge: absolute figures that payments makes so.

Below *must* payments charges or asks; above *may* it refunds. Every figure keeps two promises: must ≤ may, and may is
never above ceiling × (units + tolerance). Amounts are whole rupiah.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.pools.domain.closing import Allocation, Bid, Line, Outcome
from services.pools.domain.pledge import Pledge
from services.pools.domain.shortfall import offered_idr
from services.pools.domain.split import split


class DueReason(StrEnum):
    """Why the figures are what they are."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    WAITLISTED = "waitlisted"
    DROPPED = "dropped"
    PROMOTED = "promoted"
    ADJUSTED = "adjusted"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AmountDue:
    """What must and what may be held for a pledge, in rupiah."""

    pledge_id: UUID
    must_hold_idr: int
    may_hold_idr: int
    reason: DueReason

    def __post_init__(self) -> None:
        assert 0 <= self.must_hold_idr <= self.may_hold_idr


def while_open(pledge: Pledge) -> AmountDue:
    """Nothing must be held, and a deposit may be, up to the most that the pledge can come to."""
    return AmountDue(pledge.id, 0, pledge.most_idr, DueReason.OPEN)


def released(pledge_ids: Iterable[UUID], reason: DueReason) -> tuple[AmountDue, ...]:
    """Nothing may be held any more: withdrawn, dropped, or the whole pool failed or cancelled."""
    return tuple(AmountDue(pledge_id, 0, 0, reason) for pledge_id in pledge_ids)


def on_closing(allocation: Allocation) -> tuple[AmountDue, ...]:
    """Release those whose ceiling was too low; all others stay as they were until the supplier answers."""
    out = [line.pledge_id for line in allocation.lines if line.outcome is Outcome.CEILING_TOO_LOW]
    return released(out, DueReason.DROPPED)


def on_acceptance(allocation: Allocation) -> tuple[AmountDue, ...]:
    """The supplier has accepted: every pledge's final amount must be held.

    For units that wait a deposit may stay, up to their ceiling, until it is known whether a seat falls vacant.
    """
    totals = _totals(allocation)
    amounts: list[AmountDue] = []
    for line in allocation.lines:
        if line.outcome in (Outcome.ALLOCATED, Outcome.WAITLISTED):
            must_idr = totals.get(line.pledge_id, 0)
            may_idr = must_idr + line.waitlisted_units * line.ceiling_idr
            amounts.append(AmountDue(line.pledge_id, must_idr, may_idr, _standing(line)))
    return tuple(amounts)


def on_offer(allocation: Allocation, *, unpaid: Collection[UUID], offered: Sequence[Bid]) -> tuple[AmountDue, ...]:
    """The payment window has ended: release who did not pay, ask who is offered a seat, end the wait of the others.

    With nobody unpaid and nothing offered this ends the waiting list, as when all the money has come. Pledges whose
    figures stay are left out.
    """
    totals = _totals(allocation)
    prices = offered_idr(allocation, offered)
    amounts: list[AmountDue] = []
    for line in allocation.lines:
        due_idr = totals.get(line.pledge_id, 0)
        if line.pledge_id in unpaid:
            amounts.append(AmountDue(line.pledge_id, 0, 0, DueReason.DROPPED))
        elif line.pledge_id in prices:
            asked_idr = due_idr + prices[line.pledge_id]
            amounts.append(AmountDue(line.pledge_id, asked_idr, asked_idr, DueReason.PROMOTED))
        elif line.waitlisted_units:
            amounts.append(AmountDue(line.pledge_id, due_idr, due_idr, _standing(line)))
    return tuple(amounts)


def on_rerun(first: Allocation, again: Allocation) -> tuple[AmountDue, ...]:
    """The closing rule has run once more: the new amount for who is in, nothing for everybody else of the first run."""
    totals = _totals(again)
    return tuple(
        AmountDue(line.pledge_id, totals[line.pledge_id], totals[line.pledge_id], DueReason.ADJUSTED)
        if line.pledge_id in totals
        else AmountDue(line.pledge_id, 0, 0, DueReason.DROPPED)
        for line in first.lines
    )


def unfunded(amounts: Iterable[AmountDue], held_idr: Mapping[UUID, int]) -> tuple[UUID, ...]:
    """The pledges for which less is held than must be; none means that the order is funded."""
    return tuple(due.pledge_id for due in amounts if held_idr.get(due.pledge_id, 0) < due.must_hold_idr)


def _standing(line: Line) -> DueReason:
    return DueReason.ACCEPTED if line.units else DueReason.WAITLISTED


def _totals(allocation: Allocation) -> dict[UUID, int]:
    return {due.pledge_id: due.total_idr for due in split(allocation)}
