"""A business's profile: changing it, who may, what is said of it, and its history."""

import pytest

from services.listings.commands import businesses, products
from services.listings.domain import business as rules
from services.listings.domain.business import Business, Hours
from services.listings.domain.refusals import StaleBusiness
from services.listings.queries import businesses as seen
from services.listings.queries import histories
from services.listings.queries.verifying import verify
from shared.auth import Grant
from shared.db import DataRefused
from shared.errors import BadCursor, NotAllowed, NotFound
from shared.http.paging import PageQuery, encode_cursor
from shared.ids import new_id
from shared.testing.databases import said
from shared.testing.running import principal

HOURS = Hours((1, 2, 3, 4, 5, 6), "08:00", "17:00")


async def test_profile_is_changed_and_a_verified_business_stays_verified(shop):
    business_id = await shop.business(verified=True)
    changes = {
        "name": "Keripik Bu Sri Jaya",
        "address": "Jl. Duren Tiga No. 7",
        "hours": HOURS,
        "categories": ("snacks",),
    }
    await businesses.revise_business(shop.tx, shop.owner, business_id, changes, 2)
    business = await seen.get_business(shop.tx, business_id, None)
    assert (business.status, business.version, business.name) == ("verified", 3, "Keripik Bu Sri Jaya")
    assert business.hours.model_dump() == {"open_days": [1, 2, 3, 4, 5, 6], "opens": "08:00", "closes": "17:00"}
    assert (await said(shop.tx, "listings.business_changed.v1")) == [
        {
            "type": "listings.business_changed.v1",
            "business_id": str(business_id),
            "owner_account_id": str(shop.owner.account_id),
            "post_id": str(shop.post_id),
            "name": "Keripik Bu Sri Jaya",
        }
    ]
    await businesses.revise_business(shop.tx, shop.owner, business_id, {"hours": None})
    await businesses.revise_business(shop.tx, shop.owner, business_id, {"hours": None})
    business = await seen.get_business(shop.tx, business_id, shop.owner)
    assert (business.hours, business.version) == (None, 4)
    assert len(await said(shop.tx, "listings.business_changed.v1")) == 1, "hours are nobody else's business"
    assert (await verify(shop.tx, None)).drifts == []


async def test_only_who_runs_it_changes_it(shop):
    business_id = await shop.business(verified=True)
    for who in (principal(), shop.operator):
        with pytest.raises(NotAllowed):
            await businesses.revise_business(shop.tx, who, business_id, {"name": "x"})
    with pytest.raises(NotFound):
        await businesses.revise_business(shop.tx, shop.owner, new_id(), {"name": "x"})


async def test_stale_change_is_refused_whole(shop):
    business_id = await shop.business()
    await businesses.revise_business(shop.tx, shop.owner, business_id, {"story": "Sejak 1998."}, 1)
    with pytest.raises(StaleBusiness) as refused:
        await businesses.revise_business(shop.tx, shop.owner, business_id, {"story": "Lain", "name": "Lain"}, 1)
    assert refused.value.details == {"version": 2}
    business = await seen.get_business(shop.tx, business_id, shop.owner)
    assert (business.story, business.name) == ("Sejak 1998.", "Keripik Bu Sri")


async def test_history_tells_who_did_what_to_those_whom_it_concerns(shop):
    helped = principal(shop.owner.account_id, assisted_by=shop.operator.account_id)
    business_id = await shop.business()
    await businesses.revise_business(shop.tx, helped, business_id, {"address": "Jl. Duren Tiga", "hours": HOURS})
    await businesses.verify_business(shop.tx, shop.other_operator, business_id)
    first = await histories.business_history(shop.tx, business_id, shop.owner, PageQuery(limit=2))
    rest = await histories.business_history(shop.tx, business_id, shop.operator, PageQuery(limit=2, cursor=first.next))
    assert [(item.what, item.version) for item in (*first.items, *rest.items)] == [
        ("verified", 3), ("changed", 2), ("registered", 1),
    ]  # fmt: skip
    assert rest.next is None
    changed = first.items[1]
    assert (changed.account_id, changed.assisted_by) == (shop.owner.account_id, shop.operator.account_id)
    assert [change.model_dump() for change in changed.changes] == [
        {"field": "address", "before": None, "after": "Jl. Duren Tiga"},
        {
            "field": "hours",
            "before": None,
            "after": {"open_days": [1, 2, 3, 4, 5, 6], "opens": "08:00", "closes": "17:00"},
        },
    ]
    stranger = principal(None, Grant("operator", "post", new_id()))
    for who in (principal(), stranger):
        with pytest.raises(NotAllowed):
            await histories.business_history(shop.tx, business_id, who, PageQuery())
    with pytest.raises(NotFound):
        await histories.business_history(shop.tx, new_id(), shop.owner, PageQuery())
    for version in (0, -1, 2**31, 2**62):
        with pytest.raises(BadCursor):
            await histories.business_history(shop.tx, business_id, shop.owner, PageQuery(cursor=encode_cursor(version)))


async def test_history_of_a_listing(shop):
    listing_id = await shop.listing(await shop.business(verified=True), published=True)
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 14000})
    page = await histories.listing_history(shop.tx, listing_id, shop.owner, PageQuery())
    assert [item.what for item in page.items] == ["changed", "published", "created"]
    assert page.items[0].changes[0].model_dump() == {"field": "price_idr", "before": 15000, "after": 14000}
    with pytest.raises(NotAllowed):
        await histories.listing_history(shop.tx, listing_id, principal(), PageQuery())


@pytest.mark.parametrize(
    "damage",
    [
        "open_days = '{1,8}', opens = '08:00', closes = '17:00'",
        "open_days = '{}', opens = '08:00', closes = '17:00'",
        "open_days = '{1,NULL}', opens = '08:00', closes = '17:00'",
        "open_days = '{1}', opens = '8.00', closes = '17:00'",
        "open_days = '{1}', opens = '08:00', closes = '08:00'",
        "open_days = '{1}'",
        "address = ''",
    ],
)
async def test_database_keeps_hours_and_address_whole(shop, damage):
    business_id = await shop.business()
    with pytest.raises(DataRefused):
        await shop.tx.run(f"UPDATE businesses SET {damage} WHERE id = $1", business_id)


BUSINESS = Business(
    id=new_id(), owner_account_id=new_id(), post_id=new_id(), name="Keripik", whatsapp="+6281234567890",
    status="verified", version=3,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"name": "Lain"}, True),
        ({"address": "Jl. Lain"}, True),
        ({"kelurahan_code": "31.74.08.1001"}, True),
        ({"story": "Lain", "hours": HOURS, "categories": ("batik",), "whatsapp": "+6281234567891"}, False),
        ({"name": "Keripik"}, False),
    ],
)
def test_others_hear_of_a_new_name_or_place(changes, is_told):
    after = rules.revised(BUSINESS, changes, 3)
    assert [event.name for event in rules.told(BUSINESS, after)] == ([after.name] if is_told else [])
    assert set(rules.differences(BUSINESS, after)) == {
        field for field, value in changes.items() if value != getattr(BUSINESS, field)
    }
