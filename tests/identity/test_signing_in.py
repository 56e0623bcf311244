"""Codes, sessions and tokens over HTTP, as a person, a page and a thief use them."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.auth import AUDIENCE, ISSUER, Grant
from shared.ids import new_id
from shared.json import dumps
from shared.testing.running import eventually, principal
from tests.architecture.wire import Wire

PHONE_FORWARDED = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(scope="module")
async def system(run_services, module_dsn):
    async with run_services(module_dsn, "identity", trusted_proxies=1) as (runner, client):
        yield runner, client


@pytest.fixture
async def client(system):
    return system[1]


@pytest.fixture
def later(system):
    """Move the database's clock on: `later(minutes=5)`. It is set back after the test."""
    db = system[0].contexts["identity"].db

    def move(**by: float) -> None:
        db.clock_offset = timedelta(**by)

    yield move
    db.clock_offset = timedelta(0)


async def test_a_new_person_registers_with_name_and_consent_and_the_code_stays_usable(client, ask_code, phone):
    challenge_id, code = await ask_code(client, phone)
    body = {"challenge_id": challenge_id, "code": code}
    nameless = await client.post("/api/v1/sessions", body)
    assert (nameless.status, nameless.slug) == (422, "name-needed")
    unasked = await client.post("/api/v1/sessions", {**body, "name": "Ibu Sri"})
    assert (unasked.status, unasked.slug) == (422, "consent-needed")
    assert unasked.body["text_version"] == 1
    assert "nama dan kontak" in unasked.body["text"]
    done = await client.post(
        "/api/v1/sessions", {**body, "code": f"{code[:3]} {code[3:]}", "name": "Ibu Sri", "consent": True}
    )
    assert done.status == 201
    assert (done.body["name"], done.body["new"]) == ("Ibu Sri", True)
    assert done.headers["Cache-Control"] == "no-store"

    challenge_id, code = await ask_code(client, phone.replace("+62", "0"))
    again = await client.post("/api/v1/sessions", {"challenge_id": challenge_id, "code": code, "name": "Orang lain"})
    assert (again.status, again.body["name"], again.body["new"]) == (201, "Ibu Sri", False)
    assert again.body["account_id"] == done.body["account_id"]


async def test_the_answer_does_not_tell_whether_there_is_an_account(client, log_in, new_phone):
    known = (await log_in(client)).contact
    replies = [await client.post("/api/v1/codes", {"to": to}) for to in (known, new_phone())]
    assert [reply.status for reply in replies] == [202, 202]
    assert {tuple(sorted(reply.body)) for reply in replies} == {("challenge_id", "channel", "expires_at")}
    assert {reply.body["channel"] for reply in replies} == {"development"}
    assert {tuple(sorted(reply.headers)) for reply in replies} == {tuple(sorted(replies[0].headers))}


async def test_asking_looks_at_no_account(system, ask_code, log_in, new_phone):
    """Timing alike: the same statements run for a known contact and an unknown one."""
    _, client = system
    from services.identity import commands
    from services.identity.domain.contacts import Contact
    from shared.db import recorded_statements

    known = (await log_in(client)).contact
    context = system[0].contexts["identity"]
    runs = []
    for value in (known, new_phone()):
        with recorded_statements() as statements:
            async with context.db.transaction() as tx:
                await commands.ask_code(
                    tx, context.resources, Contact("phone", value), "log-in", "id", caller="address 198.51.100.1"
                )
        runs.append(statements)
    assert runs[0] == runs[1]
    assert not any("accounts" in statement or "contacts" in statement for statement in runs[0])


async def test_wrong_codes_are_counted_though_they_are_refused(client, ask_code, phone):
    challenge_id, code = await ask_code(client, phone)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    seen = []
    for guess in [wrong] * 5 + [code]:
        reply = await client.post(
            "/api/v1/sessions", {"challenge_id": challenge_id, "code": guess, "name": "A", "consent": True}
        )
        seen.append((reply.status, reply.slug, reply.body.get("tries_left")))
    assert seen == [
        *((422, "code-wrong", left) for left in (4, 3, 2, 1)),
        (422, "code-exhausted", None),
        (422, "code-exhausted", None),
    ]


async def test_guesses_at_once_are_counted_one_by_one(client, ask_code, phone):
    challenge_id, code = await ask_code(client, phone)
    guesses = [f"{(int(code) + step) % 10**6:06}" for step in range(1, 13)]
    replies = await asyncio.gather(
        *(client.post("/api/v1/sessions", {"challenge_id": challenge_id, "code": guess}) for guess in guesses)
    )
    assert sorted(reply.body["tries_left"] for reply in replies if reply.slug == "code-wrong") == [1, 2, 3, 4]
    assert {reply.slug for reply in replies} == {"code-wrong", "code-exhausted"}


