"""Dibantu petugas: an operator acts for a person at the counter, with consent and code."""

from __future__ import annotations

import pytest

from shared.auth import Grant, read_token
from shared.ids import new_id
from shared.keys import load_token_keys
from shared.testing.running import principal

POST = new_id()


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "identity") as (runner, client):
        yield runner, client


@pytest.fixture
async def client(system):
    return system[1]


@pytest.fixture
async def operator(client, log_in):
    """An operator of the post, who has an account."""
    person = await log_in(client, name="Pak Budi")
    return principal(person.account_id, Grant("operator", "post", POST))


async def offered(client, operator, phone, name="Mbah Karto"):
    body = {"post_id": str(POST), "name": name, "phone": phone, "consent": True}
    return await client.post("/api/v1/accounts/assisted", body, operator)


async def test_a_new_person_is_registered_and_helped_with_both_names_on_record(system, operator, phone, read_code):
    runner, client = system
    begun = await offered(client, operator, phone)
    assert begun.status == 201
    box = (await client.get("/api/v1/dev-messages")).body["items"]
    text = next(item["text"] for item in box if item["challenge_id"] == begun.body["challenge_id"])
    assert text.startswith("Pak Budi ingin membantu Anda")
    code = await read_code(client, begun.body["challenge_id"])
    body = {"challenge_id": begun.body["challenge_id"], "code": code}
    helped = await client.post("/api/v1/assistance", body, operator)
    assert (helped.status, helped.body["name"]) == (201, "Mbah Karto")
    assert helped.body["account_id"] == begun.body["account_id"]
    assert (await client.post("/api/v1/assistance", body, operator)).slug == "code-used"

    settings = runner.contexts["identity"].settings
    who = read_token(load_token_keys(settings).public, helped.body["token"])
    assert (str(who.account_id), who.assisted_by, who.grants) == (
        helped.body["account_id"],
        operator.account_id,
        frozenset(),
    )
    me = (await client.get("/api/v1/accounts/me", helped.body["token"])).body
    assert (me["name"], me["phone"], me["assisted_by"]) == ("Mbah Karto", phone, str(operator.account_id))
    consents = (await client.get("/api/v1/accounts/me/consents", helped.body["token"])).body["items"]
    assert [(one["purpose"], one["recorded_by"]) for one in consents] == [
        ("assistance", str(operator.account_id)),
        ("account", str(operator.account_id)),
    ]
    async with runner.contexts["identity"].db.read() as sql:
        row = await sql.row("SELECT * FROM assistances WHERE account_id = $1", who.account_id)
    assert (row["operator_account_id"], row["post_id"], str(row["challenge_id"])) == (
        operator.account_id, POST, begun.body["challenge_id"],
    )  # fmt: skip
    assert str(row["consent_id"]) == consents[0]["id"]


async def test_an_assisted_token_neither_manages_sessions_nor_erases_nor_changes_contacts(
    client, operator, phone, read_code
):
    begun = await offered(client, operator, phone)
    code = await read_code(client, begun.body["challenge_id"])
    helped = await client.post(
        "/api/v1/assistance", {"challenge_id": begun.body["challenge_id"], "code": code}, operator
    )
    token = helped.body["token"]
    refused = [
        await client.get("/api/v1/sessions", token),
        await client.send("DELETE", f"/api/v1/sessions/{new_id()}", token),
        await client.post("/api/v1/accounts/me/erasure", {}, token),
        await client.send("PATCH", "/api/v1/accounts/me", token, body={"email": "pencuri@contoh.id"}),
        await client.post("/api/v1/tokens", who=token),
    ]
    assert [reply.status for reply in refused] == [403, 403, 403, 403, 401]
    renamed = await client.send("PATCH", "/api/v1/accounts/me", token, body={"name": "Mbah Karto Wijoyo"})
    assert (renamed.status, renamed.body["name"]) == (200, "Mbah Karto Wijoyo")


