from uuid import UUID

import pytest

from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.contracts.pools import MachineOwned
from shared.ids import new_id
from shared.json import dumps
from shared.testing.running import NOBODY, eventually, principal
from tests.listings.conftest import OFFICER


def new_business(post_id, **more):
    return {"name": "Bir Pletok Bang Jali", "post_id": post_id, "whatsapp": "0812-3456-7890"} | more


@pytest.fixture
async def business(client, post_id, owner):
    body = new_business(post_id, story="Resep\nkakek.", kelurahan_code="31.72.05.1003", categories=["drinks", "drinks"])
    reply = await client.post("/api/v1/businesses", body, owner)
    assert reply.status == 201, reply.body
    return reply.body


@pytest.fixture
async def verified(client, business, operator):
    reply = await client.post(f"/api/v1/businesses/{business['id']}/verify", None, operator)
    assert (reply.status, reply.body["status"]) == (200, "verified")
    return reply.body


def new_listing(business, **more):
    return {"business_id": business["id"], "name": "Bir pletok", "category": "drinks", "price_idr": 20000} | more


@pytest.fixture
async def listing(client, verified, owner):
    reply = await client.post("/api/v1/listings", new_listing(verified, unit="botol"), owner)
    assert (reply.status, reply.body["status"]) == (201, "draft")
    return reply.body


async def test_business_is_shown_whole(client, business, post_id, owner):
    shown = {key: value for key, value in business.items() if key not in {"id", "registered_at"}}
    assert shown == {
        "name": "Bir Pletok Bang Jali", "post_id": post_id, "post_name": "Posyantek Pademangan",
        "owner_account_id": str(owner.account_id), "status": "pending", "reason": None, "whatsapp": "+6281234567890",
        "story": "Resep\nkakek.", "kelurahan_code": "31.72.05.1003", "address": None, "hours": None,
        "categories": ["drinks"], "permits": [], "halal": False, "made_with_ttg": False, "role": "owner",
        "welcomes_visits": False, "assisted_by": None, "version": 1,
    }  # fmt: skip
    mine = await client.get("/api/v1/businesses/mine", owner)
    assert mine.body == {"items": [business], "next": None}


async def test_pending_business_is_for_its_owner_and_post_only(client, business, owner, operator):
    path = f"/api/v1/businesses/{business['id']}"
    stranger = principal(None, Grant("operator", "post", new_id()))
    statuses = [(await client.get(path, who)).status for who in (owner, operator, OFFICER, None, principal(), stranger)]
    assert statuses == [200, 200, 200, 404, 404, 404]


async def test_queue_and_review(client, business, owner, operator, post_id):
    path = f"/api/v1/businesses/{business['id']}"
    queue = await client.get(f"/api/v1/businesses/queue?post_id={post_id}&limit=100", operator)
    assert business["id"] in [item["id"] for item in queue.body["items"]]
    stranger = principal(None, Grant("operator", "post", new_id()))
    foreign = await client.post(f"{path}/verify", None, stranger)
    assert (foreign.status, foreign.slug) == (403, "not-allowed")
    assert (await client.get(f"/api/v1/businesses/queue?post_id={post_id}", stranger)).status == 403
    own = principal(owner.account_id, Grant("operator", "post", UUID(post_id)))
    reply = await client.post(f"{path}/verify", None, own)
    assert (reply.status, reply.slug) == (403, "own-business")
    rejected = await client.post(f"{path}/reject", {"reason": "Foto KTP jangan dikirim."}, operator)
    assert (rejected.status, rejected.body["status"], rejected.body["reason"]) == (
        200,
        "rejected",
        "Foto KTP jangan dikirim.",
    )
    again = await client.post(f"{path}/reject", {"reason": "x"}, operator)
    assert (again.status, again.slug) == (409, "already-reviewed")
    assert (await client.post(f"{path}/verify", None, operator)).body["status"] == "verified"
    assert (await client.get(path)).status == 200


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"post_id": str(new_id())}, 422, "post-unknown"),
        ({"post_id": "1"}, 400, "invalid-fields"),
        ({"whatsapp": "021"}, 400, "invalid-fields"),
        ({"whatsapp": "<script>"}, 400, "invalid-fields"),
        ({"whatsapp": None}, 400, "invalid-fields"),
        ({"name": " "}, 400, "invalid-fields"),
        ({"name": "tab\x00"}, 400, "invalid-fields"),
        ({"story": "a" * 2001}, 400, "invalid-fields"),
        ({"story": "balik\u202e"}, 400, "invalid-fields"),
        ({"kelurahan_code": "31.72.05"}, 400, "invalid-fields"),
        ({"categories": ["gadget"]}, 400, "invalid-fields"),
        ({"categories": ["other"] * 6}, 400, "invalid-fields"),
        ({"status": "verified"}, 400, "invalid-fields"),
        ({"owner_account_id": str(new_id())}, 400, "invalid-fields"),
    ],
)
async def test_bad_business_is_refused(client, post_id, owner, change, status, slug):
    reply = await client.post("/api/v1/businesses", new_business(post_id) | change, owner)
    assert (reply.status, reply.slug) == (status, slug)


