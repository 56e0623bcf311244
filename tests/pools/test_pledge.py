"""The pledge machine and its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pools.domain import pledge as machine
from services.pools.domain.closing import Bid, Line, Outcome
from services.pools.domain.pledge import Block, Pledge, PledgeState
from services.pools.domain.refusals import WrongPledgeState

IBU_SRI = UUID(int=7)
S = PledgeState


def made(units: int = 3, number: int = 4) -> Pledge:
    return machine.make(
        pledge_id=UUID(int=1), account_id=IBU_SRI, number=number, units=units, tolerance_units=2, ceiling_idr=1_000
    )


def line(outcome: Outcome) -> Line:
    return Line(UUID(int=1), 4, 3, 0, 0, 1_000, outcome)


COMMANDS: dict[str, Callable[[Pledge], Pledge]] = {
    "change": lambda pledge: machine.change(pledge, units=2, tolerance_units=2, ceiling_idr=1_000, next_number=9)[0],
    "secure": machine.secure,
    "withdraw": machine.withdraw,
    "allocate": lambda pledge: machine.close_with(pledge, line(Outcome.ALLOCATED)),
    "waitlist": lambda pledge: machine.close_with(pledge, line(Outcome.WAITLISTED)),
    "leave_out": lambda pledge: machine.close_with(pledge, line(Outcome.CEILING_TOO_LOW)),
    "promote": machine.promote,
    "drop": machine.drop,
    "fulfil": machine.fulfil,
}

ALLOWED = {
    (S.MADE, "change"): S.MADE,
    (S.MADE, "secure"): S.SECURED,
    (S.MADE, "withdraw"): S.WITHDRAWN,
    (S.MADE, "drop"): S.DROPPED,
    (S.SECURED, "change"): S.SECURED,
    (S.SECURED, "secure"): S.SECURED,
    (S.SECURED, "withdraw"): S.WITHDRAWN,
    (S.SECURED, "allocate"): S.ALLOCATED,
    (S.SECURED, "waitlist"): S.WAITLISTED,
    (S.SECURED, "leave_out"): S.DROPPED,
    (S.SECURED, "drop"): S.DROPPED,
    (S.ALLOCATED, "drop"): S.DROPPED,
    (S.ALLOCATED, "fulfil"): S.FULFILLED,
    (S.WAITLISTED, "promote"): S.ALLOCATED,
    (S.WAITLISTED, "drop"): S.DROPPED,
}


@pytest.mark.parametrize("state", list(PledgeState))
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_allowed_exactly_where_the_table_says(state: PledgeState, command: str) -> None:
    pledge = replace(made(), state=state)
    wanted = ALLOWED.get((state, command))
    if wanted is None:
        with pytest.raises(WrongPledgeState):
            COMMANDS[command](pledge)
    else:
        assert COMMANDS[command](pledge).state is wanted


@pytest.mark.parametrize(
    ("units", "tolerance", "ceiling", "state"),
    [
        (4, 2, 1_000, S.MADE),
        (3, 3, 1_000, S.MADE),
        (3, 2, 1_001, S.MADE),
        (3, 2, 999, S.SECURED),
        (2, 3, 1_000, S.SECURED),
    ],
)
def test_what_secured_a_pledge_must_cover_its_new_figures(
    units: int, tolerance: int, ceiling: int, state: PledgeState
) -> None:
    secured = machine.secure(made())
    changed, _ = machine.change(secured, units=units, tolerance_units=tolerance, ceiling_idr=ceiling, next_number=9)
    assert changed.state is state


def test_raising_takes_a_new_number_and_lowering_gives_the_newest_back_first() -> None:
    pledge, next_number = machine.change(made(3), units=5, tolerance_units=2, ceiling_idr=1_000, next_number=9)
    assert (pledge.blocks, next_number) == ((Block(4, 3), Block(9, 2)), 10)
    lowered, next_number = machine.change(pledge, units=4, tolerance_units=2, ceiling_idr=1_000, next_number=10)
    assert (lowered.blocks, next_number) == ((Block(4, 3), Block(9, 1)), 10)
    lowered, next_number = machine.change(lowered, units=2, tolerance_units=2, ceiling_idr=1_000, next_number=10)
    assert (lowered.blocks, next_number) == ((Block(4, 2),), 10)


def test_ceiling_and_tolerance_change_without_a_new_number() -> None:
    pledge, next_number = machine.change(made(), units=3, tolerance_units=0, ceiling_idr=900, next_number=9)
    assert (pledge.blocks, pledge.tolerance_units, pledge.ceiling_idr, next_number) == ((Block(4, 3),), 0, 900, 9)


@given(st.lists(st.integers(1, 9), max_size=12))
@settings(deadline=None)
def test_numbers_rise_and_the_first_one_is_never_lost(wishes: list[int]) -> None:
    pledge, next_number = made(), 9
    for units in wishes:
        pledge, after = machine.change(
            pledge, units=units, tolerance_units=2, ceiling_idr=1_000, next_number=next_number
        )
        assert next_number <= after <= next_number + 1
        next_number = after
        assert pledge.units == units
        assert pledge.number == 4
        numbers = [block.number for block in pledge.blocks]
        assert numbers == sorted(set(numbers))
        assert all(block.units > 0 for block in pledge.blocks)
        assert sum(bid.units for bid in pledge.bids()) == units
        assert sum(bid.tolerance_units for bid in pledge.bids()) == 2


def test_the_closing_sees_a_bid_for_each_number_with_the_tolerance_on_the_first() -> None:
    pledge, _ = machine.change(made(), units=5, tolerance_units=2, ceiling_idr=1_000, next_number=9)
    assert pledge.bids() == (Bid(pledge.id, 4, 3, 2, 1_000), Bid(pledge.id, 9, 2, 0, 1_000))
    assert pledge.most_idr == 7_000


@pytest.mark.parametrize("state", list(PledgeState))
def test_a_pledge_lives_until_it_can_go_nowhere(state: PledgeState) -> None:
    over = {S.DROPPED, S.WITHDRAWN, S.FULFILLED}
    assert replace(made(), state=state).is_live is (state not in over)
