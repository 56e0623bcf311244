"""What a member is told of pledges, allocations and amounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.notice import Notice
from services.notifications.domain.standing import Standing, allocation_words, amount_words, ends, pledge_words
from shared.contracts.pools import AllocationLine, AmountDue, PledgeLine
from shared.ids import new_id

ACCOUNT = new_id()


def due(reason, must=0, may=None):
    return AmountDue(
        pledge_id=new_id(),
        account_id=ACCOUNT,
        must_hold_idr=must,
        may_hold_idr=must if may is None else may,
        pay_by=None,
        reason=reason,
    )


def standing(**more):
    return Standing(ACCOUNT, **{"method": "transfer", "units": 2, "version": 3, **more})


@pytest.mark.parametrize(
    ("line", "before", "template"),
    [
        (due("open", 0, 300), standing(), None),
        (due("withdrawn"), standing(), None),
        (due("accepted", 250, 300), standing(outcome="allocated"), "amount_due"),
        (due("accepted", 250), standing(outcome="allocated", must_hold_idr=250), None),
        (due("accepted", 250), None, "amount_due"),
        (due("adjusted", 260), standing(must_hold_idr=250), "amount_raised"),
        (due("adjusted", 240), standing(must_hold_idr=250), "amount_lowered"),
        (due("adjusted", 250), standing(must_hold_idr=250), None),
        (due("under_delivered", 100), standing(must_hold_idr=250), "amount_lowered"),
        (due("waitlisted", 0, 300), standing(outcome="waitlisted"), None),
        (due("waitlisted", 0, 0), standing(outcome="waitlisted"), "wait_ended"),
        (due("promoted", 250), standing(outcome="waitlisted"), "seat_offered"),
        (due("dropped"), standing(outcome="ceiling_too_low"), None),
        (due("dropped"), standing(outcome="not_secured"), None),
        (due("dropped"), standing(outcome="waitlisted", must_hold_idr=250), "wait_ended"),
        (due("dropped"), standing(outcome="allocated", must_hold_idr=250), "pledge_dropped"),
        (due("failed"), standing(outcome="allocated"), "pledge_failed"),
        (due("cancelled"), None, "pledge_cancelled"),
    ],
)
def test_amounts_tell_what_is_new(line, before, template):
    words = amount_words(line, before, "after_acceptance")
    assert (words.template if words else None) == template


@pytest.mark.parametrize(
    ("method", "timing", "how"),
    [
        ("card", "after_acceptance", "card"),
        ("card", "deposit", "card"),
        ("transfer", "after_acceptance", "transfer"),
        ("cash", "after_acceptance", "cash"),
        ("cash", "deposit", "deposit"),
        ("transfer", "deposit", "deposit"),
        ("cash", None, "cash"),
        (None, "deposit", "other"),
    ],
)
def test_how_to_pay_follows_the_method(method, timing, how):
    assert amount_words(due("accepted", 250), standing(method=method), timing).facts["how"] == how


@pytest.mark.parametrize(
    ("outcome", "units", "asked", "template"),
    [
        ("allocated", 2, 2, "pledge_allocated"),
        ("allocated", 1, 2, "pledge_allocated_fewer"),
        ("allocated", 3, 2, "pledge_allocated_more"),
        ("allocated", 3, None, "pledge_allocated"),
        ("waitlisted", 0, 2, "pledge_waitlisted"),
        ("ceiling_too_low", 0, 2, "pledge_over_ceiling"),
        ("not_secured", 0, 2, "pledge_not_secured"),
    ],
)
def test_allocation_tells_why(outcome, units, asked, template):
    line = AllocationLine(pledge_id=new_id(), account_id=ACCOUNT, units=units, amount_idr=units * 100, outcome=outcome)
    assert allocation_words(line, standing(units=asked), 100).template == template
    assert allocation_words(line, standing(units=asked, outcome="allocated"), 100) is None


@pytest.mark.parametrize(
    ("method", "timing", "code"),
    [
        ("card", "deposit", "card"),
        ("card", None, "card"),
        ("cash", "deposit", "cash_deposit"),
        ("transfer", "deposit", "transfer_deposit"),
        ("cash", "after_acceptance", "later"),
        ("transfer", None, "other"),
    ],
)
def test_pledge_says_what_makes_it_count(method, timing, code):
    line = PledgeLine(
        pledge_id=new_id(), account_id=ACCOUNT, number=1, units=1, tolerance_units=0, ceiling_idr=1, method=method, may_hold_idr=1
    )  # fmt: skip
    assert pledge_words(line, timing).facts["next"] == code
    assert pledge_words(line, timing).template == "pledge_made"
    assert pledge_words(line.model_copy(update={"assisted_by": new_id()}), timing).template == "pledge_made_for_you"


amounts = st.builds(
    due,
    st.sampled_from(
        ["accepted", "adjusted", "promoted", "waitlisted", "dropped", "failed", "cancelled", "under_delivered"]
    ),
    st.integers(0, 3),
    st.just(5),
)
standings = st.builds(
    standing,
    method=st.sampled_from(["card", "transfer", "cash", None]),
    outcome=st.sampled_from(["allocated", "waitlisted", "ceiling_too_low", "not_secured", None]),
    must_hold_idr=st.one_of(st.none(), st.integers(0, 3)),
)


@given(amounts, st.one_of(st.none(), standings), st.sampled_from(["deposit", "after_acceptance", None]))
def test_every_amount_makes_a_readable_message_and_repeated_figures_none(line, before, timing):
    words = amount_words(line, before, timing)
    if words is not None:
        Notice(ACCOUNT, words.template, object_id=line.pledge_id, facts=words.facts)
    if line.reason in {"accepted", "adjusted", "under_delivered"}:
        after = replace(before or standing(), must_hold_idr=line.must_hold_idr)
        assert amount_words(line, after, timing) is None
        assert not ends(line)
