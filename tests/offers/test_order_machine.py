"""The purchase order: which step is allowed where, and that what pools says may come in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.offers.domain import order as rules
from services.offers.domain.order import Contradiction, Order, OrderState, Request
from shared.errors import Refusal
from shared.ids import new_id

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANSWER_BY = NOW + timedelta(hours=1)
LATER = NOW + timedelta(days=1)
WHO = new_id()

ASKED = Request(
    order_id=new_id(), pool_id=new_id(), supplier_id=new_id(), post_id=new_id(), offer_id=new_id(), offer_version=1,
    technology_id=new_id(), title="Spinner", quantity=10, minimum_quantity=5, unit_price_idr=900_000, total_idr=9_000_000,
    answer_by=ANSWER_BY, fund_by=LATER, requested_at=NOW,
)  # fmt: skip

REQUESTED = Order(ASKED)
ACCEPTED = rules.accept(REQUESTED, WHO, NOW)
CONFIRMED = rules.fund(ACCEPTED, 8, 7_200_000, LATER)
PARTLY = rules.dispatch(CONFIRMED, 3)
DISPATCHED = rules.dispatch(PARTLY, 5)
RECEIVED = rules.receive(DISPATCHED, 8, complete=True, at=LATER)
BY_STATE = {
    OrderState.REQUESTED: REQUESTED,
    OrderState.ACCEPTED: ACCEPTED,
    OrderState.DECLINED: rules.decline(REQUESTED, WHO, "Stok habis", NOW),
    OrderState.EXPIRED: rules.expire(REQUESTED, ANSWER_BY),
    OrderState.CANCELLED: rules.call_off(REQUESTED, "batal", NOW),
    OrderState.CONFIRMED: CONFIRMED,
    OrderState.PARTLY_DISPATCHED: PARTLY,
    OrderState.DISPATCHED: DISPATCHED,
    OrderState.RECEIVED: RECEIVED,
    OrderState.CLOSED: rules.settle(RECEIVED, LATER),
}
STEPS: dict[str, Callable[[Order], Order]] = {
    "accept": lambda order: rules.accept(order, WHO, NOW),
    "decline": lambda order: rules.decline(order, WHO, "Stok habis", NOW),
    "expire": lambda order: rules.expire(order, ANSWER_BY),
    "call_off": lambda order: rules.call_off(order, "batal", LATER),
    "fund": lambda order: rules.fund(order, 8, 7_200_000, LATER),
    "dispatch": lambda order: rules.dispatch(order, 1),
    "receive": lambda order: rules.receive(order, 8, complete=True, at=LATER),
    "settle": lambda order: rules.settle(order, LATER),
}
# A state is the outcome; in capitals nothing changes; a slug refuses; "!" is a contradiction.
TABLE = """
state              accept            decline           expire    call_off   fund              dispatch           receive  settle
requested          accepted          declined          expired   cancelled  !                 not-funded-yet     !        !
accepted           already-answered  already-answered  SAME      cancelled  confirmed         not-funded-yet     received closed
declined           already-answered  already-answered  SAME      SAME       !                 order-over         !        !
expired            answer-too-late   answer-too-late   SAME      SAME       !                 order-over         !        !
cancelled          order-called-off  order-called-off  SAME      SAME       !                 order-over         !        !
confirmed          already-answered  already-answered  SAME      !          SAME              partly_dispatched  received closed
partly_dispatched  already-answered  already-answered  SAME      !          SAME              partly_dispatched  received closed
dispatched         already-answered  already-answered  SAME      !          SAME              more-than-ordered  received closed
received           already-answered  already-answered  SAME      !          SAME              order-over         received closed
closed             already-answered  already-answered  SAME      !          SAME              order-over         closed   SAME
"""


def cells() -> list[tuple[str, str, str]]:
    header, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [(line[0], step, outcome) for line in lines for step, outcome in zip(header[1:], line[1:], strict=True)]


def test_builders_stand_where_they_say_and_the_table_is_whole() -> None:
    assert all(order.state is state for state, order in BY_STATE.items())
    assert {(state, step) for state, step, _ in cells()} == {
        (state.value, step) for state in OrderState for step in STEPS
    }


@pytest.mark.parametrize(("state", "step", "outcome"), cells())
def test_every_step_in_every_state(state: str, step: str, outcome: str) -> None:
    before = BY_STATE[OrderState(state)]
    try:
        after = STEPS[step](before)
    except Contradiction:
        found = "!"
    except Refusal as refusal:
        found = refusal.slug
    else:
        found = "SAME" if after == before else after.state.value
    assert found == outcome


@pytest.mark.parametrize(("offset_s", "accepts"), [(-0.000001, True), (0, False), (0.000001, False)])
def test_acceptance_and_expiry_part_exactly_at_the_deadline(offset_s: float, accepts: bool) -> None:
    now = ANSWER_BY + timedelta(seconds=offset_s)
    assert (rules.expire(REQUESTED, now) is REQUESTED) is accepts
    if accepts:
        assert rules.accept(REQUESTED, WHO, now).state is OrderState.ACCEPTED
    else:
        with pytest.raises(Refusal, match="answer-too-late"):
            rules.accept(REQUESTED, WHO, now)


@pytest.mark.parametrize("quantity", [4, 11])
def test_firm_order_outside_what_was_accepted_is_a_contradiction(quantity: int) -> None:
    with pytest.raises(Contradiction):
        rules.fund(ACCEPTED, quantity, 1, LATER)


def test_second_firm_order_with_other_figures_is_a_contradiction() -> None:
    with pytest.raises(Contradiction):
        rules.fund(CONFIRMED, 9, 7_200_000, LATER)


WORDS: list[Callable[[Order], Order]] = [
    lambda order: rules.fund(order, 8, 7_200_000, LATER),
    lambda order: rules.receive(order, 3, complete=False, at=LATER),
    lambda order: rules.receive(order, 5, complete=True, at=LATER),
    lambda order: rules.settle(order, LATER),
]


@given(st.permutations(WORDS), st.integers(0, 3))
def test_words_of_pools_end_the_same_in_any_order(words: list[Callable[[Order], Order]], upto: int) -> None:
    order = ACCEPTED
    for word in words:
        order = word(order)
    straight = ACCEPTED
    for word in WORDS:
        straight = word(straight)
    assert order == straight
    assert order.state is OrderState.CLOSED


class OrderLife(RuleBasedStateMachine):
    """Any sequence of steps at any time keeps the promises of an order."""

    def __init__(self) -> None:
        super().__init__()
        self.order = REQUESTED
        self.now = NOW
        self.answers: list[str] = []

    @rule(minutes=st.integers(1, 50))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(step=st.sampled_from(["accept", "decline"]))
    def answer(self, step: str) -> None:
        in_time = self.now < ANSWER_BY
        may = self.order.state is OrderState.REQUESTED and in_time
        try:
            if step == "accept":
                self.order = rules.accept(self.order, WHO, self.now)
            else:
                self.order = rules.decline(self.order, WHO, "tidak", self.now)
        except Refusal:
            assert not may
        else:
            assert may
            self.answers.append(step)

    @rule()
    def expire(self) -> None:
        after = rules.expire(self.order, self.now)
        if after is not self.order:
            assert self.now >= ANSWER_BY
            self.answers.append("expire")
        self.order = after

    @precondition(lambda self: self.order.ordered_at is None)
    @rule()
    def call_off(self) -> None:
        self.order = rules.call_off(self.order, "batal", self.now)

    @precondition(lambda self: self.order.state is OrderState.ACCEPTED)
    @rule(quantity=st.integers(5, 10))
    def fund(self, quantity: int) -> None:
        self.order = rules.fund(self.order, quantity, quantity * 900_000, self.now)

    @rule(units=st.integers(1, 6))
    def dispatch(self, units: int) -> None:
        left = (self.order.ordered_quantity or 0) - self.order.dispatched_units
        try:
            self.order = rules.dispatch(self.order, units)
        except Refusal:
            assert units > left or self.order.state in {OrderState.RECEIVED, OrderState.CLOSED}
        else:
            assert units <= left

    @precondition(lambda self: self.order.ordered_at is not None)
    @rule(complete=st.booleans())
    def receive(self, complete: bool) -> None:
        self.order = rules.receive(self.order, 1, complete, self.now)

    @precondition(lambda self: self.order.received_at is not None)
    @rule()
    def settle(self) -> None:
        self.order = rules.settle(self.order, self.now)

    @invariant()
    def one_answer_in_its_time(self) -> None:
        assert len(self.answers) <= 1
        assert bool(self.answers) == (self.order.answer is not None)

    @invariant()
    def nothing_is_sent_without_money_nor_beyond_the_order(self) -> None:
        assert self.order.dispatched_units <= (self.order.ordered_quantity or 0)

    @invariant()
    def a_firm_order_is_never_called_off(self) -> None:
        assert self.order.ordered_at is None or self.order.called_off_at is None


TestOrderLife = OrderLife.TestCase
