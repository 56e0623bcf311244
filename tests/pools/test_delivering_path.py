"""From a firm order to the last rupiah: goods come in parts, a test is passed, the supplier is paid in three stages."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from shared.ids import new_id


async def three(world, **terms):
    urun = await world.open(**terms)
    for units in (4, 3, 3):
        await urun.pledge(units)
    return urun


async def test_goods_come_in_parts_until_all_are_there(world):
    urun = await three(world)
    await urun.ordered()
    await world.hear(await urun.dispatched(6), await urun.dispatched(4))
    view = await urun.done("receipts", {"units": 4, "note": "Dus pertama"}, world.operator)
    assert (view["state"], view["order"]["received_units"], view["order"]["dispatched_units"]) == ("ordered", 4, 10)
    assert len(await urun.said("payout_requested")) == 1
    reply = await urun.act("receipts", {"units": 7}, world.operator)
    assert (reply.status, reply.slug, reply.body["missing_units"]) == (422, "received-too-many", 6)
    view = await urun.done("receipts", {"units": 6}, world.operator)
    assert (view["state"], view["order"]["state"]) == ("delivered", "received")
    told = [(event["units"], event["complete"]) for event in await urun.said("goods_received")]
    assert told == [(4, False), (6, True)]
    assert [event["stage"] for event in await urun.said("payout_requested")] == ["down_payment", "on_delivery"]
    assert (await urun.act("receipts", {"units": 1}, world.operator)).slug == "wrong-pool-state"
    assert await world.drifts() == []


async def test_a_receipt_tapped_twice_counts_once(world):
    urun = await three(world)
    await urun.ordered()
    key = str(new_id())
    replies = [await urun.act("receipts", {"units": 4}, world.operator, key=key) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert (await urun.view())["order"]["received_units"] == 4


async def test_a_dispatch_told_again_counts_once(world):
    urun = await three(world)
    await urun.ordered()
    sent = world.envelope(await urun.dispatched(4))
    await world.hear(sent, sent, replace(sent, id=new_id()))
    assert (await urun.view())["order"]["dispatched_units"] == 4


@pytest.mark.parametrize(
    "serials",
    [
        [f"SN-{n}" for n in range(9)],
        [f"SN-{n}" for n in range(11)],
        [f"SN-{n % 9}" for n in range(10)],
        [f"SN-{n}" for n in range(9)] + [" SN-8 "],
        [f"SN-{n}" for n in range(10)] + ["SN-9"],
    ],
    ids=["too few", "too many", "twice the same", "the same but for blanks", "all and one twice"],
)
async def test_the_test_names_each_machine_once(world, serials):
    urun = await three(world)
    await urun.delivered()
    reply = await urun.act("inspection", {"serial_numbers": serials, "tested": True, "trained": 2}, world.operator)
    assert (reply.status, reply.slug, reply.body["units"]) == (422, "serial-numbers-missing", 10)
    assert (await urun.view())["state"] == "delivered"


async def test_the_test_comes_after_the_goods_and_says_that_all_ran(world):
    urun = await three(world)
    await urun.ordered()
    body = await urun.inspection()
    assert (await urun.act("inspection", body, world.operator)).slug == "wrong-pool-state"
    reply = await urun.act("inspection", {**body, "tested": False}, world.operator)
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_members_own_their_machines_after_the_test(world):
    urun = await three(world)
    await urun.delivered()
    view = await urun.done("inspection", await urun.inspection(), world.operator)
    assert view["state"] == "inspected"
    owned = await urun.said("machine_owned")
    assert [(event["pledge_id"], event["account_id"], event["units"]) for event in owned] == [
        (member.pledge["id"], str(member.who.account_id), member.pledge["units"]) for member in urun.members
    ]
    assert {(event["technology_id"], event["post_id"]) for event in owned} == {
        (view["technology"]["id"], str(world.post_id))
    }
    assert await urun.states() == [("fulfilled", None)] * 3
    assert (await urun.read(urun.members[0]))["allocated_units"] == 4
    (passed,) = await urun.said("inspection_passed")
    assert passed["inspected_by"] == str(world.operator.account_id)
    assert (await urun.view(urun.members[0].who))["my_pledge_id"] == urun.members[0].pledge["id"]


async def test_the_supplier_is_paid_in_three_stages_that_sum_to_the_total(world):
    urun = await three(world)
    await urun.delivered()
    await urun.done("inspection", await urun.inspection(), world.operator)
    requested = await urun.said("payout_requested")
    assert [event["stage"] for event in requested] == ["down_payment", "on_delivery", "on_acceptance"]
    total_idr = urun.terms.total_idr(10)
    amounts = [event["amount_idr"] for event in requested]
    assert amounts[:2] == [total_idr * 33 // 100] * 2
    assert sum(amounts) == total_idr
    paid = await urun.payouts_paid()
    await world.hear(*paid[:2])
    assert (await urun.view())["state"] == "inspected"
    last = world.envelope(paid[2])
    await world.hear(last, replace(last, id=new_id()))
    view = await urun.view()
    assert (view["state"], view["order"]["state"]) == ("settled", "closed")
    assert len(await urun.said("pool_settled")) == 1
    assert await world.drifts() == []


async def test_stages_paid_before_the_test_are_remembered(world):
    urun = await three(world, down_payment_percent=50, on_delivery_percent=50)
    await urun.delivered()
    total_idr = urun.terms.total_idr(10)
    amounts = [event["amount_idr"] for event in await urun.said("payout_requested")]
    assert amounts == [total_idr // 2] * 2
    await world.hear(*await urun.payouts_paid())
    await urun.done("inspection", await urun.inspection(), world.operator)
    # The odd rupiah is the last stage.
    assert total_idr - sum(amounts) == 1
    assert (await urun.view())["state"] == "inspected"
    await world.hear((await urun.payouts_paid())[-1])
    assert (await urun.view())["state"] == "settled"


async def test_everything_paid_before_the_test_settles_with_it(world):
    urun = await world.open(down_payment_percent=40, on_delivery_percent=60, training_idr=0)
    await urun.pledge(10)
    await urun.delivered()
    await world.hear(*await urun.payouts_paid())
    view = await urun.done("inspection", await urun.inspection(), world.operator)
    assert view["state"] == "settled"
    assert [event["stage"] for event in await urun.said("payout_requested")] == ["down_payment", "on_delivery"]
    assert await world.drifts() == []


async def test_not_settled_while_a_rupiah_of_a_member_is_held(world):
    urun = await three(world)
    outsider = await urun.pledge(1, secure=False)
    await urun.collect(urun.members[:3])
    await world.hear(urun.holding(outsider, 500_000))
    await urun.pay(*urun.members[:3])
    await urun.done("receipts", {"units": 10}, world.operator)
    await urun.done("inspection", await urun.inspection(), world.operator)
    await world.hear(*await urun.payouts_paid())
    assert (await urun.view())["state"] == "inspected"
    await world.hear(urun.holding(outsider, 1))
    assert (await urun.view())["state"] == "inspected"
    await world.hear(urun.holding(outsider, 0))
    assert (await urun.view())["state"] == "settled"


async def test_the_operators_queue_follows_the_work(world):
    urun = await three(world)

    async def queued():
        path = f"/api/v1/pools/queue?post_id={world.post_id}&limit=100"
        items = (await world.client.get(path, world.operator)).body["items"]
        return urun.id in {UUID(item["id"]) for item in items}

    assert not await queued()
    await urun.ordered()
    assert await queued(), "goods will come"
    await urun.done("receipts", {"units": 10}, world.operator)
    assert await queued(), "machines are to be tested"
    await urun.done("inspection", await urun.inspection(), world.operator)
    assert not await queued()
