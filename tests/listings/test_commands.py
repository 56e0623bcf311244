import pytest

from services.listings import consumers
from services.listings.commands import businesses, products
from services.listings.domain.refusals import BusinessNotVerified, OwnBusiness, PostUnknown, StaleVersion
from services.listings.queries import businesses as seen_businesses
from services.listings.queries import products as seen_products
from services.listings.queries import searching
from services.listings.queries.verifying import verify
from services.listings.views.businesses import QueueQuery
from services.listings.views.searching import ListingQuery
from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.contracts.pools import MachineOwned
from shared.contracts.posyantek import PostRegistered
from shared.db import DataRefused, recorded_statements
from shared.errors import NotAllowed, NotFound
from shared.http.paging import PageQuery
from shared.ids import new_id
from shared.testing.databases import said
from shared.testing.running import principal


async def history(tx, column, subject):
    return await tx.rows(f"SELECT * FROM history WHERE {column} = $1 ORDER BY version", subject)


async def test_business_is_registered_then_verified_by_another(shop):
    business_id = await shop.business()
    waiting = (await seen_businesses.list_queue(shop.tx, shop.operator, QueueQuery())).items
    assert [(item.id, item.status, item.post_name) for item in waiting] == [
        (business_id, "pending", "Posyantek Pancoran")
    ]
    await businesses.verify_business(shop.tx, shop.operator, business_id)
    assert (await seen_businesses.list_queue(shop.tx, shop.operator, QueueQuery())).items == []
    ids = {
        "business_id": str(business_id), "owner_account_id": str(shop.owner.account_id), "post_id": str(shop.post_id),
    }  # fmt: skip
    assert await said(shop.tx) == [
        {"type": "listings.business_registered.v1", "name": "Keripik Bu Sri"} | ids,
        {"type": "listings.business_verified.v1", "verified_by": str(shop.operator.account_id)} | ids,
    ]
    assert [(row["what"], row["account_id"]) for row in await history(shop.tx, "business_id", business_id)] == [
        ("registered", shop.owner.account_id), ("verified", shop.operator.account_id),
    ]  # fmt: skip


async def test_rejected_business_tells_its_owner_why_and_may_be_verified_later(shop):
    business_id = await shop.business()
    await businesses.reject_business(shop.tx, shop.operator, business_id, "Alamat belum jelas.")
    seen = await seen_businesses.get_business(shop.tx, business_id, shop.owner)
    assert (seen.status, seen.reason, seen.version) == ("rejected", "Alamat belum jelas.", 2)
    with pytest.raises(NotFound):
        await seen_businesses.get_business(shop.tx, business_id, principal())
    await businesses.verify_business(shop.tx, shop.other_operator, business_id)
    seen = await seen_businesses.get_business(shop.tx, business_id, None)
    assert (seen.status, seen.reason, seen.version) == ("verified", None, 3)
    assert (await said(shop.tx, "listings.business_rejected.v1"))[0]["reason"] == "Alamat belum jelas."


async def test_only_a_second_person_of_the_same_post_or_the_province_reviews(shop):
    helped = principal(None, Grant("operator", "post", shop.post_id), assisted_by=shop.operator.account_id)
    business_id = await shop.business(helped)
    as_owner = principal(helped.account_id, Grant("operator", "post", shop.post_id))
    stranger = principal(None, Grant("operator", "post", new_id()))
    for who, refusal in (
        (as_owner, OwnBusiness),
        (shop.operator, OwnBusiness),
        (stranger, NotAllowed),
        (shop.owner, NotAllowed),
    ):
        for review in (
            lambda who: businesses.verify_business(shop.tx, who, business_id),
            lambda who: businesses.reject_business(shop.tx, who, business_id, "x"),
        ):
            with pytest.raises(refusal):
                await review(who)
    assert (
        await seen_businesses.get_business(shop.tx, business_id, shop.other_operator)
    ).assisted_by == shop.operator.account_id
    await businesses.verify_business(shop.tx, principal(None, Grant("officer", "province", new_id())), business_id)
    assert (await seen_businesses.get_business(shop.tx, business_id, None)).assisted_by is None


async def test_database_itself_wants_two_people(shop):
    business_id = await shop.business()
    with pytest.raises(DataRefused):
        await shop.tx.run(
            "UPDATE businesses SET status = 'verified', reviewed_by = owner_account_id WHERE id = $1", business_id
        )


