"""The small rules: out of whose hands, when a pledge counts, how a transfer is split, who may, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.accounts import (
    Account,
    account_of,
    bank_account,
    cash_box,
    escrow,
    stripe_balance,
    unique_code,
)
from services.payments.domain.drawing import Part, Source, draw, plan_refund, with_codes
from services.payments.domain.next_step import Step, next_step
from services.payments.domain.people import check_checker, check_maker, check_recorder
from services.payments.domain.receipts import receipt_no, receipt_year
from services.payments.domain.reconcile import InFlight, Position
from services.payments.domain.refusals import (
    DepositNeeded,
    MoreThanDue,
    NotDueYet,
    NothingDue,
    OwnPayment,
    RecipientMayNot,
    SamePerson,
    SecuringIsOver,
    VerifierMayNotApprove,
)
from services.payments.domain.securing import Terms, check_confirming, check_taking, expected_idr, is_secured
from services.payments.domain.transfers import Ask, split_transfer

POOL, POST, BANK, PLEDGE = (UUID(int=number) for number in range(1, 5))
STRIPE, BOX, GROUP = stripe_balance(POOL), cash_box(POST, POOL), bank_account(BANK, POOL)
A, B, C, D = (UUID(int=number) for number in range(11, 15))


@pytest.mark.parametrize("account", [STRIPE, BOX, GROUP, escrow(POOL), unique_code(PLEDGE, POOL), Account("operating")])
def test_an_account_is_read_back_from_its_code(account: Account) -> None:
    assert account_of(account.code) == account


def test_money_goes_back_the_way_it_came_the_newest_first() -> None:
    sources = [Source(A, STRIPE, 300, "pi_1"), Source(B, BOX, 200), Source(C, GROUP, 500)]
    available = {STRIPE: 1000, BOX: 1000, GROUP: 1000}
    assert plan_refund(600, sources, available) == [
        Part("card", STRIPE, 300, payment_id=A, charge_ref="pi_1"),
        Part("cash", BOX, 200),
        Part("transfer", GROUP, 100),
    ]


def test_where_the_way_back_is_barred_another_custodian_gives_by_hand() -> None:
    sources = [Source(A, STRIPE, 300, "pi_1")]
    assert plan_refund(300, sources, {STRIPE: 100, BOX: 150, GROUP: 0}) == [
        Part("card", STRIPE, 100, payment_id=A, charge_ref="pi_1"),
        Part("cash", BOX, 150),
    ]


def test_a_charge_that_cannot_be_refunded_by_card_is_given_back_by_hand() -> None:
    assert plan_refund(300, [Source(A, STRIPE, 300)], {STRIPE: 300}) == [Part("transfer", STRIPE, 300)]


@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.sampled_from([STRIPE, BOX, GROUP]), st.integers(0, 500)), max_size=5),
    st.fixed_dictionaries({STRIPE: st.integers(0, 500), BOX: st.integers(0, 500), GROUP: st.integers(0, 500)}),
)
def test_refunds_sum_up_and_take_from_nobody_more_than_they_have(amount_idr, paid, available) -> None:
    sources = [
        Source(UUID(int=100 + n), hand, left, "pi" if hand is STRIPE else None) for n, (hand, left) in enumerate(paid)
    ]
    parts = plan_refund(amount_idr, sources, available)
    assert sum(part.amount_idr for part in parts) == min(amount_idr, sum(available.values()))
    assert all(part.amount_idr > 0 for part in parts)
    for hand, has in available.items():
        assert sum(part.amount_idr for part in parts if part.custodian == hand) <= has
    for source in sources:
        assert sum(part.amount_idr for part in parts if part.payment_id == source.payment_id) <= source.left_idr


def test_kode_unik_joins_the_part_of_its_custodian_or_goes_alone() -> None:
    parts = [Part("card", STRIPE, 300, payment_id=A, charge_ref="pi"), Part("transfer", GROUP, 100)]
    assert with_codes(parts, {GROUP: 123, BOX: 7}) == [
        parts[0],
        Part("transfer", GROUP, 100, 123),
        Part("cash", BOX, 0, 7),
    ]


def test_payouts_draw_on_bank_accounts_first_and_all_or_nothing() -> None:
    assert draw(700, {BOX: 500, GROUP: 300, STRIPE: 300}) == [(GROUP, 300), (STRIPE, 300), (BOX, 100)]
    assert draw(1101, {BOX: 500, GROUP: 300, STRIPE: 300}) == []


@pytest.mark.parametrize(
    ("facts", "secured"),
    [
        ({"method": "card", "card_saved": True}, True),
        ({"method": "card"}, False),
        ({"method": "card", "held_idr": 500}, True),
        ({"method": "cash", "held_idr": 499}, False),
        ({"method": "cash", "held_idr": 500}, True),
        ({"method": "cash", "card_saved": True}, False),
        ({"method": "cash", "confirmed_idr": 500}, False),
        ({"method": "cash", "confirmed_idr": 500, "timing": "after_acceptance"}, True),
        ({"method": "cash", "confirmed_idr": 499, "timing": "after_acceptance"}, False),
        ({"method": "card", "confirmed_idr": 500, "timing": "after_acceptance"}, False),
        ({"method": "card", "card_saved": True, "may_idr": 0}, False),
        ({"method": None, "timing": None}, False),
    ],
)
def test_when_a_pledge_counts(facts, secured) -> None:
    usual = {"timing": "deposit", "may_idr": 500, "held_idr": 0, "card_saved": False, "confirmed_idr": 0}
    assert is_secured(**{**usual, **facts}) is secured


DEPOSIT, LATER = Terms("deposit", closing=False), Terms("after_acceptance", closing=False)
CLOSED, LATER_CLOSED = Terms("deposit", closing=True), Terms("after_acceptance", closing=True)


@pytest.mark.parametrize(
    ("terms", "amount", "missing", "room", "refusal"),
    [
        (DEPOSIT, 500, 0, 500, None),
        (DEPOSIT, 501, 0, 500, MoreThanDue),
        (DEPOSIT, 1, 0, 0, NothingDue),
        (CLOSED, 500, 0, 500, SecuringIsOver),
        (CLOSED, 500, 300, 500, None),
        (LATER, 500, 0, 500, NotDueYet),
        (LATER_CLOSED, 300, 300, 300, None),
        (LATER_CLOSED, 301, 300, 300, MoreThanDue),
    ],
)
def test_when_money_may_be_taken(terms, amount, missing, room, refusal) -> None:
    if refusal is None:
        check_taking(terms, amount_idr=amount, missing_idr=missing, room_idr=room)
    else:
        with pytest.raises(refusal):
            check_taking(terms, amount_idr=amount, missing_idr=missing, room_idr=room)


@pytest.mark.parametrize(
    ("terms", "method", "may", "refusal"),
    [
        (LATER, "cash", 500, None),
        (LATER, "transfer", 500, None),
        (LATER, "card", 500, DepositNeeded),
        (DEPOSIT, "cash", 500, DepositNeeded),
        (LATER_CLOSED, "cash", 500, SecuringIsOver),
        (LATER, "cash", 0, NothingDue),
    ],
)
def test_whom_an_operator_may_confirm(terms, method, may, refusal) -> None:
    if refusal is None:
        check_confirming(terms, method, may)
    else:
        with pytest.raises(refusal):
            check_confirming(terms, method, may)


@pytest.mark.parametrize(
    ("terms", "missing", "room", "expected"),
    [(DEPOSIT, 0, 500, 500), (CLOSED, 0, 500, 0), (LATER, 0, 500, 0), (LATER, 300, 500, 300), (CLOSED, 300, 300, 300)],
)
def test_what_is_expected_by_transfer_or_cash(terms, missing, room, expected) -> None:
    assert expected_idr(terms, missing_idr=missing, room_idr=room) == expected


@pytest.mark.parametrize(
    ("total", "ask", "room", "split"),
    [
        (500_123, Ask(500_000, 123), 500_000, (500_000, 123)),
        (300_123, Ask(300_000, 123), 500_000, (300_000, 123)),
        (500_000, Ask(500_000, 123), 500_000, (500_000, 0)),
        (500_999, None, 500_000, (500_000, 999)),
        (501_000, None, 500_000, (501_000, 0)),
        (250_000, Ask(500_000, 123), 500_000, (250_000, 0)),
        (123, None, 0, (123, 0)),
    ],
)
def test_how_a_transfer_is_split(total, ask, room, split) -> None:
    assert split_transfer(total, ask, room) == split


@given(
    st.integers(1, 10**7), st.none() | st.builds(Ask, st.integers(1, 10**7), st.integers(0, 999)), st.integers(0, 10**7)
)
def test_no_rupiah_of_a_transfer_is_lost(total, ask, room) -> None:
    amount, code = split_transfer(total, ask, room)
    assert amount + code == total
    assert 0 <= code <= 999


def test_two_people_move_money_and_neither_is_its_recipient() -> None:
    check_recorder(A, B)
    check_maker(A, {B})
    check_checker(C, A, {B}, verified_by=D)
    for refusal, check in [
        (OwnPayment, lambda: check_recorder(A, A)),
        (RecipientMayNot, lambda: check_maker(A, {A})),
        (SamePerson, lambda: check_checker(A, A, {B})),
        (RecipientMayNot, lambda: check_checker(B, A, {B})),
        (VerifierMayNotApprove, lambda: check_checker(C, A, {B}, verified_by=C)),
    ]:
        with pytest.raises(refusal):
            check()


def test_a_receipts_year_is_counted_in_jakarta() -> None:
    assert receipt_year(datetime(2026, 12, 31, 16, 59, tzinfo=UTC)) == 2026
    assert receipt_year(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)) == 2027
    assert receipt_no("KW", 2026, 42) == "KW-2026-00042"


@pytest.mark.parametrize(
    ("position", "changes", "step"),
    [
        (Position(0, 500_000, 0), {"method": "card"}, Step("save_card")),
        (Position(0, 500_000, 0), {"method": "card", "secured": True}, Step("none")),
        (Position(0, 500_000, 0), {"method": "card", "terms": CLOSED}, Step("none")),
        (Position(0, 500_000, 0), {"method": "transfer"}, Step("transfer", 500_000)),
        (Position(0, 500_000, 100_000), {"method": "transfer"}, Step("transfer", 400_000)),
        (Position(0, 500_000, 0), {"method": "transfer", "has_bank_account": False}, Step("cash", 500_000)),
        (Position(0, 500_000, 0), {"method": "transfer", "transfer_unchecked": True}, Step("wait")),
        (Position(0, 500_000, 0), {"method": "cash", "terms": LATER}, Step("confirm_at_post")),
        (Position(0, 500_000, 0), {"method": "cash", "terms": LATER, "secured": True}, Step("none")),
        (Position(400_000, 400_000, 0), {"method": "cash", "terms": LATER_CLOSED, "secured": True}, Step("cash", 400_000)),
        (Position(400_000, 400_000, 400_000), {"method": "cash", "secured": True}, Step("none")),
        (Position(400_000, 400_000, 0, chargeable=True), {"method": "card", "secured": True}, Step("wait")),
        (Position(400_000, 400_000, 0), {"method": "card", "secured": True}, Step("pay_card_link", 400_000)),
        (Position(400_000, 400_000, 0), {"method": "card", "limits": None}, Step("cash", 400_000)),
        (Position(0, 500_000, 0), {"method": "card", "limits": None}, Step("cash", 500_000)),
        (Position(0, 500_000, 0), {"method": "card", "limits": None, "terms": LATER}, Step("none")),
        (Position(400_000, 400_000, 395_000), {"method": "card"}, Step("cash", 5_000)),
        (
            Position(400_000, 400_000, 0, attempt=InFlight(400_000, told=True)),
            {"method": "card", "link_open": True},
            Step("pay_card_link", 400_000),
        ),
        (Position(400_000, 400_000, 0, attempt=InFlight(400_000, told=True)), {"method": "card"}, Step("wait")),
        (Position(0, 0, 400_000, refunding_idr=400_000), {"method": "cash"}, Step("wait")),
        (Position(0, 0, 0), {"method": "cash"}, Step("none")),
        (Position(0, 500_000, 0), {"method": None}, Step("none")),
    ],
)  # fmt: skip
def test_what_a_member_does_next(position, changes, step) -> None:
    usual = {
        "terms": DEPOSIT, "method": "card", "secured": False, "link_open": False, "transfer_unchecked": False,
        "has_bank_account": True, "limits": (10_000, 9_999_999_999),
    }  # fmt: skip
    given = {**usual, **changes}
    assert next_step(position, given.pop("terms"), **given) == step