async def test_empty_boxes_of_a_form_are_nothing_entered(client, post_id, owner):
    reply = await client.post("/api/v1/businesses", new_business(post_id, story=" ", kelurahan_code=""), owner)
    assert (reply.status, reply.body["story"], reply.body["kelurahan_code"]) == (201, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"price_idr": 0},
        {"price_idr": -1},
        {"price_idr": 10**15},
        {"price_idr": 1500.5},
        {"price_idr": "15000"},
        {"price_idr": True},
        {"price_idr": None},
        {"category": "gadget"},
        {"name": ""},
        {"name": "dua\nbaris"},
        {"name": "nol\x07"},
        {"unit": "a" * 21},
        {"description": "x" * 2001},
        {"status": "published"},
        {"business_id": "x"},
        {"version": 10**9},
        {"version": "1"},
    ],
)
async def test_bad_listing_is_refused(client, verified, listing, owner, change):
    reply = await client.post("/api/v1/listings", new_listing(verified) | change, owner)
    assert (reply.status, reply.slug) == (400, "invalid-fields")
    if "business_id" not in change:
        changed = await client.send("PATCH", f"/api/v1/listings/{listing['id']}", owner, body=change)
        assert (changed.status, changed.slug) == (400, "invalid-fields")
        assert (await client.get(f"/api/v1/listings/{listing['id']}", owner)).body == listing


async def test_price_beyond_any_number_is_refused(client, verified, owner):
    raw = dumps(new_listing(verified)).replace(b"20000", b"9" * 40)
    reply = await client.send("POST", "/api/v1/listings", owner, raw=raw)
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_largest_price_is_kept_exactly(client, verified, owner):
    reply = await client.post("/api/v1/listings", new_listing(verified, price_idr=99_999_999_999_999), owner)
    assert (reply.status, reply.body["price_idr"]) == (201, 99_999_999_999_999)


async def test_markup_stays_text(client, verified, owner):
    text = "<script>alert('x')</script> & «enak» 🍜"
    body = new_listing(verified, name=text, description=f"{text}\n'; DROP TABLE listings; --")
    reply = await client.post("/api/v1/listings", body, owner)
    assert (reply.status, reply.body["name"], reply.body["description"]) == (201, text, body["description"])


async def test_listing_of_a_foreign_or_missing_business_is_refused(client, verified, owner):
    foreign = await client.post("/api/v1/listings", new_listing(verified), principal())
    assert (foreign.status, foreign.slug) == (403, "not-allowed")
    missing = await client.post("/api/v1/listings", new_listing({"id": str(new_id())}), owner)
    assert missing.status == 404
    assert (await client.post("/api/v1/listings", new_listing(verified))).status == 401


async def test_publishing_waits_for_the_business(client, business, owner, operator):
    draft = (await client.post("/api/v1/listings", new_listing(business), owner)).body
    path = f"/api/v1/listings/{draft['id']}"
    refused = await client.post(f"{path}/publish", None, owner)
    assert (refused.status, refused.slug) == (409, "business-not-verified")
    assert refused.body["detail"].startswith("Usaha ini masih menunggu")
    assert (await client.get(path)).status == 404
    await client.post(f"/api/v1/businesses/{business['id']}/verify", None, operator)
    shown = await client.post(f"{path}/publish", None, owner)
    assert (shown.status, shown.body["status"]) == (200, "published")
    assert (await client.get(path)).body == {**shown.body, "role": None}