async def test_two_log_ins_with_one_code_open_one_session(system, ask_code, phone):
    runner, client = system
    challenge_id, code = await ask_code(client, phone)
    body = {"challenge_id": challenge_id, "code": code, "name": "Ibu Sri", "consent": True}
    replies = await asyncio.gather(*(client.post("/api/v1/sessions", body) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409, 409]
    assert {reply.slug for reply in replies if reply.status == 409} == {"code-used"}
    async with runner.contexts["identity"].db.read() as sql:
        assert await sql.value("SELECT count(*) FROM sessions WHERE challenge_id = $1", challenge_id) == 1
        assert await sql.value("SELECT count(*) FROM contacts WHERE value = $1", phone) == 1


async def test_two_codes_at_once_register_one_account(client, ask_code, phone):
    asked = [await ask_code(client, phone) for _ in range(2)]
    replies = await asyncio.gather(
        *(
            client.post("/api/v1/sessions", {"challenge_id": id_, "code": code, "name": "Ibu Sri", "consent": True})
            for id_, code in asked
        )
    )
    assert [reply.status for reply in replies] == [201, 201]
    assert len({reply.body["account_id"] for reply in replies}) == 1
    assert sorted(reply.body["new"] for reply in replies) == [False, True]


async def test_a_code_is_over_after_five_minutes(client, ask_code, phone, later):
    challenge_id, code = await ask_code(client, phone)
    later(minutes=5)
    reply = await client.post(
        "/api/v1/sessions", {"challenge_id": challenge_id, "code": code, "name": "A", "consent": True}
    )
    assert (reply.status, reply.slug) == (422, "code-expired")
    unknown = await client.post("/api/v1/sessions", {"challenge_id": str(new_id()), "code": code})
    assert {**unknown.body} == {**reply.body}


async def test_codes_to_one_contact_are_limited_and_flow_again(client, phone, later):
    for expected in (202, 202, 202, 429):
        reply = await client.post("/api/v1/codes", {"to": phone})
        assert reply.status == expected
    assert reply.slug == "code-too-often"
    assert 590 <= reply.body["retry_after_s"] <= 600
    assert reply.headers["Retry-After"] == str(reply.body["retry_after_s"])
    for round_ in range(1, 3):
        later(minutes=11 * round_)
        assert [(await client.post("/api/v1/codes", {"to": phone})).status for _ in range(3)] == [202] * 3
    later(minutes=33)
    assert (await client.post("/api/v1/codes", {"to": phone})).status == 202
    last = await client.post("/api/v1/codes", {"to": phone})  # the eleventh of the day
    assert last.status == 429
    assert last.body["retry_after_s"] > 80_000


async def test_codes_asked_for_at_once_stay_within_the_limit(client, phone):
    replies = await asyncio.gather(*(client.post("/api/v1/codes", {"to": phone}) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [202] * 3 + [429] * 5


async def test_a_demo_machine_may_widen_the_limits(run_services, fresh_dsn, phone):
    async with run_services(fresh_dsn, "identity", code_limit_factor=2) as (_, client):
        statuses = [(await client.post("/api/v1/codes", {"to": phone})).status for _ in range(7)]
    assert statuses == [202] * 6 + [429]


async def test_codes_from_one_caller_are_limited_whatever_the_contact(system, new_phone):
    runner, client = system
    statuses = [
        (await client.post("/api/v1/codes", {"to": new_phone()}, headers=PHONE_FORWARDED)).status for _ in range(31)
    ]
    assert statuses == [202] * 30 + [429]
    other = await client.post("/api/v1/codes", {"to": new_phone()}, headers={"X-Forwarded-For": "203.0.113.10"})
    assert other.status == 202
    async with runner.contexts["identity"].db.read() as sql:
        kept = await sql.value("SELECT string_agg(row_to_json(code_requests)::text, '') FROM code_requests")
    assert "203.0.113.9" not in kept


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"to": "12"}, 422, "contact-invalid"),
        ({"to": "a@b"}, 422, "contact-invalid"),
        ({}, 400, "invalid-fields"),
        ({"to": "081234567890", "language": "fr"}, 400, "invalid-fields"),
        ({"to": "081234567890", "post_id": "x"}, 400, "invalid-fields"),
    ],
)
async def test_asking_amiss_is_told(client, body, status, slug):
    reply = await client.post("/api/v1/codes", body)
    assert (reply.status, reply.slug) == (status, slug)


async def test_callers_address_may_be_any_bytes(client):
    """A proxy hands on what it was told."""
    wire = Wire(client.base_url)
    for address in (b"\xff\xfe", b"a" * 3000, b"::::", b"fe80::1%eth0", "١٩٢.٠.٠.١".encode()):
        body = dumps({"to": "a@b.example"})
        answer = await wire.send("POST", b"/api/v1/codes", [("X-Forwarded-For", address)], body)
        assert answer.status in {202, 429}, answer
    await wire.close()


@pytest.mark.parametrize("token", [b"ubs_\xff\xfe", b"ubs_", "ubs_é".encode(), b"ubs_" + b"a" * 6000])
async def test_token_of_any_bytes_opens_no_session(client, token):
    wire = Wire(client.base_url)
    answer = await wire.send("POST", b"/api/v1/tokens", [("Authorization", b"Bearer " + token)], b"{}")
    assert (answer.status, answer.slug) == (401, "not-signed-in")
    await wire.close()


@pytest.mark.parametrize("consent", ["yes", "true", 1, 0])
async def test_consent_is_yes_and_nothing_like_it(client, consent):
    body = {"challenge_id": str(new_id()), "code": "123456", "name": "Ibu Sri", "consent": consent}
    reply = await client.post("/api/v1/sessions", body)
    assert (reply.status, reply.slug) == (400, "invalid-fields")
    assert reply.body["errors"] == [{"field": "consent", "message": "Pilih ya atau tidak."}]


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦"])
async def test_what_is_no_code_costs_no_try(client, code):
    reply = await client.post("/api/v1/sessions", {"challenge_id": str(new_id()), "code": code})
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_a_token_is_verified_by_the_public_key_alone(client, log_in):
    person = await log_in(client)
    reply = await client.post("/api/v1/tokens", who=person.session_token)
    (key,) = (await client.get("/api/v1/jwks")).body["keys"]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    claims = jwt.decode(reply.body["token"], public, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER)
    assert claims["sub"] == reply.body["account_id"] == str(person.account_id)
    assert claims["roles"] == []
    assert claims["exp"] - claims["iat"] == 300
    assert datetime.fromisoformat(reply.body["expires_at"]) - datetime.now(UTC) < timedelta(minutes=5)
    assert jwt.PyJWK(key).key.public_bytes_raw() == public.public_bytes_raw()
    assert "d" not in key


async def test_a_session_is_kept_as_a_hash_only(system, log_in):
    runner, client = system
    person = await log_in(client)
    async with runner.contexts["identity"].db.read() as sql:
        rows = await sql.value("SELECT string_agg(to_jsonb(s)::text, '') FROM sessions AS s")
        answers = await sql.value("SELECT count(*) FROM idempotency_keys")
    assert person.session_token not in rows
    assert answers == 0


async def test_a_session_ends_by_idleness_and_by_age(client, log_in, later):
    idle, busy = await log_in(client), await log_in(client)
    for days in (29, 58, 87):
        later(days=days)
        assert (await client.post("/api/v1/tokens", who=busy.session_token)).status == 200
        if days == 58:
            assert (await client.post("/api/v1/tokens", who=idle.session_token)).slug == "not-signed-in"
    later(days=91)
    assert (await client.post("/api/v1/tokens", who=busy.session_token)).status == 401


async def test_last_seen_is_coarse(system, log_in, later):
    runner, client = system
    person = await log_in(client)

    async def last_seen():
        async with runner.contexts["identity"].db.read() as sql:
            return await sql.value("SELECT last_seen_at FROM sessions WHERE account_id = $1", person.account_id)

    first = await last_seen()
    later(minutes=59)
    await person.token()
    assert await last_seen() == first
    later(minutes=61)
    await person.token()
    assert await last_seen() - first > timedelta(hours=1)


async def test_logging_in_again_ends_the_same_browsers_old_session(client, log_in, ask_code):
    person = await log_in(client)
    elsewhere = await log_in(client, person.contact)
    challenge_id, code = await ask_code(client, person.contact)
    renewed = await client.post(
        "/api/v1/sessions", {"challenge_id": challenge_id, "code": code}, who=person.session_token
    )
    assert renewed.status == 201
    assert renewed.body["session_token"] != person.session_token
    assert (await client.post("/api/v1/tokens", who=person.session_token)).status == 401
    assert (await client.post("/api/v1/tokens", who=renewed.body["session_token"])).status == 200
    assert (await client.post("/api/v1/tokens", who=elsewhere.session_token)).status == 200


