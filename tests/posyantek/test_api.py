from uuid import UUID

import pytest

from shared.auth import Grant
from shared.ids import new_id
from shared.testing.running import principal

OFFICER = principal(None, Grant("officer", "province", new_id()))


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "posyantek") as (runner, client):
        yield runner, client


@pytest.fixture(scope="module")
async def client(system):
    return system[1]


@pytest.fixture(scope="module")
async def post(client):
    body = {
        "region_code": "31.71.05", "name": "Posyantek Cempaka Putih", "whatsapp": "0812-3456-7890",
        "address": "Jl. Rawasari Selatan 1\nLantai 2", "hours": "Senin–Jumat 08.00–15.00", "pilot": True,
    }  # fmt: skip
    reply = await client.post("/api/v1/posts", body, OFFICER)
    assert reply.status == 201, reply.body
    return reply.body


async def test_post_can_be_read_by_everybody_by_id_and_slug(client, post):
    by_id = await client.get(f"/api/v1/posts/{post['id']}")
    by_slug = await client.get("/api/v1/posts/by-slug/posyantek-cempaka-putih")
    assert by_id.body == by_slug.body == post
    assert {key: value for key, value in post.items() if key != "id"} == {
        "slug": "posyantek-cempaka-putih", "name": "Posyantek Cempaka Putih", "region_code": "31.71.05",
        "region_name": "Cempaka Putih", "region_level": "district", "region_path": "Cempaka Putih, Jakarta Pusat",
        "whatsapp": "+6281234567890", "address": "Jl. Rawasari Selatan 1\nLantai 2", "pilot": True,
        "hours": "Senin–Jumat 08.00–15.00", "cash_box_name": "Kas Posyantek Cempaka Putih", "officers_count": 0,
    }  # fmt: skip


async def test_second_post_of_a_region_is_told_in_the_callers_language(client, post):
    body = {"region_code": "31.71.05", "name": "Lagi"}
    reply = await client.post("/api/v1/posts", body, OFFICER)
    assert (reply.status, reply.slug, reply.body["post_id"]) == (409, "region-has-post", post["id"])
    assert reply.body["detail"] == "Cempaka Putih sudah punya Posyantek."
    english = await client.post("/api/v1/posts", body, OFFICER, headers={"Accept-Language": "en"})
    assert english.body["detail"] == "Cempaka Putih has a Posyantek already."


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"region_code": "31.71"}, 422, "region-takes-no-post"),
        ({"region_code": "31.99.99"}, 422, "region-unknown"),
        ({"region_code": "31-71-05"}, 400, "invalid-fields"),
        ({"region_code": " 31.71.05\n"}, 409, "region-has-post"),
        ({"name": ""}, 400, "invalid-fields"),
        ({"name": "a" * 121}, 400, "invalid-fields"),
        ({"name": "dua\nbaris"}, 400, "invalid-fields"),
        ({"name": "nol\x00"}, 400, "invalid-fields"),
        ({"name": "balik\u202e"}, 400, "invalid-fields"),
        ({"whatsapp": "bukan nomor"}, 400, "invalid-fields"),
        ({"whatsapp": "0812"}, 400, "invalid-fields"),
        ({"pilot": "mungkin"}, 400, "invalid-fields"),
        ({"pilot": "yes"}, 400, "invalid-fields"),
        ({"slug": "punya-saya"}, 400, "invalid-fields"),
    ],
)
async def test_bad_post_is_refused(client, post, change, status, slug):
    reply = await client.post("/api/v1/posts", {"region_code": "31.71.05", "name": "Pos"} | change, OFFICER)
    assert (reply.status, reply.slug) == (status, slug)


async def test_markup_in_a_name_stays_text(client):
    body = {"region_code": "31.74.08", "name": "<b onclick=x>Pos & «Teman»</b>"}
    reply = await client.post("/api/v1/posts", body, OFFICER)
    assert (reply.status, reply.body["name"], reply.body["slug"]) == (201, body["name"], "b-onclick-x-pos-teman-b")


async def test_officers_are_appointed_listed_and_dismissed(client, post):
    who, path = new_id(), f"/api/v1/posts/{post['id']}/officers"
    operator = principal(None, Grant("operator", "post", new_id()))
    own_operator = principal(None, Grant("operator", "post", UUID(post["id"])))
    appointed = await client.post(path, {"account_id": str(who), "role": "operator"}, OFFICER)
    assert (appointed.status, appointed.body["account_id"]) == (201, str(who))
    again = await client.post(path, {"account_id": str(who), "role": "operator"}, OFFICER)
    assert (again.status, again.slug) == (409, "already-serving")
    assert (await client.get(path, operator)).status == 403
    assert (await client.get(path)).status == 401
    assert [item["role"] for item in (await client.get(path, own_operator)).body["items"]] == ["operator"]
    assert (await client.get(f"/api/v1/posts/{post['id']}")).body["officers_count"] == 1
    gone = await client.send("DELETE", f"{path}/{who}/operator", OFFICER)
    assert (gone.status, gone.body) == (204, b"")
    assert (await client.send("DELETE", f"{path}/{who}/operator", OFFICER)).status == 404
    assert (await client.send("DELETE", f"{path}/{who}/camat", OFFICER)).status == 404
    assert (await client.get(path, own_operator)).body["items"] == []
    former = (await client.get(f"{path}?former=true", own_operator)).body["items"]
    assert [item["dismissed_at"] is not None for item in former] == [True]


