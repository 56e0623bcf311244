"""What no decent client sends: the edge refuses it, and neither fails nor fills the log with it."""

from __future__ import annotations

import logging
import zlib

import pytest
from prometheus_client import REGISTRY

from shared.http.openapi import openapi
from shared.ids import new_id
from shared.runner import migrate_all
from shared.testing.databases import drop, recreate
from shared.testing.running import Client, eventually, principal, running, settings_for_tests
from tests.architecture.wire import Wire
from tests.shared.example import SERVICES


@pytest.fixture(scope="module")
async def system(owner_dsn, tmp_path_factory):
    name = f"not_http_{new_id().hex}"
    dsn = await recreate(owner_dsn, name)
    settings = settings_for_tests(tmp_path_factory.mktemp("not-http"))
    await migrate_all(settings, dsn, SERVICES)
    async with running(settings, dsn, SERVICES) as runner:
        client = Client(f"http://127.0.0.1:{settings.http_port}", settings)
        wire = Wire(client.base_url)
        yield runner, client, wire
        await wire.close()
        await client.close()
    await drop(owner_dsn, name)


def note(client, *headers: bytes) -> bytes:
    token = client.token(principal()).encode()
    lines = [b"POST /api/v1/notes HTTP/1.1", b"Host: localhost", b"Authorization: Bearer " + token, *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


@pytest.mark.parametrize(
    "key",
    [b"a" * 256, b"\xff\xfe", "kunçi".encode(), b"a\tb", b"", b"   "],
    ids=["over-long", "not UTF-8", "not ASCII", "tab", "empty", "blank"],
)
async def test_idempotency_key_that_cannot_be_kept_is_refused_instead_of_left_out(system, key):
    _, client, wire = system
    body = b'{"text": "sekali saja"}'
    answer = await wire.send_raw(
        note(client, b"Idempotency-Key: " + key, b"Content-Length: %d" % len(body)) + body,
    )
    assert (answer.status, answer.slug) == (400, "idempotency-key-malformed")


async def test_longest_and_oddest_idempotency_key_is_kept(system):
    _, client, wire = system
    body = b'{"text": "sekali saja"}'
    request = note(client, b"Idempotency-Key: %%{0}' " + b"a" * 247, b"Content-Length: %d" % len(body)) + body
    first, again = [await wire.send_raw(request) for _ in range(2)]
    assert (first.status, again.body) == (201, first.body)


@pytest.mark.parametrize("coding", [b"gzip", b"GZip", b"deflate", b"br", b"zstd", b"halo", b"\xff"])
async def test_compressed_body_is_refused_before_it_is_unpacked(system, coding):
    _, client, wire = system
    bomb = zlib.compress(b'{"text": "' + b" " * 50_000_000)
    body = bomb[:60_000]
    answer = await wire.send_raw(
        note(client, b"Content-Encoding: " + coding, b"Content-Length: %d" % len(body)) + body,
    )
    assert (answer.status, answer.slug) == (415, "encoding-not-taken")


async def test_plain_coding_is_no_coding(system):
    _, client, wire = system
    body = b'{"text": "biasa"}'
    answer = await wire.send_raw(note(client, b"Content-Encoding: identity", b"Content-Length: %d" % len(body)) + body)
    assert answer.status == 201


async def test_405_tells_what_the_path_takes(system):
    _, client, _ = system
    reply = await client.send("PUT", "/api/v1/notes", principal(), body={})
    assert (reply.status, reply.headers["Allow"], reply.body["allowed"]) == (405, "GET, POST", ["GET", "POST"])


NOT_HTTP = {
    "chunk that is no chunk": [b"Transfer-Encoding: chunked", b"", b"zz", b"rahasia"],
    "two lengths": [b"Content-Length: 1", b"Content-Length: 2", b"", b"rahasia"],
    "length that is no number": [b"Content-Length: rahasia"],
    "control character in a header": [b"X-Kunci: rahasia\x01"],
    "NUL in a header": [b"X-Kunci: rahasia\x00"],
    "endless header": [b"X-Kunci: " + b"rahasia" * 3000],
}


@pytest.mark.parametrize("lines", NOT_HTTP.values(), ids=NOT_HTTP)
async def test_what_is_not_http_is_refused_and_its_content_does_not_enter_the_log(system, lines, caplog):
    _, client, wire = system
    caplog.set_level(logging.INFO)
    answer = await wire.send_raw(note(client, *lines))
    assert answer.status == 400
    assert b"Traceback" not in answer.body
    assert [record.getMessage() for record in caplog.records] == []


def answered(status: str) -> float:
    labels = {"service": "example", "route": "write_note", "status": status}
    return REGISTRY.get_sample_value("urunbeli_request_seconds_count", labels) or 0


async def test_caller_that_goes_away_in_the_middle_is_no_failure_of_ours(system, caplog):
    _, client, wire = system
    caplog.set_level(logging.INFO)
    refused, failed = answered("400"), answered("500")
    for _ in range(5):
        await wire.send_and_leave(note(client, b"Content-Length: 100") + b'{"text": "put')

    async def noticed() -> float:
        return answered("400") + answered("500") - refused - failed

    await eventually(noticed, until=lambda times: times == 5)
    assert answered("500") == failed
    assert [record.getMessage() for record in caplog.records] == []


def test_document_tells_what_is_taken():
    document = openapi(SERVICES, "http://localhost")
    paths = document["paths"]
    (key,) = [p for p in paths["/api/v1/notes"]["post"]["parameters"] if p["name"] == "Idempotency-Key"]
    assert key["schema"] == {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
    assert paths["/api/v1/notes"]["post"]["requestBody"]["required"] is True
    assert paths["/api/v1/notes/{note_id}/taps"]["post"]["requestBody"]["required"] is False