async def test_logging_out_and_revoking_another_device(client, log_in):
    here = await log_in(client)
    lost = await log_in(client, here.contact)
    listed = (await here.send("GET", "/api/v1/sessions?limit=1")).body
    assert listed["next"]
    rest = (await here.send("GET", f"/api/v1/sessions?limit=1&cursor={listed['next']}")).body
    assert rest["next"] is None
    lost_id = listed["items"][0]["id"]  # the newest
    assert (await here.send("DELETE", f"/api/v1/sessions/{lost_id}")).status == 204
    assert (await here.send("DELETE", f"/api/v1/sessions/{lost_id}")).status == 404
    assert (await client.post("/api/v1/tokens", who=lost.session_token)).status == 401
    assert [item["id"] for item in (await here.send("GET", "/api/v1/sessions")).body["items"]] == [
        rest["items"][0]["id"]
    ]
    assert (await client.send("DELETE", "/api/v1/sessions/current", here.session_token)).status == 204
    assert (await client.send("DELETE", "/api/v1/sessions/current", here.session_token)).status == 401
    assert (await client.post("/api/v1/tokens", who=here.session_token)).status == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/accounts/me", None),
        ("GET", "/api/v1/sessions", None),
        ("POST", "/api/v1/accounts/me/erasure", {}),
    ],
)
async def test_a_sessions_token_opens_nothing_but_its_own_routes(client, log_in, method, path, body):
    person = await log_in(client)
    assert (await client.send(method, path, person.session_token, body=body)).status == 401


@pytest.mark.parametrize("who", [None, "ubs_unknown", "nonsense", principal()])
async def test_without_a_live_session_there_is_no_token(client, who):
    for method, path in (("POST", "/api/v1/tokens"), ("DELETE", "/api/v1/sessions/current")):
        reply = await client.send(method, path, who)
        assert (reply.status, reply.slug) == (401, "not-signed-in")


async def test_anothers_session_cannot_be_ended(client, log_in):
    owner, stranger = await log_in(client), await log_in(client)
    session_id = (await owner.send("GET", "/api/v1/sessions")).body["items"][0]["id"]
    assert (await stranger.send("DELETE", f"/api/v1/sessions/{session_id}")).status == 404
    officer = principal(None, Grant("officer", "province", new_id()))
    assert (await client.send("DELETE", f"/api/v1/sessions/{session_id}", officer)).status == 404
    assert (await client.post("/api/v1/tokens", who=owner.session_token)).status == 200


async def test_registering_is_told_to_the_other_services(system, log_in):
    runner, client = system
    person = await log_in(client, name="Ibu Sri")

    async def events():
        async with runner.contexts["identity"].db.read() as sql:
            rows = await sql.rows(
                "SELECT type, body, transient FROM events WHERE aggregate_id = $1 ORDER BY version", person.account_id
            )
        return [(row["type"], row["body"], row["transient"]) for row in rows]

    told = await eventually(events, until=lambda found: found[1][1] is None)  # published, so the person's data is gone
    assert told == [
        ("identity.account_registered.v1", {"account_id": str(person.account_id)}, False),
        ("identity.profile_changed.v1", None, True),
    ]


async def test_without_a_messenger_production_says_so_and_has_no_message_box(run_services, fresh_dsn):
    async with run_services(fresh_dsn, "identity", environment="production", smtp_url="smtp://127.0.0.1:9") as (
        _,
        client,
    ):
        refused = await client.post("/api/v1/codes", {"to": "081234567890"})
        by_mail = await client.post("/api/v1/codes", {"to": "sri@contoh.id"})
        box = await client.get("/api/v1/dev-messages?to=081234567890")
    assert (refused.status, refused.slug) == (422, "channel-not-set-up")
    assert "WhatsApp" in refused.body["detail"]
    assert (by_mail.status, by_mail.body["channel"]) == (202, "email")
    assert (box.status, box.slug) == (404, "not-found")


async def test_the_message_box_shows_one_persons_messages_newest_first(client, ask_code, phone):
    first, _ = await ask_code(client, phone)
    second, code = await ask_code(client, phone, language="en")
    items = (await client.send("GET", f"/api/v1/dev-messages?to={phone.replace('+', '%2B')}")).body["items"]
    assert [item["challenge_id"] for item in items] == [second, first]
    assert (items[0]["to"], items[0]["code"]) == (phone, code)
    assert items[0]["text"].startswith(f"Your urunbeli log-in code: {code}")


async def test_the_first_officer_of_the_settings_is_there_from_the_start(run_services, fresh_dsn, log_in):
    changes = {"first_officer": "Ibu Ratna <0812 0000 0001>"}
    for _ in range(2):
        async with run_services(fresh_dsn, "identity", **changes) as (_, client):
            person = await log_in(client, "+6281200000001", name="Orang lain")
            me = (await person.send("GET", "/api/v1/accounts/me")).body
            assert me["name"] == "Ibu Ratna"
            assert [(grant["role"], grant["scope_kind"]) for grant in me["grants"]] == [("officer", "province")]
