"""Several people run one business: invitations, what managers may and may not, leaving."""

from datetime import timedelta

import pytest

from services.listings import consumers
from services.listings.commands import businesses, managers, permits, products
from services.listings.domain.refusals import (
    AlreadyRuns,
    CheckerCannotManage,
    InvitationOver,
    OwnBusiness,
    TooManyInvitations,
    TooManyManagers,
)
from services.listings.queries import businesses as seen
from services.listings.queries import managers as queries
from services.listings.queries import products as seen_products
from services.listings.queries.verifying import verify
from shared.contracts.identity import AccountErased
from shared.errors import NotAllowed, NotFound
from shared.http.paging import PageQuery
from shared.testing.databases import said
from shared.testing.running import principal


async def join(shop, business_id, who=None):
    """Take somebody on as a manager by an invitation of the owner's."""
    who = who or principal()
    code, _ = await managers.invite(shop.tx, shop.owner, business_id)
    assert await managers.accept_invitation(shop.tx, who, code) == business_id
    return who


async def listed(shop, business_id, who=None):
    page = await queries.list_managers(shop.tx, business_id, who or shop.owner, PageQuery())
    return [item.account_id for item in page.items]


async def test_invitation_is_good_once(shop):
    business_id = await shop.business(verified=True)
    code, expires_at = await managers.invite(shop.tx, shop.owner, business_id)
    assert code not in str([dict(row) for row in await shop.tx.rows("SELECT * FROM invitations")])
    now = await shop.tx.now()
    assert timedelta(days=6) < expires_at - now <= timedelta(days=7)
    invited = await queries.read_invitation(shop.tx, code, now)
    assert (invited.business_id, invited.business_name) == (business_id, "Keripik Bu Sri")
    helper = principal()
    await managers.accept_invitation(shop.tx, helper, code)
    for who in (helper, principal()):
        with pytest.raises(InvitationOver):
            await managers.accept_invitation(shop.tx, who, code)
    assert await listed(shop, business_id) == await listed(shop, business_id, helper) == [helper.account_id]
    assert await listed(shop, business_id, shop.operator) == [helper.account_id]
    with pytest.raises(NotAllowed):
        await listed(shop, business_id, principal())


async def test_wrong_old_and_withdrawn_codes_are_refused(shop):
    business_id = await shop.business(verified=True)
    code, expires_at = await managers.invite(shop.tx, shop.owner, business_id)
    await queries.read_invitation(shop.tx, code, expires_at - timedelta(seconds=1))
    with pytest.raises(InvitationOver):
        await queries.read_invitation(shop.tx, code, expires_at)
    for wrong in ("", "x", code[:-1], code.swapcase()):
        with pytest.raises(InvitationOver):
            await managers.accept_invitation(shop.tx, principal(), wrong)
    await managers.withdraw_invitations(shop.tx, shop.owner, business_id)
    with pytest.raises(InvitationOver):
        await managers.accept_invitation(shop.tx, principal(), code)


async def test_ten_invitations_are_open_at_most(shop):
    business_id = await shop.business(verified=True)
    codes = [(await managers.invite(shop.tx, shop.owner, business_id))[0] for _ in range(10)]
    with pytest.raises(TooManyInvitations):
        await managers.invite(shop.tx, shop.owner, business_id)
    await managers.accept_invitation(shop.tx, principal(), codes[0])
    await managers.invite(shop.tx, shop.owner, business_id)
    # Those of last week make room.
    await shop.tx.run("DELETE FROM invitations")
    for number in range(10):
        await shop.tx.run(
            "INSERT INTO invitations VALUES (sha256($1), $2, clock_timestamp() - interval '1 second')",
            str(number).encode(), business_id,
        )  # fmt: skip
    await managers.invite(shop.tx, shop.owner, business_id)
    assert await shop.tx.value("SELECT count(*) FROM invitations") == 1


async def test_manager_does_what_the_owner_does_for_business_and_listings(shop):
    business_id = await shop.business(verified=True)
    manager = await join(shop, business_id)
    await businesses.revise_business(shop.tx, manager, business_id, {"story": "Kami berdua."})
    await permits.enter_permit(shop.tx, manager, business_id, "nib", "9120001234567")
    listing_id = await products.create_listing(
        shop.tx, manager, business_id=business_id, name="Keripik", category="snacks", price_idr=10000
    )
    assert (await seen_products.get_listing(shop.tx, listing_id, manager)).status == "draft"
    await products.revise_listing(shop.tx, manager, listing_id, {"price_idr": 11000})
    await products.move_listing(shop.tx, manager, listing_id, "published")
    (mine,) = (await seen.list_own_businesses(shop.tx, manager, PageQuery())).items
    assert (mine.id, mine.role) == (business_id, "manager")
    assert [item.id for item in (await seen_products.list_own_listings(shop.tx, manager, PageQuery())).items] == [
        listing_id
    ]
    (own,) = (await seen.list_own_businesses(shop.tx, shop.owner, PageQuery())).items
    assert own.role == "owner"
    assert (await seen.get_business(shop.tx, business_id, None)).role is None
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []


async def test_manager_neither_invites_nor_removes_others(shop):
    business_id = await shop.business(verified=True)
    manager, other = await join(shop, business_id), await join(shop, business_id)
    for refused in (
        managers.invite(shop.tx, manager, business_id),
        managers.withdraw_invitations(shop.tx, manager, business_id),
        managers.remove_manager(shop.tx, manager, business_id, other.account_id),
        managers.remove_manager(shop.tx, manager, business_id, shop.owner.account_id),
        managers.remove_manager(shop.tx, principal(), business_id, other.account_id),
    ):
        with pytest.raises(NotAllowed):
            await refused
    with pytest.raises(NotFound):
        await managers.remove_manager(shop.tx, shop.owner, business_id, shop.owner.account_id)
    # Erasing oneself leaves the business to its owner.
    await consumers.forget_owner(shop.tx, AccountErased(account_id=manager.account_id), None)
    assert await listed(shop, business_id) == [other.account_id]
    assert (await seen.get_business(shop.tx, business_id, None)).name == "Keripik Bu Sri"


@pytest.mark.parametrize("by", ["owner", "manager"])
async def test_whoever_is_taken_off_or_leaves_may_nothing_more(shop, by):
    business_id = await shop.business(verified=True)
    listing_id = await shop.listing(business_id)
    manager = await join(shop, business_id)
    await managers.remove_manager(shop.tx, shop.owner if by == "owner" else manager, business_id, manager.account_id)
    with pytest.raises(NotAllowed):
        await businesses.revise_business(shop.tx, manager, business_id, {"name": "x"})
    with pytest.raises(NotAllowed):
        await products.move_listing(shop.tx, manager, listing_id, "published")
    with pytest.raises(NotFound):
        await seen_products.get_listing(shop.tx, listing_id, manager)
    assert (await seen.list_own_businesses(shop.tx, manager, PageQuery())).items == []
    rows = await shop.tx.rows("SELECT what, details FROM history WHERE business_id = $1 ORDER BY version", business_id)
    manager_id = str(manager.account_id)
    assert [(row["what"], row["details"].get("manager")) for row in rows[2:]] == [
        ("manager_added", [None, manager_id]), ("manager_removed", [manager_id, None]),
    ]  # fmt: skip


async def test_whoever_checks_does_not_manage_and_the_other_way_round(shop):
    business_id = await shop.business()
    manager = await join(shop, business_id, shop.new_operator())
    with pytest.raises(OwnBusiness):
        await businesses.verify_business(shop.tx, manager, business_id)
    await businesses.verify_business(shop.tx, shop.operator, business_id)
    await permits.enter_permit(shop.tx, shop.owner, business_id, "nib", "9120001234567")
    await permits.check_permit(shop.tx, shop.other_operator, business_id, "nib")
    code, _ = await managers.invite(shop.tx, shop.owner, business_id)
    for who, refusal in (
        (shop.operator, CheckerCannotManage),
        (shop.other_operator, CheckerCannotManage),
        (shop.owner, AlreadyRuns),
        (manager, AlreadyRuns),
    ):
        with pytest.raises(refusal):
            await managers.accept_invitation(shop.tx, who, code)
    await managers.accept_invitation(shop.tx, principal(), code)


async def test_twenty_managers_are_enough(shop):
    business_id = await shop.business(verified=True)
    await shop.tx.run(
        "INSERT INTO managers SELECT $1, gen_random_uuid(), clock_timestamp() FROM generate_series(1, 20)", business_id
    )
    code, _ = await managers.invite(shop.tx, shop.owner, business_id)
    with pytest.raises(TooManyManagers):
        await managers.accept_invitation(shop.tx, principal(), code)
    items, cursor = [], None
    while True:
        page = await queries.list_managers(shop.tx, business_id, shop.owner, PageQuery(limit=8, cursor=cursor))
        items += [item.account_id for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(items) == len(set(items)) == 20


async def test_erased_accounts_leave_no_manager_and_no_invitation(shop):
    business_id, other = await shop.business(verified=True), await shop.business(principal(), name="Lain")
    manager = await join(shop, business_id)
    await shop.tx.run("INSERT INTO managers VALUES ($1, $2, clock_timestamp())", other, shop.owner.account_id)
    await managers.invite(shop.tx, shop.owner, business_id)
    for _ in range(2):
        await consumers.forget_owner(shop.tx, AccountErased(account_id=shop.owner.account_id), None)
    assert await shop.tx.value("SELECT count(*) FROM managers") == 0
    assert await shop.tx.value("SELECT count(*) FROM invitations") == 0
    assert (await seen.list_own_businesses(shop.tx, manager, PageQuery())).items == []
    rows = await shop.tx.rows("SELECT what FROM history WHERE business_id = $1 ORDER BY version", other)
    assert [row["what"] for row in rows] == ["registered", "manager_removed"]
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []
