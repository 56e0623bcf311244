"""Counting what is looked at: bounded, sent in parts, kept while the API is away, and the picture of the days."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from services.web.attention import MOST_THINGS, Attention, counting
from services.web.showing import attention as showing
from shared.http.client import ApiClient
from shared.ids import new_id
from shared.processes import spare_port
from shared.service import Context

PHONE = make_mocked_request("GET", "/", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14)"})


class Listener:
    """An API that takes counts, as long as it says so."""

    def __init__(self):
        self.lists: list[list[dict]] = []
        self.status = 204

    async def take(self, request):
        if self.status == 204:
            self.lists.append((await request.json())["items"])
        return web.Response(status=self.status)

    @property
    def total(self):
        return sum(item["n"] for items in self.lists for item in items)


@asynccontextmanager
async def listening(listener, port):
    app = web.Application()
    app.router.add_post("/api/v1/attention", listener.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()


@asynccontextmanager
async def asking(port):
    client = ApiClient(f"http://127.0.0.1:{port}")
    yield client
    await client.close()


@pytest.fixture
async def api():
    listener, port = Listener(), spare_port()
    async with listening(listener, port), asking(port) as client:
        yield client, listener


async def test_counts_are_sent_once_and_in_parts(api):
    client, listener = api
    attention, ids = Attention(client), [str(new_id()) for _ in range(450)]
    for id_ in ids:
        attention.notice(PHONE, "listing", id_, "view")
    for _ in range(2500):
        attention.notice(PHONE, "business", ids[0], "qr")
    await attention.send()
    await attention.send()
    assert all(len(items) <= 200 for items in listener.lists)
    assert all(item["n"] <= 1000 for items in listener.lists for item in items)
    assert listener.total == 450 + 2500


async def test_counts_wait_while_the_api_is_away_or_busy():
    listener, port, id_ = Listener(), spare_port(), str(new_id())
    async with asking(port) as client:
        attention = Attention(client)
        attention.notice(PHONE, "listing", id_, "view")
        await attention.send()
        async with listening(listener, port):
            for listener.status in (503, 429, 204, 204):
                await attention.send()
    assert listener.lists == [[{"listing_id": id_, "what": "view", "n": 1}]]


async def test_counts_that_are_refused_are_let_go(api):
    client, listener = api
    attention = Attention(client)
    attention.notice(PHONE, "listing", str(new_id()), "view")
    listener.status = 400
    await attention.send()
    listener.status = 204
    await attention.send()
    assert listener.lists == []


async def test_memory_is_bounded_and_nonsense_is_left_out(api):
    client, listener = api
    attention, known = Attention(client), str(new_id())
    attention.notice(PHONE, "listing", known, "view")
    attention.notice(PHONE, "listing", "tidak-ada", "view")
    for _ in range(MOST_THINGS + 10):
        attention.notice(PHONE, "listing", str(new_id()), "view")
    attention.notice(PHONE, "listing", known, "view")
    await attention.send()
    assert listener.total == MOST_THINGS + 1


async def test_what_is_left_is_sent_when_the_process_stops(api, settings):
    client, listener = api
    context = Context("web", settings, None)
    async with counting(context, client) as attention:
        attention.notice(PHONE, "listing", str(new_id()), "view")
        context.stopping.set()
    assert listener.total == 1


def days(*views):
    start = date(2026, 11, 1)
    zero = {"share": 0, "qr": 0, "enquiries": 0, "sold": 0}
    return [{"day": start + timedelta(days=n), "view": v, "whatsapp": v // 2, **zero} for n, v in enumerate(views)]


def test_bars_stand_on_the_ground_and_within_the_picture():
    chart = showing.days_chart(days(0, 4, 1))
    assert chart.highest == 4
    assert [bar.is_inner for bar in chart.bars] == [False, True, False]
    for bar in chart.bars:
        assert bar.y + bar.height == pytest.approx(104)
        assert bar.y >= 20
        assert bar.left >= 0
        assert bar.left + bar.width <= 100.001
    assert showing.days_chart(days(0, 0)) is None
    assert showing.days_chart([]) is None


def test_weeks_are_summed():
    many = days(*range(28))
    assert showing.week(many).view == sum(range(21, 28))
    assert showing.week(many, 1).view == sum(range(14, 21))
    assert showing.week(days(1, 2)).view == 3
