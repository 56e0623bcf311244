"""From answers of the API to what the pages of pools and the desk draw: pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.reading import address, with_times
from services.web.showing import desk, pledges, pools
from shared.ids import made_at, new_id

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TIERS = [
    {"from_units": 1, "unit_price_idr": 1_700_000},
    {"from_units": 5, "unit_price_idr": 1_500_000},
    {"from_units": 10, "unit_price_idr": 1_400_000},
    {"from_units": 50, "unit_price_idr": 1_000_000},
]


def say(text: str) -> str:
    return text


def pool(state: str = "open", **changes) -> dict:
    return {
        "id": str(new_id()),
        "state": state,
        "title": "Urun",
        "technology": {"slug": "spinner-peniris-minyak"},
        "post_name": None,
        "terms": {"tiers": TIERS},
        "minimum_units": 6,
        "capacity_units": 20,
        "units_pledged": 0,
        "unit_price_idr": None,
        "minimum_landed_idr": 1_550_000,
        "people": 0,
        "methods": ["card", "cash"],
        "deadline": NOW,
        "timeline": [],
        "order": None,
        "payment_window_ends": None,
        **changes,
    }


def test_tiers_begin_at_the_smallest_order_and_end_at_the_capacity():
    shown = pools.shown_tiers(pool())
    assert [(row["min_units"], row["unit_price_idr"]) for row in shown] == [(6, 1_500_000), (10, 1_400_000)]
    assert all("missing_units" not in row for row in shown)


def test_what_is_missing_to_a_tier_is_the_previews_word():
    preview = {"next_tiers": [{"from_units": 10, "missing_units": 7}]}
    shown = pools.shown_tiers(pool(), preview)
    assert [row.get("missing_units") for row in shown] == [None, 7]


@pytest.mark.parametrize(("pledged", "target"), [(0, 10), (10, 10), (11, 20)])
def test_the_bar_reaches_to_the_last_tier_and_then_to_the_capacity(pledged, target):
    assert pools.target_units(pool(units_pledged=pledged)) == target


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"units_pledged": 2}, {"target_units": 6, "missing_units": 4, "unit_price_idr": 1_550_000}),
        ({"units_pledged": 7, "unit_price_idr": 1_500_000}, {"target_units": 20, "missing_units": 0}),
        ({"units_pledged": 2, "state": "failed"}, {"missing_units": 0, "status": "failed"}),
    ],
)
def test_a_card_says_how_far_it_is_to_the_smallest_order(changes, expected):
    card = pools.card(pool(**changes))
    assert {name: card[name] for name in expected} == expected


def test_who_holds_the_money_or_will_hold_it():
    book = {
        "custodians": [
            {"kind": "bank", "name": "Rekening", "balance_idr": 0},
            {"kind": "cash_box", "name": "Kas", "balance_idr": 5_000},
        ]
    }
    assert pools.custodies(pool(), book) == [{"kind": "cash_box", "name": "Kas", "amount_idr": 5_000}]
    assert pools.custodies(pool(), None) == [{"kind": "cash_box", "name": "", "amount_idr": 0}]
    assert pools.custodies(pool(methods=["card"]), {"custodians": []})[0]["kind"] == "stripe"


def happened(*kinds: str) -> list[dict]:
    return [{"at": NOW + timedelta(hours=hour), "kind": kind} for hour, kind in enumerate(kinds)]


@pytest.mark.parametrize("state", ["draft", "in_review", *pools._COURSE])
def test_every_state_has_a_way_behind_it_and_ahead_of_it(state):
    order = {"answer_by": NOW}
    steps = pools.steps(pool(state, timeline=happened("pool_opened"), order=order, payment_window_ends=NOW), say)
    assert steps[0] == {"title": "Dibuka untuk umum", "state": "done", "at": NOW, "text": ""}
    present = [step for step in steps if step["state"] == "now"]
    assert len(present) == (0 if state == "settled" else 1)
    if state in {"open", "awaiting_supplier", "collecting"}:
        assert present[0]["at"] == NOW
    assert [step["state"] for step in steps] == sorted(
        (step["state"] for step in steps), key=["done", "now", "next"].index
    )


def test_long_allocations_are_told_once_and_every_delivery_by_itself():
    timeline = happened("pool_closed", "pool_closed", "goods_received", "goods_received", "something_new")
    steps = pools.steps(pool("settled", timeline=timeline), say)
    assert [step["title"] for step in steps] == [
        "Jumlah dan pembagian ditetapkan",
        "Barang diterima di Posyantek",
        "Barang diterima di Posyantek",
    ]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_pool_that_ended_unmet_stops_at_its_end(state):
    steps = pools.steps(pool(state, timeline=happened("pool_opened", f"pool_{state}")), say)
    assert [step["state"] for step in steps] == ["done", "stopped"]


def test_members_are_shown_as_the_service_masked_them():
    (row,) = pools.members([{"name_masked": "Bpk. S***", "units": 2, "number": 4, "state": "secured"}], say)
    assert row == {"name_masked": "Bpk. S***", "units": 2, "note": "Nomor 4 · aman"}


@pytest.mark.parametrize(
    ("changes", "timing", "expected_idr"),
    [
        ({"must_hold_idr": 900, "held_idr": 200}, "after_acceptance", 700),
        ({"may_hold_idr": 900, "held_idr": 200}, "deposit", 700),
        ({"may_hold_idr": 900, "held_idr": 900}, "deposit", 0),
        ({"may_hold_idr": 900}, "after_acceptance", 0),
        ({"may_hold_idr": 900, "method": "card"}, "deposit", 0),
        ({"may_hold_idr": 900, "pool_state": "closing"}, "deposit", 0),
    ],
)
def test_what_a_member_brings_to_the_counter(changes, timing, expected_idr):
    pledge = {"must_hold_idr": 0, "may_hold_idr": 0, "held_idr": 0, "method": "cash", "pool_state": "open", **changes}
    assert pledges.expected_at_post_idr(pledge, timing) == expected_idr


def test_the_most_urgent_work_comes_first():
    soon = desk.Task("pool", "a", NOW - timedelta(hours=1), {}, due=NOW + timedelta(hours=1))
    transfer = desk.Task("transfer", "b", NOW - timedelta(hours=1), {})
    payout = desk.Task("payout", "c", NOW - timedelta(hours=2), {})
    business = desk.Task("business", "d", NOW - timedelta(days=4), {})
    assert [task.id for task in desk.queue([payout, transfer, soon, business])] == ["d", "a", "b", "c"]


@given(st.lists(st.tuples(st.sampled_from(sorted(desk.TARGETS)), st.integers(0, 10_000)), max_size=20))
def test_nothing_is_lost_in_the_queue_and_nothing_stands_before_what_is_due_earlier(work):
    tasks = [
        desk.Task(kind, str(place), NOW - timedelta(minutes=minutes), {}) for place, (kind, minutes) in enumerate(work)
    ]
    ordered = desk.queue(tasks)
    assert sorted(task.id for task in ordered) == sorted(task.id for task in tasks)
    assert [task.wanted_by for task in ordered] == sorted(task.wanted_by for task in tasks)


def test_goods_are_work_once_they_are_on_their_way():
    ordered = pool("ordered")
    waiting = {**ordered, "order": {"dispatched_units": 2, "received_units": 2}}
    on_its_way = {**ordered, "order": {"dispatched_units": 3, "received_units": 2}}
    assert desk.pool_tasks([ordered], {}) == []
    assert desk.pool_tasks([ordered], {ordered["id"]: waiting}) == []
    assert [task.kind for task in desk.pool_tasks([ordered], {ordered["id"]: on_its_way})] == ["goods"]
    others = [pool("in_review"), pool("delivered"), pool("open")]
    assert [task.kind for task in desk.pool_tasks(others, {})] == ["pool", "inspection"]


def test_an_id_tells_when_its_thing_was_made():
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    assert before <= made_at(new_id()) <= datetime.now(UTC) + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(-3, ("minutes", 0)), (59, ("minutes", 59)), (60, ("hours", 1)), (47 * 60, ("hours", 47)), (2880, ("days", 2))],
)
def test_age_is_told_in_one_unit(minutes, told):
    assert desk.age(NOW - timedelta(minutes=minutes), NOW) == told


def test_moments_are_read_by_their_names_at_any_depth_and_words_stay_words():
    answer = {
        "deadline": "2026-11-24T08:00:00Z",
        "story": "2026-11-24T08:00:00Z",
        "assisted_by": "x",
        "order": {"answer_by": None, "lines": [{"at": "2026-11-24T08:00:00+00:00"}]},
    }
    assert with_times(answer) == {
        "deadline": NOW,
        "story": "2026-11-24T08:00:00Z",
        "assisted_by": "x",
        "order": {"answer_by": None, "lines": [{"at": NOW}]},
    }


def test_addresses_leave_out_what_is_empty_and_quote_what_is_not():
    assert address("/pools", {"state": "", "cursor": None, "mine": False}) == "/pools"
    assert address("/pools", {"q": "a&b", "limit": 5}) == "/pools?q=a%26b&limit=5"
