"""What a product is made with, as its owner says; and whose machine may be visited."""

import pytest

from services.listings import consumers
from services.listings.commands import businesses, products
from services.listings.queries import histories, machines, searching
from services.listings.queries import products as seen
from services.listings.queries.verifying import verify
from services.listings.views.machines import VisitQuery
from services.listings.views.searching import ListingQuery
from shared.contracts.identity import AccountErased
from shared.contracts.offers import TechnologyPublished
from shared.contracts.pools import MachineOwned
from shared.http.paging import PageQuery
from shared.ids import new_id
from shared.testing.databases import said
from shared.testing.running import principal


@pytest.fixture
async def spinner(shop):
    """A technology that listings has heard of."""
    technology_id = new_id()
    event = TechnologyPublished(
        technology_id=technology_id, slug="spinner", name_id="Spinner peniris", name_en="Oil-draining spinner"
    )
    await consumers.keep_technology(shop.tx, event, None)
    return technology_id


async def own(shop, technology_id, account_id):
    event = MachineOwned(
        pool_id=new_id(), pledge_id=new_id(), account_id=account_id, technology_id=technology_id,
        post_id=shop.post_id, units=1,
    )  # fmt: skip
    await consumers.keep_machine(shop.tx, event, None)


async def test_a_product_names_the_machine_and_the_post_that_tested_it(shop, spinner):
    listing_id = await shop.listing(await shop.business(verified=True), published=True)
    assert (await seen.get_listing(shop.tx, listing_id, None)).made_with == []
    for _ in range(2):  # two machines of a kind are told once
        await own(shop, spinner, shop.owner.account_id)
    listing = await seen.get_listing(shop.tx, listing_id, None)
    assert listing.made_with_ttg
    assert [machine.model_dump() for machine in listing.made_with] == [
        {
            "technology_id": spinner, "slug": "spinner", "name_id": "Spinner peniris", "name_en": "Oil-draining spinner",
            "post_id": shop.post_id, "post_name": "Posyantek Pancoran",
        }
    ]  # fmt: skip


async def test_a_product_made_without_the_machine_carries_no_badge(shop, spinner):
    business_id = await shop.business(verified=True)
    with_it = await shop.listing(business_id, published=True)
    without = await shop.listing(business_id, published=True, claims_ttg=False, name="Batik tulis")
    await own(shop, spinner, shop.owner.account_id)
    query = ListingQuery(made_with_ttg=True, post_id=shop.post_id)
    assert [item["id"] for item in (await searching.list_on_show(shop.tx, query)).items] == [with_it]
    await products.revise_listing(shop.tx, shop.owner, without, {"claims_ttg": True})
    await products.revise_listing(shop.tx, shop.owner, with_it, {"claims_ttg": False})
    assert [item["id"] for item in (await searching.list_on_show(shop.tx, query)).items] == [without]
    (change, *_) = (await histories.listing_history(shop.tx, with_it, shop.owner, PageQuery())).items
    assert [(one.field, one.before, one.after) for one in change.changes] == [("claims_ttg", True, False)]
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []


async def test_a_claim_without_a_machine_gives_nothing(shop):
    listing_id = await shop.listing(await shop.business(verified=True), published=True, claims_ttg=False)
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"claims_ttg": True})
    assert not (await seen.get_listing(shop.tx, listing_id, None)).made_with_ttg


async def visited(shop, *technologies, near=None, each=3):
    found = await machines.to_visit(shop.tx, VisitQuery(technology_ids=list(technologies), near=near, each=each))
    return [(item.business_name, item.nearness) for item in found.items]


async def neighbour(shop, name, kelurahan_code, technology_id, *, welcomes=True):
    owner = principal()
    business_id = await shop.business(owner, verified=True, name=name, kelurahan_code=kelurahan_code)
    await own(shop, technology_id, owner.account_id)
    await businesses.revise_business(shop.tx, owner, business_id, {"welcomes_visits": welcomes})
    return owner


async def test_the_nearest_of_those_who_welcome_visitors(shop, spinner):
    await neighbour(shop, "Jauh", "31.71.05.1003", spinner)
    await neighbour(shop, "Sekota", "31.74.05.1002", spinner)
    await neighbour(shop, "Sekelurahan", "31.74.08.1003", spinner)
    await neighbour(shop, "Sekecamatan", "31.74.08.1001", spinner)
    await neighbour(shop, "Tidak mau", "31.74.08.1003", spinner, welcomes=False)
    near = "31.74.08.1003"
    assert await visited(shop, spinner, near=near) == [("Sekelurahan", 0), ("Sekecamatan", 1), ("Sekota", 2)]
    assert await visited(shop, spinner, near="31.74.08", each=1) == [("Sekelurahan", 1)]
    assert len(await visited(shop, spinner, each=10)) == 4
    assert await visited(shop, new_id(), near=near) == []


async def test_whoever_asks_to_be_forgotten_is_visited_no_more(shop, spinner):
    owner = await neighbour(shop, "Warung", "31.74.08.1003", spinner)
    await consumers.forget_owner(shop.tx, AccountErased(account_id=owner.account_id), None)
    assert await visited(shop, spinner) == []


async def test_nobody_is_visited_before_the_post_has_checked(shop, spinner):
    business_id = await shop.business()
    await own(shop, spinner, shop.owner.account_id)
    await businesses.revise_business(shop.tx, shop.owner, business_id, {"welcomes_visits": True})
    assert await visited(shop, spinner) == []
    await businesses.verify_business(shop.tx, shop.operator, business_id)
    assert await visited(shop, spinner) == [("Keripik Bu Sri", 3)]


async def test_a_wrong_badge_is_found(shop, spinner):
    await shop.listing(await shop.business(verified=True), published=True, claims_ttg=False)
    await own(shop, spinner, shop.owner.account_id)
    await said(shop.tx)
    await shop.tx.run("UPDATE listings SET made_with_ttg = NOT made_with_ttg")
    assert [drift.what for drift in (await verify(shop.tx, None)).drifts] == ["what a listing repeats"]
