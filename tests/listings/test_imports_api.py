"""Imports and exports over HTTP, with the jobs running."""

import io

import openpyxl
import pytest

from shared.testing.running import NOBODY, eventually, principal
from tests.listings.conftest import OFFICER

CSV = b"nama,kategori,harga,satuan\nKeripik,snacks,15rb,bungkus\nDodol,cakes,1.5,\n=1+1,batik,2000,\n"


@pytest.fixture
async def business(client, post_id, owner):
    body = {"name": "Bir Pletok Bang Jali", "post_id": post_id, "whatsapp": "0812-3456-7890"}
    made = await client.post("/api/v1/businesses", body, owner)
    reviewed = await client.post(f"/api/v1/businesses/{made.body['id']}/verify", None, OFFICER)
    assert reviewed.ok
    return reviewed.body


async def send(client, business, owner, raw=CSV, **more):
    path = f"/api/v1/imports?business_id={business['id']}&file_name=jualan.csv"
    return await client.send("POST", path, owner, raw=raw, **more)


async def test_from_the_file_to_the_shelf_and_back(client, business, owner):
    made = await send(client, business, owner)
    assert (made.status, made.body["state"], made.body["file_name"]) == (201, "checked", "jualan.csv")
    path = made.headers["Location"]
    assert path == f"/api/v1/imports/{made.body['id']}"
    assert (await client.get("/api/v1/listings/mine", owner)).body["items"] == []
    found = (await client.get(f"{path}/rows?only=findings", owner)).body["items"]
    assert [(row["number"], row["findings"][0]["column"]) for row in found] == [(3, "harga")]
    started = await client.post(f"{path}/start", {"if_known": "update", "publish": True}, owner)
    assert (started.status, started.body["state"]) == (200, "running")
    done = await eventually(lambda: client.get(path, owner), until=lambda reply: reply.body["state"] == "done")
    assert [done.body[f"rows_{what}"] for what in ("total", "added", "wrong", "ready", "failed")] == [3, 2, 1, 0, 0]
    shown = (await client.get(f"/api/v1/listings?business_id={business['id']}")).body["items"]
    assert {(item["name"], item["price_idr"]) for item in shown} == {("Keripik", 15000), ("=1+1", 2000)}
    assert [item["id"] for item in (await client.get("/api/v1/imports", owner)).body["items"]] == [made.body["id"]]

    exported = await client.get(f"/api/v1/businesses/{business['id']}/export.csv", owner)
    assert exported.headers["Content-Disposition"] == 'attachment; filename="jualan.csv"'
    lines = exported.body.decode("utf-8-sig").splitlines()
    assert lines[0] == "nama,kategori,harga,satuan,keterangan,stok,siap_dalam_hari,foto,kode,keadaan"
    assert any(line.startswith("'=1+1,Batik Betawi,2000,") for line in lines), "nothing that a spreadsheet would run"
    workbook = await client.get(f"/api/v1/businesses/{business['id']}/export.xlsx", owner)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.body))["Jualan"]
    assert {(row[0].value, row[0].data_type) for row in sheet.iter_rows(min_row=2)} == {("Keripik", "s"), ("=1+1", "s")}
    again = await send(client, business, owner, workbook.body)
    await client.post(f"/api/v1/imports/{again.body['id']}/start", {"if_known": "update", "publish": False}, owner)
    done = await eventually(
        lambda: client.get(f"/api/v1/imports/{again.body['id']}", owner),
        until=lambda reply: reply.body["state"] == "done",
    )
    assert (done.body["rows_unchanged"], done.body["rows_updated"]) == (2, 0)


async def test_rows_with_findings_are_downloaded_to_be_corrected(client, business, owner):
    made = await send(client, business, owner)
    reply = await client.get(f"/api/v1/imports/{made.body['id']}/findings.csv", owner)
    assert reply.headers["Content-Type"] == "text/csv"
    text = reply.body.decode("utf-8-sig")
    assert text.splitlines()[0] == "nama,kategori,harga,satuan,Yang perlu diperbaiki"
    assert "bisa dibaca dua cara" in text


