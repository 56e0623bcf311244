"""Reports, cases and appeals over HTTP."""

from __future__ import annotations

import pytest

from shared.auth import Grant
from shared.ids import new_id
from shared.testing.running import NOBODY, principal
from tests.listings.conftest import OFFICER

UNKNOWN = str(NOBODY)


@pytest.fixture
async def listing(client, post_id, owner, operator):
    body = {"name": "Dapur Uji", "post_id": post_id, "whatsapp": "0812-3456-7890"}
    business = (await client.post("/api/v1/businesses", body, owner)).body
    await client.post(f"/api/v1/businesses/{business['id']}/verify", None, operator)
    body = {"business_id": business["id"], "name": "Bir pletok", "category": "drinks", "price_idr": 20_000}
    made = (await client.post("/api/v1/listings", body, owner)).body
    return (await client.post(f"/api/v1/listings/{made['id']}/publish", None, owner)).body


async def report(client, listing, who=None, *, address="198.51.100.1", key=None, **body):
    return await client.post(
        f"/api/v1/listings/{listing['id']}/reports", {"reason": "offensive", **body}, who, key=key,
        headers={"X-Forwarded-For": address},
    )  # fmt: skip


async def waiting(client, who, listing):
    reply = await client.get("/api/v1/moderation/queue?limit=100", who)
    assert reply.status == 200, reply.body
    return next((one for one in reply.body["items"] if one["listing_id"] == listing["id"]), None)


async def test_anybody_reports_and_a_form_counts_once(client, listing, operator):
    key = str(new_id())
    for _ in range(2):
        assert (await report(client, listing, key=key)).status == 204
    assert (await report(client, listing, principal(), key=key)).status == 204
    assert (await waiting(client, operator, listing))["reports_count"] == 2
    assert await waiting(client, principal(None, Grant("operator", "post", new_id())), listing) is None


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"reason": "other"}, "words-missing"),
        ({"reason": "other", "words": "  "}, "words-missing"),
        ({"reason": "tidak-ada"}, "invalid-fields"),
        ({"words": "a" * 501}, "invalid-fields"),
        ({"account_id": UNKNOWN}, "invalid-fields"),
    ],
)
async def test_what_a_report_must_be(client, listing, body, slug):
    assert (await report(client, listing, **body)).slug == slug


async def test_own_unknown_and_unseen_products_are_not_reported(client, listing, owner):
    own = await report(client, listing, owner)
    assert (own.status, own.slug) == (403, "own-listing")
    assert (await report(client, {"id": UNKNOWN})).status == 404
    await client.post(f"/api/v1/listings/{listing['id']}/pause", None, owner)
    assert (await report(client, listing)).status == 404


async def test_a_flood_from_one_address_ends(client, listing):
    replies = [await report(client, listing, address="203.0.113.9") for _ in range(21)]
    assert [reply.status for reply in replies] == [204] * 20 + [429]
    assert replies[-1].body["retry_after_s"] > 0
    assert (await report(client, listing, address="203.0.113.10")).status == 204


async def test_a_case_from_the_queue_to_the_appeal(client, listing, owner, operator):
    await report(client, listing, words="Kasar.")
    case = f"/api/v1/moderation/cases/{(await waiting(client, operator, listing))['id']}"
    found = (await client.get(f"{case}/reports", operator)).body["items"]
    assert [{name: one[name] for name in one if name not in {"id", "at"}} for one in found] == [
        {"reason": "offensive", "words": "Kasar."}
    ]
    assert (await client.post(f"{case}/hide", {"reason": "offensive"}, operator)).slug == "invalid-fields"
    body = {"reason": "offensive", "words": "Ganti namanya."}
    key = str(new_id())
    for _ in range(2):
        done = await client.post(f"{case}/hide", body, operator, key=key)
        assert (done.status, done.body["state"], done.body["hidden_by_you"]) == (200, "hidden", True)
    path = f"/api/v1/listings/{listing['id']}"
    assert (await client.get(path)).status == 404
    assert (await client.get(path, owner)).body["status"] == "hidden"
    for way in ("publish", "pause"):
        assert (await client.post(f"{path}/{way}", None, owner)).slug == "wrong-listing-state"
    assert (await client.get(f"{path}/hiding", principal())).status == 403
    hiding = (await client.get(f"{path}/hiding", owner)).body
    assert (hiding["words"], hiding["may_appeal"]) == ("Ganti namanya.", True)
    assert str(operator.account_id) not in str(hiding), "the owner need not know who"
    assert (await client.post(f"{path}/appeals", {"words": "Pendek"}, owner)).slug == "invalid-fields"
    appeal = await client.post(f"{path}/appeals", {"words": "Namanya memang begitu."}, owner)
    assert (appeal.status, appeal.body["may_appeal"]) == (201, False)
    assert (await waiting(client, operator, listing))["hidden_by_you"]
    assert (await client.post(f"{case}/restore", {}, operator)).slug == "same-operator"
    restored = await client.post(f"{case}/restore", {"answer": "  "}, OFFICER)
    assert (restored.status, restored.body["state"]) == (200, "restored")
    assert (await client.get(path)).body["status"] == "published"
    assert await waiting(client, operator, listing) is None
    past = (await client.get(f"{path}/cases", operator)).body["items"]
    assert [one["state"] for one in past] == ["restored"]
    assert (await client.get(f"{path}/cases", owner)).status == 403
    assert (await client.get(f"{path}/hiding", owner)).status == 404
    what = [one["what"] for one in (await client.get(f"{path}/history", owner)).body["items"]]
    assert what == ["restored", "hidden", "published", "created"]


async def test_forbidden_goods_are_told_by_their_word(client, listing, owner):
    path = f"/api/v1/listings/{listing['id']}"
    reply = await client.send("PATCH", path, owner, body={"description": "Dengan tembakau gorila."})
    assert (reply.status, reply.slug, reply.body["word"]) == (422, "forbidden-goods", "tembakau gorila")
    assert (await client.get(path)).body["description"] is None


async def test_cursors_of_others_are_refused(client, listing, operator):
    await report(client, listing)
    case_id = (await waiting(client, operator, listing))["id"]
    for path in (
        "/api/v1/moderation/queue",
        f"/api/v1/moderation/cases/{case_id}/reports",
        f"/api/v1/listings/{listing['id']}/cases",
    ):
        assert (await client.get(f"{path}?cursor=bukan", operator)).slug == "bad-cursor"