async def test_business_needs_a_known_post(shop):
    with pytest.raises(PostUnknown):
        await shop.business(post_id=new_id())


async def test_listing_lives_from_draft_to_archive(shop):
    business_id = await shop.business(verified=True)
    listing_id = await shop.listing(business_id)
    before = len(await said(shop.tx))
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 14000}, 1)
    for to in ("published", "paused", "published"):
        await products.move_listing(shop.tx, shop.owner, listing_id, to)
    first_shown = (await seen_products.get_listing(shop.tx, listing_id, None)).published_at
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 13000, "description": "Renyah."})
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"description": None})
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 13000})
    seen = await seen_products.get_listing(shop.tx, listing_id, None)
    assert (seen.price_idr, seen.description, seen.version, seen.published_at) == (13000, None, 7, first_shown)
    await products.move_listing(shop.tx, shop.owner, listing_id, "archived")
    told = (await said(shop.tx))[before:]
    ids = {"listing_id": str(listing_id), "business_id": str(business_id), "post_id": str(shop.post_id)}
    shown = ids | {"name": "Keripik singkong", "category": "snacks"}
    assert told == [
        {"type": "listings.listing_published.v1", "price_idr": 14000} | shown,
        {"type": "listings.listing_withdrawn.v1"} | ids,
        {"type": "listings.listing_published.v1", "price_idr": 14000} | shown,
        {"type": "listings.listing_changed.v1", "price_idr": 13000} | shown,
        {"type": "listings.listing_withdrawn.v1"} | ids,
    ]
    rows = await history(shop.tx, "listing_id", listing_id)
    assert [row["what"] for row in rows] == [
        "created", "changed", "published", "paused", "published", "changed", "changed", "archived",
    ]  # fmt: skip
    assert rows[5]["details"] == {"price_idr": [14000, 13000], "description": [None, "Renyah."]}


async def test_helper_at_the_counter_stands_in_the_history(shop):
    business_id = await shop.business(verified=True)
    shop.owner = principal(shop.owner.account_id, assisted_by=shop.operator.account_id)
    listing_id = await shop.listing(business_id, published=True)
    rows = await history(shop.tx, "listing_id", listing_id)
    assert {(row["account_id"], row["assisted_by"]) for row in rows} == {
        (shop.owner.account_id, shop.operator.account_id)
    }


async def test_history_is_append_only(shop):
    await shop.business()

    async def attempt(sql):
        async with shop.tx.savepoint():
            await shop.tx.run(sql)

    for sql in ("DELETE FROM history", "UPDATE history SET account_id = gen_random_uuid()", "TRUNCATE history"):
        with pytest.raises(Exception, match="permission denied"):
            await attempt(sql)


async def test_unverified_business_keeps_its_listing_a_draft(shop):
    business_id = await shop.business()
    listing_id = await shop.listing(business_id)
    with pytest.raises(BusinessNotVerified):
        await products.move_listing(shop.tx, shop.owner, listing_id, "published")
    with pytest.raises(NotFound):
        await seen_products.get_listing(shop.tx, listing_id, principal())
    assert (await seen_products.get_listing(shop.tx, listing_id, shop.owner)).status == "draft"


async def test_only_the_owner_touches_a_listing(shop):
    business_id = await shop.business(verified=True)
    listing_id = await shop.listing(business_id, published=True)
    for who in (principal(), shop.operator):
        with pytest.raises(NotAllowed):
            await products.revise_listing(shop.tx, who, listing_id, {"price_idr": 1})
        with pytest.raises(NotAllowed):
            await products.move_listing(shop.tx, who, listing_id, "paused")
        with pytest.raises(NotAllowed):
            await products.create_listing(
                shop.tx, who, business_id=business_id, name="x", category="other", price_idr=1
            )
    for command in (
        products.revise_listing(shop.tx, shop.owner, new_id(), {}),
        products.move_listing(shop.tx, shop.owner, new_id(), "paused"),
        products.create_listing(shop.tx, shop.owner, business_id=new_id(), name="x", category="other", price_idr=1),
    ):
        with pytest.raises(NotFound):
            await command


