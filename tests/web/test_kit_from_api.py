"""The kit where the API has photos, thousands of products, or is down: the pages alone, before an API of the test's own."""

from __future__ import annotations

import asyncio
import io
import time
import tracemalloc
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from defusedxml.ElementTree import fromstring
from PIL import Image

from services.web.kit.picture import share_picture
from services.web.kit.press import MOST_FEEDS
from shared.processes import spare_port
from shared.testing.running import eventually
from tests.web.papers import words_on

ID = "0199c0de-0000-7000-8000-%012d"
BUSINESS = ID % 1


def listing(number, **more):
    return {
        "id": ID % number, "business_id": BUSINESS, "business_name": "Keripik Bu Sri", "post_id": ID % 2,
        "post_name": "Posyantek Pancoran", "name": f"Produk {number}", "description": "Renyah. " * 20, "category": "snacks",
        "price_idr": 1000 + number, "unit": "bungkus", "status": "published", "whatsapp": "+6281234567890",
        "made_with_ttg": False, "published_at": "2026-11-24T08:04:00Z", "version": 1, "owner_account_id": ID % 3,
        "business_status": "verified", "business_story": None, "kelurahan_code": None, "region_name": "Pancoran", **more,
    }  # fmt: skip


def red_photo(width):
    written = io.BytesIO()
    Image.new("RGB", (width, width), (200, 30, 30)).save(written, "WEBP")
    return written.getvalue()


class Api:
    """As much of the API as the kit asks for. `count`: products on show; `fails_at`: the page of the list that fails."""

    def __init__(self) -> None:
        self.count = 3
        self.fails_at = None
        self.photos_answer = 200
        self.photos_asked: list[str] = []
        self.pages_asked = 0
        self.slow_photos: asyncio.Event | None = None

    def app(self):
        app = web.Application()
        app.router.add_get("/api/v1/listings", self.listings)
        app.router.add_get("/api/v1/listings/{id}", self.listing)
        app.router.add_get("/api/v1/businesses/{id}", self.business)
        app.router.add_get("/api/v1/photos/{id}/{file}", self.photo)
        return app

    async def listings(self, request):
        self.pages_asked += 1
        begin, limit = int(request.query.get("cursor", "0") or 0), int(request.query["limit"])
        if self.fails_at is not None and begin >= self.fails_at:
            return web.json_response({"type": "/problems/unavailable", "detail": "x"}, status=503)
        end = min(begin + limit, self.count)
        items = [listing(number, **self.cover(number)) for number in range(begin + 10, end + 10)]
        return web.json_response({"items": items, "next": str(end) if end < self.count else None})

    def cover(self, number):
        return {"cover": {"id": ID % number, "widths": [320, 720, 1280]}} if number % 2 else {}

    async def listing(self, request):
        number = int(request.match_info["id"][-12:])
        return web.json_response(listing(number, **self.cover(number)))

    async def business(self, _):
        told = {"id": BUSINESS, "name": "Keripik Bu Sri", "status": "verified", "post_id": ID % 2, "post_name": None,
                "whatsapp": "+6281234567890", "story": None, "categories": [], "version": 1}  # fmt: skip
        return web.json_response(told)

    async def photo(self, request):
        self.photos_asked.append(request.match_info["file"])
        if self.slow_photos is not None:
            await self.slow_photos.wait()
        if self.photos_answer != 200:
            return web.Response(status=self.photos_answer)
        return web.Response(body=red_photo(600), content_type="image/webp")


