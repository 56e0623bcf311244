"""One suite for every photo store: the folder, obstore's memory, a bucket's settings, and the fake."""

from __future__ import annotations

import asyncio

import pytest
from obstore.store import LocalStore, MemoryStore

from services.listings.fake_photo_store import FakePhotoStore
from services.listings.object_photo_store import ObjectPhotoStore, open_photo_store
from services.listings.photo_store_gateway import PhotoStore, PhotoStoreUnavailable
from shared.processes import spare_port
from shared.testing.running import settings_for_tests

KEY = "0199c0de-0000-7000-8000-000000000000/360.avif"


@pytest.fixture(params=["folder", "memory", "fake"])
def store(request, tmp_path) -> PhotoStore:
    if request.param == "folder":
        return ObjectPhotoStore(LocalStore(tmp_path / "new" / "photos", automatic_cleanup=True, mkdir=True))
    return ObjectPhotoStore(MemoryStore()) if request.param == "memory" else FakePhotoStore()


async def test_what_was_kept_is_given(store):
    assert await store.get(KEY) is None
    body = bytes(range(256)) * 400
    await store.put(KEY, body)
    assert await store.get(KEY) == body
    await store.put(KEY, b"new")
    assert await store.get(KEY) == b"new"
    assert await store.get(KEY.replace("360", "720")) is None


async def test_what_was_deleted_is_gone_and_may_be_deleted_again(store):
    keys = [f"{number}/360.webp" for number in range(20)]
    for key in keys[1:]:
        await store.put(key, b"x")
    await store.put(KEY, b"stays")
    for _ in range(2):
        await store.delete(keys)
        assert [await store.get(key) for key in keys] == [None] * 20
    await store.delete([])
    assert await store.get(KEY) == b"stays"


async def test_many_at_a_time(store):
    keys = [f"{number}/720.avif" for number in range(50)]
    await asyncio.gather(*(store.put(key, key.encode()) for key in keys))
    assert await asyncio.gather(*(store.get(key) for key in keys)) == [key.encode() for key in keys]


async def test_folder_is_below_the_data_directory(tmp_path):
    store = open_photo_store(settings_for_tests(tmp_path / "data"))
    await store.put(KEY, b"x")
    assert (tmp_path / "data" / "photos" / KEY).read_bytes() == b"x"


async def test_folder_that_cannot_be_written_is_a_refusal(tmp_path):
    store = open_photo_store(settings_for_tests(tmp_path))
    (tmp_path / "photos" / KEY.partition("/")[0]).write_text("a file where a folder should be")
    with pytest.raises(PhotoStoreUnavailable):
        await store.put(KEY, b"x")


async def test_bucket_speaks_s3_with_the_key_of_the_settings(tmp_path):
    """A server that writes down what it is asked: the bucket in the path, and signed."""
    asked = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        if length := int(dict(_headers(head)).get(b"content-length", 0)):
            await reader.readexactly(length)
        asked.append(head)
        answer = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 0\r\n'
        if head.startswith(b"GET"):
            answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
        writer.write(answer + b"Connection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = settings_for_tests(
        tmp_path, photos_bucket="foto", photos_endpoint=f"http://127.0.0.1:{port}",
        photos_access_key_id="kunci", photos_secret_key="rahasia-sekali", photos_region="jakarta",
    )  # fmt: skip
    store = open_photo_store(settings)
    await store.put(KEY, b"x" * 100)
    assert await store.get(KEY) is None
    server.close()
    await server.wait_closed()
    assert [head.split(b" ")[1] for head in asked] == [f"/foto/{KEY}".encode()] * 2
    for head in asked:
        assert b"AWS4-HMAC-SHA256 Credential=kunci/" in head
        assert b"/jakarta/s3/aws4_request" in head
        assert b"rahasia-sekali" not in head
    assert not (tmp_path / "photos").exists()


async def test_bucket_out_of_reach_is_a_refusal(tmp_path):
    settings = settings_for_tests(
        tmp_path, photos_bucket="foto", photos_endpoint=f"http://127.0.0.1:{spare_port()}",
        photos_access_key_id="kunci", photos_secret_key="rahasia-sekali",
    )  # fmt: skip
    with pytest.raises(PhotoStoreUnavailable):
        await open_photo_store(settings).put(KEY, b"x")


async def test_fake_can_be_down():
    store = FakePhotoStore()
    await store.put(KEY, b"x")
    store.is_down = True
    for call in (store.get(KEY), store.put(KEY, b"y"), store.delete([KEY])):
        with pytest.raises(PhotoStoreUnavailable):
            await call
    store.is_down = False
    assert await store.get(KEY) == b"x"


def _headers(head):
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b": ")
        yield name, value