async def test_double_tap_sends_once(client, business, owner):
    replies = [await send(client, business, owner, key="ketuk") for _ in range(2)]
    assert replies[0].body == replies[1].body
    assert len((await client.get("/api/v1/imports", owner)).body["items"]) == 1
    other = await send(client, business, owner, CSV + b"Wajik,cakes,1000,\n", key="ketuk")
    assert (other.status, other.slug) == (422, "idempotency-key-reused")


async def test_import_is_nobody_elses(client, business, owner):
    made = await send(client, business, owner)
    path = f"/api/v1/imports/{made.body['id']}"
    for who in (principal(), OFFICER):
        for read in (path, f"{path}/rows", f"{path}/findings.csv"):
            assert (await client.get(read, who)).status == 404
        assert (await client.post(f"{path}/start", {"if_known": "skip", "publish": False}, who)).status == 404
        assert (await client.post(f"{path}/cancel", None, who)).status == 404
        assert (await send(client, business, who)).status == 403
        assert (await client.get(f"/api/v1/businesses/{business['id']}/export.csv", who)).status == 403
    cancelled = await client.post(f"{path}/cancel", None, owner)
    assert cancelled.body["state"] == "cancelled"
    again = await client.post(f"{path}/start", {"if_known": "skip", "publish": False}, owner)
    assert (again.status, again.slug) == (409, "wrong-import-state")


@pytest.mark.parametrize(
    ("raw", "status", "slug"),
    [
        (b"", 422, "file-empty"),
        (b"halo", 422, "header-missing"),
        (b"nama,harga\nA,1\n", 422, "columns-missing"),
        (b"%PDF-1.7", 422, "file-not-readable"),
        (b"PK\x03\x04" + b"0" * 100, 422, "file-not-readable"),
        (b"nama,kategori,harga\n" + b"a" * (11 * 1024**2), 413, "too-large"),
        (b"0" * (40 * 1024**2 + 1), 413, "too-large"),
    ],
    ids=["nothing", "words", "no shelf", "PDF", "no archive", "11 MB", "over 40 MB"],
)
async def test_bad_file_is_refused(client, business, owner, raw, status, slug):
    reply = await send(client, business, owner, raw)
    assert (reply.status, reply.slug) == (status, slug)
    assert (await client.get("/api/v1/imports", owner)).body["items"] == []


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/imports?business_id=1", 400, "invalid-fields"),
        ("/imports", 400, "invalid-fields"),
        (f"/imports?business_id={NOBODY}", 404, "not-found"),
        (f"/imports/{NOBODY}/cancel", 404, "not-found"),
        ("/imports/123/cancel", 400, "malformed-id"),
    ],
)
async def test_bad_request_is_told(client, owner, path, status, slug):
    reply = await client.send("POST", f"/api/v1{path}", owner, raw=CSV)
    assert (reply.status, reply.slug) == (status, slug)


@pytest.mark.parametrize(
    "change", [{"if_known": "overwrite"}, {"publish": "yes"}, {"publish": None}, {"lain": 1}], ids=str
)
async def test_bad_start_is_refused(client, business, owner, change):
    made = await send(client, business, owner)
    body = {"if_known": "skip", "publish": False} | change
    reply = await client.post(f"/api/v1/imports/{made.body['id']}/start", body, owner)
    assert (reply.status, reply.slug) == (400, "invalid-fields")


async def test_template_is_for_everybody(client):
    for form, beginning in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfnama,")):
        reply = await client.get(f"/api/v1/imports/template.{form}")
        assert reply.status == 200
        assert reply.body.startswith(beginning)


async def test_rows_are_paged(client, business, owner):
    made = await send(client, business, owner)
    path = f"/api/v1/imports/{made.body['id']}/rows?limit=2"
    first = await client.get(path, owner)
    second = await client.get(f"{path}&cursor={first.body['next']}", owner)
    assert [row["number"] for row in first.body["items"] + second.body["items"]] == [2, 3, 4]
    for cursor in ("x", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"):
        assert (await client.get(f"{path}&cursor={cursor}", owner)).slug == "bad-cursor"