@pytest.fixture
async def pages(run_services, module_dsn):
    """The pages alone, and the API that they ask."""
    api, port = Api(), spare_port()
    runner = web.AppRunner(api.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with (
        run_services(module_dsn, "web", api_url=f"http://127.0.0.1:{port}") as (_, client),
        aiohttp.ClientSession() as session,
    ):

        @asynccontextmanager
        async def get(path):
            async with session.get(client.base_url + path) as reply:
                yield reply

        yield api, get
    await runner.cleanup()


async def body_of(get, path):
    async with get(path) as reply:
        return reply.status, await reply.read()


def redness(png):
    red, green, _ = (
        Image.open(io.BytesIO(png)).convert("RGB").crop((900, 200, 1100, 400)).resize((1, 1)).getpixel((0, 0))
    )
    return red - green


async def test_the_photo_is_on_picture_and_poster(pages):
    api, get = pages
    status, png = await body_of(get, f"/produk/{ID % 11}/bagikan/gambar.png")
    assert status == 200
    assert redness(png) > 120
    status, pdf = await body_of(get, f"/produk/{ID % 11}/bagikan/poster-a4.pdf")
    assert b"/DCTDecode" in pdf
    assert api.photos_asked == ["1280.webp", "1280.webp"]


async def test_a_photo_that_is_gone_leaves_the_drawing_and_an_outage_is_not_kept(pages):
    api, get = pages
    api.photos_answer = 503
    path = f"/produk/{ID % 11}/bagikan/gambar.png"
    assert (await body_of(get, path))[0] == 503
    api.photos_answer = 200
    status, png = await body_of(get, path)
    assert (status, redness(png) > 120) == (200, True)
    api.photos_answer = 404
    status, png = await body_of(get, f"/produk/{ID % 13}/bagikan/gambar.png")
    assert (status, redness(png) > 120) == (200, False)


async def test_catalogue_takes_its_photos_small_and_two_hundred_products(pages):
    api, get = pages
    api.count = 230
    status, pdf = await body_of(get, f"/usaha/{BUSINESS}/bagikan/katalog.pdf")
    assert status == 200
    told = words_on(pdf)
    assert len(told) == 18
    assert "Produk 10 " in told[1]
    assert "Produk 209 " in told[-1]
    assert set(api.photos_asked) == {"720.webp"}
    assert len(api.photos_asked) == 100


async def test_while_the_press_is_full_files_are_refused_and_pages_are_not(pages):
    api, get = pages
    api.slow_photos = asyncio.Event()
    asked = [
        asyncio.create_task(body_of(get, f"/produk/{ID % number}/bagikan/gambar.png"))
        for number in range(11, 11 + 2 * 24, 2)
    ]

    async def refused():
        return [task.result()[0] for task in asked if task.done()]

    assert set(await eventually(refused, until=lambda found: len(found) >= 6)) == {503}
    assert (await body_of(get, f"/produk/{ID % 11}/bagikan"))[0] == 200
    api.slow_photos.set()
    statuses = [status for status, _ in await asyncio.gather(*asked)]
    assert statuses.count(200) == 18
    assert (await body_of(get, f"/produk/{ID % 57}/bagikan/gambar.png"))[0] == 200


async def test_files_are_made_beside_other_requests(pages):
    """Making files must not hold up the loop: what ticks meanwhile is late by milliseconds, not by a whole file."""
    _, get = pages
    await body_of(get, f"/produk/{ID % 10}/bagikan/gambar.png")
    late_s = 0.0
    stop = asyncio.Event()

    async def tick():
        nonlocal late_s
        while not stop.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            late_s = max(late_s, time.perf_counter() - before - 0.005)

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    names = ("gambar.png", "poster-a4.pdf", "poster-a5.pdf", "qr.png")
    await asyncio.gather(*(body_of(get, f"/produk/{ID % n}/bagikan/{name}") for n in (20, 22, 24) for name in names))
    took_s = time.perf_counter() - began
    stop.set()
    await ticking
    assert late_s < max(0.15, took_s / 2), f"held up for {late_s:.3f} s of {took_s:.3f} s"


# The catalogue feed


async def test_feed_has_every_product_once_over_many_pages(pages):
    api, get = pages
    api.count = 1234
    status, body = await body_of(get, "/umpan/katalog.xml")
    assert status == 200
    ids = [found.text for found in fromstring(body).iter("{http://base.google.com/ns/1.0}id")]
    assert ids == [ID % number for number in range(10, 1244)]
    assert api.pages_asked == 13


async def test_feed_never_holds_more_than_a_page(pages):
    api, get = pages

    async def most_held(count):
        api.count = count
        tracemalloc.start()
        async with get("/umpan/katalog.xml") as reply:
            got = 0
            async for piece in reply.content.iter_chunked(65536):
                got += len(piece)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return got, most

    await most_held(200)
    (small, few), (large, many) = await most_held(500), await most_held(5000)
    assert large > 8 * small
    assert many < few + 2_000_000, f"{few} bytes for {small}, {many} for {large}"


async def test_a_feed_that_cannot_be_finished_is_broken_off_not_cut_short(pages):
    api, get = pages
    api.count, api.fails_at = 500, 200
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)):
        await body_of(get, "/umpan/katalog.xml")
    api.fails_at = 0
    assert (await body_of(get, "/umpan/katalog.xml"))[0] == 503
    api.fails_at = None
    assert (await body_of(get, "/umpan/katalog.xml"))[0] == 200


async def test_few_may_read_the_whole_feed_at_once(pages):
    api, get = pages
    api.count = 100_000
    async with contextful(get, "/umpan/katalog.xml", MOST_FEEDS):
        assert (await body_of(get, "/umpan/katalog.xml"))[0] == 503
    api.count = 10

    async def free():
        return (await body_of(get, "/umpan/katalog.xml"))[0]

    await eventually(free, until=lambda status: status == 200)


@asynccontextmanager
async def contextful(get, path, count):
    """Hold so many answers open without reading them."""
    held = [get(path) for _ in range(count)]
    for one in held:
        assert (await one.__aenter__()).status == 200
    yield
    for one in held:
        await one.__aexit__(None, None, None)


def test_making_a_picture_is_quick_enough_for_a_preview():
    from services.web.kit.things import of_listing

    thing = of_listing(listing(11), "https://urunbeli.example")
    share_picture(thing)
    spent = []
    for number in range(5):
        began = time.process_time()
        share_picture(of_listing(listing(20 + number), "https://urunbeli.example"))
        spent.append(time.process_time() - began)
    assert min(spent) < 0.15
