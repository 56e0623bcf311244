"""Pledge commands as a fold: refusals change nothing, and counters agree with the pledges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain.hot import (
    ChangePledge,
    Command,
    HotPool,
    MakePledge,
    PledgeChanged,
    PledgeMade,
    PledgeWithdrawn,
    PoolCounters,
    WithdrawPledge,
    apply,
)
from services.pools.domain.pledge import Block, Pledge
from services.pools.domain.pledge_rules import PledgeRules
from services.pools.domain.pool_machine import Pool, PoolState
from services.pools.domain.refusals import (
    AlreadyPledged,
    CeilingTooLow,
    DeadlinePassed,
    PledgeNotFound,
    PledgeTooLarge,
    PoolNotOpen,
    ToleranceOutOfRange,
    UnitsOutOfRange,
)
from services.pools.domain.terms import FreightStep, Terms, Tier
from shared.errors import Refusal

DEADLINE = datetime(2026, 11, 30, 10, tzinfo=UTC)
NOW = DEADLINE - timedelta(microseconds=1)
TERMS = Terms((Tier(1, 1_000), Tier(10, 800)), 4, 20, pack_units=2, freight=(FreightStep(1, 400),))
SRI, BUDI = UUID(int=11), UUID(int=12)


def empty(state: PoolState = PoolState.OPEN) -> HotPool:
    pool = Pool(UUID(int=1), DEADLINE, state)
    return HotPool(PledgeRules.of(pool, TERMS), PoolCounters(), {})


def ask(account: UUID = SRI, units: int = 2, tolerance: int = 0, ceiling: int | None = None) -> MakePledge:
    return MakePledge(UUID(int=account.int + 100), account, units, tolerance, ceiling)


def pledge_of(account: UUID) -> UUID:
    return UUID(int=account.int + 100)


def run(*commands: Command) -> HotPool:
    state = empty()
    for command in commands:
        state, _ = apply(state, command, NOW)
    return state


def test_a_pledge_takes_the_next_number_and_the_default_ceiling() -> None:
    state, outcome = apply(run(ask(BUDI)), ask(SRI, 3, 1), NOW)
    assert outcome == PledgeMade(Pledge(pledge_of(SRI), SRI, (Block(2, 3),), 1, 1_100))
    assert state.counters == PoolCounters(next_number=3, live_pledges=2, pledged_units=5, reached_from_units=1)


def test_a_change_keeps_what_it_does_not_name() -> None:
    state, outcome = apply(run(ask(SRI, 3, 1)), ChangePledge(pledge_of(SRI), SRI, units=5), NOW)
    assert isinstance(outcome, PledgeChanged)
    assert outcome.before.blocks == (Block(1, 3),)
    assert outcome.pledge.blocks == (Block(1, 3), Block(2, 2))
    assert (outcome.pledge.tolerance_units, outcome.pledge.ceiling_idr) == (1, 1_100)
    assert (state.counters.next_number, state.counters.pledged_units) == (3, 5)


def test_a_change_that_changes_nothing_is_no_refusal() -> None:
    before = run(ask())
    state, outcome = apply(before, ChangePledge(pledge_of(SRI), SRI, units=2), NOW)
    assert isinstance(outcome, PledgeChanged)
    assert outcome.before == outcome.pledge
    assert state == before


def test_who_withdraws_may_pledge_afresh_under_a_new_number() -> None:
    state, outcome = apply(run(ask()), WithdrawPledge(pledge_of(SRI), SRI), NOW)
    assert isinstance(outcome, PledgeWithdrawn)
    assert state.counters == PoolCounters(next_number=2)
    _, again = apply(state, ask(), NOW)
    assert again.pledge.number == 2


def test_each_tier_is_reached_once() -> None:
    grown = run(ask(SRI, 3))
    assert grown.counters.reached_from_units == 0
    reached = [0]
    for units in (4, 9, 10, 2, 10):
        grown, _ = apply(grown, ChangePledge(pledge_of(SRI), SRI, units=units), NOW)
        reached.append(grown.counters.reached_from_units)
    assert reached == [0, 1, 1, 10, 10, 10]


REFUSED: list[tuple[type[Refusal], Command, dict[str, Any]]] = [
    (UnitsOutOfRange, ask(BUDI, 0), {"most_units": 20}),
    (UnitsOutOfRange, ask(BUDI, 21), {"most_units": 20}),
    (ToleranceOutOfRange, ask(BUDI, 2, -1), {"most_units": 18}),
    (ToleranceOutOfRange, ask(BUDI, 2, 19), {"most_units": 18}),
    (CeilingTooLow, ask(BUDI, ceiling=819), {"cheapest_idr": 820}),
    (PledgeTooLarge, ask(BUDI, 2, ceiling=5 * 10**13), {"most_idr": 99_999_999_999_999}),
    (AlreadyPledged, ask(SRI), {"pledge_id": str(pledge_of(SRI))}),
    (PledgeNotFound, WithdrawPledge(pledge_of(BUDI), BUDI), {}),
    (PledgeNotFound, ChangePledge(pledge_of(SRI), BUDI, units=3), {}),
    (PledgeNotFound, WithdrawPledge(pledge_of(BUDI), SRI), {}),
    (UnitsOutOfRange, ChangePledge(pledge_of(SRI), SRI, units=0), {"most_units": 20}),
    (CeilingTooLow, ChangePledge(pledge_of(SRI), SRI, ceiling_idr=1), {"cheapest_idr": 820}),
]


@pytest.mark.parametrize(("refusal", "command", "details"), REFUSED)
def test_what_a_pool_does_not_take(refusal: type[Refusal], command: Command, details: dict[str, Any]) -> None:
    with pytest.raises(refusal) as refused:
        apply(run(ask()), command, NOW)
    assert type(refused.value) is refusal
    assert refused.value.details == details
    for language in ("id", "en"):
        assert "{" not in refused.value.message(language)


def test_too_low_a_ceiling_is_told_the_cheapest_price_in_rupiah() -> None:
    with pytest.raises(CeilingTooLow) as refused:
        apply(empty(), ask(ceiling=1), NOW)
    assert "Rp 820 per unit" in refused.value.message("id")


@pytest.mark.parametrize("command", [ask(BUDI), ChangePledge(pledge_of(SRI), SRI), WithdrawPledge(pledge_of(SRI), SRI)])
def test_nothing_is_taken_at_or_after_the_deadline(command: Command) -> None:
    state = run(ask())
    apply(state, command, NOW)
    for late in (DEADLINE, DEADLINE + timedelta(days=1)):
        with pytest.raises(DeadlinePassed):
            apply(state, command, late)


@pytest.mark.parametrize("state", [state for state in PoolState if state is not PoolState.OPEN])
def test_nothing_is_taken_unless_the_pool_is_open(state: PoolState) -> None:
    with pytest.raises(PoolNotOpen):
        apply(empty(state), ask(), NOW)


ACCOUNTS = st.integers(1, 6).map(lambda n: UUID(int=n))
COMMANDS = st.lists(
    st.one_of(
        st.builds(ask, ACCOUNTS, st.integers(0, 22), st.integers(-1, 4), st.none() | st.integers(815, 1_200)),
        ACCOUNTS.flatmap(
            lambda account: st.builds(
                ChangePledge,
                st.just(pledge_of(account)),
                st.just(account),
                st.none() | st.integers(0, 22),
                st.none() | st.integers(0, 4),
                st.none() | st.integers(815, 1_200),
            )
        ),
        ACCOUNTS.map(lambda account: WithdrawPledge(pledge_of(account), account)),
    ),
    max_size=40,
)


def fold(state: HotPool, commands: list[Command]) -> tuple[HotPool, list[object]]:
    """Apply commands as the runner does: a refusal is its caller's result and leaves the state alone."""
    results: list[object] = []
    for command in commands:
        try:
            state, outcome = apply(state, command, NOW)
        except Refusal as refusal:
            results.append((type(refusal), refusal.details))
        else:
            results.append(outcome)
    return state, results


