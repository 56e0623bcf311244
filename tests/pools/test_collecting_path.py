"""From the supplier's acceptance to a funded order: who pays, whose seat it becomes, and when all goes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.pools.commands import collecting
from shared.contracts.pools import AmountsDue

WINDOW = timedelta(hours=72)
LATER = timedelta(hours=24)


async def check_no_statement_above_a_ceiling(urun):
    pledges = {member.pledge["id"]: member.pledge for member in urun.members}
    for event in await urun.said("amounts_due", "pool_closed"):
        for line in event["lines"]:
            pledge = pledges[line["pledge_id"]]
            most = pledge["units"] + pledge["tolerance_units"]
            if event["type"] == "pool_closed":
                assert line["amount_idr"] <= line["units"] * pledge["ceiling_idr"]
            else:
                assert 0 <= line["must_hold_idr"] <= line["may_hold_idr"] <= most * pledge["ceiling_idr"]


async def everything_is_released(urun, reason):
    assert {(due["must_hold_idr"], due["may_hold_idr"]) for due in (await urun.dues()).values()} == {(0, 0)}
    assert (await urun.said("pool_failed"))[0]["reason"] == reason
    assert await urun.world.drifts() == []


async def four_of_five(world, last_units):
    """Sixteen seats go to four members, a fifth waits; then the fourth does not pay."""
    urun = await world.open()
    for units in (4, 4, 4, 4, last_units):
        await urun.pledge(units, secure=False)
    # Secured all at once, so that the pool does not close early.
    await urun.collect()
    await urun.pay(*urun.members[:3])
    return urun


async def test_the_last_payment_makes_the_order_firm_and_the_down_payment_due(world):
    urun = await world.open()
    for units in (4, 3, 3):
        await urun.pledge(units)
    await urun.collect()
    dues = await urun.dues()
    assert {due["reason"] for due in dues.values()} == {"accepted"}
    total_idr = urun.terms.total_idr(10)
    assert sum(due["must_hold_idr"] for due in dues.values()) == total_idr == 9_223_333
    for member in urun.members:
        assert (await urun.view())["state"] == "collecting"
        await urun.pay(member)
    view = await urun.view()
    assert (view["state"], view["payment_window"], view["order"]["state"]) == ("ordered", None, "confirmed")
    (ordered,) = await urun.said("pool_ordered")
    assert (ordered["quantity"], ordered["total_idr"]) == (10, total_idr)
    (payout,) = await urun.said("payout_requested")
    assert (payout["stage"], payout["amount_idr"]) == ("down_payment", total_idr * 33 // 100)
    assert await world.drifts() == []


async def test_deposits_that_cover_everything_fund_the_order_at_the_acceptance(world):
    urun = await world.open(proposal={"timing": "deposit"})
    exact = await urun.pledge(4)
    assert urun.terms.landed_price_idr(4) == exact.pledge["ceiling_idr"]
    await urun.close()
    # To the rupiah what is due: nothing will be charged or refunded, so payments has nothing more to say.
    await world.hear(urun.holding(exact, urun.terms.total_idr(4)))
    await world.hear(await urun.answer())
    assert (await urun.view())["state"] == "ordered"


async def test_the_seat_of_who_did_not_pay_goes_to_the_waiter(world):
    urun = await four_of_five(world, last_units=4)
    waiter = urun.members[4]
    assert (await urun.read(waiter))["state"] == "waitlisted"
    view = await urun.window_ends(WINDOW)
    assert (view["state"], view["payment_window"]) == ("collecting", "waiters")
    assert (await urun.read(urun.members[3]))["reason"] == "not_paid"
    assert (await urun.dues())[urun.members[3].id]["may_hold_idr"] == 0
    offered = (await urun.dues())[waiter.id]
    assert (offered["must_hold_idr"], offered["reason"]) == (4 * urun.terms.landed_price_idr(16), "promoted")
    await urun.pay(waiter)
    assert (await urun.view())["state"] == "collecting", "the price is known when the window ends"
    await urun.window_ends(LATER)
    # The landed price was rounded up: the waiter is owed the odd rupiah, nobody owes more.
    view = await urun.view()
    assert (view["state"], view["quantity"]) == ("ordered", 16)
    assert [state for state, _ in await urun.states()] == ["allocated"] * 3 + ["dropped", "allocated"]
    assert sum(due["must_hold_idr"] for due in (await urun.dues()).values()) == urun.terms.total_idr(16)
    await check_no_statement_above_a_ceiling(urun)
    assert await world.drifts() == []


async def test_fewer_units_cost_more_each_and_members_top_up(world):
    urun = await four_of_five(world, last_units=3)
    await urun.window_ends(WINDOW)
    await urun.pay(urun.members[4])
    view = await urun.window_ends(LATER)
    # 12 + 3 paid units make 14 in packs of two: the waiter gets two of three, at a higher price.
    assert (view["payment_window"], view["quantity"], view["landed_price_idr"]) == ("top_up", 14, 815_953)
    first, again = await urun.said("pool_closed")
    assert (first["quantity"], again["quantity"]) == (16, 14)
    assert [line["units"] for line in again["lines"]] == [4, 4, 4, 2]
    dues = await urun.dues()
    assert {dues[member.id]["reason"] for member in urun.members[:3]} == {"adjusted"}
    await urun.pay(*urun.members[:3])
    assert (await urun.view())["state"] == "ordered"
    assert (await urun.order())["total_idr"] == urun.terms.total_idr(14)
    assert (await urun.read(urun.members[4]))["allocated_units"] == 2
    await check_no_statement_above_a_ceiling(urun)
    assert await world.drifts() == []


async def test_a_waiter_without_a_seat_in_the_end_is_released(world):
    urun = await four_of_five(world, last_units=1)
    waiter = urun.members[4]
    await urun.window_ends(WINDOW)
    await urun.pay(waiter)
    await urun.window_ends(LATER)
    # 13 paid units: a pack of two has no place for the last one.
    assert (await urun.view())["quantity"] == 12
    pledge = await urun.read(waiter)
    assert (pledge["state"], pledge["reason"], pledge["may_hold_idr"]) == ("dropped", "no_seat", 0)
    await urun.pay(*urun.members[:3])
    assert (await urun.view())["state"] == "ordered"
    assert await world.drifts() == []


async def test_who_has_paid_and_gets_no_seat_is_not_told_that_they_did_not_pay(world):
    urun = await world.open()
    for units in (4, 4, 4, 1, 3):
        await urun.pledge(units, secure=False)
    await urun.collect()
    await urun.pay(*urun.members[:4])
    await urun.window_ends(WINDOW)
    assert (await urun.states())[3:] == [("dropped", "no_seat"), ("dropped", "not_paid")]
    assert (await urun.dues())[urun.members[3].id]["may_hold_idr"] == 0
    await urun.pay(*urun.members[:3])
    assert (await urun.view())["state"] == "ordered"


async def test_money_that_comes_after_the_seat_is_gone_wins_nothing_back(world):
    urun = await four_of_five(world, last_units=4)
    late, waiter = urun.members[3:]
    due_idr = (await urun.dues())[late.id]["must_hold_idr"]
    await urun.window_ends(WINDOW)
    await world.hear(urun.holding(late, due_idr))
    await urun.pay(waiter)
    view = await urun.window_ends(LATER)
    assert (view["state"], view["quantity"]) == ("ordered", 16)
    assert [line["pledge_id"] for line in (await urun.said("pool_closed"))[-1]["lines"]] == [
        member.pledge["id"] for member in (*urun.members[:3], waiter)
    ]
    assert (await urun.dues())[late.id]["may_hold_idr"] == 0
    assert await world.drifts() == []


async def test_without_waiters_the_rule_runs_again_at_once(world):
    urun = await world.open()
    for units in (4, 4, 2):
        await urun.pledge(units)
    await urun.collect()
    await urun.pay(*urun.members[:2])
    view = await urun.window_ends(WINDOW)
    assert (view["payment_window"], view["quantity"]) == ("top_up", 8)
    await urun.pay(*urun.members[:2])
    assert (await urun.order())["state"] == "confirmed"


async def test_too_little_money_for_the_accepted_tier_fails_the_pool(world):
    urun = await world.open()
    for units in (4, 4, 4):
        await urun.pledge(units)
    await urun.collect()
    await urun.pay(*urun.members[:2])
    # The supplier is bound from 12 units up only.
    view = await urun.window_ends(WINDOW)
    assert (view["state"], view["state_reason"], view["order"]["state"]) == ("failed", "unfunded", "cancelled")
    await everything_is_released(urun, "unfunded")


async def test_a_difference_that_is_not_topped_up_fails_the_pool(world):
    urun = await world.open()
    for units in (4, 4, 2):
        await urun.pledge(units)
    await urun.collect()
    await urun.pay(*urun.members[:2])
    assert (await urun.window_ends(WINDOW))["payment_window"] == "top_up"
    await urun.pay(urun.members[0])
    assert (await urun.window_ends(LATER))["state"] == "failed"
    await everything_is_released(urun, "unfunded")


async def test_nobody_is_asked_above_their_ceiling_to_save_the_pool(world):
    urun = await world.open()
    low_idr = urun.terms.landed_price_idr(16)
    for units, ceiling_idr in ((4, low_idr), (8, None), (4, None)):
        await urun.pledge(units, ceiling_idr=ceiling_idr, secure=False)
    await urun.collect()
    await urun.pay(*urun.members[:2])
    # Twelve units cost more each than the first member accepts, and without them it is eight, below the bound tier.
    assert (await urun.window_ends(WINDOW))["state"] == "failed"
    await check_no_statement_above_a_ceiling(urun)
    await everything_is_released(urun, "unfunded")


async def test_an_older_word_on_what_is_held_is_ignored(world):
    urun = await world.open()
    member = await urun.pledge(4)
    await urun.collect()
    total_idr = urun.terms.total_idr(4)
    newest = world.envelope(urun.holding(member, total_idr - 1), version=70)
    older = world.envelope(urun.holding(member, total_idr), version=69)
    await world.hear(newest, older)
    assert (await urun.read(member))["held_idr"] == total_idr - 1
    assert (await urun.view())["state"] == "collecting"
    world.versions[member.id] = 70
    await world.hear(urun.holding(member, total_idr))
    assert (await urun.view())["state"] == "ordered"


async def test_a_window_is_ended_once_however_often_the_job_runs(world):
    urun = await four_of_five(world, last_units=4)
    await urun.window_ends(WINDOW)
    said = len(await urun.said())

    async def again():
        async with world.db.transaction() as tx:
            return await collecting.window_ended(tx, urun.id)

    assert await asyncio.gather(*(again() for _ in range(4))) == [False] * 4
    assert len(await urun.said()) == said
    await urun.pay(urun.members[4])
    world.db.clock_offset += LATER + timedelta(seconds=1)  # without waking the job: these four do its work
    assert sorted(await asyncio.gather(*(again() for _ in range(4)))) == [False] * 3 + [True]
    assert (await urun.view())["state"] == "ordered"


@pytest.mark.parametrize("round_", range(4))
async def test_cancelling_and_the_last_payment_meet(world, round_):
    urun = await world.open()
    first, last = await urun.pledge(4), await urun.pledge(4)
    await urun.collect()
    await urun.pay(first)
    cancelling = urun.act("cancel", {"reason": "Penggagas pindah"})
    meeting = (cancelling, urun.pay(last)) if round_ % 2 else (urun.pay(last), cancelling)
    results = await asyncio.gather(*meeting)
    reply = next(result for result in results if result is not None)
    view = await urun.view()
    if reply.ok:
        assert view["state"] == view["order"]["state"] == "cancelled"
        assert {due["may_hold_idr"] for due in (await urun.dues()).values()} == {0}
        assert await urun.said("pool_ordered", "payout_requested") == []
    else:
        assert (reply.slug, view["state"]) == ("too-late-to-cancel", "ordered")
        assert await urun.said("pool_cancelled") == []
    assert await world.drifts() == []


def test_the_reasons_told_are_those_of_the_contract():
    from services.pools.domain.amounts import DueReason

    told = AmountsDue.model_json_schema()["$defs"]["AmountDue"]["properties"]["reason"]["enum"]
    assert set(DueReason) <= set(told)
