"""Pledges on a pool, as a hot aggregate: a hundred neighbours tap in the same minute, each gets their own answer.

The fold is `domain.hot`; here it meets the database: who may act on which pledge, set-based writes, and one event for a run
of consecutive pledges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.pools.domain import hot
from services.pools.domain.amounts import DueReason, released
from services.pools.domain.pledge_rules import PledgeRules
from services.pools.domain.refusals import MethodNotOffered, SupplierInOwnPool
from services.pools.repository import pledges, pools
from services.pools.repository.pledges import NewPledge
from services.pools.views import PledgeView
from shared.contracts import pools as said
from shared.contracts.base import Event
from shared.db import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A command of the fold with what is kept beside it: how the member pays, and who sat beside them."""

    command: hot.Command
    method: str = ""
    assisted_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class HotState:
    """The fold's state, and what the writes need besides: the pledges that were there, and how new ones were asked for."""

    kept: pools.KeptPool
    fold: hot.HotPool
    before: Mapping[UUID, pledges.KeptPledge]
    made: Mapping[UUID, Asked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did, with the method of the pledge."""

    happened: hot.Happened
    method: str
    assisted_by: UUID | None


class Pledging:
    """Pledge commands on one pool (`shared.hot.Hot`). Answers with a `PledgeView`."""

    async def load(self, tx: Transaction, aggregate_id: UUID, commands: Sequence[Asked]) -> HotState:
        """Lock the pool and read the live pledges of the accounts at hand. Raises NotFound."""
        kept = await pools.lock(tx, aggregate_id)
        live = await pledges.live_of_accounts(tx, aggregate_id, [asked.command.account_id for asked in commands])
        fold = hot.HotPool(
            PledgeRules.of(kept.pool, kept.terms),
            kept.counters,
            {account: kept.pledge for account, kept in live.items()},
        )
        return HotState(kept, fold, {entry.pledge.id: entry for entry in live.values()})

    def apply(self, state: HotState, command: Asked, now: datetime) -> tuple[HotState, Done]:
        """Decide one command. Raises the refusals of `domain.hot`, MethodNotOffered and SupplierInOwnPool."""
        fold, happened = hot.apply(state.fold, command.command, now)
        made = state.made
        if isinstance(happened, hot.PledgeMade):
            if command.command.account_id == state.kept.supplier_account_id:
                raise SupplierInOwnPool
            if command.method not in state.kept.methods:
                raise MethodNotOffered(methods=", ".join(state.kept.methods))
            made = {**made, happened.pledge.id: command}
        known = state.before.get(happened.pledge.id) or made[happened.pledge.id]
        return replace(state, fold=fold, made=made), Done(happened, known.method, known.assisted_by)

    async def save(
        self, tx: Transaction, before: HotState, after: HotState, done: Sequence[tuple[Asked, object]], now: datetime
    ) -> list[object]:
        """Write the last state of every pledge touched, set-based, and say what happened in order."""
        pool_id = before.kept.id
        outcomes = [outcome for _, outcome in done if isinstance(outcome, Done)]
        # One batch may make, change and withdraw the same pledge; only its last state is written.
        last = {outcome.happened.pledge.id: outcome for outcome in outcomes}
        await _write(tx, before, list(last.values()), now)
        await pools.count(tx, pool_id, after.fold.counters, before.kept.secured_units + _secured_change(before, last))
        tx.emit(*_story(pool_id, outcomes), *_tiers(before, after))
        return [_answer(before, outcome) for outcome in outcomes]


async def _write(tx: Transaction, before: HotState, last: Sequence[Done], now: datetime) -> None:
    pool_id = before.kept.id
    known = [one for one in last if one.happened.pledge.id in before.before]
    withdrawn = [one.happened.pledge for one in known if isinstance(one.happened, hot.PledgeWithdrawn)]
    # Withdrawals first: an account may have one live pledge in a pool, and may pledge afresh in the same batch.
    if withdrawn:
        await pledges.move(tx, [(pledge, None) for pledge in withdrawn])
        amounts = released([pledge.id for pledge in withdrawn], DueReason.WITHDRAWN)
        await pledges.state_amounts(tx, amounts, None)
    changed = [one.happened.pledge for one in known if isinstance(one.happened, hot.PledgeChanged)]
    if changed:
        await pledges.refigure(tx, pool_id, changed)
    new = [
        NewPledge(one.happened.pledge, one.method, one.assisted_by)
        for one in last
        if one.happened.pledge.id not in before.before
    ]
    if new:
        await pledges.insert(tx, pool_id, new, now)


def _secured_change(before: HotState, last: Mapping[UUID, Done]) -> int:
    """How many units of secured pledges came or went. A pledge made in this very batch is not secured yet."""
    was = sum(kept.pledge.secured_units for key, kept in before.before.items() if key in last)
    return sum(outcome.happened.pledge.secured_units for outcome in last.values()) - was


def _story(pool_id: UUID, outcomes: Sequence[Done]) -> list[Event]:
    """One event for each run of consecutive pledges; another kind of command ends the run."""
    events: list[Event] = []
    run: list[said.PledgeLine] = []
    for outcome in outcomes:
        happened = outcome.happened
        if isinstance(happened, hot.PledgeMade):
            run.append(line_of(outcome))
            continue
        if run:
            events.append(said.PledgesMade(pool_id=pool_id, pledges=run))
            run = []
        if isinstance(happened, hot.PledgeChanged):
            events.append(said.PledgeChanged(pool_id=pool_id, pledge=line_of(outcome)))
        else:
            pledge = happened.pledge
            events.append(said.PledgeWithdrawn(pool_id=pool_id, pledge_id=pledge.id, account_id=pledge.account_id))
    if run:
        events.append(said.PledgesMade(pool_id=pool_id, pledges=run))
    return events


def line_of(outcome: Done) -> said.PledgeLine:
    """State a pledge as payments must know it."""
    pledge = outcome.happened.pledge
    return said.PledgeLine(
        pledge_id=pledge.id,
        account_id=pledge.account_id,
        number=pledge.number,
        units=pledge.units,
        tolerance_units=pledge.tolerance_units,
        ceiling_idr=pledge.ceiling_idr,
        method=outcome.method,
        may_hold_idr=pledge.most_idr,
        assisted_by=outcome.assisted_by,
    )


def _tiers(before: HotState, after: HotState) -> list[Event]:
    reached = after.fold.counters.reached_from_units
    if reached <= before.fold.counters.reached_from_units:
        return []
    tier = before.kept.terms.tier(reached)
    return [said.TierReached(pool_id=before.kept.id, from_units=tier.from_units, unit_price_idr=tier.unit_price_idr)]


def _answer(state: HotState, outcome: Done) -> PledgeView:
    pledge = outcome.happened.pledge
    known = state.before.get(pledge.id)
    live = not isinstance(outcome.happened, hot.PledgeWithdrawn)
    return PledgeView(
        id=pledge.id,
        pool_id=state.kept.id,
        pool_title=state.kept.title,
        pool_state=state.kept.pool.state.value,
        account_id=pledge.account_id,
        number=pledge.number,
        units=pledge.units,
        tolerance_units=pledge.tolerance_units,
        ceiling_idr=pledge.ceiling_idr,
        method=outcome.method,
        state=pledge.state.value,
        may_hold_idr=pledge.most_idr if live else 0,
        held_idr=known.held_idr if known else 0,
        assisted=outcome.assisted_by is not None,
    )
