"""Imports from the file to the products: the dry run, what is chosen, what is taken, and what is never taken twice."""

import asyncio
import io
import os
import signal
import sys
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.listings import consumers
from services.listings.commands import import_photos, imports, products, taking
from services.listings.domain.categories import CATEGORIES
from services.listings.domain.import_refusals import (
    FileNotReadable,
    ImportRunning,
    TooManyOpenImports,
    WrongImportState,
)
from services.listings.domain.refusals import BusinessNotVerified, WrongListingState
from services.listings.picture_source_gateway import FakePictureSource
from services.listings.queries import imports as seen
from services.listings.queries.verifying import verify
from services.listings.sheets import bounded
from services.listings.sheets.bounded import SheetRead
from services.listings.sheets.reading import read_file
from services.listings.views.imports import RowQuery
from shared.contracts.identity import AccountErased
from shared.errors import NotAllowed, NotFound, TooMany, Unavailable
from shared.ids import new_id
from shared.migrate import service_dsn
from shared.service import Context
from shared.testing.databases import rolled_back, said
from shared.testing.running import principal
from tests.listings.conftest import Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def sheet_of(raw):
    """Read a file as the bounded process does, in this one."""
    found = read_file(raw if isinstance(raw, bytes) else raw.encode())
    rows = [[r.number, r.state, dict(r.values), dict(r.given), [f.json for f in r.findings]] for r in found.rows]
    return SheetRead(found.kind, rows, [note.json for note in found.notes], found.pictures)


async def check(shop, business_id, raw, who=None):
    return await imports.add_import(shop.tx, who or shop.owner, business_id, "jualan.csv", sheet_of(raw))


async def take_all(tx):
    while await taking.take_chunk(tx):
        pass


async def run(shop, import_id, if_known="update", *, publish=False):
    await imports.start(shop.tx, shop.owner, import_id, if_known, publish=publish)
    await take_all(shop.tx)
    return await seen.get_import(shop.tx, import_id, shop.owner)


async def rows_of(shop, import_id, **more):
    return (await seen.list_rows(shop.tx, import_id, shop.owner, RowQuery(limit=100, **more))).items


async def on_shelf(shop, business_id):
    rows = await shop.tx.rows(
        "SELECT name, category, price_idr, unit, description, status, version FROM listings WHERE business_id = $1"
        " ORDER BY id",
        business_id,
    )
    return [tuple(row) for row in rows]


async def history_of(shop, business_id):
    rows = await shop.tx.rows(
        "SELECT what, history.version, account_id, details FROM history JOIN listings ON listings.id = listing_id"
        " WHERE listings.business_id = $1 ORDER BY listings.id, history.version",
        business_id,
    )
    return [tuple(row) for row in rows]


async def no_drift(shop):
    await shop.tx.flush()
    found = await verify(shop.tx, None)
    assert found.drifts == []


async def test_dry_run_counts_and_takes_nothing(shop):
    business_id = await shop.business()
    await shop.listing(business_id, name="Keripik singkong")
    import_id = await check(
        shop, business_id,
        "nama,kategori,harga,satuan\nKERIPIK SINGKONG,snacks,16rb,bungkus\nDodol,cakes,1.5,\nWajik,cakes,5.000,\n",
    )  # fmt: skip
    found = await seen.get_import(shop.tx, import_id, shop.owner)
    assert (found.state, found.rows_total, found.rows_ready, found.rows_wrong, found.rows_with_findings) == (
        "checked", 3, 2, 1, 2,
    )  # fmt: skip
    assert len(await on_shelf(shop, business_id)) == 1
    rows = await rows_of(shop, import_id, only="findings")
    assert [(row.number, row.state, [f.code for f in row.findings]) for row in rows] == [
        (2, "ready", ["known"]),
        (3, "wrong", ["ambiguous"]),
    ]
    assert rows[1].given == {"name": "Dodol", "category": "cakes", "price_idr": "1.5", "unit": ""}
    first = await seen.list_rows(shop.tx, import_id, shop.owner, RowQuery(limit=2))
    second = await seen.list_rows(shop.tx, import_id, shop.owner, RowQuery(limit=2, cursor=first.next))
    assert [row.number for row in (*first.items, *second.items)] == [2, 3, 4]
    assert second.next is None


