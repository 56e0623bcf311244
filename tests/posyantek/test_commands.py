import asyncio

import pytest

from services.posyantek import commands, queries
from services.posyantek.refusals import AlreadyServing, RegionHasPost, RegionTakesNoPost, RegionUnknown
from services.posyantek.views import OfficerQuery, PostQuery, RegionQuery
from shared.db import Database, DataRefused, recorded_statements
from shared.errors import NotFound
from shared.ids import new_id
from shared.migrate import service_dsn
from shared.testing.databases import said

CEMPAKA_PUTIH, RAWASARI, ANCOL = "31.71.05", "31.71.05.1003", "31.72.05.1003"


async def register(tx, region_code=CEMPAKA_PUTIH, name="Posyantek Cempaka Putih", **more):
    return await commands.register_post(tx, region_code=region_code, name=name, **more)


async def test_registered_post_is_announced_with_its_region(tx):
    kecamatan = await register(tx, by=new_id())
    kelurahan = await register(tx, RAWASARI, "Posyantek Rawasari", whatsapp="+6281234567890", pilot=True)
    common = {"type": "posyantek.post_registered.v1"}
    assert await said(tx) == [
        common | {"post_id": str(kecamatan.id), "name": "Posyantek Cempaka Putih", "region_code": CEMPAKA_PUTIH,
                  "region_level": "district", "region_name": "Cempaka Putih"},
        common | {"post_id": str(kelurahan.id), "name": "Posyantek Rawasari", "region_code": RAWASARI,
                  "region_level": "village", "region_name": "Rawasari"},
    ]  # fmt: skip
    shown = await queries.get_post(tx, slug="posyantek-rawasari")
    assert (shown.id, shown.whatsapp, shown.pilot, shown.officers_count) == (kelurahan.id, "+6281234567890", True, 0)
    assert shown.region_path == "Rawasari, Cempaka Putih, Jakarta Pusat"
    assert shown.cash_box_name == "Kas Posyantek Rawasari"


@pytest.mark.parametrize(
    ("region_code", "refusal"),
    [("31.99.01", RegionUnknown), ("99", RegionUnknown), ("31.71", RegionTakesNoPost), ("31", RegionTakesNoPost)],
)
async def test_post_needs_a_kecamatan_or_kelurahan(tx, region_code, refusal):
    with pytest.raises(refusal):
        await register(tx, region_code)
    assert await said(tx) == []


async def test_region_has_one_post(tx):
    first = await register(tx)
    with pytest.raises(RegionHasPost) as refused:
        await register(tx, name="Posyantek Tandingan")
    assert refused.value.details["post_id"] == str(first.id)
    assert len(await said(tx)) == 1


async def test_second_post_of_a_name_gets_another_address(tx):
    slugs = [(await register(tx, code, "Melati")).slug for code in (CEMPAKA_PUTIH, RAWASARI)]
    assert slugs == ["melati", "melati-31-71-05-1003"]


async def test_service_begins_and_ends_and_may_begin_again(tx):
    post, who, province = await register(tx), new_id(), new_id()
    for role in ("operator", "treasurer"):
        await commands.appoint_officer(tx, post.id, who, role, province)
    with pytest.raises(AlreadyServing):
        await commands.appoint_officer(tx, post.id, who, "operator", province)
    await commands.dismiss_officer(tx, post.id, who, "operator", province)
    with pytest.raises(NotFound):
        await commands.dismiss_officer(tx, post.id, who, "operator", province)
    assert (await queries.get_post(tx, post_id=post.id)).officers_count == 1
    await commands.appoint_officer(tx, post.id, who, "operator", province)
    assert (await queries.get_post(tx, post_id=post.id)).officers_count == 1  # one person in two roles
    appointed, dismissed = "posyantek.officer_appointed.v1", "posyantek.officer_dismissed.v1"
    assert [(event["type"], event["role"]) for event in (await said(tx))[1:]] == [
        (appointed, "operator"), (appointed, "treasurer"), (dismissed, "operator"), (appointed, "operator"),
    ]  # fmt: skip
    now = (await queries.list_officers(tx, post.id, OfficerQuery())).items
    ever = (await queries.list_officers(tx, post.id, OfficerQuery(former=True))).items
    assert [item.role for item in now] == ["treasurer", "operator"]
    assert [(item.role, item.dismissed_at is None) for item in ever] == [
        ("operator", False), ("treasurer", True), ("operator", True),
    ]  # fmt: skip