@pytest.mark.parametrize(
    "body",
    [
        {"account_id": "1", "role": "operator"},
        {"account_id": str(new_id()), "role": "officer"},
        {"account_id": str(new_id())},
        {"account_id": str(new_id()), "role": "chair", "name": "Ibu Sri"},
    ],
)
async def test_bad_appointment_is_refused(client, post, body):
    reply = await client.post(f"/api/v1/posts/{post['id']}/officers", body, OFFICER)
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_appointing_at_an_unknown_post_is_not_found(client):
    reply = await client.post(
        f"/api/v1/posts/{new_id()}/officers", {"account_id": str(new_id()), "role": "chair"}, OFFICER
    )
    assert reply.status == 404


async def test_public_answers_show_no_person(client, post):
    who = new_id()
    await client.post(f"/api/v1/posts/{post['id']}/officers", {"account_id": str(who), "role": "chair"}, OFFICER)
    for path in (f"/posts/{post['id']}", "/posts", "/posts/by-slug/posyantek-cempaka-putih", "/regions?parent=31.71"):
        reply = await client.get(f"/api/v1{path}")
        assert reply.status == 200
        assert str(who) not in str(reply.body)
        assert str(OFFICER.account_id) not in str(reply.body)


async def items(client, path):
    reply = await client.get(f"/api/v1{path}")
    assert reply.status == 200, reply.body
    return reply.body["items"]


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("level=city", "31.01", 6),
        ("parent=31.71", "31.71.01", 8),
        ("parent=31.71&level=village&limit=100", "31.71.01.1001", 44),
        ("parent=31.71.05.1001", None, 0),
        ("parent=99", None, 0),
        ("q=Cempaka%20Putih", "31.71.05", 4),
        ("q=cempakaputih&level=district", "31.71.05", 1),
        ("q=10510&level=district", "31.71.05", 1),
        ("q=&level=district&limit=100", "31.01.01", 44),
        ("q=%26%3B%25", None, 0),
        ("q=zzz", None, 0),
    ],
)
async def test_regions_are_listed_and_searched(client, query, first, count):
    found = await items(client, f"/regions?{query}")
    assert (found[0]["code"] if found else None, len(found)) == (first, count)


async def test_region_tells_its_place_and_post(client, post):
    (region,) = await items(client, "/regions?q=cempaka+putih&level=district")
    assert region == {
        "code": "31.71.05", "level": "district", "name": "Cempaka Putih", "parent_code": "31.71",
        "path": "Cempaka Putih, Jakarta Pusat", "post_id": post["id"],
    }  # fmt: skip


async def test_regions_are_paged_to_the_end_in_one_order(client):
    seen, url = [], "/api/v1/regions?limit=100"
    while url:
        reply = await client.get(url)
        seen += [item["code"] for item in reply.body["items"]]
        url = f"/api/v1/regions?limit=100&cursor={reply.body['next']}" if reply.body["next"] else None
    assert len(seen) == 318
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("region=31", True),
        ("region=31.71", True),
        ("region=31.71.05", True),
        ("region=31.7", None),
        ("region=31.72", False),
        ("q=cempaka", True),
        ("q=jakarta%20pusat", True),
        ("q=posyantek", True),
        ("q=%25", False),
        ("q=cempaka&region=31.72", False),
    ],
)
async def test_posts_are_found_by_place_and_name(client, post, query, found):
    reply = await client.get(f"/api/v1/posts?{query}")
    if found is None:
        assert (reply.status, reply.slug) == (400, "invalid-fields")
    else:
        assert (post["id"] in [item["id"] for item in reply.body["items"]]) is found


async def test_posts_are_paged(client, post):
    first = (await client.get("/api/v1/posts?limit=1")).body
    assert [item["id"] for item in first["items"]] == [post["id"]]
    reply = await client.post("/api/v1/posts", {"region_code": "31.75.04", "name": "Posyantek Kramat Jati"}, OFFICER)
    first = (await client.get("/api/v1/posts?limit=1")).body
    rest = (await client.get(f"/api/v1/posts?cursor={first['next']}")).body
    assert reply.body["id"] in [item["id"] for item in rest["items"]]
    assert post["id"] not in [item["id"] for item in rest["items"]]


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/posts/123", 400, "malformed-id"),
        ("/posts/by-slug/tidak-ada", 404, "not-found"),
        ("/posts/by-slug/%00", 404, "not-found"),
        ("/regions?level=kecamatan", 400, "invalid-fields"),
        ("/regions?kota=1", 400, "invalid-fields"),
        ("/regions?cursor=ImEi", 400, "bad-cursor"),
        ("/posts?cursor=IlwwMDAwIg", 400, "bad-cursor"),
        ("/posts?q=%00", 400, "invalid-fields"),
    ],
)
async def test_bad_reads_are_told(client, path, status, slug):
    reply = await client.get(f"/api/v1{path}")
    assert (reply.status, reply.slug) == (status, slug)


async def test_double_tap_registers_once(client):
    body = {"region_code": "31.73.05", "name": "Posyantek Kebon Jeruk"}
    replies = [await client.post("/api/v1/posts", body, OFFICER, key="ketuk") for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].body == replies[1].body
