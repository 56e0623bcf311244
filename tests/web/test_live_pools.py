"""A pool's page that moves: what is sent to those who watch it, in their language, over one stream of the API."""

from __future__ import annotations

import asyncio
import re

import pytest

from services.demo.purchase import Purchase
from services.web import cookies
from shared.http.event_source import StreamRefused, new_session, receive
from shared.processes import spare_port
from shared.testing.running import NOBODY, eventually
from shared.testing.watching import Watcher
from tests.pools.outside_world import World

pytestmark = pytest.mark.slow

CONNECT = re.compile(r'data-stream="([^"]+)"')
TARGET = re.compile(r'<hx-partial hx-target="#([^"]+)"')


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


@pytest.fixture
async def purchase(site, market):
    purchase = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Urun yang dilihat langsung")
    await purchase.open()
    return purchase


async def stream_of(site, purchase) -> str:
    """Where the page says that its figures come from."""
    shown = await site.browser().open(f"/urun/{purchase.pool['id']}")
    return site.origin.replace("localhost", "127.0.0.1") + CONNECT.search(shown.html)[1]


async def says(watcher: Watcher, words: str) -> str:
    texts = await eventually(
        watcher.texts, until=lambda found: any(words in text.replace("\u00a0", " ") for text in found)
    )
    return texts[-1]


async def test_each_change_is_drawn_for_each_language_and_sent_to_all(site, purchase):
    url = await stream_of(site, purchase)
    english = {"Cookie": f"{cookies.LANGUAGE}=en"}
    watchers = [Watcher(url), Watcher(url), Watcher(url, headers=english)]
    watched = site.runner.contexts["pools"].resources.live.streams
    pages = site.runner.contexts["web"].resources.watched_pools

    async def watching() -> tuple[int, int]:
        return pages._count, watched._count

    await eventually(watching, until=lambda found: found == (3, 1))
    await purchase.pledge("transfer", 3)
    await says(watchers[0], "3</strong> dari")
    await says(watchers[1], "3</strong> dari")
    await says(watchers[2], "3</strong> of")
    assert watchers[0].got == watchers[1].got, "what the page had was not sent again, and both got the same"
    for watcher in watchers:
        await watcher.leave()


async def test_what_is_sent_finds_its_place_on_the_page(site, purchase):
    shown = await site.browser().open(f"/urun/{purchase.pool['id']}")
    watcher = Watcher(await stream_of(site, purchase), "0")
    text = (await eventually(watcher.texts))[0]
    targets = TARGET.findall(text)
    assert targets == ["keadaan", "tanda", "kedudukan", "jenjang", "ditutup", "jumlah-peserta", "kabar"]
    assert [target for target in targets if shown.html.count(f'id="{target}"') != 1] == []
    assert len(text.encode()) < 8_000, "it goes out to phones with every change"
    assert "<script" not in text
    assert "style=" not in text
    await watcher.leave()


async def test_pool_that_changes_its_state_says_so_and_offers_the_new_page(site, market, purchase):
    watcher = Watcher(await stream_of(site, purchase))
    await market.owner.post(f"/pools/{purchase.pool['id']}/cancel", {"reason": "Alatnya sudah dapat"})
    text = await says(watcher, "Urun ini dibatalkan")
    assert "Alatnya sudah dapat" in text
    assert "Muat ulang halaman" in text
    await watcher.leave()


async def test_pages_that_nobody_else_sees_yet_do_not_move(site, market):
    draft = await Purchase.propose(site.scene, market, timing="deposit", title="Urun yang masih draf")
    shown = await site.browser(market.owner).open(f"/urun/{draft.pool['id']}")
    assert shown.status == 200
    assert not CONNECT.search(shown.html)
    assert "hx-sse.min.js" not in shown.html


async def test_what_is_not_there_cannot_be_watched(site, market):
    draft = await Purchase.propose(site.scene, market, timing="deposit", title="Urun yang masih draf juga")
    async with new_session() as session:
        for pool_id, status in ((draft.pool["id"], 404), (NOBODY, 404), ("x", 400)):
            with pytest.raises(StreamRefused) as refused:
                await anext(receive(session, f"{site.origin}/urun/{pool_id}/langsung"))
            assert refused.value.status == status


async def test_watchers_stay_while_the_api_is_away_and_see_what_happened_meanwhile(run_services, fresh_dsn):
    port = spare_port()
    async with run_services(fresh_dsn, "web", api_url=f"http://127.0.0.1:{port}") as (_, pages):
        async with run_services(fresh_dsn, "pools", "posyantek", http_port=port) as (runner, client):
            urun = await (await World.begin(runner, client)).open()
            watcher = Watcher(f"{pages.base_url}/urun/{urun.id}/langsung")
            assert "0</strong> dari" in (await eventually(watcher.texts))[0]
        await tried_in_vain(port, times=2)
        async with run_services(fresh_dsn, "pools", "posyantek", http_port=port) as (runner, client):
            urun.world.runner, urun.world.client = runner, client
            await urun.pledge(4)
            await says(watcher, "4</strong> dari")
        await watcher.leave()


async def tried_in_vain(port: int, times: int) -> None:
    """Stand where the API was, hang up on whoever calls, and wait until somebody has called so often."""
    calls = 0

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.close()

    async def count() -> int:
        return calls

    server = await asyncio.start_server(hang_up, "127.0.0.1", port)
    await eventually(count, until=lambda found: found >= times)
    server.close()
    await server.wait_closed()


async def test_without_the_api_the_page_is_told_to_come_back(run_services, fresh_dsn):
    async with (
        run_services(fresh_dsn, "web", api_url=f"http://127.0.0.1:{spare_port()}") as (_, pages),
        new_session() as session,
    ):
        with pytest.raises(StreamRefused) as refused:
            await asyncio.wait_for(anext(receive(session, f"{pages.base_url}/urun/{NOBODY}/langsung")), 10)
        assert refused.value.status == 503
