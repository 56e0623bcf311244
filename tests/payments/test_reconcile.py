"""The rule that makes declared money so: one step at a time, and every random story of statements and outcomes at its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.domain.reconcile import (
    Abandon,
    Charge,
    InFlight,
    Position,
    Recall,
    Refund,
    code_goes_back,
    follow,
    reconcile,
)

LIMITS = (10_000, 1_000_000)


@pytest.mark.parametrize(
    ("position", "action"),
    [
        (Position(0, 500, 0), None),
        (Position(500, 500, 500), None),
        (Position(50_000, 50_000, 0), None),
        (Position(50_000, 50_000, 0, chargeable=True), Charge(50_000)),
        (Position(50_000, 80_000, 20_000, chargeable=True), Charge(30_000)),
        (Position(50_000, 50_000, 45_000, chargeable=True), None),  # below what a card can carry: settled at pick-up
        (Position(2_000_000, 2_000_000, 0, chargeable=True), None),
        (Position(0, 0, 500), Refund(500)),
        (Position(0, 300, 500), Refund(200)),
        (Position(0, 0, 500, refunding_idr=500), None),
        (Position(0, 0, 500, refunding_idr=200), Refund(300)),
        (Position(500, 500, 500, refunding_idr=500, recallable_idr=500), Recall()),
        (Position(500, 500, 500, refunding_idr=500), None),  # somebody has begun to give it back
        (Position(50_000, 50_000, 50_000, refunding_idr=50_000, chargeable=True), Charge(50_000)),
        (Position(50_000, 50_000, 0, attempt=InFlight(50_000, told=True)), None),
        (Position(20_000, 50_000, 0, attempt=InFlight(50_000, told=True)), None),
        (Position(20_000, 20_000, 0, attempt=InFlight(50_000, told=True)), Abandon()),
        (Position(0, 0, 0, attempt=InFlight(50_000, told=True)), Abandon()),
        (Position(50_000, 50_000, 50_000, attempt=InFlight(50_000, told=False)), Abandon()),
        (Position(0, 0, 0, attempt=InFlight(50_000, told=True, unwanted=True)), None),
    ],
)
def test_next_thing_to_do(position: Position, action: object) -> None:
    assert reconcile(position, LIMITS) == action


def test_figures_that_change_replace_what_nobody_was_told_of() -> None:
    position = Position(30_000, 30_000, 0, attempt=InFlight(50_000, told=False), chargeable=True)
    actions, after = follow(position, LIMITS)
    assert actions == [Abandon(), Charge(30_000)]
    assert after.attempt == InFlight(30_000, told=False)


amounts = st.integers(0, 300_000)


@given(
    st.builds(
        lambda must, more, held, begun, recallable, attempt, chargeable: Position(
            must, must + more, held + begun + recallable, begun + recallable, recallable, attempt, chargeable
        ),
        amounts, amounts, amounts, amounts, amounts,
        st.none() | st.builds(InFlight, st.integers(1, 400_000), st.booleans(), st.just(False)),
        st.booleans(),
    )
)  # fmt: skip
def test_following_ends_and_never_asks_for_more_than_may(position: Position) -> None:
    actions, after = follow(position, LIMITS)
    assert reconcile(after, LIMITS) is None
    assert len({type(action) for action in actions}) == len(actions)
    if after.refunding_idr == after.recallable_idr:  # nothing was begun: the rule alone decides what goes back
        assert after.refunding_idr == max(0, after.held_idr - after.may_idr)
    assert after.staying_idr <= after.may_idr
    if after.attempt is not None and not after.attempt.unwanted:
        assert after.staying_idr + after.attempt.amount_idr <= after.may_idr


@dataclass
class Provider:
    """A provider that does what it is told late, twice or never, and a pledge that hears of it in any order."""

    position: Position = field(default_factory=lambda: Position(0, 0, 0, chargeable=True))
    successes: dict[int, int] = field(default_factory=dict)
    attempts: list[InFlight] = field(default_factory=list)
    flying: int | None = None
    version: int = 0
    statements: list[tuple[int, int, int]] = field(default_factory=list)

    def follow(self) -> None:
        before = self.position.attempt
        actions, self.position = follow(self.position, LIMITS)
        if self.position.attempt is None:
            self.flying = None
        elif any(isinstance(action, Charge) for action in actions) or before is None:
            self.attempts.append(self.position.attempt)
            self.flying = len(self.attempts) - 1

    def state(self, must: int, may: int) -> None:
        self.version += 1
        self.statements.append((self.version, must, max(must, may)))

    def hear(self, place: int, heard: dict[str, int]) -> None:
        if not self.statements:
            return
        version, must, may = self.statements[place % len(self.statements)]
        if version > heard["newest"]:
            heard["newest"] = version
            self.position = replace(self.position, must_idr=must, may_idr=may, chargeable=True)
        self.follow()

    def send(self) -> None:
        if self.position.attempt is not None:
            self.position = replace(self.position, attempt=replace(self.position.attempt, told=True))

    def end(self, *, success: bool) -> None:
        attempt, number = self.position.attempt, self.flying
        if attempt is None or number is None or not attempt.told:
            return
        if success:
            self.successes[number] = self.successes.get(number, 0) + 1
        held = self.position.held_idr + (attempt.amount_idr if success else 0)
        self.position = replace(self.position, held_idr=held, attempt=None, chargeable=success)
        self.flying = None
        self.follow()

    def cash(self, amount: int) -> None:
        self.position = replace(self.position, held_idr=self.position.held_idr + amount)
        self.follow()

    def refund(self, *, begin: bool) -> None:
        position = self.position
        if begin:
            self.position = replace(position, recallable_idr=0)
        else:
            given = position.refunding_idr - position.recallable_idr
            self.position = replace(position, held_idr=position.held_idr - given, refunding_idr=position.recallable_idr)
            self.follow()


steps = st.one_of(
    st.tuples(st.just("state"), amounts, amounts),
    st.tuples(st.just("hear"), st.integers(0, 50)),
    st.tuples(st.just("send")),
    st.tuples(st.just("succeed")),
    st.tuples(st.just("fail")),
    st.tuples(st.just("cash"), st.integers(1, 100_000)),
    st.tuples(st.just("begin")),
    st.tuples(st.just("done")),
)


def live(provider: Provider, heard: dict[str, int], step: object, values: list[Any]) -> None:
    match step:
        case "state":
            provider.state(*values)
        case "hear":
            provider.hear(values[0], heard)
        case "send":
            provider.send()
        case "cash":
            provider.cash(values[0])
        case "succeed" | "fail":
            provider.end(success=step == "succeed")
        case _:
            provider.refund(begin=step == "begin")


def come_to_rest(provider: Provider, heard: dict[str, int]) -> None:
    for place in range(len(provider.statements)):
        provider.hear(place, heard)
    for _ in range(8):
        provider.send()
        provider.end(success=True)
        provider.refund(begin=True)
        provider.refund(begin=False)


@settings(max_examples=300)
@given(st.lists(steps, max_size=40))
def test_once_settled_no_more_is_held_than_may_be_and_no_attempt_succeeds_twice(
    story: list[tuple[object, ...]],
) -> None:
    provider, heard = Provider(), {"newest": 0}
    for step, *values in story:
        live(provider, heard, step, values)
    come_to_rest(provider, heard)
    position = provider.position
    assert position.attempt is None
    assert position.refunding_idr == 0
    assert position.held_idr <= position.may_idr
    if provider.statements:
        assert (position.must_idr, position.may_idr) == provider.statements[-1][1:]
    if position.chargeable:
        assert position.missing_idr < LIMITS[0]
    assert all(times == 1 for times in provider.successes.values())


@pytest.mark.parametrize(
    ("may_idr", "pool_settled", "refunds_by_hand", "goes_back"),
    [(500, False, False, False), (0, False, False, True), (500, True, False, True), (500, False, True, True)],
)
def test_kode_unik_goes_back_at_the_end_or_beside_a_refund(may_idr, pool_settled, refunds_by_hand, goes_back) -> None:
    assert code_goes_back(may_idr=may_idr, pool_settled=pool_settled, refunds_by_hand=refunds_by_hand) is goes_back
