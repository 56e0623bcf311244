"""Permits: their numbers as people write them, their check by a second person, and what they make of a business."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listings import consumers
from services.listings.commands import businesses, permits
from services.listings.domain import permits as rules
from services.listings.domain.business import Business
from services.listings.domain.permits import Permit
from services.listings.domain.refusals import (
    HalalMalformed,
    NibMalformed,
    OwnBusiness,
    PermitChanged,
    PermitChecked,
    PirtMalformed,
)
from services.listings.queries import businesses as seen
from services.listings.queries import permits as queries
from services.listings.queries.verifying import verify
from services.listings.repository import managers
from services.listings.views.businesses import QueueQuery
from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.db import DataRefused
from shared.errors import NotAllowed, NotFound
from shared.ids import new_id
from shared.testing.databases import said
from shared.testing.running import principal

NIB, PIRT, HALAL = "9120001234567", "206317101012329", "ID00410000123450120"


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        ("nib", "9120001234567", NIB),
        ("nib", " 9120 0012 34567 ", NIB),
        ("nib", "NIB: 9120.0012.34567", NIB),
        ("pirt", "2063171010123-29", PIRT),
        ("pirt", "P-IRT No. 2063171010123-29", PIRT),
        ("pirt", "pirt 206317101012329", PIRT),
        ("halal", "ID00410000123450120", HALAL),
        ("halal", "id 0041 0000 1234 50120", HALAL),
        ("halal", "ID-00410000123450120", HALAL),
    ],
)
def test_number_is_read_as_people_write_it(kind, typed, number):
    assert rules.number_of(kind, typed) == number


@pytest.mark.parametrize(
    ("kind", "refusal", "typed"),
    [
        ("nib", NibMalformed, ["912000123456", "91200012345678", "912000123456X", "", "٩١٢٠٠٠١٢٣٤٥٦٧", NIB + "\n1"]),
        ("pirt", PirtMalformed, ["20631710101232", "2063171010123299", NIB, "P-IRT"]),
        ("halal", HalalMalformed, ["00410000123450120", "ID0041000012345012", "ID004100001234501201", "KH123", PIRT]),
    ],
)
def test_another_number_is_refused_with_what_is_expected(kind, refusal, typed):
    for text in typed:
        with pytest.raises(refusal) as refused:
            rules.number_of(kind, text)
        assert "misalnya" in refused.value.message("id")
        assert "such as" in refused.value.message("en")


@given(st.sampled_from(["nib", "pirt", "halal"]), st.text(max_size=40))
def test_whatever_is_read_is_read_again_the_same(kind, typed):
    try:
        number = rules.number_of(kind, typed)
    except (NibMalformed, PirtMalformed, HalalMalformed):
        return
    assert rules.number_of(kind, number) == number


OWNER, MANAGER, HELPER, ENTERED, BESIDE, OPERATOR = (new_id() for _ in range(6))
BUSINESS = Business(
    id=new_id(), owner_account_id=OWNER, post_id=new_id(), name="Keripik", whatsapp="+6281234567890", status="verified",
    version=3, assisted_by=HELPER, managers=frozenset({MANAGER}),
)  # fmt: skip
AT = datetime(2026, 11, 11, 18, 30, tzinfo=UTC)
PERMIT = Permit("nib", NIB, AT, ENTERED, BESIDE)


@pytest.mark.parametrize("by", [OWNER, MANAGER, HELPER, ENTERED, BESIDE])
def test_a_second_person_checks(by):
    with pytest.raises(OwnBusiness):
        rules.checked(PERMIT, BUSINESS, by, AT)


def test_check_is_dated_by_jakartas_day_and_made_once():
    after = rules.checked(PERMIT, BUSINESS, OPERATOR, AT, NIB)
    assert (after.checked_on.isoformat(), after.checked_by) == ("2026-11-12", OPERATOR)
    with pytest.raises(PermitChecked):
        rules.checked(after, BUSINESS, OPERATOR, AT)
    with pytest.raises(PermitChanged):
        rules.checked(replace(PERMIT, number="9120001234568"), BUSINESS, OPERATOR, AT, NIB)


async def shown(shop, business_id, who=None):
    business = await seen.get_business(shop.tx, business_id, who)
    return {permit.kind: (permit.number, permit.checked_on is not None) for permit in business.permits}, business.halal


async def test_permit_is_entered_checked_changed_and_taken_off(shop):
    business_id = await shop.business(verified=True)
    await permits.enter_permit(shop.tx, shop.owner, business_id, "halal", "ID 0041 0000 1234 50120")
    assert await shown(shop, business_id) == ({"halal": (HALAL, False)}, False)
    await permits.check_permit(shop.tx, shop.operator, business_id, "halal", HALAL)
    assert await shown(shop, business_id) == ({"halal": (HALAL, True)}, True)
    await permits.enter_permit(shop.tx, shop.owner, business_id, "halal", HALAL)
    assert await shown(shop, business_id) == ({"halal": (HALAL, True)}, True), "the same number stays checked"
    await permits.enter_permit(shop.tx, shop.owner, business_id, "halal", "ID00410000123450121")
    assert await shown(shop, business_id) == ({"halal": ("ID00410000123450121", False)}, False)
    await permits.check_permit(shop.tx, shop.operator, business_id, "halal")
    for _ in range(2):
        await permits.remove_permit(shop.tx, shop.owner, business_id, "halal")
    assert await shown(shop, business_id) == ({}, False)
    rows = await shop.tx.rows("SELECT what, details FROM history WHERE business_id = $1 ORDER BY version", business_id)
    assert [(row["what"], row["details"].get("halal")) for row in rows[2:]] == [
        ("permit_changed", [None, HALAL]),
        ("permit_checked", [HALAL, HALAL]),
        ("permit_changed", [HALAL, "ID00410000123450121"]),
        ("permit_checked", ["ID00410000123450121", "ID00410000123450121"]),
        ("permit_removed", ["ID00410000123450121", None]),
    ]
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []


async def test_nib_alone_makes_nobody_halal(shop):
    business_id = await shop.business(verified=True)
    for kind, number in (("nib", NIB), ("pirt", PIRT)):
        await permits.enter_permit(shop.tx, shop.owner, business_id, kind, number)
        await permits.check_permit(shop.tx, shop.operator, business_id, kind)
    assert await shown(shop, business_id) == ({"nib": (NIB, True), "pirt": (PIRT, True)}, False)


async def test_who_enters_and_who_checks(shop):
    business_id = await shop.business(verified=True)
    for who in (principal(), shop.operator):
        with pytest.raises(NotAllowed):
            await permits.enter_permit(shop.tx, who, business_id, "nib", NIB)
        with pytest.raises(NotAllowed):
            await permits.remove_permit(shop.tx, who, business_id, "nib")
    with pytest.raises(NotFound):
        await permits.check_permit(shop.tx, shop.operator, business_id, "nib")
    beside = principal(shop.owner.account_id, assisted_by=shop.operator.account_id)
    await permits.enter_permit(shop.tx, beside, business_id, "nib", NIB)
    manager = shop.new_operator()
    await managers.add(shop.tx, business_id, manager.account_id, datetime.now(UTC))
    as_owner = principal(shop.owner.account_id, Grant("operator", "post", shop.post_id))
    for who, refusal in (
        (shop.owner, NotAllowed),
        (principal(None, Grant("operator", "post", new_id())), NotAllowed),
        (as_owner, OwnBusiness),
        (manager, OwnBusiness),
        (shop.operator, OwnBusiness),
    ):
        with pytest.raises(refusal):
            await permits.check_permit(shop.tx, who, business_id, "nib")
    await permits.check_permit(shop.tx, shop.other_operator, business_id, "nib")


async def test_database_wants_two_people_and_whole_numbers(shop):
    business_id = await shop.business(verified=True)
    await permits.enter_permit(shop.tx, shop.owner, business_id, "nib", NIB)
    for damage in (
        "checked_on = '2026-11-12', checked_by = entered_by",
        "checked_on = '2026-11-12'",
        "number = '12'",
        "kind = 'halal'",
    ):
        with pytest.raises(DataRefused):
            async with shop.tx.savepoint():
                await shop.tx.run(f"UPDATE permits SET {damage}")


async def test_queue_is_oldest_first_and_knows_who_is_too_near(shop):
    first, second = await shop.business(verified=True), await shop.business(name="Kedua", verified=True)
    rejected = await shop.business(name="Ditolak")
    await businesses.reject_business(shop.tx, shop.operator, rejected, "Tidak ada.")
    for business_id, kind, number in (
        (second, "pirt", PIRT), (first, "nib", NIB), (second, "nib", NIB), (rejected, "nib", NIB),
    ):  # fmt: skip
        await permits.enter_permit(shop.tx, shop.owner, business_id, kind, number)

    async def queue(who, **query):
        items, cursor = [], None
        while True:
            page = await queries.list_queue(shop.tx, who, QueueQuery(limit=1, cursor=cursor, **query))
            items += [(item.business_id, item.kind, item.concerns_you) for item in page.items]
            cursor = page.next
            if cursor is None:
                return items

    waiting = [(second, "pirt"), (first, "nib"), (second, "nib")]
    assert await queue(shop.operator) == [(*one, False) for one in waiting]
    assert await queue(shop.operator, post_id=shop.post_id) == [(*one, False) for one in waiting]
    as_owner = principal(shop.owner.account_id, Grant("operator", "post", shop.post_id))
    assert await queue(as_owner) == [(*one, True) for one in waiting]
    officer = principal(None, Grant("officer", "province", new_id()))
    assert [one for one in await queue(officer) if one[0] in {first, second}] == [(*one, False) for one in waiting]
    assert await queue(principal(None, Grant("operator", "post", new_id()))) == []
    await permits.check_permit(shop.tx, shop.operator, first, "nib")
    assert [one[:2] for one in await queue(shop.operator)] == [waiting[0], waiting[2]]


async def test_erased_owner_takes_the_permits_along(shop):
    business_id = await shop.business(verified=True)
    await permits.enter_permit(shop.tx, shop.owner, business_id, "halal", HALAL)
    await permits.check_permit(shop.tx, shop.operator, business_id, "halal")
    await businesses.revise_business(shop.tx, shop.owner, business_id, {"address": "Jl. Duren Tiga No. 7"})
    await consumers.forget_owner(shop.tx, AccountErased(account_id=shop.owner.account_id), None)
    kept = [dict(row) for row in await shop.tx.rows("SELECT * FROM businesses WHERE id = $1", business_id)]
    kept += [dict(row) for row in await shop.tx.rows("SELECT * FROM history WHERE business_id = $1", business_id)]
    assert HALAL not in str(kept)
    assert "Duren" not in str(kept)
    assert await shop.tx.value("SELECT count(*) FROM permits WHERE business_id = $1", business_id) == 0
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE businesses SET halal = true", "a business's halal permit"),
        ("UPDATE businesses SET name = 'Lain'", "a business's name and the log"),
        (
            "INSERT INTO managers SELECT id, reviewed_by, registered_at FROM businesses WHERE reviewed_by IS NOT NULL",
            "who checked a business",
        ),
    ],
)
async def test_verify_finds_what_was_changed_behind_the_commands(shop, damage, what):
    await shop.business(verified=True)
    await said(shop.tx)
    await shop.tx.run(damage)
    assert {drift.what for drift in (await verify(shop.tx, None)).drifts} == {what}
