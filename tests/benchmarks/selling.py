"""Selling: a product's page, a phone's photo made ready, and a spreadsheet of ten thousand products taken in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import aiohttp
import asyncpg

from shared.auth import Principal
from shared.ids import new_id
from shared.testing.running import eventually
from tests.benchmarks.ground import Ground
from tests.benchmarks.load import Result, load, request
from tests.benchmarks.measure import Figure, median
from tests.benchmarks.pages import drawn, per_second
from tests.listings import pictures

RUNS = 3
PHOTOS = 2
"""At once: as many as the darkroom works on."""
ROWS = 10_000

SHOP = """
SET search_path = listings, public;
INSERT INTO posts VALUES ('{post}', 'Posyantek Kramat Jati', '31.75.04', 'district', 'Kramat Jati');
INSERT INTO businesses (id, owner_account_id, post_id, name, story, whatsapp, status, reviewed_by, version, registered_at)
VALUES ('{business}', '{owner}', '{post}', 'Dapur Mpok Lintang', 'Digoreng sendiri sejak 2019.', '+628110000001', 'verified',
        '{other}', 1, clock_timestamp());
INSERT INTO listings (id, business_id, post_id, name, description, category, price_idr, unit, status, version, created_at,
    published_at)
SELECT id, '{business}', '{post}', 'Keripik singkong', 'Renyah.', 'snacks', 15000, 'bungkus', 'published', 1,
       clock_timestamp(), clock_timestamp()
FROM unnest('{{{listings}}}'::uuid[]) AS id
"""


async def measure(ground: Ground) -> list[Figure]:
    """Measure each on a shop of its own data."""
    dsn = await ground.database("selling")
    owner, business, listings = new_id(), new_id(), [new_id() for _ in range(PHOTOS + 1)]
    await _fill(dsn, owner, business, listings)
    page = f"/produk/{listings[0]}", b"Keripik singkong"
    shared = await drawn(ground, dsn, *page, kept_s="1")
    anew = await drawn(ground, dsn, *page, kept_s="0")
    token = ground.token(Principal(owner))
    async with (
        ground.server(["services", "run", "listings"], ground.environment(dsn)) as port,
        _session(port, token) as session,
    ):
        alone_s = median([await _photo(session, listings[0]) for _ in range(RUNS)])
        meanwhile = await _photos_under_load(session, port, listings)
        read_s, taken_s = await _import(session, business)
    return [
        Figure("product page, one core, 16 connections", per_second(shared), "/s", at_least=300),
        Figure("the same, p99", median([one.run.percentile_ms(99) for one in shared]), "ms", at_most=100),
        Figure("each page drawn anew", per_second(anew), "/s"),
        Figure("a photo of 12 megapixels until it is ready", alone_s, "s", at_most=2),
        Figure("a product by id meanwhile, p99", meanwhile.run.percentile_ms(99), "ms", at_most=100),
        Figure(f"a spreadsheet of {ROWS:,} rows read and checked", read_s, "s"),
        Figure("the same until every row is taken and on show", read_s + taken_s, "s", at_most=60),
    ]


async def _fill(dsn: str, owner: UUID, business: UUID, listings: list[UUID]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        ids = ",".join(map(str, listings))
        await connection.execute(
            SHOP.format(post=new_id(), business=business, owner=owner, other=new_id(), listings=ids)
        )
    finally:
        await connection.close()


@asynccontextmanager
async def _session(port: int, token: str) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
        yield session


async def _photo(session: aiohttp.ClientSession, listing: UUID) -> float:
    """Send one photo; gives the seconds until it is there in every format and width."""
    photo = await asyncio.to_thread(pictures.from_a_phone)
    # The same file twice is one photo: each differs by its last bytes, which no decoder reads.
    photo += new_id().bytes
    started = time.perf_counter()
    async with session.post(f"/api/v1/listings/{listing}/photos", data=photo) as reply:
        assert reply.status == 201, await reply.text()
    return time.perf_counter() - started


async def _photos_under_load(session: aiohttp.ClientSession, port: int, listings: list[UUID]) -> Result:
    """Send several photos at once while somebody reads, who must not wait for them."""
    sending = asyncio.gather(*(_photo(session, listing) for listing in listings[1:]))
    read = request("GET", f"/api/v1/listings/{listings[0]}")

    def while_sending():
        while not sending.done():
            yield read

    meanwhile = (await load(port, while_sending(), clients=4, pause_s=0.01)).only(200)
    await sending
    return meanwhile


async def _import(session: aiohttp.ClientSession, business: UUID) -> tuple[float, float]:
    """Import a spreadsheet; gives the seconds until it is read, and from then until its last row is on show."""
    table = "nama,kategori,harga\n" + "".join(f"Keripik rasa {n},snacks,{1000 + n}\n" for n in range(ROWS))
    started = time.perf_counter()
    async with session.post(f"/api/v1/imports?business_id={business}", data=table.encode()) as reply:
        assert reply.status == 201, await reply.text()
        made = await reply.json()
    read = time.perf_counter()
    path = f"/api/v1/imports/{made['id']}"
    body = {"if_known": "skip", "publish": True}
    async with session.post(f"{path}/start", json=body, headers={"Idempotency-Key": "mulai"}) as reply:
        assert reply.ok, await reply.text()

    async def state() -> str:
        async with session.get(path) as answer:
            return str((await answer.json())["state"])

    await eventually(state, until=lambda found: found == "done", within_s=120)
    return read - started, time.perf_counter() - read