async def test_somebody_known_keeps_name_and_account_and_brings_no_roles(client, operator, log_in, read_code):
    person = await log_in(client, name="Ibu Sri")
    scope = {"role": "treasurer", "scope_kind": "group", "scope_id": str(new_id())}
    officer = principal(None, Grant("officer", "province", new_id()))
    assert (await client.post(f"/api/v1/accounts/{person.account_id}/grants", scope, officer)).status == 201
    begun = await offered(client, operator, person.contact, name="Nama lain")
    assert begun.body["account_id"] == str(person.account_id)
    code = await read_code(client, begun.body["challenge_id"])
    helped = await client.post(
        "/api/v1/assistance", {"challenge_id": begun.body["challenge_id"], "code": code}, operator
    )
    assert helped.body["name"] == "Ibu Sri"
    assert (await client.get("/api/v1/accounts/me", helped.body["token"])).body["grants"] == []


async def test_the_code_for_help_opens_no_session_and_the_code_to_log_in_gives_no_help(
    client, operator, phone, ask_code, read_code
):
    begun = await offered(client, operator, phone)
    code = await read_code(client, begun.body["challenge_id"])
    body = {"challenge_id": begun.body["challenge_id"], "code": code, "name": "Mbah Karto", "consent": True}
    assert (await client.post("/api/v1/sessions", body)).slug == "code-expired"
    challenge_id, code = await ask_code(client, phone)
    for_help = await client.post("/api/v1/assistance", {"challenge_id": challenge_id, "code": code}, operator)
    assert for_help.slug == "code-expired"


async def test_only_the_operator_who_asked_and_still_works_there_may_help(client, operator, phone, read_code):
    begun = await offered(client, operator, phone)
    body = {"challenge_id": begun.body["challenge_id"], "code": await read_code(client, begun.body["challenge_id"])}
    colleague = principal(None, Grant("operator", "post", POST))
    assert (await client.post("/api/v1/assistance", body, colleague)).slug == "code-expired"
    moved = principal(operator.account_id, Grant("operator", "post", new_id()))
    assert (await client.post("/api/v1/assistance", body, moved)).status == 403
    assert (await client.post("/api/v1/assistance", body, operator)).status == 201


async def test_wrong_codes_at_the_counter_are_counted(client, operator, phone, read_code):
    begun = await offered(client, operator, phone)
    code = await read_code(client, begun.body["challenge_id"])
    wrong = {"challenge_id": begun.body["challenge_id"], "code": f"{(int(code) + 1) % 10**6:06}"}
    slugs = [(await client.post("/api/v1/assistance", wrong, operator)).slug for _ in range(5)]
    assert slugs == ["code-wrong"] * 4 + ["code-exhausted"]


async def test_the_person_can_log_in_later_and_finds_the_same_account(client, operator, phone, log_in):
    begun = await offered(client, operator, phone, name="Mbah Karto")
    person = await log_in(client, phone, name="Salah")
    assert str(person.account_id) == begun.body["account_id"]
    assert (await person.send("GET", "/api/v1/accounts/me")).body["name"] == "Mbah Karto"


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"consent": False}, 400, "invalid-fields"),
        ({"consent": None}, 400, "invalid-fields"),
        ({"phone": "sri@contoh.id"}, 422, "contact-invalid"),
        ({"phone": "12"}, 422, "contact-invalid"),
        ({"post_id": str(new_id())}, 403, "not-allowed"),
    ],
)
async def test_help_without_consent_phone_or_post_is_refused(client, operator, phone, changes, status, slug):
    body = {"post_id": str(POST), "name": "Mbah Karto", "phone": phone, "consent": True, **changes}
    reply = await client.post("/api/v1/accounts/assisted", body, operator)
    assert (reply.status, reply.slug) == (status, slug)
    box = (await client.get("/api/v1/dev-messages")).body["items"]
    assert phone not in {item["to"] for item in box}


async def test_operators_do_not_help_themselves(client, log_in):
    person = await log_in(client)
    themselves = principal(person.account_id, Grant("operator", "post", POST))
    assert (await offered(client, themselves, person.contact)).status == 403


async def test_codes_at_the_counter_are_limited_too(client, operator, phone):
    statuses = [(await offered(client, operator, phone)).status for _ in range(4)]
    assert statuses == [201, 201, 201, 429]
