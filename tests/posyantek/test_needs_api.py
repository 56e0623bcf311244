"""The board of needs over the wire."""

from urllib.parse import quote
from uuid import UUID

import pytest

from shared.auth import Grant
from shared.contracts.identity import AccountErased
from shared.contracts.offers import TechnologyPublished
from shared.ids import new_id
from shared.testing.running import NOBODY, principal, quiet

OFFICER = principal(None, Grant("officer", "province", new_id()))


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "identity", "offers", "posyantek") as (runner, client):
        await quiet(runner)  # the catalogue has been heard
        yield runner, client


@pytest.fixture(scope="module")
async def client(system):
    return system[1]


@pytest.fixture(scope="module")
async def posts(client):
    made = []
    for code, name in (("31.71.05", "Posyantek Cempaka Putih"), ("31.74.08", "Posyantek Pancoran")):
        reply = await client.post("/api/v1/posts", {"region_code": code, "name": name}, OFFICER)
        assert reply.status == 201, reply.body
        made.append(reply.body["id"])
    return made


@pytest.fixture
async def technology(system):
    """One that only this test speaks of."""
    runner, _ = system
    event = TechnologyPublished(technology_id=new_id(), slug=f"alat-{new_id()}", name_id="Mesin", name_en="Machine")
    async with runner.contexts["offers"].db.transaction() as tx:
        tx.emit(event)
    await quiet(runner)
    return event


async def raised(client, post_id, technology, who=None, **more):
    body = {"post_id": post_id, "technology_id": str(technology.technology_id), **more}
    reply = await client.post("/api/v1/needs", body, who or principal())
    assert reply.status == 201, reply.body
    return reply.body


async def test_catalogue_of_offers_can_be_needed(client, posts):
    technology = (await client.get("/api/v1/technologies?limit=1")).body["items"][0]
    body = {"post_id": posts[0], "technology_id": technology["id"]}
    reply = await client.post("/api/v1/needs", body, principal())
    assert (reply.status, reply.body["technology_slug"]) == (201, technology["slug"])
    assert reply.headers["Location"] == f"/api/v1/needs/{reply.body['id']}"


async def test_raising_what_is_there_joins_it_and_says_so_by_the_status(client, posts, technology):
    first, second = principal(), principal()
    need = await raised(client, posts[0], technology, first, units=2, note="  Untuk keripik singkong.  ")
    assert {key: value for key, value in need.items() if key not in {"id", "raised_at"}} == {
        "post_id": posts[0], "post_name": "Posyantek Cempaka Putih", "technology_id": str(technology.technology_id),
        "technology_slug": technology.slug, "technology_name_id": "Mesin", "technology_name_en": "Machine",
        "supporters": 1, "units": 2, "missing": 2, "state": "open", "joined": True, "own_units": 2,
        "note": "Untuk keripik singkong.", "matured_at": None, "closed_at": None, "ending": None, "ending_words": None,
    }  # fmt: skip
    body = {"post_id": posts[0], "technology_id": str(technology.technology_id), "units": 3}
    joined = [await client.post("/api/v1/needs", body, second, key="ketuk") for _ in range(2)]
    assert [reply.status for reply in joined] == [200, 200], "a double tap gets the first answer"
    assert joined[1].headers["Idempotency-Replayed"] == "true"
    assert (joined[0].body["id"], joined[0].body["supporters"], joined[0].body["units"]) == (need["id"], 2, 5)
    public = (await client.get(f"/api/v1/needs/{need['id']}")).body
    assert (public["joined"], public["own_units"]) == (False, None)


async def test_need_goes_its_way(client, posts, technology):
    need = await raised(client, posts[0], technology)
    path, third = f"/api/v1/needs/{need['id']}", principal()
    await client.post(f"{path}/support", {}, principal())
    matured = await client.post(f"{path}/support", {"units": 4}, third)
    assert (matured.status, matured.body["state"], matured.body["units"]) == (200, "matured", 6)
    left = await client.post(f"{path}/withdraw", None, third)
    assert (left.status, left.body["state"], left.body["joined"]) == (200, "matured", False)
    operator, stranger = (principal(None, Grant("operator", "post", UUID(post_id))) for post_id in posts)
    body = {"ending": "fulfilled", "words": "Sudah dibeli bersama."}
    assert (await client.post(f"{path}/close", body, stranger)).status == 403
    assert (await client.post(f"{path}/close", body, third)).status == 403
    assert (await client.post(f"{path}/close", {"ending": "abandoned"}, operator)).status == 400
    closed = await client.post(f"{path}/close", body, operator)
    assert (closed.status, closed.body["state"], closed.body["ending_words"]) == (
        200,
        "closed",
        "Sudah dibeli bersama.",
    )
    late = await client.post(f"{path}/support", {}, principal())
    assert (late.status, late.slug) == (409, "need-is-closed")
    assert "tulis kebutuhan baru" in late.body["detail"]