async def test_good_rows_are_taken_with_history_and_events_and_wrong_ones_are_left_out(shop):
    business_id = await shop.business(verified=True)
    known = await shop.listing(business_id, published=True)
    before = len(await said(shop.tx))
    import_id = await check(
        shop, business_id,
        "nama,kategori,harga,satuan,keterangan,stok\n"
        "keripik singkong,snacks,16000,,,\n"
        "Dodol,cakes,x,,,\n"
        "Wajik,cakes,5.000,potong,Manis.,7\n",
    )  # fmt: skip
    found = await run(shop, import_id, publish=True)
    assert (found.state, found.rows_added, found.rows_updated, found.rows_wrong, found.rows_ready) == (
        "done",
        1,
        1,
        1,
        0,
    )
    assert found.ended_at is not None
    assert await on_shelf(shop, business_id) == [
        ("keripik singkong", "snacks", 16000, "bungkus", None, "published", 3),
        ("Wajik", "cakes", 5000, "potong", "Manis.", "published", 2),
    ]
    owner = shop.owner.account_id
    assert (await history_of(shop, business_id))[2:] == [
        ("changed", 3, owner, {"name": ["Keripik singkong", "keripik singkong"], "price_idr": [15000, 16000]}),
        ("created", 1, owner, {}),
        ("published", 2, owner, {}),
    ]
    told = (await said(shop.tx))[before:]
    assert [(event["type"], event["name"], event["price_idr"]) for event in told] == [
        ("listings.listing_changed.v1", "keripik singkong", 16000),
        ("listings.listing_published.v1", "Wajik", 5000),
    ]
    rows = await rows_of(shop, import_id)
    assert [(row.state, row.listing_id == known) for row in rows] == [
        ("updated", True),
        ("wrong", False),
        ("added", False),
    ]
    assert rows[2].values["stock"] == 7
    await no_drift(shop)


async def test_who_chose_to_skip_keeps_what_is_there(shop):
    business_id = await shop.business()
    await shop.listing(business_id)
    import_id = await check(
        shop, business_id, "nama,kategori,harga\nKeripik Singkong,snacks,1000\nBaru,snacks,2000\nbaru,snacks,3000\n"
    )
    found = await run(shop, import_id, "skip")
    assert (found.rows_added, found.rows_skipped, found.rows_updated) == (1, 2, 0)
    assert [(row[0], row[2]) for row in await on_shelf(shop, business_id)] == [
        ("Keripik singkong", 15000),
        ("Baru", 2000),
    ]


async def test_same_name_twice_is_one_product_with_each_change_in_its_history(shop):
    business_id = await shop.business()
    found = await run(
        shop, await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\na,snacks,2000\nA,snacks,2000\n")
    )
    assert (found.rows_added, found.rows_updated) == (1, 2)
    assert [(row[0], row[2], row[6]) for row in await on_shelf(shop, business_id)] == [("A", 2000, 3)]
    assert [row[:2] for row in await history_of(shop, business_id)] == [("created", 1), ("changed", 2), ("changed", 3)]
    await no_drift(shop)


async def test_code_of_a_download_lets_a_product_be_renamed_and_an_archived_one_is_left_alone(shop):
    business_id = await shop.business()
    first, second = await shop.listing(business_id, name="Sama"), await shop.listing(business_id, name="Sama")
    gone = await shop.listing(business_id, name="Lama")
    await products.move_listing(shop.tx, shop.owner, gone, "archived")
    other = await shop.listing(await shop.business(), name="Usaha lain")
    import_id = await check(
        shop, business_id,
        f"kode,nama,kategori,harga\n{second},Berganti nama,snacks,1000\n{gone},Lama,snacks,1\n{other},Curian,snacks,500\n"
        "Lama-lama,Tanpa kode,snacks,500\n",
    )  # fmt: skip
    rows = await rows_of(shop, import_id)
    assert [[f.code for f in row.findings] for row in rows] == [
        ["known"], ["few-rupiah", "archived"], ["code-unknown"], ["code"],
    ]  # fmt: skip
    found = await run(shop, import_id)
    assert (found.rows_updated, found.rows_skipped, found.rows_added, found.rows_wrong) == (1, 1, 1, 1)
    names = {row["id"]: row["name"] for row in await shop.tx.rows("SELECT id, name FROM listings")}
    assert (names[first], names[second], names[gone], names[other]) == ("Sama", "Berganti nama", "Lama", "Usaha lain")


