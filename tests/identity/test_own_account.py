"""One's own account, the roles that officers give, and the matrix of who may touch whose."""

from __future__ import annotations

import pytest

from services.identity.domain.roles import DKI_JAKARTA
from shared.auth import Grant
from shared.ids import new_id
from shared.testing.running import principal


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "identity") as (runner, client):
        yield runner, client


@pytest.fixture
async def client(system):
    return system[1]


@pytest.fixture
def events_of(system):
    async def events(account_id):
        async with system[0].contexts["identity"].db.read() as sql:
            rows = await sql.rows("SELECT type FROM events WHERE aggregate_id = $1 ORDER BY version", account_id)
        return [row["type"].removeprefix("identity.").removesuffix(".v1") for row in rows]

    return events


OFFICER = principal(None, Grant("officer", "province", DKI_JAKARTA))
ME = "/api/v1/accounts/me"


async def test_reading_and_changing_name_and_language(client, log_in, events_of):
    person = await log_in(client, name="Sri")
    me = (await person.send("GET", ME)).body
    assert me == {
        "id": str(person.account_id), "name": "Sri", "phone": person.contact, "email": None, "language": "id",
        "grants": [], "assisted_by": None,
    }  # fmt: skip
    changed = await person.send("PATCH", ME, {"name": "  Ibu Sri ", "language": "en"})
    assert changed.status == 200
    assert (changed.body["name"], changed.body["language"], changed.body["email_challenge"]) == ("Ibu Sri", "en", None)
    assert (await person.send("PATCH", ME, {"name": "Ibu Sri"})).status == 200  # nothing new to tell
    assert await events_of(person.account_id) == ["account_registered", "profile_changed", "profile_changed"]


async def test_a_new_address_counts_once_its_code_comes_back(client, log_in, read_code, events_of):
    person = await log_in(client)
    address = f"sri-{new_id().hex}@contoh.id"
    asked = await person.send("PATCH", ME, {"email": address.upper()})
    assert (asked.status, asked.body["email"]) == (200, None)
    challenge_id = asked.body["email_challenge"]["challenge_id"]
    code = await read_code(client, challenge_id)
    # the code opens neither a session nor another's account
    as_log_in = {"challenge_id": challenge_id, "code": code, "name": "X", "consent": True}
    assert (await client.post("/api/v1/sessions", as_log_in)).slug == "code-expired"
    stranger = await log_in(client)
    proof = {"challenge_id": challenge_id, "code": code}
    assert (await stranger.send("PATCH", ME, proof)).slug == "code-expired"
    done = await person.send("PATCH", ME, proof)
    assert (done.status, done.body["email"]) == (200, address)
    assert (await person.send("PATCH", ME, proof)).slug == "code-used"
    by_mail = await log_in(client, address)
    assert by_mail.account_id == person.account_id
    assert await events_of(person.account_id) == ["account_registered", "profile_changed", "profile_changed"]


async def test_wrong_codes_for_an_address_are_counted_too(client, log_in, read_code):
    person = await log_in(client)
    asked = await person.send("PATCH", ME, {"email": f"{new_id().hex}@contoh.id"})
    challenge_id = asked.body["email_challenge"]["challenge_id"]
    code = await read_code(client, challenge_id)
    wrong = {"challenge_id": challenge_id, "code": f"{(int(code) + 1) % 10**6:06}"}
    slugs = [(await person.send("PATCH", ME, {**wrong, "name": "Tidak jadi"})).slug for _ in range(5)]
    assert slugs == ["code-wrong"] * 4 + ["code-exhausted"]
    assert (await person.send("GET", ME)).body["name"] != "Tidak jadi"


async def test_an_address_of_another_account_is_not_taken_over(client, log_in, read_code):
    address = f"{new_id().hex}@contoh.id"
    owner = await log_in(client, address)
    person = await log_in(client)
    asked = await person.send("PATCH", ME, {"email": address})
    assert asked.status == 200  # the same answer as for a free one
    challenge_id = asked.body["email_challenge"]["challenge_id"]
    proof = {"challenge_id": challenge_id, "code": await read_code(client, challenge_id)}
    taken = await person.send("PATCH", ME, proof)
    assert (taken.status, taken.slug) == (409, "contact-taken")
    assert (await owner.send("GET", ME)).body["email"] == address


