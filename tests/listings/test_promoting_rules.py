"""The rules of promotions, campaigns, enquiries and attention, without a database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings.domain import attention, campaign, enquiry, promotion
from services.listings.domain.attention import Seen
from services.listings.domain.campaign import Campaign, Entry
from services.listings.domain.listing import Listing
from services.listings.domain.promoting_refusals import (
    CampaignOver,
    CampaignTimes,
    PromotionNotCheaper,
    PromotionOver,
    PromotionsOverlap,
    PromotionTimes,
    StaleCampaign,
    TakenOut,
    TooManyOfBusiness,
    TooManyPromotions,
)
from services.listings.domain.refusals import WrongListingState
from services.listings.rates import Rate
from shared.callers import caller_key
from shared.errors import TooMany
from shared.ids import new_id

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
LISTING = Listing(
    new_id(), new_id(), new_id(), new_id(), True, "Keripik", None, "snacks", 15_000, None, "published", 1
)  # fmt: skip


def at(days):
    return NOW + timedelta(days=days)


def plan(price_idr=12_000, starts=1, ends=2, known=(), listing=LISTING):
    return promotion.planned(
        new_id(), listing, price_idr, (None if starts is None else at(starts), at(ends)), NOW, known
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"price_idr": 15_000}, PromotionNotCheaper),
        ({"price_idr": 15_001}, PromotionNotCheaper),
        ({"starts": 2, "ends": 2}, PromotionTimes),
        ({"starts": 3, "ends": 2}, PromotionTimes),
        ({"starts": -3, "ends": 0}, PromotionTimes),
        ({"starts": 1, "ends": 61.001}, PromotionTimes),
        ({"starts": 180.001, "ends": 181}, PromotionTimes),
        ({"listing": replace(LISTING, status="archived")}, WrongListingState),
    ],
)
def test_bad_promotion_is_refused(change, refusal):
    with pytest.raises(refusal):
        plan(**change)


@pytest.mark.parametrize(("starts", "ends", "begins"), [(None, 60, 0), (-5, 3, 0), (1, 61, 1), (180, 240, 180)])
def test_promotion_begins_now_or_later(starts, ends, begins):
    assert (plan(starts=starts, ends=ends).starts_at, plan(starts=starts, ends=ends).ends_at) == (at(begins), at(ends))


def test_enough_promotions_are_enough():
    known = [plan(starts=day, ends=day + 1) for day in range(1, 11)]
    with pytest.raises(TooManyPromotions):
        plan(starts=20, ends=21, known=known)


@given(st.tuples(*[st.integers(0, 50)] * 2), st.tuples(*[st.integers(0, 50)] * 2), st.none() | st.integers(0, 60))
def test_promotions_are_refused_if_and_only_if_some_moment_is_in_both(first, second, ended_on):
    """Compared with every hour of both."""
    (a, b), (c, d) = sorted(first), sorted(second)
    if a == b or c == d:
        return
    other = plan(starts=a, ends=b)
    if ended_on is not None and ended_on < b:
        other = replace(other, cancelled_at=at(ended_on))
    runs = {day for day in range(a, b) if ended_on is None or ended_on >= b or day < ended_on}
    if runs & set(range(c, d)):
        with pytest.raises(PromotionsOverlap):
            plan(starts=c, ends=d, known=[other])
    else:
        plan(starts=c, ends=d, known=[other])


def test_promotion_ends_once():
    running = plan(starts=None, ends=3)
    ended = promotion.ended(running, at(1))
    assert ended.runs_until == at(1)
    assert promotion.ended(plan(starts=5, ends=6), at(1)).runs_until == at(5), (
        "called off before it began: it never runs"
    )
    for over, now in ((ended, at(2)), (running, at(3))):
        with pytest.raises(PromotionOver):
            promotion.ended(over, now)


CAMPAIGN = Campaign(
    new_id(), new_id(), "bazar", "Bazar", None, "Halaman kecamatan", at(3), at(5), "announced", 1
)  # fmt: skip


@pytest.mark.parametrize(
    ("starts", "ends", "is_good"),
    [(0, 1, True), (-10, 1, True), (1, 93, True), (400, 401, True), (1, 93.1, False), (2, 2, False), (3, 2, False),
     (-2, 0, False), (400.1, 401, False)],
)  # fmt: skip
def test_times_of_a_campaign(starts, ends, is_good):
    if is_good:
        campaign.require_times(at(starts), at(ends), NOW)
    else:
        with pytest.raises(CampaignTimes):
            campaign.require_times(at(starts), at(ends), NOW)


def test_campaign_changes_by_one_version_or_not_at_all():
    assert campaign.revised(CAMPAIGN, {"place": CAMPAIGN.place}, 1, NOW) is CAMPAIGN
    moved = campaign.revised(CAMPAIGN, {"place": "Balai RW"}, 1, NOW)
    assert (moved.place, moved.version, moved.slug) == ("Balai RW", 2, "bazar")
    with pytest.raises(StaleCampaign):
        campaign.revised(moved, {"place": "Lain"}, 1, NOW)
    with pytest.raises(CampaignTimes):
        campaign.revised(CAMPAIGN, {"ends_at": at(2)}, None, NOW)
    for over, now in ((campaign.cancelled(CAMPAIGN, NOW), NOW), (CAMPAIGN, at(5))):
        with pytest.raises(CampaignOver):
            campaign.revised(over, {"place": "Lain"}, None, now)
        with pytest.raises(CampaignOver):
            campaign.cancelled(over, now)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"campaign": replace(CAMPAIGN, status="cancelled")}, CampaignOver),
        ({"now": at(5)}, CampaignOver),
        ({"listing": replace(LISTING, status="paused")}, WrongListingState),
        ({"entry": Entry(False, True, 0)}, TakenOut),
        ({"entry": Entry(False, False, 20)}, TooManyOfBusiness),
        ({"entry": Entry(True, False, 20)}, None),
        ({"entry": Entry(False, True, 0), "by_operator": True}, None),
        ({}, None),
    ],
)
def test_who_may_take_part(change, refusal):
    given_ = {"campaign": CAMPAIGN, "listing": LISTING, "entry": Entry(False, False, 3), "now": NOW} | change
    by_operator = given_.pop("by_operator", False)
    if refusal is None:
        campaign.require_entry(*given_.values(), by_operator=by_operator)
    else:
        with pytest.raises(refusal):
            campaign.require_entry(*given_.values(), by_operator=by_operator)


@given(st.text(max_size=120))
def test_every_title_makes_an_address(title):
    wish, otherwise = campaign.slugs_for(title, new_id())
    for slug in (wish, otherwise):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= 80
    assert wish != otherwise


def test_addresses_read_well():
    assert (
        campaign.slugs_for("  Bazar Ramadan 1448 H — Cempaka Putih!", new_id())[0]
        == "bazar-ramadan-1448-h-cempaka-putih"
    )


@given(st.lists(st.integers(0, 29), min_size=5, max_size=5))
def test_references_are_never_misread(numbers):
    assert re.fullmatch(r"UB-[2-9A-HJKMNP-TV-Z]{5}", enquiry.reference(numbers))
    assert not set(enquiry.reference(numbers)[3:]) & set("01OILU")


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["view", "qr"]), st.integers(1, 1000))))
def test_counts_are_summed_in_one_order(noticed):
    ids = sorted(new_id() for _ in range(4))
    seen = [Seen("listing", ids[place], what, n) for place, what, n in noticed]
    sums = attention.summed([*seen, Seen("business", ids[0], "view", 7)], "listing")
    assert sums == sorted(sums)
    assert sum(n for _, _, n in sums) == sum(n for _, _, n in noticed)
    assert len({key[:2] for key in sums}) == len(sums)


def test_a_day_begins_at_midnight_in_jakarta():
    assert attention.day_of(datetime(2026, 11, 24, 16, 59, tzinfo=UTC)).isoformat() == "2026-11-24"
    assert attention.day_of(datetime(2026, 11, 24, 17, 0, tzinfo=UTC)).isoformat() == "2026-11-25"


def test_a_rate_stops_one_caller_and_only_for_its_span():
    clock = [0.0]
    rate = Rate(2, 10, lambda: clock[0])
    for _ in range(2):
        rate.take("203.0.113.7")
    clock[0] = 4
    with pytest.raises(TooMany) as refused:
        rate.take("203.0.113.7")
    assert refused.value.details["retry_after_s"] == 6
    rate.take("203.0.113.8")
    for _ in range(5):
        rate.take("127.0.0.1")
    clock[0] = 10
    rate.take("203.0.113.7")


@pytest.mark.parametrize(
    ("address", "key"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::1", None), ("unknown", "unknown")],
)
def test_whom_an_address_stands_for(address, key):
    assert caller_key(address) == key