async def test_one_row_that_the_database_refuses_becomes_its_finding_and_stops_nobody(shop):
    business_id = await shop.business()
    import_id = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\nB,snacks,1000\nC,snacks,1000\n")
    await shop.tx.run(
        "UPDATE import_rows SET values = values || jsonb_build_object('name', repeat('x', 130)) WHERE number = 3"
    )
    found = await run(shop, import_id)
    assert (found.state, found.rows_added, found.rows_failed) == ("done", 2, 1)
    assert [row.state for row in await rows_of(shop, import_id)] == ["added", "failed", "added"]
    (failed,) = await rows_of(shop, import_id, only="findings")
    assert failed.findings[0].message.startswith("Baris ini tidak dapat disimpan.")
    await no_drift(shop)


async def test_only_a_verified_business_publishes(shop):
    business_id = await shop.business()
    import_id = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n")
    with pytest.raises(BusinessNotVerified):
        await imports.start(shop.tx, shop.owner, import_id, "skip", publish=True)
    assert (await run(shop, import_id)).rows_added == 1
    assert (await on_shelf(shop, business_id))[0][5] == "draft"


async def test_import_moves_once_and_is_its_senders_alone(shop):
    business_id = await shop.business()
    first, second, third = [await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n") for _ in range(3)]
    stranger = principal()
    for refused in (
        imports.start(shop.tx, stranger, first, "skip", publish=False),
        imports.cancel(shop.tx, stranger, first),
        seen.get_import(shop.tx, first, stranger),
        seen.list_rows(shop.tx, first, shop.operator, RowQuery()),
        seen.rows_to_correct(shop.tx, first, stranger),
        imports.cancel(shop.tx, shop.owner, new_id()),
    ):
        with pytest.raises(NotFound):
            await refused
    with pytest.raises(NotAllowed):
        await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n", stranger)
    with pytest.raises(NotAllowed):
        await seen.rows_to_export(shop.tx, business_id, stranger)
    await imports.start(shop.tx, shop.owner, first, "skip", publish=False)
    with pytest.raises(ImportRunning):
        await imports.start(shop.tx, shop.owner, second, "skip", publish=False)
    await imports.cancel(shop.tx, shop.owner, first)
    for move in (imports.cancel, lambda *given: imports.start(*given, "skip", publish=False)):
        with pytest.raises(WrongImportState):
            await move(shop.tx, shop.owner, first)
    await take_all(shop.tx)
    assert await on_shelf(shop, business_id) == []
    assert (await run(shop, second)).rows_added == 1
    with pytest.raises(WrongImportState):
        await imports.cancel(shop.tx, shop.owner, second)
    assert (await seen.get_import(shop.tx, third, shop.owner)).state == "checked"


async def test_imports_have_limits(shop):
    business_id = await shop.business()
    for number in range(imports.MOST_AN_HOUR):
        await imports.admit(shop.tx, shop.owner, business_id)
        import_id = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n")
        if number >= imports.MOST_OPEN - 1:
            if number == imports.MOST_OPEN - 1:
                with pytest.raises(TooManyOpenImports):
                    await imports.admit(shop.tx, shop.owner, business_id)
            await imports.cancel(shop.tx, shop.owner, import_id)
    with pytest.raises(TooMany) as told:
        await imports.admit(shop.tx, shop.owner, business_id)
    assert 0 < told.value.details["retry_after_s"] <= 3600
    for refused in (imports.admit(shop.tx, principal(), business_id), imports.admit(shop.tx, shop.owner, new_id())):
        with pytest.raises((NotAllowed, NotFound)):
            await refused


async def test_imports_go_after_a_month_and_with_their_owner(shop):
    business_id = await shop.business()
    done = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n")
    await run(shop, done)
    left = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n")
    now = await shop.tx.now()
    assert await imports.drop_old(shop.tx, now + timedelta(days=29)) == 0
    assert await imports.drop_old(shop.tx, now + timedelta(days=31)) == 2
    assert await shop.tx.value("SELECT count(*) FROM import_rows") == 0
    left = await check(shop, business_id, "nama,kategori,harga\nA,snacks,1000\n")
    await imports.start(shop.tx, shop.owner, left, "skip", publish=False)
    await consumers.forget_owner(shop.tx, AccountErased(account_id=shop.owner.account_id), None)
    assert await shop.tx.value("SELECT count(*) FROM imports") == 0
    await take_all(shop.tx)


async def test_rows_to_correct_are_sent_again_corrected(shop):
    business_id = await shop.business()
    import_id = await check(shop, business_id, "nama,harga,kategori\n=1+1,x,batik\nB,1000,batik\n")
    titles, rows = await seen.rows_to_correct(shop.tx, import_id, shop.owner)
    assert titles == ["nama", "kategori", "harga", "Yang perlu diperbaiki"]
    text = (await bounded.write_table(titles, rows)).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("'=1+1,batik,x,\"harga: Harga «x» tidak terbaca.")
    again = sheet_of(text.replace(",x,", ",2000,"))
    assert [(row[2]["name"], row[1]) for row in again.rows] == [("=1+1", "ready")]
    assert again.notes == []


# Pictures


def bundle(sheet, **pictures):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("isi.csv", sheet)
        for name, body in pictures.items():
            archive.writestr(f"{name}.png", body)
    return written.getvalue()


class Album:
    """Takes pictures as another part of the service does; refuses and breaks down as it is told."""

    def __init__(self, *troubles):
        self.taken = []
        self.troubles = list(troubles)

    async def __call__(self, context, listing_id, who, content):
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        self.taken.append((listing_id, who.account_id, content))


@pytest.fixture
async def listings_db(fresh_dsn, settings):
    from shared.db import Database

    db = Database(service_dsn(settings, fresh_dsn, "listings"), schema="listings", size=6)
    await db.open()
    yield db
    await db.close()


async def opened(db, **more):
    async with db.transaction() as tx:
        shop = await Shop(tx).open()
        return shop, await shop.business(**more)


async def start_with(db, shop, business_id, raw, *, publish=False):
    async with db.transaction() as tx:
        import_id = await imports.add_import(tx, shop.owner, business_id, None, sheet_of(raw))
        await imports.start(tx, shop.owner, import_id, "update", publish=publish)
    return import_id


async def finish(db):
    while True:
        async with db.transaction() as tx:
            if not await taking.take_chunk(tx):
                return


async def test_pictures_of_the_zip_and_of_links_come_to_their_products(listings_db, settings):
    shop, business_id = await opened(listings_db)
    sheet = (
        "nama,kategori,harga,foto\nA,snacks,1000,a.png; https://x.id/a.png\nB,snacks,x,a.png\n"
        "C,snacks,1000,https://x.id/hilang.png\nD,snacks,1000,https://x.id/sibuk.png\nE,snacks,1000,bukan.png\n"
    )
    import_id = await start_with(listings_db, shop, business_id, bundle(sheet, a=PNG, b=PNG))
    await finish(listings_db)
    context = Context("listings", settings, listings_db)
    source = FakePictureSource({"https://x.id/a.png": b"isi"}, {"https://x.id/sibuk.png": 503})
    album = Album()
    async with listings_db.transaction() as tx:
        now = await tx.now()
    while await import_photos.work_off(context, now, album, source):
        now += timedelta(hours=1)
    assert sorted(content for _, _, content in album.taken) == sorted([PNG, b"isi"])
    assert {account for _, account, _ in album.taken} == {shop.owner.account_id}
    assert source.asked.count("https://x.id/sibuk.png") == import_photos.MOST_TRIES
    async with listings_db.transaction() as tx:
        found = await seen.get_import(tx, import_id, shop.owner)
        rows = (await seen.list_rows(tx, import_id, shop.owner, RowQuery())).items
        assert await tx.value("SELECT count(*) FROM import_files") == 0, "nobody needs them any more"
    assert (found.photos_waiting, found.photos_done, found.photos_failed) == (0, 2, 3)
    assert [[photo.state for photo in row.photos] for row in rows] == [
        ["done", "done"],
        [],
        ["failed"],
        ["failed"],
        ["failed"],
    ]
    assert all(photo.reason for row in rows for photo in row.photos if photo.state == "failed")


async def test_picture_that_cannot_be_put_down_is_tried_again_or_told(listings_db, settings):
    shop, business_id = await opened(listings_db)
    import_id = await start_with(
        listings_db, shop, business_id, bundle("nama,kategori,harga,foto\nA,snacks,1000,a.png\n", a=PNG)
    )
    await finish(listings_db)
    context = Context("listings", settings, listings_db)
    async with listings_db.transaction() as tx:
        now = await tx.now()
    album = Album(Unavailable(), RuntimeError("a fault of ours"))
    assert await import_photos.work_off(context, now, album, FakePictureSource()) == 1
    assert await import_photos.work_off(context, now, album, FakePictureSource()) == 0, "not at once again"
    assert await import_photos.work_off(context, now + timedelta(minutes=5), album, FakePictureSource()) == 1
    assert await import_photos.work_off(context, now + timedelta(minutes=9), album, FakePictureSource()) == 1
    assert len(album.taken) == 1
    async with listings_db.transaction() as tx:
        assert (await seen.get_import(tx, import_id, shop.owner)).photos_done == 1
    second = await start_with(
        listings_db, shop, business_id, bundle("nama,kategori,harga,foto\nA,snacks,1000,a.png\n", a=PNG)
    )
    await finish(listings_db)
    await import_photos.work_off(context, now, Album(WrongListingState(listing_status="archived")), FakePictureSource())
    await import_photos.work_off(
        context, now + timedelta(days=1), Album(FileNotReadable(hint="x", hint_en="x")), FakePictureSource()
    )
    async with listings_db.transaction() as tx:
        assert (await seen.get_import(tx, second, shop.owner)).photos_failed == 1


async def test_cancelled_import_leaves_its_pictures(listings_db, settings):
    shop, business_id = await opened(listings_db)
    import_id = await start_with(
        listings_db, shop, business_id, bundle("nama,kategori,harga,foto\nA,snacks,1000,a.png\n", a=PNG)
    )
    async with listings_db.transaction() as tx:
        await taking.take_chunk(tx)
        assert await tx.value("SELECT count(*) FROM import_files") == 1
        await imports.cancel(tx, shop.owner, import_id)
    async with listings_db.transaction() as tx:
        found = await seen.get_import(tx, import_id, shop.owner)
        assert (found.rows_added, found.photos_failed) == (1, 1)
        assert await tx.value("SELECT count(*) FROM import_files") == 0


# Killed at any point

TAKER = """
import asyncio, sys
from services.listings.commands import taking
from shared.db import Database

async def main():
    db = Database(sys.argv[1], schema="listings", size=1)
    await db.open()
    print("begins", flush=True)
    while True:
        async with db.transaction() as tx:
            if not await taking.take_chunk(tx):
                break
            print("will commit", flush=True)
        print("committed", flush=True)

asyncio.run(main())
"""
DEATHS = (("begins", 0), ("will commit", 0), ("committed", 0), ("committed", 0.02), ("will commit", 0.004))
"""After which word of the process it is killed, and how many seconds later: between chunks, in a commit, within a chunk."""


@pytest.mark.slow
async def test_killed_again_and_again_every_row_is_taken_once(listings_db, fresh_dsn, settings):
    shop, business_id = await opened(listings_db, verified=True)
    rows = "".join(f"Produk {number},snacks,{1000 + number}\n" for number in range(3000))
    import_id = await start_with(listings_db, shop, business_id, "nama,kategori,harga\n" + rows, publish=True)
    dsn = service_dsn(settings, fresh_dsn, "listings")
    for word, later_s in DEATHS:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            TAKER,
            dsn,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        said = ""
        while said != word:
            said = (await process.stdout.readline()).decode().strip()
            assert said, "it ended too soon"
        await asyncio.sleep(later_s)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    await asyncio.gather(*(finish(listings_db) for _ in range(3)))
    async with listings_db.transaction() as tx:
        found = await seen.get_import(tx, import_id, shop.owner)
        assert (found.state, found.rows_added) == ("done", 3000)
        assert await tx.value("SELECT count(*) FROM listings") == 3000
        assert await tx.value("SELECT count(DISTINCT name) FROM listings") == 3000
        assert (await verify(tx, None)).drifts == []


# Round trip


def texts(most):
    letters = st.characters(blacklist_categories=["Cs", "Cc", "Cf"]) | st.sampled_from("'=+-@;,\" ")
    return st.text(letters, min_size=1, max_size=most).map(str.strip).filter(bool)


PRODUCTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": texts(30),
            "category": st.sampled_from([shelf.code for shelf in CATEGORIES]),
            "price_idr": st.integers(1, 99_999_999_999_999),
        },
        optional={"unit": texts(10), "description": texts(40) | st.just("Dua\r\nbaris\n\tdan lagi")},
    ),
    min_size=1,
    max_size=6,
)