async def test_product_page_and_list_tell_the_maker(client, listing, verified, owner):
    path = f"/api/v1/listings/{listing['id']}"
    shown = (await client.post(f"{path}/publish", None, owner)).body
    assert {key: value for key, value in shown.items() if key not in {"id", "published_at"}} == {
        "business_id": verified["id"], "business_name": "Bir Pletok Bang Jali", "post_id": verified["post_id"],
        "post_name": "Posyantek Pademangan", "name": "Bir pletok", "description": None, "category": "drinks",
        "price_idr": 20000, "unit": "botol", "stock": None, "ready_in_days": None, "variants": [], "halal": False,
        "cover": None, "promotion_price_idr": None, "promotion_ends_at": None, "status": "published",
        "whatsapp": "+6281234567890",
        "made_with_ttg": False, "version": 2, "owner_account_id": str(owner.account_id), "business_status": "verified",
        "business_story": "Resep\nkakek.", "kelurahan_code": "31.72.05.1003", "region_name": "Pademangan",
        "district_code": "31.72.05", "claims_ttg": True, "role": "owner", "made_with": [],
    }  # fmt: skip
    listed = (await client.get(f"/api/v1/listings?business_id={verified['id']}&q=pletok&category=drinks")).body["items"]
    assert [item.items() <= shown.items() for item in listed] == [True]
    for step, status in (("pause", "paused"), ("publish", "published"), ("archive", "archived")):
        assert (await client.post(f"{path}/{step}", None, owner)).body["status"] == status
    gone = await client.post(f"{path}/publish", None, owner)
    assert (gone.status, gone.slug) == (409, "wrong-listing-state")
    assert (await client.get(path)).status == 404
    mine = (await client.get("/api/v1/listings/mine", owner)).body["items"]
    assert [item["status"] for item in mine] == ["archived"]


async def test_second_device_does_not_overwrite_the_first(client, listing, owner):
    path = f"/api/v1/listings/{listing['id']}"
    first = await client.send("PATCH", path, owner, body={"price_idr": 21000, "version": 1})
    assert (first.status, first.body["price_idr"], first.body["version"]) == (200, 21000, 2)
    stale = await client.send("PATCH", path, owner, body={"name": "Lain", "version": 1})
    assert (stale.status, stale.slug, stale.body["version"]) == (409, "stale-version", 2)
    last = await client.send("PATCH", path, owner, body={"unit": None})
    assert (last.body["name"], last.body["price_idr"], last.body["unit"]) == ("Bir pletok", 21000, None)
    foreign = await client.send("PATCH", path, principal(), body={"price_idr": 1})
    assert foreign.status == 403


async def test_shelves_are_listed_in_both_languages(client):
    shelves = (await client.get("/api/v1/categories")).body["items"]
    assert {"code": "drinks", "name_id": "Minuman & bir pletok", "name_en": "Drinks & bir pletok"} in shelves


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/listings/123", 400, "malformed-id"),
        (f"/listings/{NOBODY}", 404, "not-found"),
        (f"/businesses/{NOBODY}", 404, "not-found"),
        ("/listings?category=gadget", 400, "invalid-fields"),
        ("/listings?post_id=1", 400, "invalid-fields"),
        ("/listings?q=%00", 400, "invalid-fields"),
        ("/listings?sort=price", 400, "invalid-fields"),
        ("/listings?cursor=IngI", 400, "bad-cursor"),
        ("/listings?limit=101", 400, "invalid-fields"),
    ],
)
async def test_bad_reads_are_told(client, path, status, slug):
    reply = await client.get(f"/api/v1{path}")
    assert (reply.status, reply.slug) == (status, slug)


async def test_double_tap_registers_once(client, post_id, owner):
    replies = [await client.post("/api/v1/businesses", new_business(post_id), owner, key="ketuk") for _ in range(2)]
    assert replies[0].body == replies[1].body
    assert len((await client.get("/api/v1/businesses/mine", owner)).body["items"]) == 1


async def test_events_of_others_arrive_by_the_broker(system, listing, owner, post_id):
    """Speaks as pools and identity would, over the broker that is running."""
    runner, client = system
    path = f"/api/v1/listings/{listing['id']}"
    await client.post(f"{path}/publish", None, owner)
    owned = MachineOwned(
        pool_id=new_id(),
        pledge_id=new_id(),
        account_id=owner.account_id,
        technology_id=new_id(),
        post_id=UUID(post_id),
        units=1,
    )
    async with runner.contexts["posyantek"].db.transaction() as tx:
        tx.emit(owned)
    await eventually(lambda: client.get(path), until=lambda reply: reply.body["made_with_ttg"])
    async with runner.contexts["posyantek"].db.transaction() as tx:
        tx.emit(AccountErased(account_id=owner.account_id))
    await eventually(lambda: client.get(path), until=lambda reply: reply.status == 404)
