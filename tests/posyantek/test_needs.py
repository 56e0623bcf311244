"""Needs on the real database: the use cases, two at once, erasure, and the check against rows and log."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from services.posyantek import commands, queries
from services.posyantek.domain.needs import MOST_SUPPORTED
from services.posyantek.refusals import NeedIsClosed, PostUnknown, TechnologyUnknown, TooManyNeeds
from services.posyantek.repository import technologies
from services.posyantek.views.needs import NeedQuery
from shared.auth import Grant
from shared.contracts.offers import TechnologyPublished
from shared.db import Database, DataRefused, recorded_statements
from shared.errors import NotAllowed, NotFound
from shared.ids import new_id
from shared.migrate import service_dsn
from shared.testing.databases import said
from shared.testing.running import principal

PREFIX = "posyantek.need_"


async def technology(tx, slug="spinner"):
    event = TechnologyPublished(technology_id=new_id(), slug=slug, name_id=f"Mesin {slug}", name_en=f"A {slug}")
    await technologies.keep(tx, event)
    return event.technology_id


async def place(tx, region_code="31.71.05", name="Posyantek Cempaka Putih"):
    return await commands.ensure_post(tx, region_code=region_code, name=name)


async def raised(tx, who=None, post_id=None, technology_id=None, units=1, note=None):
    who = who or principal()
    need_id, is_new = await commands.raise_need(
        tx,
        who,
        post_id=post_id or await place(tx),
        technology_id=technology_id or await technology(tx),
        units=units,
        note=note,
    )
    assert is_new
    return need_id


async def grown(tx, count, **more):
    """A need that so many people support, and who they are."""
    people = [principal() for _ in range(count)]
    need_id = await raised(tx, people[0], **more)
    for person in people[1:]:
        await commands.support(tx, person, need_id, 2)
    return need_id, people


async def told(tx):
    """What was said of needs, oldest first: the short name of each event."""
    return [event["type"][len(PREFIX) : -3] for event in await said(tx) if event["type"].startswith(PREFIX)]


async def operator_of(tx, need_id):
    post_id = (await queries.get_need(tx, need_id, None)).post_id
    return principal(None, Grant("operator", "post", post_id))


async def drifts(tx):
    await tx.flush()
    return (await queries.verify(tx, None)).drifts


async def test_need_is_raised_joined_and_matures(tx):
    ibu, bapak, third = principal(), principal(), principal()
    post_id, technology_id = await place(tx), await technology(tx)
    asked = {"post_id": post_id, "technology_id": technology_id}
    need_id, is_new = await commands.raise_need(tx, ibu, **asked, units=2, note="Untuk keripik.")
    joined = await commands.raise_need(tx, bapak, **asked, units=3, note="Catatan lain.")
    assert (is_new, joined) == (True, (need_id, False))
    mine = await queries.get_need(tx, need_id, bapak)
    assert (mine.supporters, mine.units, mine.own_units, mine.joined, mine.state) == (2, 5, 3, True, "open")
    assert mine.note == "Untuk keripik.", "whoever joins does not overwrite what was said"
    await commands.support(tx, third, need_id, 1)
    seen = await queries.get_need(tx, need_id, None)
    assert (seen.state, seen.supporters, seen.joined, seen.own_units) == ("matured", 3, False, None)
    assert seen.matured_at is not None
    assert await told(tx) == ["raised", "supported", "supported", "matured"]
    assert await drifts(tx) == []


async def test_again_changes_the_units_and_nothing_else(tx):
    who, post_id, technology_id = principal(), await place(tx), await technology(tx)
    asked = {"post_id": post_id, "technology_id": technology_id, "note": None}
    need_id, _ = await commands.raise_need(tx, who, **asked, units=2)
    assert await commands.raise_need(tx, who, **asked, units=2) == (need_id, False)
    await commands.support(tx, who, need_id, 7)
    assert (await queries.get_need(tx, need_id, who)).units == 7
    assert await told(tx) == ["raised", "supported"]


async def test_leaving_and_leaving_again(tx):
    need_id, people = await grown(tx, 3)
    await commands.withdraw(tx, people[1], need_id)
    await commands.withdraw(tx, people[1], need_id)
    after = await queries.get_need(tx, need_id, people[1])
    assert (after.state, after.supporters, after.units, after.joined) == ("matured", 2, 3, False)
    await commands.withdraw(tx, people[0], need_id)
    await commands.withdraw(tx, people[2], need_id)
    ended = await queries.get_need(tx, need_id, None)
    assert (ended.state, ended.ending, ended.supporters, ended.ending_words) == ("closed", "abandoned", 0, None)
    with pytest.raises(NeedIsClosed):
        await commands.withdraw(tx, people[2], need_id)
    assert (await told(tx))[4:] == ["support_withdrawn"] * 3 + ["closed"]
    assert await drifts(tx) == []


async def test_operator_closes_and_it_may_be_raised_anew(tx):
    post_id, technology_id = await place(tx), await technology(tx)
    need_id, people = await grown(tx, 2, post_id=post_id, technology_id=technology_id)
    for stranger in (people[0], principal(None, Grant("operator", "post", new_id()))):
        with pytest.raises(NotAllowed):
            await commands.close(tx, stranger, need_id, "fulfilled", None)
    operator = await operator_of(tx, need_id)
    await commands.close(tx, operator, need_id, "not_feasible", "Listriknya belum kuat.")
    with pytest.raises(NeedIsClosed):
        await commands.close(tx, operator, need_id, "fulfilled", None)
    with pytest.raises(NeedIsClosed):
        await commands.support(tx, principal(), need_id, 1)
    seen = await queries.get_need(tx, need_id, None)
    assert (seen.state, seen.ending, seen.ending_words, seen.supporters) == (
        "closed", "not_feasible", "Listriknya belum kuat.", 2,
    )  # fmt: skip
    (closing,) = await said(tx, "posyantek.need_closed.v1")
    assert (closing["closed_by"], closing["ending"]) == (str(operator.account_id), "not_feasible")
    again = await raised(tx, people[0], post_id, technology_id)
    assert again != need_id
    assert await drifts(tx) == []


async def test_province_officer_may_close_too(tx):
    need_id = await raised(tx)
    await commands.close(tx, principal(None, Grant("officer", "province", new_id())), need_id, "duplicate", None)
    assert (await queries.get_need(tx, need_id, None)).state == "closed"


async def test_nothing_is_needed_at_no_post_or_of_no_catalogue(tx):
    post_id, technology_id = await place(tx), await technology(tx)
    for refusal, asked in (
        (PostUnknown, {"post_id": new_id(), "technology_id": technology_id}),
        (TechnologyUnknown, {"post_id": post_id, "technology_id": new_id()}),
    ):
        with pytest.raises(refusal):
            await commands.raise_need(tx, principal(), **asked, units=1, note=None)
    for deed in (
        commands.support(tx, principal(), new_id(), 1),
        commands.withdraw(tx, principal(), new_id()),
        commands.close(tx, principal(), new_id(), "fulfilled", None),
        queries.get_need(tx, new_id(), None),
    ):
        with pytest.raises(NotFound):
            await deed
    assert await told(tx) == []


async def test_one_account_needs_only_so_many_things(tx):
    who, post_id = principal(), await place(tx)
    ids = [await technology(tx, f"alat-{number}") for number in range(MOST_SUPPORTED)]
    needs = [await raised(tx, who, post_id, technology_id) for technology_id in ids]
    more = await raised(tx, None, post_id, await technology(tx, "lagi"))
    with pytest.raises(TooManyNeeds):
        await commands.support(tx, who, more, 1)
    await commands.support(tx, who, needs[0], 5)  # one that is counted already may be changed
    await commands.withdraw(tx, who, needs[1])
    await commands.support(tx, who, more, 1)
    with pytest.raises(TooManyNeeds):
        async with tx.savepoint():
            await raised(tx, who, post_id, await technology(tx, "satu-lagi"))


async def test_erased_person_is_taken_out_of_every_need(tx):
    who, post_id = principal(), await place(tx)
    alone = await raised(tx, who, post_id, note="Telepon saya.")
    shared, people = await grown(tx, 3, post_id=post_id)
    await commands.support(tx, who, shared, 4)
    ended = await raised(tx, who, post_id, note="Rumah saya di gang dua.")
    await commands.close(tx, await operator_of(tx, ended), ended, "fulfilled", "Sudah dibeli.")
    others = await raised(tx, people[0], post_id, note="Punya orang lain.")
    left = await raised(tx, who, post_id, note="Pernah saya tulis.")
    await commands.support(tx, people[1], left, 1)
    await commands.withdraw(tx, who, left)
    before = len(await told(tx))
    for _ in range(2):
        await commands.forget_person(tx, who.account_id)
    seen = {name: await queries.get_need(tx, need_id, who) for name, need_id in
            {"alone": alone, "shared": shared, "ended": ended, "others": others, "left": left}.items()}  # fmt: skip
    assert {name: (need.state, need.supporters, need.units, need.note, need.joined) for name, need in seen.items()} == {
        "alone": ("closed", 0, 0, None, False),
        "shared": ("matured", 3, 5, None, False),
        "ended": ("closed", 0, 0, None, False),
        "others": ("open", 1, 1, "Punya orang lain.", False),
        "left": ("open", 1, 1, None, False),
    }
    assert seen["ended"].ending_words == "Sudah dibeli."
    assert Counter((await told(tx))[before:]) == {"support_withdrawn": 3, "closed": 1}
    rows = await tx.rows("SELECT id FROM needs WHERE raised_by = $1", who.account_id)
    assert (rows, await drifts(tx)) == ([], [])


async def test_forgetting_costs_as_many_statements_however_many_needs(tx):
    counts = []
    for number in (1, 5):
        who, post_id = principal(), await place(tx)
        for _ in range(number):
            await raised(tx, who, post_id)
        await tx.flush()
        with recorded_statements() as statements:
            await commands.forget_person(tx, who.account_id)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", [NeedQuery(), NeedQuery(order="most_wanted", district="31.71", state="open")])
async def test_list_costs_one_statement_however_long(tx, query):
    for _ in range(3):
        await raised(tx)
    with recorded_statements() as statements:
        assert len((await queries.list_needs(tx, query, principal())).items) == 3
    assert len(statements) == 1


async def test_database_refuses_a_second_standing_need_and_to_forget_one(tx):
    need_id = await raised(tx)
    with pytest.raises(Exception, match="permission denied"):
        async with tx.savepoint():
            await tx.run("DELETE FROM needs")
    with pytest.raises(DataRefused):
        await tx.run(
            "INSERT INTO needs (id, post_id, technology_id, raised_at, state, supporters, units, version)"
            " SELECT $2, post_id, technology_id, raised_at, 'open', 1, 1, 1 FROM needs WHERE id = $1",
            need_id,
            new_id(),
        )


@pytest.fixture
async def db(fresh_dsn, settings):
    database = Database(service_dsn(settings, fresh_dsn, "posyantek"), schema="posyantek", size=8)
    await database.open()
    yield database
    await database.close()


async def committed(db, command):
    async with db.transaction() as tx:
        return await command(tx)


async def test_many_raising_the_same_at_once_make_one_need(db):
    post_id, technology_id = await committed(db, place), await committed(db, technology)

    async def attempt(who):
        asked = {"post_id": post_id, "technology_id": technology_id, "units": 2, "note": None}
        return await committed(db, lambda tx: commands.raise_need(tx, who, **asked))

    answers = await asyncio.gather(*(attempt(principal()) for _ in range(8)))
    assert len({need_id for need_id, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1
    async with db.read() as sql:
        need = await queries.get_need(sql, answers[0][0], None)
        matured = await sql.value("SELECT count(*) FROM events WHERE type = 'posyantek.need_matured.v1'")
        assert (need.supporters, need.units, need.state, matured) == (8, 16, "matured", 1)
        assert (await queries.verify(sql, None)).drifts == []


async def test_raising_while_the_last_one_leaves_ends_in_a_need_that_stands(db):
    post_id, technology_id = await committed(db, place), await committed(db, technology)
    asked = {"post_id": post_id, "technology_id": technology_id, "units": 1, "note": None}
    for _ in range(10):
        first, second = principal(), principal()
        need_id, _ = await committed(db, lambda tx, who=first: commands.raise_need(tx, who, **asked))
        _, (found, _) = await asyncio.gather(
            committed(db, lambda tx, who=first, need=need_id: commands.withdraw(tx, who, need)),
            committed(db, lambda tx, who=second: commands.raise_need(tx, who, **asked)),
        )
        async with db.read() as sql:
            need = await queries.get_need(sql, found, second)
            assert (need.state, need.joined, need.supporters) == ("open", True, 1)
            assert (await queries.verify(sql, None)).drifts == []
        await committed(db, lambda tx, who=second, need=found: commands.withdraw(tx, who, need))


async def test_erasing_while_others_come_and_go_keeps_the_counts(db):
    post_id = await committed(db, place)
    who, other = principal(), principal()
    needs = [await committed(db, lambda tx: raised(tx, who, post_id)) for _ in range(3)]
    forgotten, joined = await asyncio.gather(
        committed(db, lambda tx: commands.forget_person(tx, who.account_id)),
        committed(db, lambda tx: commands.support(tx, other, needs[2], 3)),
        return_exceptions=True,
    )
    assert forgotten is None
    assert joined is None or isinstance(joined, NeedIsClosed), "whoever came last found it closed"
    async with db.read() as sql:
        assert (await queries.verify(sql, None)).drifts == []
        assert await sql.rows("SELECT FROM need_supporters WHERE account_id = $1", who.account_id) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE needs SET supporters = supporters + 1, units = units + 1", "a need's counters"),
        ("UPDATE needs SET units = units + 1", "a need's counters"),
        ("UPDATE need_supporters SET units = units + 1", "a need's counters"),
        ("DELETE FROM need_supporters", "a need's counters"),
        ("UPDATE needs SET version = version + 1", "a need and the log"),
        ("UPDATE needs SET state = 'matured', matured_at = raised_at", "a need and the log"),
        ("UPDATE needs SET state = 'closed', closed_at = raised_at, ending = 'duplicate'", "a need and the log"),
        ("DELETE FROM technologies", "a need's technology"),
    ],
)
async def test_verify_finds_what_was_changed_behind_the_commands(tx, damage, what):
    await grown(tx, 2)
    assert await drifts(tx) == []
    await tx.run(damage)
    assert what in {drift.what for drift in await drifts(tx)}


async def test_ids_of_people_are_in_no_answer(tx):
    need_id, people = await grown(tx, 3, note="Halo.")
    shown = (await queries.get_need(tx, need_id, None)).model_dump_json()
    listed = (await queries.list_needs(tx, NeedQuery(), people[0])).model_dump_json()
    assert not [person for person in people if str(person.account_id) in shown + listed]
    assert UUID(str(need_id)) == need_id