async def test_stale_change_is_refused_whole(shop):
    listing_id = await shop.listing(await shop.business(verified=True), published=True)
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 14000}, 2)
    with pytest.raises(StaleVersion):
        await products.revise_listing(shop.tx, shop.owner, listing_id, {"name": "Lain", "price_idr": 1}, 2)
    seen = await seen_products.get_listing(shop.tx, listing_id, None)
    assert (seen.name, seen.price_idr, seen.version) == ("Keripik singkong", 14000, 3)


async def found(shop, **query):
    items, cursor = [], None
    while True:
        page = await searching.list_on_show(shop.tx, ListingQuery(limit=2, cursor=cursor, **query))
        items += [item["name"] for item in page.items]
        cursor = page.next
        if cursor is None:
            return items


async def test_products_are_filtered_searched_and_paged_newest_first(shop):
    business_id = await shop.business(verified=True)
    other = await shop.business(verified=True, name="Batik Betawi")
    for name, category, where, description in [
        ("Keripik singkong", "snacks", business_id, "Renyah dan gurih"),
        ("Keripik pisang", "snacks", business_id, None),
        ("Kue kering", "cakes", business_id, "Seperti keripik"),
        ("Batik cap", "batik", other, None),
    ]:
        await shop.listing(where, published=True, name=name, category=category, description=description)
    await shop.listing(business_id, name="Keripik rahasia")
    mine = {"post_id": shop.post_id}
    assert await found(shop, **mine) == ["Batik cap", "Kue kering", "Keripik pisang", "Keripik singkong"]
    assert await found(shop, **mine, category="snacks") == ["Keripik pisang", "Keripik singkong"]
    assert await found(shop, business_id=other) == ["Batik cap"]
    assert await found(shop, **mine, q="keripik") == ["Keripik pisang", "Keripik singkong", "Kue kering"]
    assert await found(shop, **mine, q="KERIPIK gurih") == ["Keripik singkong"]
    assert await found(shop, **mine, q="keripik -singkong", category="snacks") == ["Keripik pisang"]
    assert await found(shop, post_id=new_id()) == []
    for q in ("&|!()", "'; DROP TABLE listings", "%", "zzz"):
        assert await found(shop, **mine, q=q) == []


async def test_newest_is_by_first_day_on_show(shop):
    business_id = await shop.business(verified=True)
    old, _ = [await shop.listing(business_id, published=True, name=name) for name in ("lama", "baru")]
    for to in ("paused", "published"):
        await products.move_listing(shop.tx, shop.owner, old, to)
    assert await found(shop, business_id=business_id) == ["baru", "lama"]


async def test_owner_of_a_machine_earns_the_badge(shop):
    listing_id = await shop.listing(await shop.business(verified=True), published=True)
    assert (await seen_products.get_listing(shop.tx, listing_id, None)).made_with_ttg is False
    for account_id in (new_id(), shop.owner.account_id):
        event = MachineOwned(
            pool_id=new_id(),
            pledge_id=new_id(),
            account_id=account_id,
            technology_id=new_id(),
            post_id=shop.post_id,
            units=1,
        )
        for _ in range(2):  # a rebuilt projection hears it again
            await consumers.keep_machine(shop.tx, event, None)
    (item,) = (await searching.list_on_show(shop.tx, ListingQuery(post_id=shop.post_id))).items
    assert item["made_with_ttg"] is True
    (business,) = (await seen_businesses.list_own_businesses(shop.tx, shop.owner, PageQuery())).items
    assert business.made_with_ttg is True


async def test_post_is_named_as_it_was_heard_last(shop):
    listing_id = await shop.listing(await shop.business(verified=True), published=True)
    event = PostRegistered(
        post_id=shop.post_id,
        name="Posyantek Baru",
        region_code="31.74.08",
        region_level="district",
        region_name="Pancoran",
    )
    await consumers.keep_post(shop.tx, event, None)
    seen = await seen_products.get_listing(shop.tx, listing_id, None)
    assert (seen.post_name, seen.region_name) == ("Posyantek Baru", "Pancoran")


