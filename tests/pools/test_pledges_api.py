"""*Ikut urun* over HTTP: what a pledge may be, once per tap, with and without somebody's help."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.ids import new_id
from shared.testing.running import principal

GOOD = {"units": 2, "method": "cash"}


async def test_a_pledge_at_the_default_ceiling(world):
    urun = await world.open()
    member = await urun.pledge(2, tolerance_units=1, secure=False)
    pledge = await urun.read(member)
    assert (pledge["number"], pledge["units"], pledge["tolerance_units"]) == (1, 2, 1)
    assert (pledge["state"], pledge["ceiling_idr"]) == ("made", 1_045_834)
    assert (pledge["must_hold_idr"], pledge["may_hold_idr"], pledge["held_idr"]) == (0, 3 * 1_045_834, 0)
    assert (pledge["amount_idr"], pledge["breakdown"], pledge["pay_by"]) == (None, [], None)
    assert {name: member.pledge[name] for name in pledge} == pledge, "the answer to the tap tells the same"
    assert (await urun.view(member.who))["my_pledge_id"] == member.pledge["id"]
    (said,) = await urun.said("pledges_made")
    assert said["pledges"] == [
        {
            "pledge_id": pledge["id"], "account_id": pledge["account_id"], "number": 1, "units": 2, "tolerance_units": 1,
            "ceiling_idr": 1_045_834, "method": "transfer", "may_hold_idr": 3_137_502, "assisted_by": None,
        }
    ]  # fmt: skip


async def test_changed_and_taken_back(world):
    urun = await world.open()
    member = await urun.pledge(4)
    await world.hear(urun.holding(member, 1_000_000))
    path = f"/api/v1/pledges/{member.id}"
    changed = await world.client.send("PATCH", path, member.who, body={"units": 6, "ceiling_idr": 900_000})
    pledge = await urun.read(member)
    assert changed.body == pledge
    assert (pledge["units"], pledge["may_hold_idr"], pledge["held_idr"]) == (6, 5_400_000, 1_000_000)
    same = await world.client.send("PATCH", path, member.who, body={})
    assert same.body == pledge
    withdrawn = await world.client.post(f"{path}/withdraw", None, member.who)
    assert withdrawn.body == await urun.read(member)
    assert (withdrawn.body["state"], withdrawn.body["may_hold_idr"]) == ("withdrawn", 0)
    assert (await urun.said("pledge_withdrawn"))[0]["pledge_id"] == member.pledge["id"]
    again = await world.client.post(f"{path}/withdraw", None, member.who)
    assert (again.status, again.slug) == (404, "pledge-not-found")
    assert (await urun.pledge(1, who=member.who)).pledge["number"] == 3
    assert await world.drifts() == []


async def test_helped_at_the_counter(world):
    urun = await world.open()
    helped = principal(assisted_by=world.operator.account_id)
    member = await urun.pledge(1, who=helped, method="cash")
    assert member.pledge["assisted"] is True
    assert member.pledge["account_id"] == str(helped.account_id)
    assert (await urun.said("pledges_made"))[0]["pledges"][0]["assisted_by"] == str(world.operator.account_id)
    in_person = principal(helped.account_id)
    body = {"units": 2}
    changed = await world.client.send("PATCH", f"/api/v1/pledges/{member.id}", in_person, body=body)
    assert (changed.body["units"], changed.body["assisted"]) == (2, True)
    assert (await urun.read(member))["assisted"] is True


async def test_a_double_tap_is_one_pledge(world):
    urun = await world.open()
    who, key, path = principal(), str(new_id()), f"{urun.path}/pledges"
    first, *others = await asyncio.gather(*(world.client.post(path, GOOD, who, key=key) for _ in range(4)))
    later = await world.client.post(path, GOOD, who, key=key)
    assert {(reply.status, reply.body["id"]) for reply in (*others, later)} == {(201, first.body["id"])}
    assert later.headers["Idempotency-Replayed"] == "true"
    other = await world.client.post(path, {**GOOD, "units": 3}, who, key=key)
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    second = await world.client.post(path, GOOD, who)
    assert (second.status, second.slug, second.body["pledge_id"]) == (409, "already-pledged", first.body["id"])
    assert (await urun.view())["people"] == 1


async def test_a_refused_tap_may_be_tried_again_with_its_key(world):
    urun = await world.open()
    who, key, path = principal(), str(new_id()), f"{urun.path}/pledges"
    too_many = {**GOOD, "units": 17}
    assert (await world.client.post(path, too_many, who, key=key)).status == 422
    assert (await world.client.post(path, GOOD, who, key=key)).status == 201


@pytest.mark.parametrize("step", ["pledges", "withdraw", "receipts", "inspection"])
async def test_no_money_moves_without_a_key(world, step):
    urun = await world.open()
    member = await urun.pledge(1)
    path, who, body = {
        "pledges": (f"{urun.path}/pledges", principal(), GOOD),
        "withdraw": (f"/api/v1/pledges/{member.id}/withdraw", member.who, None),
        "receipts": (f"{urun.path}/receipts", world.operator, {"units": 1}),
        "inspection": (
            f"{urun.path}/inspection",
            world.operator,
            {"serial_numbers": ["a"], "tested": True, "trained": 0},
        ),
    }[step]
    reply = await world.client.post(path, body, who, headers={"Idempotency-Key": ""})
    assert (reply.status, reply.slug) == (400, "idempotency-key-missing")
    assert (await urun.view())["people"] == 1


BAD_PLEDGES = [
    (b"{", 400, "malformed-json"),
    (b"[]", 400, "malformed-json"),
    (b'{"units": 2}', 400, "invalid-fields"),
    (b'{"units": 0, "method": "cash"}', 400, "invalid-fields"),
    (b'{"units": -1, "method": "cash"}', 400, "invalid-fields"),
    (b'{"units": 1.5, "method": "cash"}', 400, "invalid-fields"),
    (b'{"units": "2", "method": "cash"}', 400, "invalid-fields"),
    (b'{"units": 1000001, "method": "cash"}', 400, "invalid-fields"),
    (b'{"units": 2, "method": "qris"}', 400, "invalid-fields"),
    (b'{"units": 2, "method": "cash", "tolerance_units": -1}', 400, "invalid-fields"),
    (b'{"units": 2, "method": "cash", "ceiling_idr": 0}', 400, "invalid-fields"),
    (b'{"units": 2, "method": "cash", "ceiling_idr": 1e20}', 400, "invalid-fields"),
    (b'{"units": 2, "method": "cash", "account_id": "x"}', 400, "invalid-fields"),
    (b'{"units": 17, "method": "cash"}', 422, "units-out-of-range"),
    (b'{"units": 10, "method": "cash", "tolerance_units": 7}', 422, "tolerance-out-of-range"),
    (b'{"units": 2, "method": "cash", "ceiling_idr": 813958}', 422, "ceiling-too-low"),
    (b'{"units": 2, "method": "cash", "ceiling_idr": 99999999999999}', 422, "pledge-too-large"),
    (b'{"units": 2, "method": "card"}', 422, "method-not-offered"),
]


@pytest.fixture(scope="module")
async def cash_pool(world):
    """A pool that takes no cards, open until after this module."""
    return await world.open(
        proposal={"methods": ["cash"], "deadline": (world.now() + timedelta(days=90)).isoformat()}
    )  # fmt: skip


@pytest.mark.parametrize(("raw", "status", "slug"), BAD_PLEDGES)
async def test_what_cannot_be_pledged(world, cash_pool, raw, status, slug):
    reply = await world.client.send("POST", f"{cash_pool.path}/pledges", principal(), raw=raw)
    assert (reply.status, reply.slug) == (status, slug)
    assert (await cash_pool.view())["people"] == 0
    if slug == "ceiling-too-low":
        assert reply.body["cheapest_idr"] == 813_959
        assert "Rp 813.959" in reply.body["detail"]


async def test_a_change_keeps_to_the_same_bounds(world):
    urun = await world.open()
    member = await urun.pledge(2)
    for body, slug in (
        ({"units": 17}, "units-out-of-range"),
        ({"tolerance_units": 15}, "tolerance-out-of-range"),
        ({"ceiling_idr": 1}, "ceiling-too-low"),
        ({"method": "cash"}, "invalid-fields"),
    ):
        reply = await world.client.send("PATCH", f"/api/v1/pledges/{member.id}", member.who, body=body)
        assert reply.slug == slug
    assert (await urun.read(member))["state"] == "secured"


@pytest.mark.parametrize("state", ["draft", "in_review", "closing", "cancelled"])
async def test_a_pool_that_is_not_open_takes_nothing(world, state):
    urun = await (world.draft() if state in {"draft", "in_review"} else world.open())
    if state == "in_review":
        await urun.done("submit")
    elif state == "closing":
        await urun.deadline_passes()
    elif state == "cancelled":
        await urun.done("cancel", {"reason": "Batal"})
    reply = await world.client.post(f"{urun.path}/pledges", {"units": 1, "method": "card"}, principal())
    assert (reply.status, reply.slug, reply.body["state"]) == (409, "pool-not-open", state)


async def test_after_the_closing_nothing_is_changed_or_taken_back(world):
    urun = await world.open()
    member = await urun.pledge(4)
    await urun.deadline_passes()
    path = f"/api/v1/pledges/{member.id}"
    for reply in (
        await world.client.send("PATCH", path, member.who, body={"units": 1}),
        await world.client.post(f"{path}/withdraw", None, member.who),
    ):
        assert (reply.status, reply.slug) == (409, "pool-not-open")
    assert (await urun.read(member))["state"] == "secured"


async def test_pledging_on_no_pool_at_all(world):
    for pool_id, status in ((new_id(), 404), ("12", 400)):
        reply = await world.client.post(f"/api/v1/pools/{pool_id}/pledges", GOOD, principal())
        assert reply.status == status


async def test_own_pledges_newest_first(world):
    who = principal()
    pledged = [(await (await world.open()).pledge(1, who=who)).pledge["id"] for _ in range(3)]
    first = (await world.client.get("/api/v1/pledges/mine?limit=2", who)).body
    second = (await world.client.get(f"/api/v1/pledges/mine?limit=2&cursor={first['next']}", who)).body
    assert [item["id"] for item in first["items"] + second["items"]] == pledged[::-1]
    assert second["next"] is None
