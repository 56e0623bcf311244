"""From the last pledge to the supplier's answer: two clocks, the closing rule, and everything that can end it there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.pools.commands import closing
from services.pools.commands.pledging import Asked
from services.pools.domain.closing import Allocation, Bid, close
from services.pools.domain.hot import MakePledge
from services.pools.domain.split import split
from services.pools.repository import allocations
from shared.contracts.payments import PledgeSecured
from shared.ids import new_id


def bid_of(member):
    pledge = member.pledge
    return Bid(member.id, pledge["number"], pledge["units"], pledge["tolerance_units"], pledge["ceiling_idr"])


async def mixed(world):
    """A pool with somebody of every fate: in, cut at the last seat, waiting, too low a ceiling, not secured."""
    urun = await world.open(capacity_units=12)
    cheap_idr = urun.terms.landed_price_idr(12)
    # Nobody is secured yet, or the pool would close early.
    for units, more in (
        (5, {"tolerance_units": 2}),
        (2, {}),
        (4, {}),
        (2, {"ceiling_idr": cheap_idr}),
        (3, {}),
        (1, {}),
    ):
        await urun.pledge(units, secure=False, **more)
    return urun


async def test_the_named_pledges_are_allocated_as_the_rule_says(world):
    urun = await mixed(world)
    secured = [member for place, member in enumerate(urun.members) if place not in {1, 5}]
    withdrawn = await urun.pledge(1, secure=False)
    assert (await world.client.post(f"/api/v1/pledges/{withdrawn.id}/withdraw", None, withdrawn.who)).ok
    await urun.deadline_passes()
    (said,) = await urun.said("pool_closing")
    grace = datetime.fromisoformat(said["grace_until"]) - world.now()
    assert (said["reason"], timedelta(minutes=29) < grace <= timedelta(minutes=30)) == ("deadline", True)

    ids = [member.id for member in secured]
    first, second, third = (
        urun.securing_closed(chunk, number, 3)
        for number, chunk in enumerate((ids[:2], ids[2:3], [ids[3], withdrawn.id, new_id()]), start=1)
    )
    await world.hear(third, third, first, first)
    assert (await urun.view())["state"] == "closing", "a chunk is missing"
    await world.hear(second, second, third)

    expected = close([bid_of(member) for member in secured], urun.terms)
    assert isinstance(expected, Allocation)
    async with world.db.read() as sql:
        assert await allocations.read(sql, urun.id, 1) == expected
    lines = await world.rows("SELECT * FROM allocation_lines WHERE pool_id = $1 AND units > 0 ORDER BY number", urun.id)
    assert [
        (line["pledge_id"], line["goods_idr"], line["freight_idr"], line["installation_idr"], line["training_idr"])
        for line in lines
    ] == [
        (due.pledge_id, due.goods_idr, due.freight_idr, due.installation_idr, due.training_idr)
        for due in split(expected)
    ]
    assert await urun.states() == [
        ("allocated", None),
        ("dropped", "not_secured"),
        ("allocated", None),
        ("allocated", None),
        ("allocated", None),
        ("dropped", "not_secured"),
        ("withdrawn", None),
    ]
    (closed,) = await urun.said("pool_closed")
    outcomes = {line["pledge_id"]: line["outcome"] for line in closed["lines"]}
    assert outcomes[urun.members[1].pledge["id"]] == "not_secured"
    assert sum(line["amount_idr"] for line in closed["lines"]) == urun.terms.total_idr(12)
    released = {UUID(line["pledge_id"]) for line in (await urun.said("amounts_due"))[0]["lines"]}
    assert released == {urun.members[1].id, urun.members[5].id}
    assert await world.drifts() == []


async def test_the_supplier_is_asked_for_what_was_allocated(world):
    urun = await world.open()
    for units in (4, 4, 2):
        await urun.pledge(units)
    await urun.close()
    view = await urun.view()
    assert (view["state"], view["quantity"]) == ("awaiting_supplier", 10)
    (asked,) = await urun.said("purchase_order_requested")
    order = await urun.order()
    for name in ("quantity", "minimum_quantity", "unit_price_idr", "total_idr"):
        assert asked[name] == order[name] == view["order"][name]
    assert (asked["minimum_quantity"], asked["unit_price_idr"]) == (8, 900_000)
    assert asked["total_idr"] == urun.terms.total_idr(10)
    assert asked["order_id"] == str(order["id"])
    assert (asked["post_id"], asked["supplier_id"]) == (str(world.post_id), str(world.supplier_id))
    assert order["fund_by"] - order["answer_by"] == timedelta(hours=72 + 24 + 24)


async def test_acceptance_asks_every_member_for_their_part(world):
    urun = await mixed(world)
    secured = [member for place, member in enumerate(urun.members) if place not in {1, 5}]
    await urun.collect(secured)
    (statement,) = (await urun.said("amounts_due"))[1:]
    lines = {UUID(line["pledge_id"]): line for line in statement["lines"]}
    assert set(lines) == {member.id for member in secured}
    assert sum(line["must_hold_idr"] for line in lines.values()) == urun.terms.total_idr(12)
    last = secured[-1]
    pledge = await urun.read(last)
    # Of the last one's three units one has a seat; a deposit for the other two may stay while they wait.
    assert (pledge["allocated_units"], pledge["amount_idr"]) == (1, pledge["must_hold_idr"])
    assert pledge["may_hold_idr"] == pledge["must_hold_idr"] + 2 * last.pledge["ceiling_idr"]
    assert sum(line["amount_idr"] for line in pledge["breakdown"]) == pledge["amount_idr"]
    view = await urun.view()
    assert datetime.fromisoformat(pledge["pay_by"]) == datetime.fromisoformat(view["payment_window_ends"])
    assert view["payment_window"] == "members"


@pytest.mark.parametrize("secured", [0, 1])
async def test_too_few_secured_units_fail_the_pool_and_release_everything(world, secured):
    urun = await world.open()
    await urun.pledge(3)
    await urun.pledge(3, secure=False)
    await urun.close(urun.members[:secured])
    view = await urun.view()
    assert (view["state"], view["state_reason"], view["order"]) == ("failed", "target_missed", None)
    assert await urun.states() == [("dropped", "failed")] * 2
    assert {(due["must_hold_idr"], due["may_hold_idr"]) for due in (await urun.dues()).values()} == {(0, 0)}
    assert (await urun.said())[-1] == {
        "type": "pool_failed", "pool_id": str(urun.id), "reason": "target_missed", "order_id": None
    }  # fmt: skip
    assert await world.drifts() == []


async def test_a_pool_without_any_pledge_fails_quietly(world):
    urun = await world.open()
    await urun.close()
    assert (await urun.view())["state"] == "failed"
    assert await urun.said("amounts_due") == []


async def test_secured_units_that_fill_the_capacity_close_early(world):
    urun = await world.open()
    for units in (8, 4, 4):
        await urun.pledge(units, secure=False)
    await urun.secure(*urun.members[:2])
    view = await urun.view()
    assert (view["state"], view["units_pledged"], view["units_secured"]) == ("open", 16, 12)
    await urun.secure(urun.members[2])
    assert (await urun.view())["state"] == "closing"
    assert (await urun.said("pool_closing"))[0]["reason"] == "filled"
    reply = await world.client.post(f"{urun.path}/pledges", {"units": 1, "method": "cash"}, urun.members[0].who)
    assert reply.slug == "pool-not-open"


async def test_full_below_the_price_of_the_fullest_order_stays_open(world):
    freight = [{"from_units": 1, "cost_idr": 100_000}, {"from_units": 15, "cost_idr": 900_000}]
    urun = await world.open(freight=freight)
    await urun.pledge(12)
    low_idr = urun.terms.landed_price_idr(14)
    assert low_idr < urun.terms.landed_price_idr(16)
    await urun.pledge(4, ceiling_idr=low_idr)
    assert ((await urun.view())["state"], (await urun.view())["units_secured"]) == ("open", 16)


async def test_a_raised_pledge_counts_again_only_when_payments_says_so(world):
    urun = await world.open()
    member = await urun.pledge(4)
    reply = await world.client.send("PATCH", f"/api/v1/pledges/{member.id}", member.who, body={"units": 6})
    assert (reply.body["state"], (await urun.view())["units_secured"]) == ("made", 0)
    await urun.secure(member)
    await urun.secure(member)
    assert (await urun.view())["units_secured"] == 6
    lowered = await world.client.send("PATCH", f"/api/v1/pledges/{member.id}", member.who, body={"units": 5})
    assert (lowered.body["state"], (await urun.view())["units_secured"]) == ("secured", 5)
    assert await world.drifts() == []


async def test_cancelled_while_closing_stays_cancelled(world):
    urun = await world.open()
    member = await urun.pledge(4)
    await urun.deadline_passes()
    await urun.done("cancel", {"reason": "Penggagas pindah"})
    await world.hear(urun.securing_closed([member.id]))
    view = await urun.view()
    assert (view["state"], view["state_reason"], view["order"]) == ("cancelled", "Penggagas pindah", None)
    assert await urun.states() == [("dropped", "cancelled")]
    assert [event["type"] for event in await urun.said()][-2:] == ["amounts_due", "pool_cancelled"]
    assert await world.drifts() == []


async def test_cancelled_while_the_supplier_thinks_it_over(world):
    urun = await world.open()
    await urun.pledge(4)
    await urun.close()
    accepted = await urun.answer()
    await urun.done("cancel", {"reason": "Batal"}, world.operator)
    await world.hear(accepted)
    assert ((await urun.view())["state"], (await urun.order())["state"]) == ("cancelled", "cancelled")
    assert (await urun.said("pool_cancelled"))[0]["order_id"] == str(accepted.order_id)
    assert {due["may_hold_idr"] for due in (await urun.dues()).values()} == {0}


@pytest.mark.parametrize(("answer", "reason"), [("declined", "declined"), ("expired", "unanswered")])
async def test_without_a_yes_the_pool_fails(world, answer, reason):
    urun = await world.open()
    await urun.pledge(4)
    await urun.close()
    await world.hear(await urun.answer(answer), await urun.answer())
    view = await urun.view()
    assert (view["state"], view["state_reason"], view["order"]["state"]) == ("failed", reason, answer)
    assert {due["may_hold_idr"] for due in (await urun.dues()).values()} == {0}
    assert await world.drifts() == []


async def test_figures_secured_before_a_raise_do_not_secure_it(world):
    urun = await world.open()
    member = await urun.pledge(2, secure=False)
    secured = PledgeSecured(pledge_id=member.id, pool_id=urun.id, may_hold_idr=member.pledge["may_hold_idr"])
    raised = await world.client.send("PATCH", f"/api/v1/pledges/{member.id}", member.who, body={"units": 3})
    await world.hear(secured)
    assert await urun.states() == [("made", None)]
    await world.hear(secured.model_copy(update={"may_hold_idr": raised.body["may_hold_idr"]}))
    assert await urun.states() == [("secured", None)]


async def test_a_pledge_secured_too_late_changes_nothing(world):
    urun = await world.open()
    await urun.pledge(4)
    late = await urun.pledge(4, secure=False)
    await urun.deadline_passes()
    await urun.secure(late)
    assert (await urun.view())["units_secured"] == 4
    await world.hear(urun.securing_closed([urun.members[0].id]))
    await urun.secure(late)
    await world.hear(PledgeSecured(pledge_id=new_id(), pool_id=urun.id))
    assert await urun.states() == [("allocated", None), ("dropped", "not_secured")]


async def test_what_comes_again_long_after_changes_nothing(world):
    """The inbox forgets after ninety days; then versions, states and unique keys hold."""
    urun = await world.open()
    begun = len(world.heard)
    for units in (4, 4, 2):
        await urun.pledge(units)

    async def hear_all_again():
        before = [await urun.view(), await urun.states(), await urun.said()]
        await world.hear(*(replace(envelope, id=new_id()) for envelope in world.heard[begun:]))
        assert [await urun.view(), await urun.states(), await urun.said()] == before

    await hear_all_again()
    await urun.close()
    await hear_all_again()
    await world.hear(await urun.answer())
    await hear_all_again()
    await urun.pay(*urun.members)
    await world.hear(await urun.dispatched(4), await urun.dispatched(6))
    await hear_all_again()
    assert await world.drifts() == []


async def test_jobs_of_several_processes_close_a_pool_once(world):
    urun = await world.open()
    world.db.clock_offset += timedelta(hours=2)

    async def close_due():
        async with world.db.transaction() as tx:
            return await closing.close_due(tx, urun.id, world.runner.contexts["pools"].settings)

    assert sum(await asyncio.gather(*(close_due() for _ in range(4)))) <= 1
    await urun.becomes("closing")
    assert len(await urun.said("pool_closing")) == 1


async def test_a_pool_that_cannot_be_closed_delays_only_itself(world):
    broken, sound = await world.open(), await world.open()
    async with world.db.transaction() as tx:
        await tx.run(
            "UPDATE pools SET terms = '{}', deadline = deadline - interval '1 minute' WHERE id = $1", broken.id
        )
    await sound.deadline_passes()
    assert await world.value("SELECT state FROM pools WHERE id = $1", broken.id) == "open"
    async with world.db.transaction() as tx:
        await tx.run(
            "UPDATE pools SET terms = s.terms FROM pools AS s WHERE s.id = $2 AND pools.id = $1", broken.id, sound.id
        )
    world.wake()
    await broken.becomes("closing")


async def test_long_lists_are_said_in_pieces(world):
    urun = await world.open(minimum_units=600, capacity_units=1_000, tiers=[{"from_units": 1, "unit_price_idr": 9_000}])
    runner = world.runner.contexts["pools"].resources.pledging
    made = (Asked(MakePledge(new_id(), new_id(), 1), "cash") for _ in range(510))
    answers = await asyncio.gather(*(runner.run_on(urun.id, asked) for asked in made))
    assert len(answers) == 510
    await urun.close()
    assert (await urun.view())["state"] == "failed"
    pieces = [len(event["lines"]) for event in await urun.said("amounts_due")]
    assert (sum(pieces), max(pieces)) == (510, 500)