async def test_erased_owner_leaves_no_text_and_no_product(shop):
    business_id = await shop.business(verified=True)
    shown = await shop.listing(business_id, published=True)
    draft = await shop.listing(business_id)
    await products.revise_listing(shop.tx, shop.owner, draft, {"name": "Keripik Bu Sri Rahayu"})
    other_business = await shop.business(principal())
    before = len(await said(shop.tx))
    for _ in range(2):
        await consumers.forget_owner(shop.tx, AccountErased(account_id=shop.owner.account_id), None)
    assert [(event["type"], event["listing_id"]) for event in (await said(shop.tx))[before:]] == [
        ("listings.listing_withdrawn.v1", str(shown)),
    ]
    for subject, read in (
        (business_id, seen_businesses.get_business),
        (shown, seen_products.get_listing),
        (draft, seen_products.get_listing),
    ):
        with pytest.raises(NotFound):
            await read(shop.tx, subject, shop.owner)
    kept = str(await shop.tx.rows("SELECT * FROM businesses WHERE id = $1", business_id))
    kept += str(await shop.tx.rows("SELECT * FROM listings WHERE business_id = $1", business_id))
    kept += str(await history(shop.tx, "listing_id", draft))
    assert "Keripik" not in kept
    assert "+62" not in kept
    with pytest.raises(NotFound):
        await products.move_listing(shop.tx, shop.owner, draft, "published")
    assert (await seen_businesses.get_business(shop.tx, other_business, shop.operator)).name == "Keripik Bu Sri"
    assert (await verify(shop.tx, None)).drifts == []


async def test_queue_shows_own_posts_longest_waiting_first(shop):
    first, second = await shop.business(), await shop.business(name="Kedua")
    stranger = principal(None, Grant("operator", "post", new_id()))
    officer = principal(None, Grant("officer", "province", new_id()))

    async def queue(who, **query):
        return [item.id for item in (await seen_businesses.list_queue(shop.tx, who, QueueQuery(**query))).items]

    assert await queue(shop.operator) == await queue(shop.operator, post_id=shop.post_id) == [first, second]
    assert await queue(officer) == [first, second]
    assert await queue(stranger) == []
    with pytest.raises(NotAllowed):
        await queue(stranger, post_id=shop.post_id)


@pytest.mark.parametrize(
    "read",
    [
        lambda shop: searching.list_on_show(shop.tx, ListingQuery(post_id=shop.post_id, category="snacks")),
        lambda shop: seen_products.list_own_listings(shop.tx, shop.owner, PageQuery()),
        lambda shop: seen_businesses.list_own_businesses(shop.tx, shop.owner, PageQuery()),
        lambda shop: seen_businesses.list_queue(shop.tx, shop.operator, QueueQuery()),
    ],
    ids=["on show", "own listings", "own businesses", "queue"],
)
async def test_list_costs_one_statement_however_long(shop, read):
    business_id = await shop.business(verified=True)
    for _ in range(3):
        await shop.listing(business_id, published=True)
        await shop.business()
    with recorded_statements() as statements:
        found = await read(shop)
    assert len(found.items) >= 3
    assert len(statements) == 1


async def test_verify_is_content_with_what_commands_made(shop):
    business_id = await shop.business(verified=True)
    await shop.listing(business_id, published=True)
    paused = await shop.listing(business_id, published=True)
    await products.move_listing(shop.tx, shop.owner, paused, "paused")
    await products.revise_listing(shop.tx, shop.owner, paused, {"price_idr": 1})
    await businesses.reject_business(shop.tx, shop.operator, await shop.business(), "x")
    await shop.listing(await shop.business())
    await said(shop.tx)
    findings = await verify(shop.tx, None)
    assert findings.drifts == []
    assert findings.facts["post_name"][str(shop.post_id)] == "Posyantek Pancoran"


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE listings SET price_idr = 1", {"a listing and the log"}),
        ("UPDATE listings SET status = 'paused'", {"a listing and the log", "a listing and its history"}),
        ("UPDATE listings SET version = version + 1", {"a listing and its history"}),
        ("UPDATE businesses SET version = 1", {"a business and its history"}),
        (
            "UPDATE businesses SET status = 'pending', reviewed_by = NULL",
            {"a business and its history", "a business and the log", "the business of a listing on show"},
        ),
        ("UPDATE businesses SET owner_account_id = gen_random_uuid()", {"a business and the log"}),
        ("UPDATE listings SET business_name = 'Lain'", {"what a listing repeats"}),
        ("UPDATE listings SET made_with_ttg = true", {"what a listing repeats"}),
    ],
)
async def test_verify_finds_what_was_changed_behind_the_commands(shop, damage, what):
    await shop.listing(await shop.business(verified=True), published=True)
    await said(shop.tx)
    await shop.tx.run(damage)
    assert {drift.what for drift in (await verify(shop.tx, None)).drifts} == what
