"""The path of a command: request, transaction, outbox, broker, inbox, effect; over both brokers."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from shared.ids import new_id
from shared.runner import migrate_all
from shared.testing.databases import drop, recreate
from shared.testing.running import NOBODY, Client, eventually, principal, quiet, running, settings_for_tests

sys.path.insert(0, str(Path(__file__).parent))
import example


@pytest.fixture(scope="module", params=["embedded", pytest.param("amqp", marks=pytest.mark.amqp)])
async def system(request, owner_dsn, tmp_path_factory):
    changes = {"amqp_url": request.getfixturevalue("amqp_url")} if request.param == "amqp" else {}
    settings = settings_for_tests(tmp_path_factory.mktemp("example"), **changes)
    name = f"example_{new_id().hex}"
    dsn = await recreate(owner_dsn, name)
    await migrate_all(settings, dsn, example.SERVICES)
    client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
    async with running(settings, dsn, example.SERVICES) as runner:
        yield runner, client
    await client.close()
    await drop(owner_dsn, name)


async def test_event_takes_effect_at_the_hearer_once_and_its_writer_can_read_it(system):
    runner, client = system
    written = await client.post("/api/v1/notes", {"text": "halo"}, principal())
    assert written.status == 201
    heard = await client.get(f"/api/v1/counted/{written.body['id']}", after=written)
    assert heard.body == ["halo", "hush"]
    await quiet(runner)
    async with runner.contexts["example"].db.read() as sql:
        rows = await sql.rows(
            "SELECT type, body FROM events WHERE aggregate_id = $1 ORDER BY version", written.body["id"]
        )
    assert [row["body"] for row in rows] == [{"note_id": written.body["id"], "text": "halo"}, None]


async def test_same_key_answers_the_same_and_other_body_is_refused(system):
    _, client = system
    who, key = principal(), "once"
    first = await client.post("/api/v1/notes", {"text": "satu"}, who, key=key)
    again = await client.post("/api/v1/notes", {"text": "satu"}, who, key=key)
    other = await client.post("/api/v1/notes", {"text": "dua"}, who, key=key)
    stranger = await client.post("/api/v1/notes", {"text": "satu"}, principal(), key=key)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    assert stranger.body["id"] != first.body["id"]


async def test_taps_at_once_are_counted_exactly_and_stop_at_the_cap(system):
    runner, client = system
    note = (await client.post("/api/v1/notes", {"text": "tap"}, principal())).body["id"]
    who = [principal() for _ in range(110)]
    replies = await asyncio.gather(*(client.post(f"/api/v1/notes/{note}/taps", {}, one) for one in who))
    assert sorted(reply.body["number"] for reply in replies if reply.status == 201) == list(range(1, 101))
    assert {reply.slug for reply in replies if reply.status != 201} == {"full"}
    await quiet(runner)
    async with runner.contexts["example"].db.read() as sql:
        events = await sql.rows(
            "SELECT body FROM events WHERE aggregate_id = $1 AND type LIKE '%tapped%' ORDER BY version", note
        )
        left = await sql.value("SELECT count(*) FROM idempotency_keys WHERE status IS NULL")
    numbers = [tap["number"] for event in events for tap in event["body"]["taps"]]
    assert numbers == list(range(1, 101))
    assert len(events) < 20
    assert left == 0


async def test_poison_in_a_batch_harms_only_itself(system):
    _, client = system
    note = (await client.post("/api/v1/notes", {"text": "racun"}, principal())).body["id"]
    who = [principal() for _ in range(20)]
    replies = await asyncio.gather(
        *(client.post(f"/api/v1/notes/{note}/taps", {"poison": place == 7}, one) for place, one in enumerate(who))
    )
    assert [reply.status for reply in replies] == [500 if place == 7 else 201 for place in range(20)]


async def test_equal_keys_in_one_batch_tap_once(system):
    _, client = system
    note = (await client.post("/api/v1/notes", {"text": "kunci"}, principal())).body["id"]
    who = principal()
    replies = await asyncio.gather(*(client.post(f"/api/v1/notes/{note}/taps", {}, who, key="k") for _ in range(8)))
    assert {reply.body["number"] for reply in replies} == {1}


async def test_money_route_needs_a_key(system):
    _, client = system
    reply = await client.send(
        "POST", f"/api/v1/notes/{new_id()}/taps", principal(), body={}, headers={"Idempotency-Key": ""}
    )
    assert (reply.status, reply.slug) == (400, "idempotency-key-missing")


async def test_failing_event_parks_with_its_aggregate_and_heals(system):
    runner, client = system
    bad = await client.post("/api/v1/notes", {"text": "poison pill"}, principal())
    good = await client.post("/api/v1/notes", {"text": "sehat"}, principal())
    assert (await client.get(f"/api/v1/counted/{good.body['id']}", after=good)).body == ["sehat", "hush"]
    hearer = runner.contexts["hearer"]

    async def parked():
        async with hearer.db.read() as sql:
            return await sql.rows(
                "SELECT handler, reason, state FROM parked WHERE aggregate_id = $1 ORDER BY position", bad.body["id"]
            )

    rows = await eventually(parked)
    assert rows[0]["reason"] == "ValueError: this note cannot be handled"
    rows = await eventually(parked, until=lambda found: len(found) == 2)
    assert "waits behind" in rows[1]["reason"]
    assert (await client.get(f"/api/v1/counted/{bad.body['id']}")).status == 404
    async with hearer.db.transaction() as tx:
        await tx.run("INSERT INTO cures VALUES (1)")
    await quiet(runner)
    assert sorted((await client.get(f"/api/v1/counted/{bad.body['id']}")).body) == ["hush", "poison pill"]


@pytest.mark.parametrize(
    ("method", "path", "raw", "status", "slug"),
    [
        ("POST", "/api/v1/notes", b"{not json", 400, "malformed-json"),
        ("POST", "/api/v1/notes", b"[]", 400, "malformed-json"),
        ("POST", "/api/v1/notes", b'{"text": ""}', 400, "invalid-fields"),
        ("POST", "/api/v1/notes", b'{"text": "a", "more": 1}', 400, "invalid-fields"),
        ("POST", "/api/v1/notes", b'{"text": "a\\u0000b"}', 400, "invalid-fields"),
        ("POST", "/api/v1/notes", b'{"text": "' + b"a" * 70_000 + b'"}', 413, "too-large"),
        ("GET", "/api/v1/notes/123", None, 400, "malformed-id"),
        ("GET", f"/api/v1/notes/{NOBODY}", None, 404, "not-found"),
        ("GET", "/api/v1/notes?limit=0", None, 400, "invalid-fields"),
        ("GET", "/api/v1/notes?cursor=%25%25", None, 400, "bad-cursor"),
        ("GET", "/api/v1/nothing", None, 404, "not-found"),
        ("PUT", "/api/v1/notes", b"{}", 405, "method-not-allowed"),
    ],
)
async def test_bad_input_is_told_as_a_problem(system, method, path, raw, status, slug):
    _, client = system
    reply = await client.send(method, path, principal(), raw=raw)
    assert (reply.status, reply.slug) == (status, slug)
    assert reply.body["detail"]
    assert reply.headers["Content-Type"].startswith("application/problem+json")


async def test_paging_goes_through_all_and_etag_saves_the_body(system):
    _, client = system
    for number in range(5):
        await client.post("/api/v1/notes", {"text": f"hal {number}"}, principal())
    seen, url = [], "/api/v1/notes?limit=2"
    while url:
        reply = await client.get(url)
        seen += [note["id"] for note in reply.body["items"]]
        url = f"/api/v1/notes?limit=2&cursor={reply.body['next']}" if reply.body["next"] else None
    assert seen == sorted(set(seen))
    assert len(seen) >= 5
    first = await client.get("/api/v1/notes?limit=2")
    assert (await client.get("/api/v1/notes?limit=2", headers={"If-None-Match": first.headers["ETag"]})).status == 304
