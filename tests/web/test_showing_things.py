"""From the API's answers to what pages draw: pictures, electricity, places, unfinished things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.listings.domain.categories import CATEGORIES
from services.offers.catalogue import load_catalogue
from services.web.showing import listings, pictures, posts, technologies, unfinished

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def same(text):
    return text


@pytest.mark.parametrize("category", [category.code for category in CATEGORIES])
def test_every_shelf_has_a_drawing(category):
    assert pictures.of_product(category)["src"].startswith("/static/art-")


def test_every_technology_of_the_catalogue_has_a_drawing_of_its_kind():
    chest = pictures.of_technology("something-new")["src"]
    without = [card.slug for card in load_catalogue() if pictures.of_technology(card.slug)["src"] == chest]
    assert without == ["pres-tahu", "pengasap-ikan", "panci-pasteurisasi"]


def test_tiers_tell_what_they_save():
    terms = {"tiers": [{"from_units": 5, "unit_price_idr": 1_850_000}, {"from_units": 10, "unit_price_idr": 1_650_000}]}
    assert [tier["saved_idr"] for tier in technologies.tiers(terms)] == [0, 200_000]


def test_a_reference_is_short_and_the_products_own():
    assert listings.reference("01a20be4-4344-72ff-ae55-5d08dbd65caf") == "UB-D65CAF"


def region(code, name, level, parent, post_id=None):
    return {
        "code": code,
        "name": name,
        "level": level,
        "parent_code": parent,
        "post_id": post_id,
        "path": f"{name}, Jakarta",
    }


def test_a_kelurahan_is_served_by_its_kecamatans_post():
    regions = [
        region("31.71.05.1002", "Rawasari", "village", "31.71.05"),
        region("31.71.06.1001", "Rawa Badak", "village", "31.71.06"),
        region("31.71", "Jakarta Pusat", "city", "31"),
    ]
    assert posts.districts_to_ask(regions, 6) == ["31.71.05", "31.71.06"]
    found, unserved = posts.found("rawa", regions, [{"id": "a", "region_code": "31.71.05"}])
    assert found == [{"id": "a", "region_code": "31.71.05", "places": ["Rawasari"]}]
    assert unserved == ["Rawa Badak, Jakarta"]


def test_who_looks_for_a_city_does_not_ask_about_each_kelurahan():
    regions = [region("31.71.06.1001", "Gambir", "village", "31.71.06")]
    assert posts.found("jakarta", regions, []) == ([], [])


def holding(kind, amount_idr=0, total_idr=None, pay_by=None):
    return {"next": {"kind": kind, "amount_idr": amount_idr, "transfer_total_idr": total_idr}, "pay_by": pay_by}


def test_pledges_that_ask_for_something_come_first_by_when_it_is_due():
    pledges = [{"id": str(number), "pool_title": f"Urun {number}"} for number in range(5)]
    holdings = {
        "0": holding("save_card"),
        "1": holding("transfer", 500_000, 500_217, NOW.replace(hour=12)),
        "2": holding("none"),
        "3": holding("cash", 75_000, None, NOW),
    }
    tasks = unfinished.of_pledges(pledges, holdings, same)
    assert [(task.href, task.amount_idr) for task in tasks] == [
        ("/komitmen/3", 75_000),
        ("/komitmen/1", 500_217),
        ("/komitmen/0", None),
    ]


def test_businesses_and_products_that_wait_for_their_owner():
    businesses = [
        {"id": "v", "name": "Dapur", "status": "verified"},
        {"id": "r", "name": "Warung", "status": "rejected"},
        {"id": "p", "name": "Sanggar", "status": "pending"},
        {"id": "e", "name": "Kebun", "status": "verified"},
    ]
    products = [
        {"id": "1", "business_id": "v", "name": "Keripik", "status": "draft"},
        {"id": "2", "business_id": "v", "name": "Dodol", "status": "published"},
        {"id": "3", "business_id": "p", "name": "Batik", "status": "draft"},
        {"id": "4", "business_id": "e", "name": "Lama", "status": "archived"},
    ]
    assert [task.href for task in unfinished.of_business(businesses, products, same)] == [
        "/usaha/r",
        "/jualan/baru?usaha=e",
        "/produk/1",
    ]


def test_orders_that_wait_for_their_supplier():
    orders = [
        {"id": "1", "title": "Urun A", "state": "requested", "answer_by": NOW},
        {"id": "2", "title": "Urun B", "state": "confirmed"},
        {"id": "3", "title": "Urun C", "state": "closed"},
    ]
    suppliers = [{"name": "Bengkel", "status": "rejected"}, {"name": "Gudang", "status": "verified"}]
    tasks = unfinished.of_supplier(suppliers, orders, same)
    assert [(task.href, task.by) for task in tasks] == [("/pesanan/1", NOW), ("/pesanan/2", None), ("/pemasok", None)]


def test_only_drafts_are_to_be_handed_in():
    pools = [{"id": "1", "title": "A", "state": "draft"}, {"id": "2", "title": "B", "state": "open"}]
    assert [task.href for task in unfinished.of_pools(pools, same)] == ["/urun/1"]
