"""Promotions, campaigns, figures and enquiries on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.listings.commands import attention, campaigns, enquiries, products, promotions
from services.listings.domain.attention import Seen, day_of
from services.listings.domain.promoting_refusals import PromotionsOverlap, TakenOut, TooManyOfBusiness
from services.listings.domain.refusals import PostUnknown
from services.listings.queries import attention as figures
from services.listings.queries import products as seen_products
from services.listings.queries import searching
from services.listings.repository import campaigns as campaign_rows
from services.listings.repository import promotions as promotion_rows
from services.listings.views.searching import ListingQuery
from shared.db import DataRefused
from shared.errors import NotAllowed, NotFound
from shared.ids import new_id
from shared.testing.databases import said
from shared.testing.running import principal

HOUR = timedelta(hours=1)


@pytest.fixture
async def listing(shop):
    """A product on show at Rp 15.000."""
    return await shop.listing(await shop.business(verified=True), published=True)


async def plan(shop, listing_id, price_idr=12_000, *, starts=None, ends=24, who=None):
    now = await shop.tx.now()
    return await promotions.plan_promotion(
        shop.tx, who or shop.owner, listing_id, price_idr=price_idr,
        starts_at=None if starts is None else now + starts * HOUR, ends_at=now + ends * HOUR,
    )  # fmt: skip


async def told(shop):
    await promotions.tell_started(shop.tx, await shop.tx.now())
    return await said(shop.tx, "listings.promotion_started.v1")


async def test_a_promotion_is_told_once_when_it_runs(shop, listing):
    now = await shop.tx.now()
    coming = await plan(shop, listing, starts=30, ends=40)
    assert await told(shop) == []
    running = await plan(shop, listing, 12_500)
    events = await told(shop)
    assert [(event["promotion_id"], event["listing_id"], event["price_idr"]) for event in events] == [
        (str(running), str(listing), 12_500)
    ]
    assert len(await told(shop)) == 1, "not told again"
    await promotions.tell_started(shop.tx, now + 31 * HOUR)
    assert [event["promotion_id"] for event in await told(shop)] == [str(running), str(coming)]


async def test_what_is_not_on_show_or_ended_is_not_told(shop):
    draft = await shop.listing(await shop.business(verified=True))
    await plan(shop, draft)
    assert await told(shop) == []
    await products.move_listing(shop.tx, shop.owner, draft, "published")
    assert len(await told(shop)) == 1, "told once it is seen"
    other = await shop.listing(await shop.business(verified=True), published=True)
    ended = await plan(shop, other)
    await promotions.end_promotion(shop.tx, shop.owner, ended)
    assert len(await told(shop)) == 1


async def test_the_price_of_now_is_found_for_a_set(shop, listing):
    other = await shop.listing(await shop.business(verified=True), published=True)
    await plan(shop, other, starts=2)
    promotion_id = await plan(shop, listing, 9_000)
    found = await promotion_rows.running(shop.tx, [listing, other])
    assert {id_: price for id_, (price, _) in found.items()} == {listing: 9_000}
    await promotions.end_promotion(shop.tx, shop.owner, promotion_id)
    assert await promotion_rows.running(shop.tx, [listing, other]) == {}


async def test_lists_tell_the_price_that_holds_now(shop, listing):
    await plan(shop, listing, 9_000)
    found = await searching.list_on_show(shop.tx, ListingQuery(post_id=shop.post_id))
    assert [(item["price_idr"], item["promotion_price_idr"]) for item in found.items] == [(15_000, 9_000)]
    assert (await seen_products.get_listing(shop.tx, listing, None)).promotion_price_idr == 9_000


async def test_only_the_owner_promotes(shop, listing):
    for who in (principal(), shop.operator):
        with pytest.raises(NotAllowed):
            await plan(shop, listing, who=who)
    promotion_id = await plan(shop, listing)
    with pytest.raises(NotAllowed):
        await promotions.end_promotion(shop.tx, principal(), promotion_id)
    with pytest.raises(NotFound):
        await promotions.end_promotion(shop.tx, shop.owner, new_id())


async def test_overlap_is_refused_by_the_rule_and_by_the_database(shop, listing):
    promotion_id = await plan(shop, listing, starts=2, ends=4)
    with pytest.raises(PromotionsOverlap):
        await plan(shop, listing, starts=3, ends=5)
    await plan(shop, listing, starts=4, ends=5)
    with pytest.raises(DataRefused, match="promotions_one_at_a_time"):
        async with shop.tx.savepoint():
            await shop.tx.run(
                "INSERT INTO promotions (id, listing_id, price_idr, starts_at, ends_at, account_id)"
                " SELECT $1, listing_id, 1, starts_at + interval '1 minute', ends_at, $1 FROM promotions WHERE id = $2",
                new_id(), promotion_id,
            )  # fmt: skip
    await promotions.end_promotion(shop.tx, shop.owner, promotion_id)
    await plan(shop, listing, starts=2, ends=3)


@pytest.mark.parametrize(
    "change",
    ["UPDATE promotions SET price_idr = 1", "UPDATE promotions SET ends_at = ends_at + interval '1 day'",
     "DELETE FROM promotions", "DELETE FROM campaigns", "DELETE FROM enquiries", "UPDATE enquiries SET units = 2",
     "DELETE FROM listing_attention"],
)  # fmt: skip
async def test_the_service_has_no_right_to_rewrite(shop, change):
    with pytest.raises(Exception, match="permission denied"):
        async with shop.tx.savepoint():
            await shop.tx.run(change)


async def test_a_lower_usual_price_ends_dearer_promotions(shop, listing):
    dear, cheap = await plan(shop, listing, 12_000), await plan(shop, listing, 9_000, starts=30, ends=40)
    await products.revise_listing(shop.tx, shop.owner, listing, {"price_idr": 12_001})
    assert (await promotion_rows.get(shop.tx, dear))["status"] == "running"
    await products.revise_listing(shop.tx, shop.owner, listing, {"price_idr": 12_000})
    assert await promotion_rows.running(shop.tx, [listing]) == {}, "no promotion is dearer than the price"
    assert (await promotion_rows.get(shop.tx, dear))["status"] == "cancelled"
    assert (await promotion_rows.get(shop.tx, cheap))["status"] == "coming"


async def announce(shop, title="Bazar Ramadan", *, who=None, starts=24, ends=48, post_id=None):
    now = await shop.tx.now()
    return await campaigns.announce_campaign(
        shop.tx, who or shop.operator, post_id=post_id or shop.post_id, title=title, place="Halaman kecamatan",
        starts_at=now + starts * HOUR, ends_at=now + ends * HOUR,
    )  # fmt: skip


async def listed(shop, campaign_id, owner=None):
    return [row["id"] for row in await campaign_rows.list_listings(shop.tx, campaign_id, owner, None, 100)]


async def test_campaigns_have_addresses_of_their_own(shop):
    ids = [await announce(shop) for _ in range(2)]
    slugs = [(await campaign_rows.get(shop.tx, id_, ""))["slug"] for id_ in ids]
    assert slugs == ["bazar-ramadan", f"bazar-ramadan-{ids[1].hex[-6:]}"]
    assert (await campaign_rows.get(shop.tx, None, "bazar-ramadan"))["id"] == ids[0]


async def test_only_the_posts_operators_announce(shop):
    with pytest.raises(NotAllowed):
        await announce(shop, who=shop.owner)
    elsewhere = new_id()
    stranger = principal(None, *[grant._replace(scope_id=elsewhere) for grant in shop.operator.grants])
    with pytest.raises(NotAllowed):
        await announce(shop, who=stranger)
    with pytest.raises(PostUnknown):
        await announce(shop, who=stranger, post_id=elsewhere)
    campaign_id = await announce(shop)
    with pytest.raises(NotAllowed):
        await campaigns.cancel_campaign(shop.tx, stranger, str(campaign_id))


async def test_announced_campaigns_are_listed_until_they_are_over_or_off(shop):
    running, later = await announce(shop, starts=-1), await announce(shop, starts=90, ends=99)
    off = await announce(shop)
    await campaigns.cancel_campaign(shop.tx, shop.other_operator, str(off))
    rows = await campaign_rows.list_announced(shop.tx, shop.post_id, None, 10)
    assert [(row["id"], row["phase"]) for row in rows] == [(running, "running"), (later, "coming")]
    after = (rows[0]["starts_at"], rows[0]["id"])
    assert [row["id"] for row in await campaign_rows.list_announced(shop.tx, shop.post_id, after, 10)] == [later]
    assert await campaign_rows.list_announced(shop.tx, new_id(), None, 10) == []
    assert (await campaign_rows.get(shop.tx, off, ""))["phase"] == "cancelled"


async def test_products_join_leave_and_are_taken_out(shop, listing):
    campaign_id = await announce(shop)
    named = str(campaign_id)
    with pytest.raises(NotAllowed):
        await campaigns.join_campaign(shop.tx, principal(), named, listing)
    with pytest.raises(NotAllowed):
        await campaigns.join_campaign(shop.tx, shop.operator, named, listing)
    for _ in range(2):
        await campaigns.join_campaign(shop.tx, shop.owner, named, listing)
    assert await listed(shop, campaign_id) == [listing]
    assert await listed(shop, campaign_id, new_id()) == []
    await campaigns.leave_campaign(shop.tx, shop.owner, named, listing)
    assert await listed(shop, campaign_id) == []

    await campaigns.join_campaign(shop.tx, shop.owner, named, listing)
    with pytest.raises(NotAllowed):
        await campaigns.leave_campaign(shop.tx, principal(), named, listing)
    await campaigns.leave_campaign(shop.tx, shop.operator, named, listing)
    assert await listed(shop, campaign_id) == []
    await campaigns.leave_campaign(shop.tx, shop.owner, named, listing)
    with pytest.raises(TakenOut):
        await campaigns.join_campaign(shop.tx, shop.owner, named, listing)
    await campaigns.join_campaign(shop.tx, shop.operator, named, listing)
    assert await listed(shop, campaign_id) == [listing]
    await products.move_listing(shop.tx, shop.owner, listing, "paused")
    assert await listed(shop, campaign_id) == []
    assert (await campaign_rows.get(shop.tx, campaign_id, ""))["listings_count"] == 0


async def test_no_business_fills_a_campaign(shop):
    campaign_id, business_id = await announce(shop), await shop.business(verified=True)
    own = [await shop.listing(business_id, published=True) for _ in range(21)]
    for listing_id in own[:20]:
        await campaigns.join_campaign(shop.tx, shop.owner, str(campaign_id), listing_id)
    with pytest.raises(TooManyOfBusiness):
        await campaigns.join_campaign(shop.tx, shop.owner, str(campaign_id), own[20])
    await campaigns.leave_campaign(shop.tx, shop.owner, str(campaign_id), own[0])
    await campaigns.join_campaign(shop.tx, shop.owner, str(campaign_id), own[20])


async def test_counts_add_up_and_unknown_things_are_ignored(shop, listing):
    business_id = await shop.business()
    for _ in range(2):
        await attention.add_attention(
            shop.tx,
            [Seen("listing", listing, "view", 3), Seen("listing", listing, "view", 4), Seen("listing", new_id(), "view", 1),
             Seen("listing", listing, "whatsapp", 1), Seen("business", business_id, "qr", 2), Seen("business", listing, "qr", 2)],
        )  # fmt: skip
    today = day_of(await shop.tx.now())
    days = (await figures.get_attention(shop.tx, shop.owner, "listing", listing)).days
    assert (len(days), days[0].day, days[-1].day) == (28, today - timedelta(days=27), today)
    assert (days[-1].view, days[-1].whatsapp, days[-1].share, days[-2].view) == (14, 2, 0, 0)
    of_business = (await figures.get_attention(shop.tx, shop.operator, "business", business_id)).days[-1]
    assert (of_business.qr, of_business.view) == (4, 0)
    for who in (principal(),):
        with pytest.raises(NotAllowed):
            await figures.get_attention(shop.tx, who, "listing", listing)


async def test_counts_never_grow_past_what_a_column_holds(shop, listing):
    await shop.tx.run(
        "INSERT INTO listing_attention VALUES ($1, $2, 'view', 1000000000)", listing, day_of(await shop.tx.now())
    )
    await attention.add_attention(shop.tx, [Seen("listing", listing, "view", 1000)])
    assert (await figures.get_attention(shop.tx, shop.owner, "listing", listing)).days[-1].view == 1_000_000_000


async def test_enquiries_keep_the_price_that_was_seen_and_count(shop, listing):
    usual = await enquiries.enquire(shop.tx, listing, units=2)
    await plan(shop, listing, 9_000)
    lower = await enquiries.enquire(shop.tx, listing, units=9999, variant="Pedas")
    assert (usual.price_idr, lower.price_idr, usual.whatsapp) == (15_000, 9_000, "+6281234567890")
    assert usual.reference != lower.reference
    id_ = await shop.tx.value("SELECT id FROM enquiries WHERE reference = $1", lower.reference)
    for who in (principal(), shop.operator):
        with pytest.raises(NotAllowed):
            await enquiries.settle_enquiry(shop.tx, who, id_, "sold")
    await enquiries.settle_enquiry(shop.tx, shop.owner, id_, "not_sold")
    await enquiries.settle_enquiry(shop.tx, shop.owner, id_, "sold")
    today = (await figures.get_attention(shop.tx, shop.owner, "listing", listing)).days[-1]
    assert (today.enquiries, today.sold) == (2, 1)


@pytest.mark.parametrize("state", ["draft", "paused", "archived"])
async def test_nobody_enquires_about_what_is_not_on_show(shop, state):
    listing_id = await shop.listing(await shop.business(verified=True), published=state != "draft")
    if state != "draft":
        await products.move_listing(shop.tx, shop.owner, listing_id, state)
    with pytest.raises(NotFound):
        await enquiries.enquire(shop.tx, listing_id, units=1)
