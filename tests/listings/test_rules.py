from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings.domain import business as business_rules
from services.listings.domain import listing as listing_rules
from services.listings.domain.business import Business, whatsapp_number
from services.listings.domain.categories import CATEGORIES, CategoryCode
from services.listings.domain.listing import Listing, ListingStatus
from services.listings.domain.refusals import (
    AlreadyReviewed,
    BusinessNotVerified,
    OwnBusiness,
    StaleVersion,
    WrongListingState,
)
from shared.ids import new_id

OWNER, HELPER, MANAGER, OPERATOR = (new_id() for _ in range(4))
BUSINESS = Business(
    id=new_id(), owner_account_id=OWNER, post_id=new_id(), name="Keripik Bu Sri", whatsapp="+6281234567890",
    status="pending", version=1, assisted_by=HELPER, managers=frozenset({MANAGER}),
)  # fmt: skip
DRAFT = Listing(
    id=new_id(), business_id=BUSINESS.id, post_id=BUSINESS.post_id, owner_account_id=OWNER, business_verified=True,
    name="Keripik", description=None, category="snacks", price_idr=15000, unit=None, status="draft", version=3,
)  # fmt: skip
STATES = get_args(ListingStatus)


@pytest.mark.parametrize(
    ("status", "verify", "reject"),
    [("pending", "verified", "rejected"), ("rejected", "verified", None), ("verified", None, None)],
)
def test_review_goes_its_ways_only(status, verify, reject):
    before = replace(BUSINESS, status=status, reason="kurang" if status == "rejected" else None)
    for rule, expected in ((business_rules.verified, verify), (business_rules.rejected, reject)):
        arguments = (before, OPERATOR) if rule is business_rules.verified else (before, OPERATOR, "alamat belum ada")
        if expected is None:
            with pytest.raises(AlreadyReviewed):
                rule(*arguments)
        else:
            after = rule(*arguments)
            assert (after.status, after.reviewed_by, after.version) == (expected, OPERATOR, 2)
            assert after.reason == ("alamat belum ada" if expected == "rejected" else None)


@pytest.mark.parametrize("reviewer", [OWNER, HELPER, MANAGER])
def test_two_people_make_a_review(reviewer):
    with pytest.raises(OwnBusiness):
        business_rules.verified(BUSINESS, reviewer)
    with pytest.raises(OwnBusiness):
        business_rules.rejected(BUSINESS, reviewer, "x")


WAYS = {
    ("draft", "published"): "listings.listing_published.v1",
    ("draft", "archived"): None,
    ("published", "paused"): "listings.listing_withdrawn.v1",
    ("published", "archived"): "listings.listing_withdrawn.v1",
    ("paused", "published"): "listings.listing_published.v1",
    ("paused", "archived"): None,
    ("hidden", "archived"): None,
}


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("status", STATES)
def test_listing_moves_its_ways_only_and_says_what_others_must_hear(status, to):
    before = replace(DRAFT, status=status)
    if (status, to) not in WAYS:
        with pytest.raises(WrongListingState) as refused:
            listing_rules.moved(before, to)
        assert refused.value.details == {"listing_status": status}
    else:
        after = listing_rules.moved(before, to)
        assert (after.status, after.version) == (to, 4)
        assert [event.type for event in listing_rules.told(before, after)] == [WAYS[status, to]] * bool(
            WAYS[status, to]
        )


@pytest.mark.parametrize("status", ["draft", "paused"])
def test_unverified_business_shows_nothing(status):
    with pytest.raises(BusinessNotVerified):
        listing_rules.moved(replace(DRAFT, status=status, business_verified=False), "published")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"price_idr": 12000}, True),
        ({"name": "Keripik pedas"}, True),
        ({"category": "meals"}, True),
        ({"description": "Renyah."}, False),
        ({"unit": "kg"}, False),
        ({"description": "Renyah.", "price_idr": 1}, True),
    ],
)
def test_change_on_show_is_told_where_it_concerns_others(changes, says):
    for status in ("published", "draft", "paused"):
        before = replace(DRAFT, status=status)
        after = listing_rules.revised(before, changes, None)
        assert after.version == 4
        assert listing_rules.differences(before, after) == {
            name: [getattr(before, name), value] for name, value in changes.items()
        }
        events = [event.type for event in listing_rules.told(before, after)]
        assert events == ["listings.listing_changed.v1"] * (says and status == "published")


@pytest.mark.parametrize("changes", [{}, {"price_idr": 15000}, {"name": "Keripik", "unit": None}])
def test_change_that_changes_nothing_is_no_change(changes):
    assert listing_rules.revised(DRAFT, changes, 3) is DRAFT


@pytest.mark.parametrize("seen", [1, 2, 4])
def test_change_from_another_version_is_stale(seen):
    with pytest.raises(StaleVersion) as refused:
        listing_rules.revised(DRAFT, {"price_idr": 1}, seen)
    assert refused.value.details == {"version": 3}


def test_archived_listing_is_not_changed():
    with pytest.raises(WrongListingState):
        listing_rules.revised(replace(DRAFT, status="archived"), {"price_idr": 1}, None)


@given(st.lists(st.sampled_from([*STATES, "change"]), max_size=20))
def test_hearer_always_knows_what_is_on_show_and_for_how_much(steps):
    listing, shown = DRAFT, None
    for number, step in enumerate(steps):
        try:
            after = (
                listing_rules.revised(listing, {"price_idr": 1000 + number}, listing.version)
                if step == "change"
                else listing_rules.moved(listing, step)
            )
        except WrongListingState:
            continue
        assert after.version == listing.version + 1
        for event in listing_rules.told(listing, after):
            shown = getattr(event, "price_idr", None)
        listing = after
        assert shown == (listing.price_idr if listing.on_show else None)


def test_every_shelf_has_a_name_in_both_languages():
    assert [shelf.code for shelf in CATEGORIES] == list(get_args(CategoryCode))
    assert all(shelf.name_id and shelf.name_en for shelf in CATEGORIES)


@pytest.mark.parametrize(("typed", "kept"), [("0812-3456-7890", "+6281234567890"), ("+1 650 253 0000", "+16502530000")])
def test_whatsapp_number_is_kept_in_e164(typed, kept):
    assert whatsapp_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "abc", "0812", "08123456789012345678"])
def test_what_is_no_phone_number_is_refused(typed):
    with pytest.raises(ValueError, match="phone number"):
        whatsapp_number(typed)
