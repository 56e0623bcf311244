"""A pledge and its machine: made → secured → allocated | waitlisted | dropped | withdrawn → fulfilled.

What is paid for it is payments' word and stands elsewhere. Numbers say who came first: units that are added later get a
new one, so nobody moves ahead by raising; units that are taken back go from the highest number down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.pools.domain.closing import Bid, Line, Outcome
from services.pools.domain.refusals import WrongPledgeState


class PledgeState(StrEnum):
    """Where a pledge stands."""

    MADE = "made"
    SECURED = "secured"
    ALLOCATED = "allocated"
    WAITLISTED = "waitlisted"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"


PLEDGE_TRANSITIONS: Mapping[PledgeState, frozenset[PledgeState]] = {
    PledgeState.MADE: frozenset({PledgeState.SECURED, PledgeState.DROPPED, PledgeState.WITHDRAWN}),
    PledgeState.SECURED: frozenset(
        {
            PledgeState.MADE,  # raised: what secured it does not cover the new figures
            PledgeState.ALLOCATED,
            PledgeState.WAITLISTED,
            PledgeState.DROPPED,
            PledgeState.WITHDRAWN,
        }
    ),
    PledgeState.ALLOCATED: frozenset({PledgeState.DROPPED, PledgeState.FULFILLED}),
    PledgeState.WAITLISTED: frozenset({PledgeState.ALLOCATED, PledgeState.DROPPED}),
    PledgeState.DROPPED: frozenset(),
    PledgeState.WITHDRAWN: frozenset(),
    PledgeState.FULFILLED: frozenset(),
}

_AFTER_CLOSING = {
    Outcome.ALLOCATED: PledgeState.ALLOCATED,
    Outcome.WAITLISTED: PledgeState.WAITLISTED,
    Outcome.CEILING_TOO_LOW: PledgeState.DROPPED,
}


@dataclass(frozen=True, slots=True)
class Block:
    """Units of a pledge that came under one number."""

    number: int
    units: int


@dataclass(frozen=True, slots=True)
class Pledge:
    """What an account has promised to buy. `blocks` rise by number; `ceiling_idr` is all-in for one unit, in rupiah."""

    id: UUID
    account_id: UUID
    blocks: tuple[Block, ...]
    tolerance_units: int
    ceiling_idr: int
    state: PledgeState = PledgeState.MADE

    @property
    def number(self) -> int:
        """The pledge's number: its lowest."""
        return self.blocks[0].number

    @property
    def units(self) -> int:
        """Units wanted, without tolerance."""
        return sum(block.units for block in self.blocks)

    @property
    def secured_units(self) -> int:
        """Units that count for closing early: all of a secured pledge, none of any other."""
        return self.units if self.state is PledgeState.SECURED else 0

    @property
    def most_idr(self) -> int:
        """The most that it can come to: ceiling × (units + tolerance), in rupiah."""
        return self.ceiling_idr * (self.units + self.tolerance_units)

    @property
    def is_live(self) -> bool:
        """Whether it still counts for its pool."""
        return bool(PLEDGE_TRANSITIONS[self.state])

    def bids(self) -> tuple[Bid, ...]:
        """The pledge as the closing rule sees it; the tolerance stands on its first number."""
        return tuple(
            Bid(self.id, block.number, block.units, 0 if index else self.tolerance_units, self.ceiling_idr)
            for index, block in enumerate(self.blocks)
        )


def make(
    *, pledge_id: UUID, account_id: UUID, number: int, units: int, tolerance_units: int, ceiling_idr: int
) -> Pledge:
    """Make a pledge under `number`; `PledgeRules` has checked the figures."""
    return Pledge(pledge_id, account_id, (Block(number, units),), tolerance_units, ceiling_idr)


def change(
    pledge: Pledge, *, units: int, tolerance_units: int, ceiling_idr: int, next_number: int
) -> tuple[Pledge, int]:
    """Give a pledge new figures; answer it and the pool's next free number.

    Only added units take `next_number`. A secured pledge that could now come to more is merely made again, until
    payments says that the new figures are secured too. Raises WrongPledgeState once the pool has closed.
    """
    if pledge.state not in (PledgeState.MADE, PledgeState.SECURED):
        raise WrongPledgeState(state=pledge.state.value, wanted="changed")
    blocks = pledge.blocks
    added = units - pledge.units
    if added > 0:
        blocks = (*blocks, Block(next_number, added))
        next_number += 1
    elif added < 0:
        blocks = _keep_first(blocks, units)
    changed = replace(pledge, blocks=blocks, tolerance_units=tolerance_units, ceiling_idr=ceiling_idr)
    if pledge.state is PledgeState.SECURED and changed.most_idr > pledge.most_idr:
        changed = _move(changed, PledgeState.MADE)
    return changed, next_number


def secure(pledge: Pledge) -> Pledge:
    """Payments says that the pledge counts; saying it again changes nothing. Raises WrongPledgeState after the closing."""
    return pledge if pledge.state is PledgeState.SECURED else _move(pledge, PledgeState.SECURED)


def withdraw(pledge: Pledge) -> Pledge:
    """The member takes the pledge back. Raises WrongPledgeState once the pool has closed."""
    return _move(pledge, PledgeState.WITHDRAWN)


def close_with(pledge: Pledge, line: Line) -> Pledge:
    """The closing has decided about a secured pledge. Raises WrongPledgeState for any other."""
    assert line.pledge_id == pledge.id
    return _move_from(PledgeState.SECURED, pledge, _AFTER_CLOSING[line.outcome])


def promote(pledge: Pledge) -> Pledge:
    """A waiter has paid for a vacated seat. Raises WrongPledgeState for any other."""
    return _move_from(PledgeState.WAITLISTED, pledge, PledgeState.ALLOCATED)


def drop(pledge: Pledge) -> Pledge:
    """The pledge is out: not secured, not paid, no seat in the end, or its pool has come to nothing.

    Raises WrongPledgeState for one that is withdrawn, dropped already, or fulfilled.
    """
    return _move(pledge, PledgeState.DROPPED)


def fulfil(pledge: Pledge) -> Pledge:
    """The member has their units. Raises WrongPledgeState for a pledge without any."""
    return _move(pledge, PledgeState.FULFILLED)


def _move_from(only: PledgeState, pledge: Pledge, state: PledgeState) -> Pledge:
    if pledge.state is not only:
        raise WrongPledgeState(state=pledge.state.value, wanted=state.value)
    return _move(pledge, state)


def _move(pledge: Pledge, state: PledgeState) -> Pledge:
    if state not in PLEDGE_TRANSITIONS[pledge.state]:
        raise WrongPledgeState(state=pledge.state.value, wanted=state.value)
    return replace(pledge, state=state)


def _keep_first(blocks: tuple[Block, ...], units: int) -> tuple[Block, ...]:
    kept: list[Block] = []
    for block in blocks:
        taken = min(block.units, units)
        if taken > 0:
            kept.append(Block(block.number, taken))
        units -= taken
    return tuple(kept)