async def test_nobody_serves_at_a_post_that_is_not_there(tx):
    with pytest.raises(NotFound):
        await commands.appoint_officer(tx, new_id(), new_id(), "chair")


async def test_seeding_twice_is_seeding_once(tx):
    who = new_id()
    posts = {await commands.ensure_post(tx, region_code=ANCOL, name=name) for name in ("Posyantek Ancol", "Lain")}
    (post,) = posts
    appointed = [await commands.ensure_officer(tx, post, who, "chair") for _ in range(2)]
    assert appointed == [True, False]
    assert [event["type"] for event in await said(tx)] == [
        "posyantek.post_registered.v1", "posyantek.officer_appointed.v1",
    ]  # fmt: skip


@pytest.mark.parametrize("table", ["posts", "officers"])
async def test_history_cannot_be_removed(tx, table):
    with pytest.raises(Exception, match="permission denied"):
        await tx.run(f"DELETE FROM {table}")


async def test_database_refuses_a_second_post_of_a_region_by_itself(tx):
    await register(tx)
    with pytest.raises(DataRefused):
        await tx.run(
            "INSERT INTO posts (id, slug, name, region_code, registered_at) VALUES ($1, 'lain', 'Lain', $2, now())",
            new_id(),
            CEMPAKA_PUTIH,
        )


@pytest.mark.parametrize(
    "read",
    [
        lambda sql: queries.list_regions(sql, RegionQuery(level="village", limit=100)),
        lambda sql: queries.list_posts(sql, PostQuery(q="posyantek")),
        lambda sql: queries.list_officers(sql, new_id(), OfficerQuery(former=True)),
    ],
    ids=["regions", "posts", "officers"],
)
async def test_list_costs_one_statement_however_long(tx, read):
    for code in (CEMPAKA_PUTIH, RAWASARI, ANCOL):
        await register(tx, code, f"Posyantek {code}")
    with recorded_statements() as statements:
        await read(tx)
    assert len(statements) == 1


async def test_two_registering_one_region_at_once_make_one_post(fresh_dsn, settings):
    db = Database(service_dsn(settings, fresh_dsn, "posyantek"), schema="posyantek", size=4)
    await db.open()

    async def attempt():
        async with db.transaction() as tx:
            return await commands.ensure_post(tx, region_code=ANCOL, name="Posyantek Ancol")

    posts = await asyncio.gather(*(attempt() for _ in range(4)))
    assert len(set(posts)) == 1
    await db.close()


async def drifts(tx):
    return [(drift.what, drift.expected, drift.found) for drift in (await queries.verify(tx, None)).drifts]


async def test_verify_is_content_with_what_commands_made(tx):
    post, who = await register(tx), new_id()
    await commands.appoint_officer(tx, post.id, who, "operator")
    await commands.dismiss_officer(tx, post.id, who, "operator")
    await commands.appoint_officer(tx, post.id, who, "chair")
    await said(tx)
    findings = await queries.verify(tx, None)
    assert findings.drifts == []
    assert findings.facts == {"post_name": {str(post.id): "Posyantek Cempaka Putih"}}


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE posts SET name = 'Lain'", "a post's registration and the log"),
        ("UPDATE posts SET region_code = '31.99.99'", "a post's region"),
        ("UPDATE officers SET dismissed_at = appointed_at", "an officer's service and the log"),
        ("UPDATE officers SET role = 'chair'", "an officer's service and the log"),
    ],
)
async def test_verify_finds_what_was_changed_behind_the_commands(tx, damage, what):
    post = await register(tx)
    await commands.appoint_officer(tx, post.id, new_id(), "operator")
    await said(tx)
    await tx.run(damage)
    assert what in {found for found, _, _ in await drifts(tx)}