async def test_reader_gets_their_own_answer_and_none_of_anothers_copies(client, posts, technology):
    who = principal()
    need = await raised(client, posts[0], technology, who)
    path = f"/api/v1/needs?technology_ids={technology.technology_id}"
    public, own = await client.get(path), await client.get(path, who)
    assert [item["joined"] for item in (public.body["items"][0], own.body["items"][0])] == [False, True]
    assert public.headers["ETag"] != own.headers["ETag"]
    assert "Authorization" in public.headers["Vary"]
    again = await client.get(path, who, headers={"If-None-Match": own.headers["ETag"]})
    assert again.status == 304
    await client.post(f"/api/v1/needs/{need['id']}/withdraw", None, who)
    changed = await client.get(path, who, headers={"If-None-Match": own.headers["ETag"]})
    assert (changed.status, changed.body["items"]) == (200, [])


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"post_id": str(new_id())}, 422, "post-unknown"),
        ({"technology_id": str(new_id())}, 422, "technology-unknown"),
        ({"technology_id": "spinner"}, 400, "invalid-fields"),
        ({"units": 0}, 400, "invalid-fields"),
        ({"units": 101}, 400, "invalid-fields"),
        ({"units": "2"}, 400, "invalid-fields"),
        ({"note": "a" * 501}, 400, "invalid-fields"),
        ({"note": "nol\x00"}, 400, "invalid-fields"),
        ({"account_id": str(new_id())}, 400, "invalid-fields"),
    ],
)
async def test_bad_need_is_refused(client, posts, technology, change, status, slug):
    body = {"post_id": posts[0], "technology_id": str(technology.technology_id), **change}
    reply = await client.post("/api/v1/needs", body, principal())
    assert (reply.status, reply.slug) == (status, slug)


async def listed(client, query, who=None):
    reply = await client.get(f"/api/v1/needs?{query}", who)
    assert reply.status == 200, reply.body
    return [item["id"] for item in reply.body["items"]]


async def test_board_is_filtered(client, posts, technology):
    here, there = [(await raised(client, post_id, technology))["id"] for post_id in posts]
    of = f"technology_ids={technology.technology_id}"
    for query, found in (
        (of, [there, here]),
        (f"{of},{new_id()}", [there, here]),
        (f"{of}&post_id={posts[0]}", [here]),
        (f"{of}&district=31.74", [there]),
        (f"{of}&district=31.71.05", [here]),
        (f"{of}&district=31", [there, here]),
        (f"{of}&district=31.72", []),
        (f"{of}&state=open", [there, here]),
        (f"{of}&state=matured", []),
        (f"{of}&state=closed", []),
        (f"technology_ids={new_id()}", []),
    ):
        assert await listed(client, query) == found, query
    await client.post(f"/api/v1/needs/{here}/close", {"ending": "duplicate"}, OFFICER)
    assert await listed(client, of) == [there], "what is closed stands no longer"
    assert await listed(client, f"{of}&state=closed") == [here]


@pytest.mark.parametrize("order", ["newest", "most_wanted"])
async def test_board_is_paged_to_the_end_in_one_order(client, posts, system, order):
    runner, _ = system
    events = [
        TechnologyPublished(technology_id=new_id(), slug=f"alat-{number}", name_id="Mesin", name_en="Machine")
        for number in range(5)
    ]
    async with runner.contexts["offers"].db.transaction() as tx:
        tx.emit(*events)
    await quiet(runner)
    needs = [(await raised(client, posts[0], event))["id"] for event in events]
    for need_id, more in zip(needs, (1, 0, 2, 1, 0), strict=True):
        for _ in range(more):
            await client.post(f"/api/v1/needs/{need_id}/support", {}, principal())
    expected = {"newest": [4, 3, 2, 1, 0], "most_wanted": [2, 3, 0, 4, 1]}[order]
    ids = quote(",".join(str(event.technology_id) for event in events))
    seen, cursor = [], ""
    while cursor is not None:
        reply = await client.get(f"/api/v1/needs?order={order}&limit=2&technology_ids={ids}{cursor}")
        seen += [needs.index(item["id"]) for item in reply.body["items"]]
        cursor = f"&cursor={reply.body['next']}" if reply.body["next"] else None
    assert seen == expected


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/needs/123", 400, "malformed-id"),
        (f"/needs/{NOBODY}", 404, "not-found"),
        ("/needs?order=cheapest", 400, "invalid-fields"),
        ("/needs?state=abandoned", 400, "invalid-fields"),
        ("/needs?district=jakarta", 400, "invalid-fields"),
        ("/needs?technology_ids=spinner", 400, "invalid-fields"),
        ("/needs?technology_ids=" + ",".join([str(NOBODY)] * 101), 400, "invalid-fields"),
        ("/needs?cursor=ImEi", 400, "bad-cursor"),
    ],
)
async def test_bad_reads_are_told(client, path, status, slug):
    reply = await client.get(f"/api/v1{path}")
    assert (reply.status, reply.slug) == (status, slug)


async def test_somebody_at_the_counter_is_counted_and_not_their_helper(client, posts, technology):
    operator = principal(None, Grant("operator", "post", UUID(posts[0])))
    person = principal(assisted_by=operator.account_id)
    need = await raised(client, posts[0], technology, person)
    assert (await client.get(f"/api/v1/needs/{need['id']}", principal(person.account_id))).body["joined"]
    assert not (await client.get(f"/api/v1/needs/{need['id']}", operator)).body["joined"]


async def test_account_that_is_erased_is_heard_of(system, client, posts, technology):
    runner, _ = system
    who, other = principal(), principal()
    need = await raised(client, posts[0], technology, who, note="Rahasia saya.")
    await client.post(f"/api/v1/needs/{need['id']}/support", {}, other)
    async with runner.contexts["identity"].db.transaction() as tx:
        tx.emit(AccountErased(account_id=who.account_id))
    await quiet(runner)
    after = (await client.get(f"/api/v1/needs/{need['id']}", who)).body
    assert (after["supporters"], after["note"], after["joined"]) == (1, None, False)


async def test_everything_stands_in_the_book(system):
    from services.posyantek.queries import verify

    runner, _ = system
    async with runner.contexts["posyantek"].db.read() as sql:
        assert (await verify(sql, runner.contexts["posyantek"])).drifts == []
