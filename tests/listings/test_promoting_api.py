"""Promotions, campaigns, figures and enquiries over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.auth import Grant
from shared.contracts.listings import PromotionStarted
from shared.ids import new_id
from shared.testing.running import NOBODY, eventually, principal
from tests.listings.conftest import OFFICER


@pytest.fixture
async def listing(client, post_id, owner, operator):
    body = {"name": "Bir Pletok Bang Jali", "post_id": post_id, "whatsapp": "0812-3456-7890"}
    business = (await client.post("/api/v1/businesses", body, owner)).body
    await client.post(f"/api/v1/businesses/{business['id']}/verify", None, operator)
    body = {"business_id": business["id"], "name": "Bir pletok", "category": "drinks", "price_idr": 20_000}
    listing = (await client.post("/api/v1/listings", body, owner)).body
    reply = await client.post(f"/api/v1/listings/{listing['id']}/publish", None, owner)
    assert reply.status == 200
    return reply.body


def later(**more):
    return (datetime.now(UTC) + timedelta(**more)).isoformat()


async def test_a_promotion_from_beginning_to_end(system, listing, owner, operator):
    runner, client = system
    path = f"/api/v1/listings/{listing['id']}/promotions"
    made = await client.post(path, {"price_idr": 15_000, "ends_at": later(days=3)}, owner)
    assert (made.status, made.body["status"], made.body["price_idr"]) == (201, "running", 15_000)

    async def told():
        async with runner.contexts["listings"].db.read() as sql:
            return await sql.rows(
                "SELECT body FROM events WHERE type = $1 AND aggregate_id = $2", PromotionStarted.type, listing["id"]
            )

    events = await eventually(told)
    assert [row["body"]["promotion_id"] for row in events] == [made.body["id"]]
    overlap = await client.post(path, {"price_idr": 14_000, "ends_at": later(days=1)}, owner)
    assert (overlap.status, overlap.slug) == (409, "promotions-overlap")
    coming = {"price_idr": 14_000, "starts_at": later(days=5), "ends_at": later(days=6)}
    planned = await client.post(path, coming, owner)
    assert planned.body["status"] == "coming"

    first = await client.get(f"{path}?limit=1", operator)
    assert [item["id"] for item in first.body["items"]] == [planned.body["id"]]
    rest = await client.get(f"{path}?limit=1&cursor={first.body['next']}", owner)
    assert [item["id"] for item in rest.body["items"]] == [made.body["id"]]
    assert rest.body["next"] is None
    assert (await client.get(path, principal())).status == 403
    assert (await client.get(path)).status == 401

    ended = await client.send("DELETE", f"/api/v1/promotions/{made.body['id']}", owner)
    assert (ended.status, ended.body["status"]) == (200, "cancelled")
    again = await client.send("DELETE", f"/api/v1/promotions/{made.body['id']}", owner)
    assert (again.status, again.slug) == (409, "promotion-over")
    assert (await client.send("DELETE", f"/api/v1/promotions/{planned.body['id']}", principal())).status == 403


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"price_idr": 20_000}, 422, "promotion-not-cheaper"),
        ({"price_idr": 0}, 400, "invalid-fields"),
        ({"price_idr": "1"}, 400, "invalid-fields"),
        ({"ends_at": "2026-01-01"}, 400, "invalid-fields"),
        ({"ends_at": "2027-01-01T10:00"}, 400, "invalid-fields"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, 422, "promotion-times"),
        ({"ends_at": "0001-01-01T00:00:00+14:00"}, 422, "promotion-times"),
        ({"starts_at": "9999-12-31T23:59:59-14:00"}, 422, "promotion-times"),
        ({"status": "running"}, 400, "invalid-fields"),
    ],
)
async def test_bad_promotion_is_refused(client, listing, owner, change, status, slug):
    body = {"price_idr": 15_000, "ends_at": later(days=3)} | change
    reply = await client.post(f"/api/v1/listings/{listing['id']}/promotions", body, owner)
    assert (reply.status, reply.slug) == (status, slug)


async def test_a_campaign_from_announcement_to_its_end(client, listing, post_id, owner, operator):
    body = {
        "post_id": post_id, "title": f"Bazar {new_id().hex[-8:]}", "about": "Datang, ya.", "place": "Balai RW 03",
        "starts_at": later(days=2), "ends_at": later(days=3),
    }  # fmt: skip
    assert (await client.post("/api/v1/campaigns", body, owner)).status == 403
    stranger = principal(None, Grant("operator", "post", new_id()))
    assert (await client.post("/api/v1/campaigns", body, stranger)).status == 403
    made = await client.post("/api/v1/campaigns", body, operator)
    assert (made.status, made.body["phase"], made.body["post_name"]) == (201, "coming", "Posyantek Pademangan")
    path = f"/api/v1/campaigns/{made.body['slug']}"
    assert (await client.get(path)).body == (await client.get(f"/api/v1/campaigns/{made.body['id']}")).body == made.body
    listed = (await client.get(f"/api/v1/campaigns?post_id={post_id}&limit=100")).body["items"]
    assert made.body in listed

    joined = await client.post(f"{path}/listings", {"listing_id": listing["id"]}, owner)
    assert (joined.status, joined.body["listings_count"]) == (200, 1)
    shown = (await client.get(f"{path}/listings")).body["items"]
    assert shown == (await client.get(f"/api/v1/listings?business_id={listing['business_id']}")).body["items"]
    assert (await client.get(f"{path}/listings?mine=true", owner)).body["items"] == shown
    assert (await client.get(f"{path}/listings?mine=true", operator)).body["items"] == []
    assert (await client.get(f"{path}/listings?mine=true")).status == 401
    out = await client.send("DELETE", f"{path}/listings/{listing['id']}", operator)
    assert (out.status, out.body["listings_count"]) == (200, 0)
    again = await client.post(f"{path}/listings", {"listing_id": listing["id"]}, owner)
    assert (again.status, again.slug) == (409, "taken-out")

    moved = await client.send("PATCH", path, operator, body={"place": "Balai RW 04", "version": 1})
    assert (moved.body["place"], moved.body["version"], moved.body["slug"]) == ("Balai RW 04", 2, made.body["slug"])
    stale = await client.send("PATCH", path, operator, body={"place": "Lain", "version": 1})
    assert (stale.status, stale.slug) == (409, "stale-campaign")
    off = await client.post(f"{path}/cancel", None, operator)
    assert off.body["phase"] == "cancelled"
    late = await client.post(f"{path}/listings", {"listing_id": listing["id"]}, operator)
    assert (late.status, late.slug) == (409, "campaign-over")
    assert made.body["id"] not in [
        item["id"] for item in (await client.get("/api/v1/campaigns?limit=100")).body["items"]
    ]


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"title": ""}, 400, "invalid-fields"),
        ({"title": "a" * 121}, 400, "invalid-fields"),
        ({"place": None}, 400, "invalid-fields"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 422, "campaign-times"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, 422, "campaign-times"),
    ],
)
async def test_bad_campaign_is_refused(client, post_id, operator, change, status, slug):
    body = {
        "post_id": post_id, "title": "Bazar", "place": "Balai", "starts_at": later(days=2), "ends_at": later(days=3),
    }  # fmt: skip
    reply = await client.post("/api/v1/campaigns", body | change, operator)
    assert (reply.status, reply.slug) == (status, slug)


async def test_anybody_counts_and_the_owner_reads(client, listing, owner):
    items = [
        {"listing_id": listing["id"], "what": "view", "n": 34},
        {"listing_id": listing["id"], "what": "whatsapp"},
        {"listing_id": str(NOBODY), "what": "view"},
        {"business_id": listing["business_id"], "what": "qr", "n": 1000},
    ]
    assert (await client.post("/api/v1/attention", {"items": items})).status == 204
    path = f"/api/v1/listings/{listing['id']}/attention"
    today = (await client.get(path, owner)).body["days"][-1]
    assert (today["view"], today["whatsapp"], today["share"]) == (34, 1, 0)
    business = await client.get(f"/api/v1/businesses/{listing['business_id']}/attention", owner)
    assert business.body["days"][-1]["qr"] == 1000
    assert [(await client.get(path, who)).status for who in (None, principal())] == [401, 403]
    assert (await client.get(f"/api/v1/listings/{NOBODY}/attention", owner)).status == 404


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"what": "view"}],
        [{"listing_id": str(NOBODY), "what": "bought"}],
        [{"listing_id": str(NOBODY), "what": "view", "n": 1001}],
        [{"listing_id": str(NOBODY), "what": "view", "n": 0}],
        [{"listing_id": str(NOBODY), "what": "view", "address": "203.0.113.7"}],
        [{"listing_id": str(NOBODY), "what": "view"}] * 201,
    ],
)
async def test_bad_counts_are_refused(client, items):
    reply = await client.post("/api/v1/attention", {"items": items})
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_an_order_by_whatsapp_and_what_became_of_it(client, listing, owner):
    path = f"/api/v1/listings/{listing['id']}/enquiries"
    noted = await client.post(path, {"units": 3, "variant": "Botol kaca"})
    assert noted.status == 201
    assert noted.body == {"reference": noted.body["reference"], "whatsapp": "+6281234567890", "price_idr": 20_000}
    other = await client.post(path, {})
    first = await client.get(f"{path}?limit=1", owner)
    rest = await client.get(f"{path}?limit=1&cursor={first.body['next']}", owner)
    found = [*first.body["items"], *rest.body["items"]]
    assert [(item["reference"], item["units"], item["variant"], item["outcome"]) for item in found] == [
        (other.body["reference"], 1, None, None),
        (noted.body["reference"], 3, "Botol kaca", None),
    ]
    assert [(await client.get(path, who)).status for who in (None, principal(), OFFICER)] == [401, 403, 403]
    outcome = f"/api/v1/enquiries/{found[1]['id']}/outcome"
    settled = await client.post(outcome, {"outcome": "sold"}, owner)
    assert (settled.status, settled.body["outcome"]) == (200, "sold")
    assert (await client.post(outcome, {"outcome": "sold"}, principal())).status == 403
    assert (await client.post(outcome, {"outcome": "perhaps"}, owner)).status == 400
    assert (await client.post(f"/api/v1/enquiries/{NOBODY}/outcome", {"outcome": "sold"}, owner)).status == 404


@pytest.mark.parametrize(
    "body",
    [{"units": 0}, {"units": 10_000}, {"units": "2"}, {"variant": "a" * 61}, {"variant": "a\nb"}, {"name": "Ibu Sri"}],
)
async def test_bad_enquiry_is_refused(client, listing, body):
    reply = await client.post(f"/api/v1/listings/{listing['id']}/enquiries", body)
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_a_machine_that_enquires_too_often_is_told_to_wait(client, listing):
    path = f"/api/v1/listings/{listing['id']}/enquiries"
    for expected, address in [*[(201, "203.0.113.9")] * 60, (429, "203.0.113.9"), (201, "203.0.113.10")]:
        reply = await client.post(path, {"units": 1}, headers={"X-Forwarded-For": address})
        assert reply.status == expected
        if expected == 429:
            assert 0 < int(reply.headers["Retry-After"]) <= 600