@given(COMMANDS)
@settings(deadline=None)
def test_counters_agree_with_the_pledges_and_numbers_are_unique(commands: list[Command]) -> None:
    state, _ = fold(empty(), commands)
    live = list(state.live.values())
    numbers = [block.number for pledge in live for block in pledge.blocks]
    assert state.counters.live_pledges == len(live)
    assert state.counters.pledged_units == sum(pledge.units for pledge in live)
    assert len(set(numbers)) == len(numbers)
    assert max(numbers, default=0) < state.counters.next_number
    assert all(account == pledge.account_id and pledge.is_live for account, pledge in state.live.items())


@given(COMMANDS)
@settings(deadline=None)
def test_one_batch_gives_everybody_what_one_by_one_would(commands: list[Command]) -> None:
    together, batch_results = fold(empty(), commands)
    counters, stored = PoolCounters(), dict[UUID, Pledge]()
    single_results: list[object] = []
    for command in commands:
        # One transaction for each: only the account's own pledge is loaded, and everything is stored after it.
        loaded = {account: pledge for account, pledge in stored.items() if account == command.account_id}
        state, results = fold(HotPool(empty().rules, counters, loaded), [command])
        stored.pop(command.account_id, None)
        stored |= state.live
        counters = state.counters
        single_results += results
    assert single_results == batch_results
    assert (counters, stored) == (together.counters, together.live)
