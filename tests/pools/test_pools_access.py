"""Who may do what to whose pool: every route that is not public, for everybody who has no business there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.pools.api import routes
from shared.auth import Grant
from shared.ids import new_id
from shared.testing.running import principal

RECEIPT = {"units": 1}
INSPECTION = {"serial_numbers": ["SN-1"], "tested": True, "trained": 0}
LATER = {"deadline": "2027-05-01T00:00:00Z"}
WHY = {"reason": "Tidak cocok"}
POOL, PLEDGE = "/api/v1/pools/{pool_id}", "/api/v1/pledges/{pledge_id}"
PEOPLE = (
    "initiator",
    "treasurer",
    "operator",
    "officer",
    "member",
    "other_member",
    "stranger",
    "other_operator",
    "helped",
)

# Method, path, body, who may besides nobody else, and what the others are told. "helped" is the initiator assisted by
# an operator of the post; "helped" may do what a person does for themselves, and nothing that an operator does.
RULES = [
    ("PATCH", POOL, {"title": "Lain"}, {"initiator", "helped"}, 403),
    ("POST", f"{POOL}/submit", None, {"initiator", "helped"}, 403),
    ("POST", f"{POOL}/verify", None, {"operator", "officer"}, 403),
    ("POST", f"{POOL}/reject", WHY, {"operator", "officer"}, 403),
    ("POST", f"{POOL}/extend", LATER, {"initiator", "helped"}, 403),
    ("POST", f"{POOL}/cancel", WHY, {"initiator", "helped", "operator", "officer"}, 403),
    ("POST", f"{POOL}/receipts", RECEIPT, {"operator", "officer"}, 403),
    ("POST", f"{POOL}/inspection", INSPECTION, {"operator", "officer"}, 403),
    ("GET", f"{POOL}/pledges", None, {"initiator", "helped", "treasurer", "operator", "officer"}, 403),
    ("GET", PLEDGE, None, {"initiator", "helped", "treasurer", "operator", "officer", "member"}, 404),
    ("PATCH", PLEDGE, {"units": 2}, {"member"}, 404),
    ("POST", f"{PLEDGE}/withdraw", None, {"member"}, 404),
    ("GET", "/api/v1/pools/queue?post_id={post_id}", None, {"operator", "officer"}, 403),
]
FOR_EVERYBODY_SIGNED_IN = {
    ("POST", "/api/v1/pools"), ("POST", f"{POOL}/pledges"), ("GET", "/api/v1/pledges/mine"),
}  # fmt: skip


def test_no_route_is_left_out():
    ruled = {(method, path.split("?")[0]) for method, path, *_ in RULES} | FOR_EVERYBODY_SIGNED_IN
    assert {(route.method, route.path) for route in routes.all if route.policy.name != "public"} == ruled


@pytest.fixture(scope="module")
async def scene(world):
    """An open pool with two members, and everybody who might come along."""
    treasurer = principal()
    urun = await world.open(proposal={"treasurer_account_id": str(treasurer.account_id)})
    member, other = await urun.pledge(1), await urun.pledge(1)
    people = {
        "initiator": world.initiator,
        "treasurer": treasurer,
        "operator": world.operator,
        "officer": principal(None, Grant("officer", "province", new_id())),
        "member": member.who,
        "other_member": other.who,
        "stranger": principal(),
        "other_operator": world.stranger,
        "helped": replace(
            world.initiator, grants=world.operator.grants, assisted_by=world.operator.account_id
        ),
    }  # fmt: skip
    return world.client, people, {"pool_id": urun.id, "pledge_id": member.id, "post_id": world.post_id}


@pytest.mark.parametrize(("method", "path", "body", "allowed", "status"), RULES)
async def test_strangers_are_refused(scene, method, path, body, allowed, status):
    client, people, ids = scene
    assert set(people) == set(PEOPLE)
    path = path.format(**ids)
    assert (await client.send(method, path, None, body=body)).status == 401
    for name in PEOPLE:
        if name not in allowed:
            reply = await client.send(method, path, people[name], body=body)
            assert (name, reply.status) == (name, status)


@pytest.mark.parametrize(("method", "path", "body", "allowed"), [rule[:4] for rule in RULES])
async def test_those_concerned_pass_the_check(world, method, path, body, allowed):
    """Whatever the pool's state says then: it is not that they may not."""
    for name in sorted(allowed):
        urun = await world.open()
        member = await urun.pledge(1)
        people = {
            "initiator": world.initiator,
            "treasurer": world.initiator,
            "operator": world.operator,
            "officer": principal(None, Grant("officer", "province", new_id())),
            "member": member.who,
            "helped": replace(world.initiator, assisted_by=world.operator.account_id),
        }
        ids = {"pool_id": urun.id, "pledge_id": member.id, "post_id": world.post_id}
        reply = await world.client.send(method, path.format(**ids), people[name], body=body)
        assert reply.status not in {401, 403, 404}, (name, reply.body)


@pytest.mark.parametrize(("method", "path", "body"), [rule[:3] for rule in RULES if "_id}" in rule[1].split("?")[0]])
async def test_what_is_not_there_is_told_so(world, method, path, body):
    everything = replace(world.operator, grants=world.operator.grants | {Grant("officer", "province", new_id())})
    missing = {"pool_id": new_id(), "pledge_id": new_id()}
    assert (await world.client.send(method, path.format(**missing), everything, body=body)).status == 404
    wrong = {"pool_id": "satu", "pledge_id": "satu"}
    reply = await world.client.send(method, path.format(**wrong), everything, body=body)
    assert (reply.status, reply.slug) == (400, "malformed-id")


async def test_an_initiator_who_is_an_operator_does_not_check_the_own_pool(world):
    urun = await world.draft()
    await urun.done("submit")
    both = replace(world.initiator, grants=world.operator.grants)
    for step, body in (("verify", None), ("reject", WHY)):
        reply = await urun.act(step, body, both)
        assert (reply.status, reply.slug) == (403, "own-pool-not-verified")
    assert (await urun.view(world.initiator))["state"] == "in_review"


async def test_the_list_for_managers_names_the_members(world):
    urun = await world.open()
    siti = await world.named("Siti Aminah")
    await urun.pledge(2, who=siti)
    await urun.pledge(1)
    path = f"{urun.path}/pledges?limit=1"
    first = (await world.client.get(path, world.operator)).body
    assert [(item["name"], item["account_id"]) for item in first["items"]] == [("Siti Aminah", str(siti.account_id))]
    second = (await world.client.get(f"{path}&cursor={first['next']}", world.operator)).body
    assert [item["number"] for item in second["items"]] == [2]
    own = (await world.client.get("/api/v1/pledges/mine", siti)).body
    assert [(item["name"], item["pool_title"]) for item in own["items"]] == [(None, "Urun spinner Kramat Jati")]


async def test_the_list_of_a_hidden_pool_does_not_tell_that_it_is_there(world):
    urun = await world.draft()
    assert (await world.client.get(f"{urun.path}/pledges", principal())).status == 404
    assert (await world.client.get(f"{urun.path}/pledges", world.initiator)).body["items"] == []