@given(given_products=PRODUCTS, form=st.sampled_from(["xlsx", "csv"]), archived=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_export_sent_again_changes_nothing(database, given_products, form, archived):
    from services.listings.sheets import writing

    async with rolled_back(await database("listings")) as tx:
        shop = await Shop(tx).open()
        business_id = await shop.business()
        ids = [
            await products.create_listing(tx, shop.owner, business_id=business_id, **normal(product))
            for product in given_products
        ]
        if archived:
            await products.move_listing(tx, shop.owner, ids[0], "archived")
        before = await on_shelf(shop, business_id)
        table = writing.of_listings(await seen.rows_to_export(tx, business_id, shop.owner))
        raw = writing.as_xlsx(table) if form == "xlsx" else writing.as_csv(table)
        found = await run(shop, await check(shop, business_id, raw))
        rows = await rows_of(shop, found.id)
        assert (found.rows_unchanged, found.rows_skipped) == (len(ids) - archived, int(archived)), rows
        assert await on_shelf(shop, business_id) == before


def normal(product):
    """As the API keeps it."""
    import unicodedata

    return {
        name: unicodedata.normalize("NFC", value) if isinstance(value, str) else value
        for name, value in product.items()
    }


@pytest.mark.slow
async def test_ten_thousand_rows_are_taken_within_a_minute(listings_db):
    shop, business_id = await opened(listings_db, verified=True)
    rows = "".join(
        f"Produk {number},snacks,{1000 + number},bungkus,Enak sekali dan gurih\n" for number in range(10_000)
    )
    started = time.monotonic()
    sheet = await bounded.read_sheet(("nama,kategori,harga,satuan,keterangan\n" + rows).encode())
    async with listings_db.transaction() as tx:
        import_id = await imports.add_import(tx, shop.owner, business_id, None, sheet)
        await imports.start(tx, shop.owner, import_id, "update", publish=True)
    read_s = time.monotonic() - started
    await finish(listings_db)
    taken_s = time.monotonic() - started - read_s
    print(f"\n10,000 rows: read and kept in {read_s:.1f} s, taken in {taken_s:.1f} s")  # noqa: T201 -- shown with -s
    assert read_s + taken_s < 60
    async with listings_db.read() as sql:
        assert await sql.value("SELECT count(*) FROM listings WHERE status = 'published'") == 10_000
