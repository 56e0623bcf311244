"""Cases from the first report to the last appeal: who decides, what others hear, and what is never brought up twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.listings import consumers
from services.listings.commands import businesses, imports, moderation, products, taking
from services.listings.commands.photos import forget_photos
from services.listings.domain.moderation import Decided, may_appeal
from services.listings.domain.moderation_refusals import (
    AppealUsed,
    ForbiddenGoods,
    OwnListing,
    SameOperator,
    WordsMissing,
    WrongCaseState,
)
from services.listings.domain.photo import Photo, Size
from services.listings.domain.refusals import OwnBusiness, WrongListingState
from services.listings.queries import moderation as seen
from services.listings.queries import products as shown
from services.listings.queries.verifying import verify
from services.listings.repository import managers
from services.listings.repository import photos as kept_photos
from services.listings.sheets.bounded import SheetRead
from services.listings.sheets.reading import read_file
from services.listings.views.businesses import QueueQuery
from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.db import DataRefused
from shared.errors import NotAllowed, NotFound
from shared.http.paging import PageQuery
from shared.ids import new_id
from shared.testing.databases import rolled_back, said
from shared.testing.running import principal
from tests.listings.conftest import Shop

HASH = 0x0F1E2D3C4B5A6978
OFFICER = principal(None, Grant("officer", "province", new_id()))
TYPES = ("listing_hidden", "listing_restored", "listing_appeal_rejected", "listing_withdrawn", "listing_published")


@pytest.fixture
async def product(shop):
    """On show."""
    return await shop.listing(await shop.business(verified=True), published=True)


async def report(shop, listing_id, who=None, key=None, reason="not_as_shown", words=None):
    await moderation.report(shop.tx, who, listing_id, key, reason, words)


async def queue(shop, who=None, **query):
    items, cursor = [], None
    while True:
        page = await seen.list_queue(shop.tx, who or shop.operator, QueueQuery(limit=1, cursor=cursor, **query))
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


async def case_of(shop, who=None):
    (item,) = await queue(shop, who)
    return item.id


async def reports(shop, case_id):
    found = await seen.list_reports(shop.tx, case_id, shop.operator, PageQuery(limit=100))
    return [(one.reason, one.words) for one in found.items]


async def status(shop, listing_id):
    return await shop.tx.value("SELECT status FROM listings WHERE id = $1", listing_id)


async def told(shop):
    return [event for event in await said(shop.tx) if event["type"].split(".")[1] in TYPES]


async def history(shop, listing_id):
    rows = await shop.tx.rows("SELECT what, details FROM history WHERE listing_id = $1 ORDER BY version", listing_id)
    return [(row["what"], row["details"]) for row in rows]


async def no_drift(shop):
    await said(shop.tx)
    assert (await verify(shop.tx, None)).drifts == []


async def hidden(shop, listing_id, reason="not_as_shown"):
    """Report a product and hide it; gives the case."""
    await report(shop, listing_id)
    case_id = await case_of(shop)
    await moderation.hide(shop.tx, shop.operator, case_id, reason, "Fotonya bukan barang ini.")
    return case_id


async def test_one_person_one_report_one_case(shop, product):
    neighbour, other = principal(), principal()
    await report(shop, product, neighbour)
    await report(shop, product, neighbour, reason="other", words="Penjualnya menagih dua kali.")
    await report(shop, product, other, reason="offensive")
    for words in ("Sama", "Sama sekali"):
        await report(shop, product, None, "formulir-1", "stolen_photo", words)
    await report(shop, product, None, "formulir-2", "stolen_photo")
    await report(shop, product, None, None, "personal_data")
    (item,) = await queue(shop)
    assert (item.listing_id, item.state, item.reports_count, item.listing_name) == (
        product, "open", 5, "Keripik singkong",
    )  # fmt: skip
    assert item.reasons == ["offensive", "other", "personal_data", "stolen_photo"]
    assert await reports(shop, item.id) == [
        ("other", "Penjualnya menagih dua kali."),
        ("offensive", None),
        ("stolen_photo", "Sama sekali"),
        ("stolen_photo", None),
        ("personal_data", None),
    ]
    shown_to_operators = str([await seen.get_case(shop.tx, item.id, shop.operator), await queue(shop)])
    assert str(neighbour.account_id) not in shown_to_operators


async def test_form_that_was_dealt_with_opens_nothing_again(shop, product):
    await report(shop, product, None, "formulir")
    case_id = await case_of(shop)
    await moderation.dismiss(shop.tx, shop.operator, case_id, "Sudah dicek.")
    await report(shop, product, None, "formulir", words="Sekali lagi")
    assert await queue(shop) == []
    assert await reports(shop, case_id) == [("not_as_shown", None)]
    await report(shop, product, principal())
    assert await case_of(shop) != case_id


async def test_what_cannot_be_reported(shop, product):
    with pytest.raises(WordsMissing):
        await report(shop, product, None, reason="other")
    draft = await shop.listing(await shop.business(verified=True))
    for listing_id in (draft, new_id()):
        with pytest.raises(NotFound):
            await report(shop, listing_id)
    manager = principal()
    business_id = await shop.tx.value("SELECT business_id FROM listings WHERE id = $1", product)
    await managers.add(shop.tx, business_id, manager.account_id, datetime.now(UTC))
    for who in (shop.owner, manager):
        with pytest.raises(OwnListing):
            await report(shop, product, who)
    assert await queue(shop) == []


async def test_database_keeps_one_open_case(shop, product):
    await report(shop, product)
    with pytest.raises(DataRefused):
        async with shop.tx.savepoint():
            await shop.tx.run(
                "INSERT INTO cases (id, listing_id, post_id, state, created_at, waiting_since)"
                " SELECT $1, listing_id, post_id, 'open', created_at, created_at FROM cases", new_id(),
            )  # fmt: skip


async def test_only_operators_of_the_post_who_are_no_part_of_it_see_and_decide(shop):
    beside = shop.new_operator()
    business_id = await businesses.register_business(
        shop.tx, principal(shop.owner.account_id, assisted_by=beside.account_id), post_id=shop.post_id, name="Dapur",
        whatsapp="+6281234567890",
    )  # fmt: skip
    await businesses.verify_business(shop.tx, shop.operator, business_id)
    listing_id = await shop.listing(business_id, published=True)
    await report(shop, listing_id)
    case_id = await case_of(shop)
    manager = shop.new_operator()
    await managers.add(shop.tx, business_id, manager.account_id, datetime.now(UTC))
    as_owner = principal(shop.owner.account_id, Grant("operator", "post", shop.post_id))
    elsewhere = principal(None, Grant("operator", "post", new_id()))
    for who, refusal in (
        (principal(), NotAllowed), (elsewhere, NotAllowed), (as_owner, OwnBusiness), (manager, OwnBusiness),
        (beside, OwnBusiness),
    ):  # fmt: skip
        assert [one.id for one in await queue(shop, who)] == []
        for what in (
            seen.get_case(shop.tx, case_id, who),
            moderation.dismiss(shop.tx, who, case_id, "Biar."),
            moderation.hide(shop.tx, who, case_id, "other", "Sembunyi."),
        ):
            with pytest.raises(refusal):
                await what
        for what in (
            seen.list_reports(shop.tx, case_id, who, PageQuery()),
            seen.list_cases(shop.tx, listing_id, who, PageQuery()),
        ):
            if refusal is OwnBusiness:
                assert (await what).items == []
            else:
                with pytest.raises(refusal):
                    await what
    for what in (
        seen.get_case(shop.tx, new_id(), shop.operator),
        moderation.dismiss(shop.tx, shop.operator, new_id(), "Biar."),
    ):
        with pytest.raises(NotFound):
            await what
    with pytest.raises(NotAllowed):
        await queue(shop, elsewhere, post_id=shop.post_id)
    assert case_id in [one.id for one in await queue(shop, OFFICER)]
    await moderation.dismiss(shop.tx, OFFICER, case_id, "Sudah dilihat.")
    assert await status(shop, listing_id) == "published"


async def test_queue_is_oldest_first(shop):
    business_id = await shop.business(verified=True)
    made = [await shop.listing(business_id, name=f"Kue {n}", published=True) for n in range(3)]
    for listing_id in (made[1], made[0], made[2], made[1]):
        await report(shop, listing_id)
    assert [one.listing_id for one in await queue(shop)] == [made[1], made[0], made[2]]
    assert [one.listing_id for one in await queue(shop, post_id=shop.post_id)] == [made[1], made[0], made[2]]


async def test_product_is_hidden_appealed_for_and_restored(shop, product):
    case_id = await hidden(shop, product)
    assert await status(shop, product) == "hidden"
    assert await queue(shop) == []
    with pytest.raises(NotFound):
        await shown.get_listing(shop.tx, product, principal())
    assert (await shown.get_listing(shop.tx, product, shop.owner)).status == "hidden"
    events = await told(shop)
    assert [event["type"].split(".")[1] for event in events[1:]] == ["listing_withdrawn", "listing_hidden"]
    assert (events[2]["reason"], events[2]["name"], events[2]["owner_account_id"]) == (
        "not_as_shown", "Keripik singkong", str(shop.owner.account_id),
    )  # fmt: skip
    await no_drift(shop)

    hiding = await seen.get_hiding(shop.tx, product, shop.owner)
    assert (hiding.reason, hiding.words, hiding.may_appeal, hiding.appeals) == (
        "not_as_shown", "Fotonya bukan barang ini.", True, [],
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        await moderation.appeal(shop.tx, principal(), product, "Barangnya memang begini.")
    await moderation.appeal(shop.tx, shop.owner, product, "Barangnya memang begini.")
    with pytest.raises(WrongCaseState):
        await moderation.appeal(shop.tx, shop.owner, product, "Sekali lagi, ya Bu.")
    (item,) = await queue(shop)
    assert (item.state, item.hidden_by_you) == ("appealed", True)
    assert [one.hidden_by_you for one in await queue(shop, shop.other_operator)] == [False]
    await no_drift(shop)
    for decide in (moderation.restore, moderation.uphold):
        with pytest.raises(SameOperator):
            await decide(shop.tx, shop.operator, case_id, "Sudah.")
    await moderation.restore(shop.tx, shop.other_operator, case_id, None)
    assert await status(shop, product) == "published"
    assert [event["type"].split(".")[1] for event in (await told(shop))[3:]] == [
        "listing_published",
        "listing_restored",
    ]
    assert (await history(shop, product))[2:] == [
        ("hidden", {"status": ["published", "hidden"], "reason": [None, "not_as_shown"]}),
        ("restored", {"status": ["hidden", "published"]}),
    ]
    with pytest.raises(NotFound):
        await seen.get_hiding(shop.tx, product, shop.owner)
    past = (await seen.list_cases(shop.tx, product, shop.operator, PageQuery())).items
    assert [(one.state, one.reason, one.reports_count) for one in past] == [("restored", "not_as_shown", 1)]
    await no_drift(shop)
    await products.move_listing(shop.tx, shop.owner, product, "paused")
    await no_drift(shop)


async def test_paused_product_comes_back_paused(shop, product):
    await report(shop, product)
    await products.move_listing(shop.tx, shop.owner, product, "paused")
    case_id = await case_of(shop)
    before = len(await told(shop))
    await moderation.hide(shop.tx, shop.operator, case_id, "forbidden", "Tidak boleh dijual.")
    await moderation.appeal(shop.tx, shop.owner, product, "Ini bukan barang terlarang.")
    await moderation.restore(shop.tx, shop.other_operator, case_id, "Maaf, keliru.")
    assert await status(shop, product) == "paused"
    kinds = [event["type"].split(".")[1] for event in (await told(shop))[before:]]
    assert kinds == ["listing_hidden", "listing_restored"], "it was off show before, and is"
    await no_drift(shop)
    await products.move_listing(shop.tx, shop.owner, product, "published")
    await no_drift(shop)


async def test_appeal_is_turned_down_and_made_once_more_for_a_changed_product(shop, product):
    case_id = await hidden(shop, product)
    await moderation.appeal(shop.tx, shop.owner, product, "Barangnya memang begini.")
    await moderation.uphold(shop.tx, shop.other_operator, case_id, "Ganti fotonya dulu.")
    rejected = (await told(shop))[-1]
    assert (rejected["type"], rejected["may_repeat"]) == ("listings.listing_appeal_rejected.v1", True)
    hiding = await seen.get_hiding(shop.tx, product, shop.owner)
    assert (hiding.may_appeal, hiding.may_repeat) == (False, True)
    assert [(one.is_granted, one.answer) for one in hiding.appeals] == [(False, "Ganti fotonya dulu.")]
    with pytest.raises(AppealUsed):
        await moderation.appeal(shop.tx, shop.owner, product, "Tolong dilihat lagi.")
    await products.revise_listing(shop.tx, shop.owner, product, {"description": "Sesuai foto."})
    assert (await seen.get_hiding(shop.tx, product, shop.owner)).may_appeal
    await moderation.appeal(shop.tx, shop.owner, product, "Sudah saya betulkan.")
    await moderation.uphold(shop.tx, shop.other_operator, case_id, "Masih belum.")
    assert (await told(shop))[-1]["may_repeat"] is False
    await products.revise_listing(shop.tx, shop.owner, product, {"description": "Sesuai."})
    hiding = await seen.get_hiding(shop.tx, product, shop.owner)
    assert (hiding.may_appeal, hiding.may_repeat) == (False, False)
    with pytest.raises(AppealUsed):
        await moderation.appeal(shop.tx, shop.owner, product, "Tolong dilihat lagi.")
    await no_drift(shop)
    await products.move_listing(shop.tx, shop.owner, product, "archived")
    await no_drift(shop)


def test_second_appeal_wants_another_product():
    for before, now, allowed in (
        ([], "3|a", True),
        ([None], "3|a", False),
        (["3|a"], "3|a", False),
        (["3|a"], "4|a", True),
        (["3|a"], "3|b", True),
        (["3|a", "4|a"], "5|a", False),
    ):
        assert may_appeal([Decided(one) for one in before], now) is allowed


async def test_other_photos_make_another_product(shop, product):
    case_id = await hidden(shop, product)
    await moderation.appeal(shop.tx, shop.owner, product, "Barangnya memang begini.")
    await moderation.uphold(shop.tx, shop.other_operator, case_id, "Ganti fotonya dulu.")
    await add_photo(shop, product, HASH)
    assert (await seen.get_hiding(shop.tx, product, shop.owner)).may_appeal


async def test_who_sat_beside_the_appeal_does_not_decide_it(shop, product):
    case_id = await hidden(shop, product)
    beside = principal(shop.owner.account_id, assisted_by=shop.other_operator.account_id)
    await moderation.appeal(shop.tx, beside, product, "Barangnya memang begini.")
    assert await queue(shop, shop.other_operator) == []
    with pytest.raises(OwnBusiness):
        await moderation.restore(shop.tx, shop.other_operator, case_id, None)
    for damage in (shop.operator.account_id, shop.owner.account_id, shop.other_operator.account_id):
        with pytest.raises(DataRefused):
            async with shop.tx.savepoint():
                await shop.tx.run(
                    "UPDATE appeals SET decided_by = $1, decided_at = at, is_granted = true, seen = '1'", damage
                )
    await moderation.restore(shop.tx, OFFICER, case_id, None)
    assert await status(shop, product) == "published"


async def test_owner_of_a_hidden_product_may_change_and_archive_it_and_nothing_else(shop, product):
    await hidden(shop, product)
    for to in ("published", "paused"):
        with pytest.raises(WrongListingState):
            await products.move_listing(shop.tx, shop.owner, product, to)
    with pytest.raises(ForbiddenGoods):
        await products.revise_listing(shop.tx, shop.owner, product, {"name": "Daun ganja"})
    await products.revise_listing(shop.tx, shop.owner, product, {"name": "Keripik talas"})
    assert await status(shop, product) == "hidden"
    await no_drift(shop)
    await products.move_listing(shop.tx, shop.owner, product, "archived")
    past = (await seen.list_cases(shop.tx, product, shop.operator, PageQuery())).items
    assert [one.state for one in past] == ["closed"]
    with pytest.raises(NotFound):
        await moderation.appeal(shop.tx, shop.owner, product, "Barangnya memang begini.")
    await no_drift(shop)


@pytest.mark.parametrize("ends", ["archived", "dismissed", "hidden"])
async def test_case_is_decided_once(shop, product, ends):
    await report(shop, product)
    case_id = await case_of(shop)
    if ends == "archived":
        await products.move_listing(shop.tx, shop.owner, product, "archived")
    elif ends == "dismissed":
        await moderation.dismiss(shop.tx, shop.operator, case_id, "Biar.")
    else:
        await moderation.hide(shop.tx, shop.operator, case_id, "other", "Sembunyi.")
    for decide in (
        moderation.dismiss(shop.tx, shop.other_operator, case_id, "Biar."),
        moderation.hide(shop.tx, shop.other_operator, case_id, "other", "Sembunyi."),
        moderation.restore(shop.tx, shop.other_operator, case_id, None),
        moderation.uphold(shop.tx, shop.other_operator, case_id, "Tetap."),
    ):
        with pytest.raises(WrongCaseState):
            await decide
    await no_drift(shop)


async def test_goods_to_be_checked_go_on_show_and_open_a_case_once(shop):
    listing_id = await shop.listing(await shop.business(verified=True), name="Arak Bali", published=True)
    assert await status(shop, listing_id) == "published"
    case_id = await case_of(shop)
    (found,) = (await seen.get_case(shop.tx, case_id, shop.operator)).suspicions
    assert (found.kind, found.word, found.goods_id, found.source) == (
        "forbidden_goods", "arak", "minuman beralkohol", "Permendag 20/2014",
    )  # fmt: skip
    await moderation.dismiss(shop.tx, shop.operator, case_id, "Punya izin.")
    await products.move_listing(shop.tx, shop.owner, listing_id, "paused")
    await products.move_listing(shop.tx, shop.owner, listing_id, "published")
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"price_idr": 90_000})
    assert await queue(shop) == [], "an operator has let it be"
    await products.revise_listing(shop.tx, shop.owner, listing_id, {"description": "Arak dari Karangasem."})
    assert await case_of(shop) != case_id
    await no_drift(shop)


async def test_harmless_goods_open_no_case_and_refused_ones_stay_drafts(shop):
    business_id = await shop.business(verified=True)
    await shop.listing(business_id, name="Bir pletok", published=True)
    draft = await shop.listing(business_id, name="Daun ganja")
    with pytest.raises(ForbiddenGoods):
        await products.move_listing(shop.tx, shop.owner, draft, "published")
    assert await status(shop, draft) == "draft"
    assert await queue(shop) == []


async def test_words_that_an_operator_has_seen_at_an_appeal_are_not_brought_up_again(shop, product):
    case_id = await hidden(shop, product)
    await products.revise_listing(shop.tx, shop.owner, product, {"name": "Arak Bali"})
    await moderation.appeal(shop.tx, shop.owner, product, "Ini arak yang berizin.")
    await moderation.restore(shop.tx, shop.other_operator, case_id, None)
    await products.move_listing(shop.tx, shop.owner, product, "paused")
    await products.move_listing(shop.tx, shop.owner, product, "published")
    assert await queue(shop) == []
    await no_drift(shop)


async def imported(shop, business_id, raw):
    """Import a file and put everything in it on show."""
    read = read_file(raw.encode())
    rows = [[r.number, r.state, dict(r.values), dict(r.given), [f.json for f in r.findings]] for r in read.rows]
    sheet = SheetRead(read.kind, rows, [], read.pictures)
    import_id = await imports.add_import(shop.tx, shop.owner, business_id, "jualan.csv", sheet)
    await imports.start(shop.tx, shop.owner, import_id, "update", publish=True)
    while await taking.take_chunk(shop.tx):
        pass


async def test_import_opens_cases_for_many_at_once(shop):
    business_id = await shop.business(verified=True)
    await shop.listing(business_id, name="Rokok kretek", published=True)
    raw = "nama,kategori,harga\nArak Bali,drinks,5000\nWajik,cakes,5000\nRokok kretek,snacks,7000\nDaun ganja,drinks,5000\n"
    await imported(shop, business_id, raw)
    assert [one.listing_name for one in await queue(shop)] == ["Rokok kretek", "Arak Bali"]
    rows = await shop.tx.rows("SELECT name, status FROM listings WHERE business_id = $1", business_id)
    assert {row["name"]: row["status"] for row in rows} == {
        "Rokok kretek": "published", "Arak Bali": "published", "Wajik": "published", "Daun ganja": "draft",
    }  # fmt: skip
    await no_drift(shop)


async def test_import_that_publishes_a_draft_looks_at_its_photos(shop):
    await add_photo(shop, await other_product(shop), HASH)
    business_id = await shop.business(verified=True)
    draft = await shop.listing(business_id, name="Wajik")
    await add_photo(shop, draft, HASH)
    await imported(shop, business_id, "nama,kategori,harga\nWajik,snacks,15000\n")
    assert [(one.listing_id, one.suspicions) for one in await queue(shop)] == [(draft, ["duplicate_photo"])]


async def add_photo(shop, listing_id, dhash):
    """Add a photo as `commands.photos` does once its files are kept."""
    photo_id, now = new_id(), await shop.tx.now()
    place = 1 + await shop.tx.value("SELECT count(*) FROM photos WHERE listing_id = $1", listing_id)
    sha256 = photo_id.bytes * 2
    await kept_photos.add(shop.tx, Photo(photo_id, listing_id, place, None, (Size(720, 540),), sha256, dhash), now)
    await kept_photos.renew_covers(shop.tx, [listing_id])
    await moderation.look_at_photo(shop.tx, listing_id, photo_id, now)
    return photo_id


async def other_product(shop, **more):
    """A product on show of another owner."""
    mine, shop.owner = shop.owner, principal()
    try:
        return await shop.listing(await shop.business(name="Tetangga", verified=True), published=True, **more)
    finally:
        shop.owner = mine


@given(st.integers(0, 2**64 - 1).filter(lambda n: 9 <= n.bit_count() <= 55), st.sets(st.integers(0, 63), max_size=6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_photos_are_alike_up_to_three_bits(database, dhash, flips):
    async with rolled_back(await database("listings")) as tx:
        shop = await Shop(tx).open()
        theirs = await other_product(shop)
        first = await add_photo(shop, theirs, dhash)
        mine = await shop.listing(await shop.business(verified=True), published=True)
        photo_id = await add_photo(shop, mine, dhash ^ sum(1 << flip for flip in flips))
        found = await queue(shop)
        assert [one.listing_id for one in found] == ([mine] if len(flips) <= 3 else [])
        if found:
            (one,) = (await seen.get_case(tx, found[0].id, shop.operator)).suspicions
            assert (one.photo.id, one.other_photo.id, one.other_listing_id) == (photo_id, first, theirs)
            assert one.other_business_name == "Tetangga"


@pytest.mark.parametrize(
    ("first", "second"),
    [(0, 0), (0b11111, 0b11111), (2**64 - 1, 2**64 - 1), (2**64 - 32, 2**64 - 32), (0b111111, 0b11111), (31, 63)],
)
async def test_flat_pictures_are_like_each_other_without_meaning_it(shop, product, first, second):
    await add_photo(shop, await other_product(shop), first)
    await add_photo(shop, product, second)
    assert await queue(shop) == []


async def test_same_photo_is_looked_at_once_it_is_on_show_and_only_once(shop):
    theirs = await other_product(shop)
    await add_photo(shop, theirs, HASH)
    business_id = await shop.business(verified=True)
    draft = await shop.listing(business_id)
    await add_photo(shop, draft, HASH)
    assert await queue(shop) == [], "a draft is nobody's business"
    await products.move_listing(shop.tx, shop.owner, draft, "published")
    case_id = await case_of(shop)
    assert [one.suspicions for one in await queue(shop)] == [["duplicate_photo"]]
    await moderation.dismiss(shop.tx, shop.operator, case_id, "Keduanya dari pemasok yang sama.")
    await products.move_listing(shop.tx, shop.owner, draft, "paused")
    await products.move_listing(shop.tx, shop.owner, draft, "published")
    assert await queue(shop) == []
    await forget_photos(shop.tx, [theirs], datetime.now(UTC))
    (found,) = (await seen.get_case(shop.tx, case_id, shop.operator)).suspicions
    assert (found.other_photo, found.photo is None) == (None, False)


@pytest.mark.parametrize("other", ["own", "owner's other business", "draft", "archived"])
async def test_photos_of_ones_own_and_of_what_is_not_shown_do_not_count(shop, product, other):
    if other == "own":
        theirs = product
    elif other == "owner's other business":
        theirs = await shop.listing(await shop.business(name="Kedua", verified=True), published=True)
    else:
        theirs = await other_product(shop)
    await add_photo(shop, theirs, HASH)
    if other in {"draft", "archived"}:
        await shop.tx.run("UPDATE listings SET status = $2 WHERE id = $1", theirs, other)
    await add_photo(shop, product, HASH)
    assert await queue(shop) == []


async def test_what_is_found_at_a_hidden_product_comes_to_its_case(shop, product):
    await add_photo(shop, await other_product(shop), HASH)
    case_id = await hidden(shop, product)
    await add_photo(shop, product, HASH)
    assert await queue(shop) == []
    case = await seen.get_case(shop.tx, case_id, shop.operator)
    assert (case.state, [one.kind for one in case.suspicions]) == ("hidden", ["duplicate_photo"])


async def test_forgotten_owner_closes_the_case_and_leaves_no_words(shop, product):
    case_id = await hidden(shop, product)
    await moderation.appeal(shop.tx, shop.owner, product, "Saya Bu Sri, ini buatan saya.")
    for _ in range(2):
        await consumers.forget_owner(shop.tx, AccountErased(account_id=shop.owner.account_id), None)
    assert await queue(shop, OFFICER, post_id=shop.post_id) == []
    kept = [
        dict(row) for table in ("cases", "reports", "appeals") for row in await shop.tx.rows(f"SELECT * FROM {table}")
    ]
    assert "Bu Sri" not in str(kept)
    assert "bukan barang ini" not in str(kept)
    assert await shop.tx.value("SELECT state FROM cases WHERE id = $1", case_id) == "closed"
    await no_drift(shop)


async def test_forgotten_reporter_leaves_a_report_without_words(shop, product):
    neighbour = principal()
    await report(shop, product, neighbour, reason="other", words="Saya tetangganya.")
    await consumers.forget_owner(shop.tx, AccountErased(account_id=neighbour.account_id), None)
    case_id = await case_of(shop)
    assert await reports(shop, case_id) == [("other", None)]
    assert await shop.tx.value("SELECT count(*) FROM reports WHERE account_id IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE cases SET state = 'closed', waiting_since = NULL, ended_at = created_at", "a listing and its cases"),
        ("UPDATE cases SET state = 'appealed', waiting_since = created_at", "a case and its appeals"),
        ("UPDATE listings SET status = 'paused'", "a listing and its cases"),
    ],
)
async def test_verify_finds_what_was_changed_behind_the_commands(shop, product, damage, what):
    await hidden(shop, product)
    await no_drift(shop)
    await shop.tx.run(damage)
    assert what in {drift.what for drift in (await verify(shop.tx, None)).drifts}
