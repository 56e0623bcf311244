"""Profile, permits, managers, coaching and history over HTTP."""

import asyncio

import pytest

from shared.auth import Grant
from shared.ids import new_id
from shared.testing.running import principal
from tests.listings.conftest import OFFICER


@pytest.fixture
async def path(client, post_id, owner, operator):
    """The address of a verified business of the owner's."""
    body = {"name": "Bir Pletok Bang Jali", "post_id": post_id, "whatsapp": "0812-3456-7890", "categories": ["drinks"]}
    reply = await client.post("/api/v1/businesses", body, owner)
    address = f"/api/v1/businesses/{reply.body['id']}"
    assert (await client.post(f"{address}/verify", None, operator)).status == 200
    return address


async def test_fields_that_are_sent_change_and_others_stay(client, path, owner):
    hours = {"open_days": [6, 1, 1], "opens": "16:00", "closes": "01:00"}
    body = {"address": " Jl. Budi Mulia No. 5 ", "hours": hours, "whatsapp": "0813 1111 2222", "version": 2}
    reply = await client.send("PATCH", path, owner, body=body)
    assert reply.status == 200, reply.body
    assert (reply.body["address"], reply.body["whatsapp"]) == ("Jl. Budi Mulia No. 5", "+6281311112222")
    assert reply.body["hours"] == {"open_days": [1, 6], "opens": "16:00", "closes": "01:00"}
    assert (reply.body["name"], reply.body["categories"], reply.body["version"]) == (
        "Bir Pletok Bang Jali", ["drinks"], 3,
    )  # fmt: skip
    stale = await client.send("PATCH", path, owner, body={"name": "Lain", "version": 2})
    assert (stale.status, stale.slug, stale.body["version"]) == (409, "stale-business", 3)
    emptied = await client.send("PATCH", path, owner, body={"address": "", "hours": None, "categories": []})
    assert (emptied.body["address"], emptied.body["hours"], emptied.body["categories"]) == (None, None, [])
    assert (await client.get(path)).body["version"] == 4


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"whatsapp": None}, "whatsapp"),
        ({"whatsapp": "12"}, "whatsapp"),
        ({"categories": None}, "categories"),
        ({"categories": ["drinks", "cakes", "meals", "snacks", "batik", "other"]}, "categories"),
        ({"address": "J" * 201}, "address"),
        ({"address": "Jl.\nBaru"}, "address"),
        ({"kelurahan_code": "3172051003"}, "kelurahan_code"),
        ({"hours": {"open_days": [], "opens": "08:00", "closes": "09:00"}}, "hours.open_days"),
        ({"hours": {"open_days": [8], "opens": "08:00", "closes": "09:00"}}, "hours.open_days.0"),
        ({"hours": {"open_days": [1], "opens": "8:00", "closes": "09:00"}}, "hours.opens"),
        ({"hours": {"open_days": [1], "opens": "08:00", "closes": "24:00"}}, "hours.closes"),
        ({"hours": {"open_days": [1], "opens": "08:00", "closes": "08:00"}}, "hours.closes"),
        ({"hours": {"open_days": [1]}}, "hours.opens"),
        ({"status": "verified"}, "status"),
    ],
)
async def test_wrong_fields_are_named(client, path, owner, body, field):
    reply = await client.send("PATCH", path, owner, body=body)
    assert reply.status == 400
    assert field in [error["field"] for error in reply.body["errors"]]
    assert (await client.get(path)).body["version"] == 2


async def test_permits_over_http(client, path, owner, operator, post_id):
    wrong = await client.send("PUT", f"{path}/permits/nib", owner, body={"number": "123"})
    assert (wrong.status, wrong.slug) == (422, "nib-malformed")
    assert "13 angka" in wrong.body["detail"]
    assert (await client.send("PUT", f"{path}/permits/sim", owner, body={"number": "1"})).status == 404
    assert (await client.send("PUT", f"{path}/permits/nib", principal(), body={"number": "1"})).status == 403
    entered = await client.send("PUT", f"{path}/permits/nib", owner, body={"number": "9120.0012.34567"})
    assert entered.body["permits"] == [{"kind": "nib", "number": "9120001234567", "checked_on": None}]
    queue = await client.get(f"/api/v1/permits/queue?post_id={post_id}&limit=100", operator)
    (waiting,) = [item for item in queue.body["items"] if path.endswith(item["business_id"])]
    assert (waiting["number"], waiting["concerns_you"]) == ("9120001234567", False)
    stranger = principal(None, Grant("operator", "post", new_id()))
    assert (await client.get(f"/api/v1/permits/queue?post_id={post_id}", stranger)).status == 403
    assert (await client.post(f"{path}/permits/nib/check", {}, stranger)).status == 403
    other = await client.post(f"{path}/permits/nib/check", {"number": "9120001234568"}, operator)
    assert (other.status, other.slug) == (409, "permit-changed")
    checked = await client.post(f"{path}/permits/nib/check", {"number": "9120001234567"}, operator)
    assert checked.status == 200
    public = (await client.get(path)).body["permits"]
    assert [(one["kind"], bool(one["checked_on"])) for one in public] == [("nib", True)]
    assert "checked_by" not in public[0]
    again = await client.post(f"{path}/permits/nib/check", {}, operator)
    assert (again.status, again.slug) == (409, "permit-checked")
    assert (await client.send("DELETE", f"{path}/permits/nib", owner)).status == 204
    assert (await client.get(path)).body["permits"] == []


async def test_managers_over_http(client, path, owner):
    key = "undang-1"
    invitations = [await client.post(f"{path}/invitations", {}, owner, key=key) for _ in range(2)]
    assert [reply.status for reply in invitations] == [201, 201]
    codes = {reply.body["code"] for reply in invitations}
    assert len(codes) == 2, "no answer with a code is remembered"
    code = invitations[0].body["code"]
    helper = principal()
    assert (await client.post("/api/v1/businesses/invitations/read", {"code": code})).status == 401
    read = await client.post("/api/v1/businesses/invitations/read", {"code": code}, helper)
    assert read.body["business_name"] == "Bir Pletok Bang Jali"
    beside = principal(helper.account_id, assisted_by=new_id())
    assert (await client.post("/api/v1/businesses/invitations/accept", {"code": code}, beside)).status == 403
    accepted = await client.post("/api/v1/businesses/invitations/accept", {"code": code}, helper)
    assert (accepted.status, accepted.body["role"]) == (200, "manager")
    wrong = await client.post("/api/v1/businesses/invitations/accept", {"code": code}, principal())
    assert (wrong.status, wrong.slug) == (422, "invitation-over")
    listed = await client.get(f"{path}/managers", owner)
    assert [item["account_id"] for item in listed.body["items"]] == [str(helper.account_id)]
    assert (await client.get(f"{path}/managers", principal())).status == 403
    assert (await client.post(f"{path}/invitations", {}, helper)).status == 403
    assert (await client.send("DELETE", f"{path}/invitations", owner)).status == 204
    late = await client.post(
        "/api/v1/businesses/invitations/accept", {"code": invitations[1].body["code"]}, principal()
    )
    assert late.slug == "invitation-over"
    assert (await client.send("DELETE", f"{path}/managers/{helper.account_id}", helper)).status == 204
    assert (await client.send("DELETE", f"{path}/managers/{helper.account_id}", owner)).status == 404


async def test_a_code_is_spent_by_one_of_several_who_accept_at_once(client, path, owner):
    code = {"code": (await client.post(f"{path}/invitations", {}, owner)).body["code"]}
    replies = await asyncio.gather(
        *(client.post("/api/v1/businesses/invitations/accept", code, principal()) for _ in range(5))
    )
    assert sorted(reply.status for reply in replies) == [200, 422, 422, 422, 422]
    assert len((await client.get(f"{path}/managers", owner)).body["items"]) == 1


async def test_coaching_and_history_over_http(client, path, owner, operator):
    for who in (owner, operator, OFFICER):
        coaching = await client.get(f"{path}/coaching", who)
        assert coaching.status == 200
        assert coaching.body["next"] == {"step": "first_product", "listing_id": None}
        history = await client.get(f"{path}/history?limit=1", who)
        assert history.body["items"][0]["what"] == "verified"
        rest = await client.get(f"{path}/history?cursor={history.body['next']}", who)
        assert [item["what"] for item in rest.body["items"]] == ["registered"]
    for part in ("coaching", "history", "managers"):
        assert (await client.get(f"{path}/{part}", principal())).status == 403
        assert (await client.get(f"{path}/{part}")).status == 401
