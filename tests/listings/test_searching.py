"""What a buyer finds: by words right and wrong, by place, price and kind; and the searches that are kept."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.listings import consumers
from services.listings.commands import businesses, products, searches
from services.listings.domain.listing import Variant
from services.listings.domain.refusals import StockOrDays, TooManySaved, VariantTwice
from services.listings.queries import products as seen_products
from services.listings.queries import searches as seen_searches
from services.listings.queries import searching
from services.listings.repository import projections
from services.listings.views.searching import BusinessQuery, FoundListings, ListingQuery, Search
from shared.contracts.identity import AccountErased
from shared.contracts.posyantek import PostRegistered
from shared.errors import NotFound
from shared.http.paging import PageQuery
from shared.json import dumps
from shared.testing.running import principal

VILLAGES = {"here": "31.74.08.1003", "district": "31.74.08.1004", "city": "31.74.01.1001", "elsewhere": "31.71.05.1003"}


async def find(shop, **query):
    return await searching.list_on_show(shop.tx, ListingQuery(post_id=shop.post_id, **query))


async def names(shop, **query):
    """The names of all that is found, page by page."""
    items, cursor = [], None
    while True:
        page = await find(shop, limit=2, cursor=cursor, **query)
        items += [item["name"] for item in page.items]
        if page.next is None:
            return items
        cursor = page.next


@pytest.fixture
async def market(shop):
    business = await shop.business(verified=True)
    for name, price in [("Keripik singkong balado", 15000), ("Keripik pisang cokelat", 12000), ("Sambal roa", 30000)]:
        await shop.listing(business, published=True, name=name, price_idr=price)
    return shop


@pytest.mark.parametrize(
    ("typed", "meant", "found"),
    [
        ("keripk", "keripik", ["Keripik pisang cokelat", "Keripik singkong balado"]),
        ("kripik", None, ["Keripik pisang cokelat", "Keripik singkong balado"]),  # another word for it, no slip
        ("kerpiik pisnag", "keripik pisang", ["Keripik pisang cokelat"]),
        ("coklat", None, ["Keripik pisang cokelat"]),
        ("sambla roa", "sambal roa", ["Sambal roa"]),
        ("sambel", None, ["Sambal roa"]),
        ("singkonk yang enak", None, []),  # “enak” is nowhere, and near nothing
        ("mobil", None, []),
        ("123456", None, []),
    ],
)
async def test_words_are_understood_though_misspelled(market, typed, meant, found):
    page = await find(market, q=typed)
    assert ([item["name"] for item in page.items], page.words if page.items else None) == (found, meant)


async def test_name_counts_more_than_description_and_a_picture_more_than_none(shop):
    business = await shop.business(verified=True)
    await shop.listing(business, published=True, name="Sambal", description="Cocok untuk keripik")
    plain = await shop.listing(business, published=True, name="Keripik tempe")
    await shop.listing(business, published=True, name="Keripik ubi")
    assert await names(shop, q="keripik") == ["Keripik ubi", "Keripik tempe", "Sambal"]
    await shop.tx.run("""UPDATE listings SET cover = '{"id": "x"}' WHERE id = $1""", plain)
    assert await names(shop, q="keripik") == ["Keripik tempe", "Keripik ubi", "Sambal"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"order": "cheapest"}, ["Keripik pisang cokelat", "Keripik singkong balado", "Sambal roa"]),
        ({"highest_idr": 15000}, ["Keripik singkong balado", "Keripik pisang cokelat"][::-1]),
        ({"lowest_idr": 15000, "order": "cheapest"}, ["Keripik singkong balado", "Sambal roa"]),
        ({"q": "keripik", "lowest_idr": 13000}, ["Keripik singkong balado"]),
        ({"halal": True}, []),
        ({"made_with_ttg": True}, []),
        ({"district_code": "31.74.08", "q": "sambal"}, ["Sambal roa"]),
        ({"district_code": "31.74.09"}, []),
    ],
)
async def test_filters_narrow_and_orders_order(market, query, found):
    assert await names(market, **query) == found


async def test_ready_stock_is_told_from_what_is_made_to_order(shop):
    business = await shop.business(verified=True)
    for name, more in [("ada", {}), ("lima", {"stock": 5}), ("habis", {"stock": 0}), ("pesanan", {"ready_in_days": 3})]:
        await shop.listing(business, published=True, name=name, **more)
    assert await names(shop, ready=True) == ["lima", "ada"]


async def test_what_is_near_comes_first(shop):
    for where in ("elsewhere", "city", "district", "here"):
        business = await shop.business(verified=True, name=where, kelurahan_code=VILLAGES[where])
        for kind in ("Kopi", "Teh"):
            await shop.listing(business, published=True, name=f"{kind} {where}")
    near = VILLAGES["here"]
    expected = ["here", "district", "city", "elsewhere"]
    assert await names(shop, near=near) == [f"{kind} {where}" for where in expected for kind in ("Teh", "Kopi")]
    assert await names(shop, near=near, q="kopi") == [f"Kopi {where}" for where in expected]


async def test_a_very_common_word_gives_the_newest_and_goes_on_by_pages(shop, monkeypatch):
    business = await shop.business(verified=True)
    for number in range(5):
        await shop.listing(business, published=True, name=f"Keripik {number}")
    await shop.tx.run("UPDATE words SET listings = 100000 WHERE word = 'keripik'")
    assert await names(shop, q="keripik") == [f"Keripik {number}" for number in (4, 3, 2, 1, 0)]


async def test_since_tells_only_what_is_new(market):
    cursor = (await find(market, limit=1)).items[0]["published_at"]
    await market.listing(await market.business(verified=True), published=True, name="Kue baru")
    assert await names(market, since=cursor) == ["Kue baru"]


async def test_suggestions_complete_or_correct_the_last_word(market):
    async def suggested(typed):
        return [item.words for item in (await searching.suggest(market.tx, typed)).items]

    assert await suggested("ker") == ["keripik"]
    assert await suggested("Keripik pi") == ["keripik pisang"]
    assert await suggested("sambla") == ["sambal"]
    assert await suggested("%") == []
    assert await suggested("zzz") == []


async def test_businesses_are_found_by_name_and_story_once_verified(shop):
    await shop.business(verified=True, name="Dapur Bu Sri", story="Rendang sejak 1990")
    await shop.business(name="Rendang Belum Diperiksa")
    found = await searching.find_businesses(shop.tx, BusinessQuery(q="rendang"))
    assert [item["name"] for item in found.items] == ["Dapur Bu Sri"]
    assert (await searching.find_businesses(shop.tx, BusinessQuery(q="!!"))).items == []


async def test_answer_is_what_the_model_says(market):
    """Rows are answered without a model; whoever reads the document must not meet anything else."""
    for query in ({}, {"q": "keripk"}, {"near": VILLAGES["here"]}, {"order": "cheapest"}):
        answer = dumps(await find(market, **query))
        model = FoundListings.model_validate_json(answer, strict=False)
        assert model.model_dump(mode="json") == FoundListings.model_validate_json(model.model_dump_json()).model_dump(
            mode="json"
        )
        assert set(model.items[0].model_dump()) == set((await find(market, **query)).items[0])


@pytest.mark.parametrize(
    "query",
    [
        {"lowest_idr": -1}, {"highest_idr": 10**15}, {"district_code": "31"}, {"near": "x"}, {"order": "random"},
        {"q": "x" * 121}, {"since": "2026-01-01T00:00:00"},
    ],
)  # fmt: skip
async def test_nonsense_is_refused(query):
    with pytest.raises(ValidationError):
        ListingQuery.model_validate(query)


async def test_copies_follow_what_they_repeat(shop):
    business_id = await shop.business(verified=True, kelurahan_code=VILLAGES["here"])
    listing_id = await shop.listing(business_id, published=True)
    event = PostRegistered(
        post_id=shop.post_id, name="Posyantek Baru", region_code="31.74.08", region_level="district", region_name="Pancoran"
    )  # fmt: skip
    await projections.keep_post(shop.tx, event)
    await shop.tx.run(
        "UPDATE businesses SET name = 'Nama Baru', whatsapp = '+628110000001', kelurahan_code = $2 WHERE id = $1",
        business_id, VILLAGES["city"],
    )  # fmt: skip
    seen = await seen_products.get_listing(shop.tx, listing_id, None)
    assert (seen.post_name, seen.business_name, seen.whatsapp) == ("Posyantek Baru", "Nama Baru", "+628110000001")
    assert await names(shop, district_code="31.74.01") == ["Keripik singkong"]


async def test_stock_or_days_and_variants(shop):
    business_id = await shop.business(verified=True)
    for wrong in ({"stock": 1, "ready_in_days": 2}, {"variants": (Variant("Pedas"), Variant("pedas", 5))}):
        with pytest.raises((StockOrDays, VariantTwice)):
            await shop.listing(business_id, **wrong)
    listing_id = await shop.listing(business_id, stock=4, variants=(Variant("Pedas", 17000), Variant("Asin")))
    seen = await seen_products.get_listing(shop.tx, listing_id, shop.owner)
    assert (seen.stock, [item.model_dump() for item in seen.variants]) == (
        4, [{"name": "Pedas", "price_idr": 17000}, {"name": "Asin", "price_idr": None}],
    )  # fmt: skip
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"ready_in_days": 7})
    seen = await seen_products.get_listing(shop.tx, listing_id, shop.owner)
    assert (seen.stock, seen.ready_in_days, len(seen.variants)) == (None, 7, 2)
    with pytest.raises(StockOrDays):
        await products.revise_listing(shop.tx, shop.owner, listing_id, {"ready_in_days": 7, "stock": 1})
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"variants": ()})
    assert (await seen_products.get_listing(shop.tx, listing_id, shop.owner)).variants == []


async def test_searches_are_kept_once_seen_and_forgotten(shop):
    who, stranger = principal(), principal()
    kept = await searches.save_search(shop.tx, who, Search(q="keripik", halal=True))
    assert (await searches.save_search(shop.tx, who, Search(q="keripik", halal=True))).id == kept.id
    first = await searches.see_search(shop.tx, who, kept.id)
    second = await searches.see_search(shop.tx, who, kept.id)
    assert kept.seen_at == first.seen_at < second.seen_at
    for act in (searches.see_search, searches.forget_search):
        with pytest.raises(NotFound):
            await act(shop.tx, stranger, kept.id)
    (item,) = (await seen_searches.list_saved(shop.tx, who, PageQuery())).items
    assert (item.query, item.id) == (Search(q="keripik", halal=True), kept.id)
    for number in range(searches.MOST_SAVED - 1):
        await searches.save_search(shop.tx, who, Search(q=f"kue {number}"))
    with pytest.raises(TooManySaved):
        await searches.save_search(shop.tx, who, Search(q="satu lagi"))
    await searches.forget_search(shop.tx, who, kept.id)
    await consumers.forget_owner(shop.tx, AccountErased(account_id=who.account_id), None)
    assert (await seen_searches.list_saved(shop.tx, who, PageQuery())).items == []


async def test_erased_business_is_not_found_by_its_old_words(shop):
    await shop.listing(await shop.business(verified=True), published=True)
    await businesses.forget_owner(shop.tx, shop.owner.account_id)
    assert await names(shop, q="keripik") == []