async def test_the_last_contact_stays(client, log_in, read_code):
    by_mail = await log_in(client, f"{new_id().hex}@contoh.id")
    assert (await by_mail.send("PATCH", ME, {"email": None})).slug == "last-contact"
    by_phone = await log_in(client)
    asked = await by_phone.send("PATCH", ME, {"email": f"{new_id().hex}@contoh.id"})
    challenge_id = asked.body["email_challenge"]["challenge_id"]
    await by_phone.send("PATCH", ME, {"challenge_id": challenge_id, "code": await read_code(client, challenge_id)})
    dropped = await by_phone.send("PATCH", ME, {"email": None})
    assert (dropped.status, dropped.body["email"], dropped.body["phone"]) == (200, None, by_phone.contact)


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"name": ""}, 400, "invalid-fields"),
        ({"name": "a\nb"}, 400, "invalid-fields"),
        ({"email": "bukan"}, 422, "contact-invalid"),
        ({"code": "123456"}, 400, "invalid-fields"),
        ({"phone": "081234567890"}, 400, "invalid-fields"),
    ],
)
async def test_changing_amiss_is_told(client, log_in, body, status, slug):
    reply = await (await log_in(client)).send("PATCH", ME, body)
    assert (reply.status, reply.slug) == (status, slug)


async def test_consents_can_be_read_word_for_word(client, log_in):
    person = await log_in(client)
    (consent,) = (await person.send("GET", f"{ME}/consents")).body["items"]
    assert (consent["purpose"], consent["text_version"], consent["recorded_by"]) == (
        "account",
        1,
        str(person.account_id),
    )
    assert consent["text"].startswith("Saya setuju")


async def test_erasing_forgets_the_person_and_keeps_the_id(system, client, log_in, read_code, events_of):
    person = await log_in(client, name="Nama Rahasia")
    await client.post(f"/api/v1/accounts/{person.account_id}/grants", grant("operator", "post"), OFFICER)
    asked = await person.send("PATCH", ME, {"email": f"rahasia-{new_id().hex}@contoh.id"})
    assert asked.status == 200
    token = await person.token()
    for _ in range(2):  # again is as once
        assert (await client.post(f"{ME}/erasure", {}, token)).status == 204
    assert (await client.post("/api/v1/tokens", who=person.session_token)).status == 401
    assert (await client.get(ME, token)).status == 404
    assert (await client.get(f"/api/v1/accounts/{person.account_id}/name", OFFICER)).status == 404
    async with system[0].contexts["identity"].db.read() as sql:
        for table in (
            "accounts",
            "contacts",
            "login_codes",
            "code_messages",
            "dev_messages",
            "sessions",
            "idempotency_keys",
        ):
            rows = await sql.value(f"SELECT coalesce(string_agg(to_jsonb(t)::text, ''), '') FROM {table} AS t")
            assert person.contact not in rows, table
            assert "ahasia" not in rows, table
    assert (await events_of(person.account_id))[-3:] == ["role_granted", "role_revoked", "account_erased"]
    returned = await log_in(client, person.contact)
    assert returned.account_id != person.account_id


def grant(role, kind, scope=None):
    return {"role": role, "scope_kind": kind, "scope_id": str(scope or new_id())}


async def test_an_officer_gives_and_takes_roles_and_tokens_carry_them(client, log_in, events_of):
    person = await log_in(client)
    role = grant("operator", "post")
    path = f"/api/v1/accounts/{person.account_id}/grants"
    for _ in range(2):
        given = await client.post(path, role, OFFICER)
        assert (given.status, given.body) == (201, role)
    assert (await person.send("GET", ME)).body["grants"] == [role]
    found = await person.send("GET", f"/api/v1/accounts/{person.account_id}/name")  # an operator's route
    assert found.status == 200
    assert (await client.post(f"{path}/revoke", role, OFFICER)).status == 204
    assert (await client.post(f"{path}/revoke", role, OFFICER)).status == 404
    assert (await person.send("GET", f"/api/v1/accounts/{person.account_id}/name")).status == 403
    assert (await events_of(person.account_id))[2:] == ["role_granted", "role_revoked"]


async def test_roles_that_make_no_sense_are_refused(client, log_in):
    person = await log_in(client)
    path = f"/api/v1/accounts/{person.account_id}/grants"
    assert (await client.post(path, grant("operator", "business"), OFFICER)).slug == "scope-mismatch"
    assert (await client.post(path, grant("king", "post"), OFFICER)).slug == "invalid-fields"
    unknown = await client.post(f"/api/v1/accounts/{new_id()}/grants", grant("operator", "post"), OFFICER)
    assert unknown.status == 404


async def test_only_a_provinces_officer_makes_officers_and_the_last_one_stays(client, log_in):
    person = await log_in(client)
    path = f"/api/v1/accounts/{person.account_id}/grants"
    role = grant("officer", "province", DKI_JAKARTA)
    elsewhere = principal(None, Grant("officer", "province", new_id()))
    assert (await client.post(path, role, elsewhere)).status == 403
    assert (await client.post(f"{path}/revoke", role, elsewhere)).status == 403
    assert (await client.post(path, role, OFFICER)).status == 201
    assert (await client.post(f"{path}/revoke", role, OFFICER)).slug == "last-officer"
    second = await log_in(client)
    assert (await client.post(f"/api/v1/accounts/{second.account_id}/grants", role, OFFICER)).status == 201
    assert (await client.post(f"{path}/revoke", role, OFFICER)).status == 204


