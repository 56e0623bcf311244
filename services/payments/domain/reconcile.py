"""Declared money made so: from what must and may be held, and what is, to the next thing to do.

*Held* is received less refunded. Below *must* a saved card is charged, or the member is asked; above *may* money goes
back. A pure function of the present figures: however often, in whatever order statements and outcomes come, following it
ends with must ≤ held ≤ may as far as the member pays, and with one attempt in flight at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class InFlight:
    """An attempt whose end is not known. `told`: the provider may have heard of it, so only it can say how it ends."""

    amount_idr: int
    told: bool
    unwanted: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """How a pledge's money stands, in rupiah.

    `refunding_idr`: still held, but asked for by refunds that are not done; `recallable_idr`: that part of it that nobody
    has begun. `chargeable`: a card is saved and was not declined under the present statement.
    """

    must_idr: int
    may_idr: int
    held_idr: int
    refunding_idr: int = 0
    recallable_idr: int = 0
    attempt: InFlight | None = None
    chargeable: bool = False

    @property
    def staying_idr(self) -> int:
        """What will be held once the refunds under way are done."""
        return self.held_idr - self.refunding_idr

    @property
    def missing_idr(self) -> int:
        """What must come yet."""
        return max(0, self.must_idr - self.staying_idr)

    @property
    def room_idr(self) -> int:
        """What may come yet."""
        return max(0, self.may_idr - self.staying_idr)


@dataclass(frozen=True, slots=True)
class Recall:
    """Call back the refunds that nobody has begun: they are more than is above `may`."""


@dataclass(frozen=True, slots=True)
class Refund:
    """Give back `amount_idr`."""

    amount_idr: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Charge the saved card `amount_idr`."""

    amount_idr: int


@dataclass(frozen=True, slots=True)
class Abandon:
    """Give up the attempt in flight: at once if nobody was told of it, else as soon as the provider says how it ended."""


Action: TypeAlias = Recall | Refund | Charge | Abandon
Limits: TypeAlias = tuple[int, int]
"""The least and the most that a card can be charged, in rupiah."""


def reconcile(position: Position, limits: Limits) -> Action | None:
    """Say the next thing to do, or None when there is nothing but to wait or to ask."""
    excess_idr = max(0, position.held_idr - position.may_idr)
    if position.refunding_idr > excess_idr and position.recallable_idr:
        return Recall()
    if position.refunding_idr < excess_idr:
        return Refund(excess_idr - position.refunding_idr)
    if position.attempt is not None:
        return None if position.attempt.unwanted or _still_wanted(position, position.attempt) else Abandon()
    least_idr, most_idr = limits
    if position.chargeable and position.missing_idr and least_idr <= position.missing_idr <= most_idr:
        return Charge(position.missing_idr)
    return None


def follow(position: Position, limits: Limits) -> tuple[list[Action], Position]:
    """Take actions until none is left; gives them and where the money then stands."""
    actions: list[Action] = []
    while (action := reconcile(position, limits)) is not None:
        actions.append(action)
        position = _after(position, action)
        assert len(actions) <= _MOST_ACTIONS, f"never settles: {actions}"
    return actions, position


_MOST_ACTIONS = 4
"""Recall, refund, abandon and charge: each at most once."""


def _still_wanted(position: Position, attempt: InFlight) -> bool:
    return position.missing_idr > 0 and attempt.amount_idr <= position.room_idr


def _after(position: Position, action: Action) -> Position:
    match action:
        case Recall():
            rest_idr = position.refunding_idr - position.recallable_idr
            return replace(position, refunding_idr=rest_idr, recallable_idr=0)
        case Refund(amount_idr):
            return replace(
                position,
                refunding_idr=position.refunding_idr + amount_idr,
                recallable_idr=position.recallable_idr + amount_idr,
            )
        case Charge(amount_idr):
            return replace(position, attempt=InFlight(amount_idr, told=False))
        case Abandon():
            assert position.attempt is not None
            told = position.attempt.told
            return replace(position, attempt=replace(position.attempt, unwanted=True) if told else None)


def code_goes_back(*, may_idr: int, pool_settled: bool, refunds_by_hand: bool) -> bool:
    """A kode unik goes back with any refund by hand, when nothing may be held any more, and at pick-up."""
    return may_idr == 0 or pool_settled or refunds_by_hand
