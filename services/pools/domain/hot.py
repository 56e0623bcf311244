"""Pledge commands as a fold, for the batching runner: one lock, many commands, each with its own result or refusal.

The runner loads the live pledges of the accounts at hand, applies the commands in order, keeps the old state where one
is refused, and writes the last state at once. Everybody else's pledges stay out of it: the counters stand for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.pools.domain.pledge import Pledge, change, make, withdraw
from services.pools.domain.pledge_rules import PledgeRules
from services.pools.domain.refusals import AlreadyPledged, PledgeNotFound


@dataclass(frozen=True, slots=True)
class PoolCounters:
    """A pool's running totals over all its live pledges.

    `reached_from_units` is the start of the best tier that pledged units have ever filled (0: none), whatever their
    ceilings: it never falls, so each tier is announced once.
    """

    next_number: int = 1
    live_pledges: int = 0
    pledged_units: int = 0
    reached_from_units: int = 0


@dataclass(frozen=True, slots=True)
class HotPool:
    """What pledge commands must know of a pool. `live` has the live pledges of the accounts at hand, by account."""

    rules: PledgeRules
    counters: PoolCounters
    live: Mapping[UUID, Pledge]


@dataclass(frozen=True, slots=True)
class MakePledge:
    """*Ikut urun.* Without a ceiling the default one holds."""

    pledge_id: UUID
    account_id: UUID
    units: int
    tolerance_units: int = 0
    ceiling_idr: int | None = None


@dataclass(frozen=True, slots=True)
class ChangePledge:
    """New figures, absolute; None leaves one as it is."""

    pledge_id: UUID
    account_id: UUID
    units: int | None = None
    tolerance_units: int | None = None
    ceiling_idr: int | None = None


@dataclass(frozen=True, slots=True)
class WithdrawPledge:
    """The member takes the pledge back."""

    pledge_id: UUID
    account_id: UUID


Command = MakePledge | ChangePledge | WithdrawPledge


@dataclass(frozen=True, slots=True)
class PledgeMade:
    """A pledge came."""

    pledge: Pledge


@dataclass(frozen=True, slots=True)
class PledgeChanged:
    """A pledge has new figures; equal ones if the command asked for what was there already."""

    before: Pledge
    pledge: Pledge


@dataclass(frozen=True, slots=True)
class PledgeWithdrawn:
    """A pledge went."""

    pledge: Pledge


Happened = PledgeMade | PledgeChanged | PledgeWithdrawn


def apply(state: HotPool, command: Command, now: datetime) -> tuple[HotPool, Happened]:
    """Decide one command. Raises the refusals of PledgeRules, AlreadyPledged, PledgeNotFound, WrongPledgeState."""
    state.rules.check_open(now)
    match command:
        case MakePledge():
            return _make(state, command)
        case ChangePledge():
            return _change(state, command)
        case WithdrawPledge():
            return _withdraw(state, command)


def _make(state: HotPool, command: MakePledge) -> tuple[HotPool, PledgeMade]:
    standing = state.live.get(command.account_id)
    if standing is not None:
        raise AlreadyPledged(pledge_id=str(standing.id))
    rules, counters = state.rules, state.counters
    pledge = make(
        pledge_id=command.pledge_id,
        account_id=command.account_id,
        number=counters.next_number,
        units=command.units,
        tolerance_units=command.tolerance_units,
        ceiling_idr=rules.default_ceiling_idr if command.ceiling_idr is None else command.ceiling_idr,
    )
    rules.check_figures(units=pledge.units, tolerance_units=pledge.tolerance_units, ceiling_idr=pledge.ceiling_idr)
    counters = replace(counters, next_number=counters.next_number + 1, live_pledges=counters.live_pledges + 1)
    live = {**state.live, pledge.account_id: pledge}
    return HotPool(rules, _pledged(rules, counters, pledge.units), live), PledgeMade(pledge)


def _change(state: HotPool, command: ChangePledge) -> tuple[HotPool, PledgeChanged]:
    before = _standing(state, command)
    units = before.units if command.units is None else command.units
    tolerance = before.tolerance_units if command.tolerance_units is None else command.tolerance_units
    ceiling_idr = before.ceiling_idr if command.ceiling_idr is None else command.ceiling_idr
    state.rules.check_figures(units=units, tolerance_units=tolerance, ceiling_idr=ceiling_idr)
    pledge, next_number = change(
        before,
        units=units,
        tolerance_units=tolerance,
        ceiling_idr=ceiling_idr,
        next_number=state.counters.next_number,
    )
    counters = replace(state.counters, next_number=next_number)
    counters = _pledged(state.rules, counters, pledge.units - before.units)
    live = {**state.live, pledge.account_id: pledge}
    return HotPool(state.rules, counters, live), PledgeChanged(before, pledge)


def _withdraw(state: HotPool, command: WithdrawPledge) -> tuple[HotPool, PledgeWithdrawn]:
    pledge = withdraw(_standing(state, command))
    counters = replace(state.counters, live_pledges=state.counters.live_pledges - 1)
    live = {account: other for account, other in state.live.items() if account != pledge.account_id}
    return HotPool(state.rules, _pledged(state.rules, counters, -pledge.units), live), PledgeWithdrawn(pledge)


def _standing(state: HotPool, command: ChangePledge | WithdrawPledge) -> Pledge:
    pledge = state.live.get(command.account_id)
    if pledge is None or pledge.id != command.pledge_id:
        raise PledgeNotFound
    return pledge


def _pledged(rules: PledgeRules, counters: PoolCounters, added_units: int) -> PoolCounters:
    units = counters.pledged_units + added_units
    tier = rules.terms.tier_reached(units)
    reached = max(counters.reached_from_units, tier.from_units if tier else 0)
    return replace(counters, pledged_units=units, reached_from_units=reached)