CALLERS = {
    "nobody": None,
    "stranger": principal(),
    "operator": principal(None, Grant("operator", "post", new_id())),
    "officer": OFFICER,
    "assisted": principal(assisted_by=new_id()),
    "assisted operator": principal(None, Grant("operator", "post", new_id()), assisted_by=new_id()),
}
ANYBODY = dict.fromkeys(CALLERS, 404) | {"nobody": 401}  # signed in, but of no account here


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/api/v1/accounts/me", None, ANYBODY),
        ("PATCH", "/api/v1/accounts/me", {"name": "X"}, ANYBODY),
        ("PATCH", "/api/v1/accounts/me", {"email": "x@contoh.id"}, ANYBODY | {"assisted": 403, "assisted operator": 403}),
        ("PATCH", "/api/v1/accounts/me", {"email": None}, ANYBODY | {"assisted": 403, "assisted operator": 403}),
        (
            "PATCH", "/api/v1/accounts/me", {"challenge_id": str(new_id()), "code": "123456"},
            dict.fromkeys(CALLERS, 422) | {"nobody": 401, "assisted": 403, "assisted operator": 403},
        ),
        (
            "GET", "/api/v1/sessions", None,
            dict.fromkeys(CALLERS, 200) | {"nobody": 401, "assisted": 403, "assisted operator": 403},
        ),
        (
            "DELETE", "/api/v1/sessions/{other}", None,
            dict.fromkeys(CALLERS, 404) | {"nobody": 401, "assisted": 403, "assisted operator": 403},
        ),
        (
            "POST", "/api/v1/accounts/me/erasure", {},
            dict.fromkeys(CALLERS, 204) | {"nobody": 401, "assisted": 403, "assisted operator": 403},
        ),
        (
            "GET", "/api/v1/accounts/{known}/name", None,
            dict.fromkeys(CALLERS, 403) | {"nobody": 401, "operator": 200, "officer": 200},
        ),
        (
            "GET", "/api/v1/accounts/names?ids={known},{other}", None,
            dict.fromkeys(CALLERS, 403) | {"nobody": 401, "operator": 200, "officer": 200},
        ),
        (
            "GET", "/api/v1/accounts/search?phone={phone}", None,
            dict.fromkeys(CALLERS, 403) | {"nobody": 401, "operator": 200, "officer": 200},
        ),
        (
            "POST", "/api/v1/accounts/{known}/grants", grant("operator", "post"),
            dict.fromkeys(CALLERS, 403) | {"nobody": 401, "officer": 201},
        ),
        (
            "POST", "/api/v1/accounts/{known}/grants/revoke", grant("chair", "post"),
            dict.fromkeys(CALLERS, 403) | {"nobody": 401, "officer": 404},
        ),
    ],
)  # fmt: skip
async def test_who_may_touch_what(client, log_in, caller, method, path, body, expected):
    known = await log_in(client)
    address = path.format(known=known.account_id, other=new_id(), phone=known.contact.replace("+", "%2B"))
    reply = await client.send(method, address, CALLERS[caller], body=body)
    assert reply.status == expected[caller], reply.body


async def test_names_of_several_accounts_leave_out_those_that_are_not_there(client, log_in):
    people = [await log_in(client, name=name) for name in ("Ibu Sri", "Pak Joko", "Pak Pergi")]
    assert (await people[2].send("POST", f"{ME}/erasure", {})).status == 204
    ids = [*(str(person.account_id) for person in people), str(new_id())]
    found = await client.get(f"/api/v1/accounts/names?ids={','.join(ids)}", OFFICER)
    assert {item["id"]: item["name"] for item in found.body["items"]} == dict(
        zip(ids[:2], ("Ibu Sri", "Pak Joko"), strict=True)
    )
    for wrong in ("", "x", f"{ids[0]},", ",".join([ids[0]] * 101)):
        refused = await client.get(f"/api/v1/accounts/names?ids={wrong}", OFFICER)
        assert (refused.status, refused.slug) == (400, "invalid-fields"), wrong


async def test_search_finds_the_whole_number_only_and_shows_it_masked(client, log_in):
    person = await log_in(client, name="Ibu Sri")
    found = await client.get(f"/api/v1/accounts/search?phone=0{person.contact[3:]}", OFFICER)
    masked = f"{person.contact[:6]}****{person.contact[-3:]}"
    assert found.body == {"items": [{"id": str(person.account_id), "name": "Ibu Sri", "phone_masked": masked}]}
    assert (await client.get("/api/v1/accounts/search?phone=0811222333", OFFICER)).body == {"items": []}
    assert (await client.get("/api/v1/accounts/search?phone=0812", OFFICER)).slug == "contact-invalid"
