"""Watching a pool: everybody sees each change, through whichever process, whichever broker carries the news."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from shared.contracts.offers import GoodsDispatched
from shared.http.event_source import StreamRefused, new_session, receive
from shared.testing.running import NOBODY, eventually
from shared.testing.watching import Watcher
from tests.pools.outside_world import World


@pytest.fixture(params=["embedded", pytest.param("amqp", marks=pytest.mark.amqp)])
def broker(request):
    """Settings of either broker."""
    return {"amqp_url": request.getfixturevalue("amqp_url")} if request.param == "amqp" else {}


def stream(urun) -> str:
    return f"{urun.world.client.base_url}{urun.path}/stream"


async def test_watchers_see_each_change_as_the_api_tells_it(run_services, fresh_dsn, broker):
    async with run_services(fresh_dsn, "pools", **broker) as (runner, client):
        world = await World.begin(runner, client)
        urun = await world.open()
        watchers = [Watcher(stream(urun)) for _ in range(3)]
        for watcher in watchers:
            assert (await watcher.newest())["pool"] == await urun.view()
        member = await urun.pledge(6, secure=False)
        for watcher in watchers:
            seen = await watcher.newest(after=1)
            assert (seen["pool"]["units_pledged"], seen["pool"]["units_secured"], seen["pool"]["people"]) == (6, 0, 1)
            preview = (await client.get(f"{urun.path}/preview")).body
            assert seen["preview"] == preview
            assert preview["feasible"]
        await urun.secure(member)
        for watcher in watchers:
            assert (await watcher.newest(after=2))["pool"]["units_secured"] == 6
            assert [event.id for event in watcher.got] == sorted({event.id for event in watcher.got}, key=int)
            assert watcher.got[-1].id == str((await urun.view())["version"])
            assert len({event.data for event in watcher.got}) == 3
        assert watchers[0].got == watchers[1].got == watchers[2].got
        for watcher in watchers:
            await watcher.leave()


async def test_a_change_in_one_process_is_seen_through_another(run_services, fresh_dsn, broker):
    async with (
        run_services(fresh_dsn, "pools", **broker) as (runner, client),
        run_services(fresh_dsn, "pools", **broker) as (_, elsewhere),
    ):
        world = await World.begin(runner, client)
        urun = await world.open()
        watcher = Watcher(f"{elsewhere.base_url}{urun.path}/stream")
        await watcher.newest()
        await urun.pledge(4, secure=False)
        assert (await watcher.newest(after=1))["pool"]["units_pledged"] == 4
        await watcher.leave()


async def test_who_comes_back_after_a_restart_is_sent_only_what_they_missed(run_services, fresh_dsn):
    async with run_services(fresh_dsn, "pools") as (runner, client):
        world = await World.begin(runner, client)
        urun = await world.open()
        watcher = Watcher(stream(urun))
        await watcher.newest()
    await watcher.over()
    last = watcher.got[-1].id
    async with run_services(fresh_dsn, "pools") as (runner, client):
        world.runner, world.client = runner, client
        back = Watcher(stream(urun), last)
        await urun.pledge(4, secure=False)
        assert (await back.newest())["pool"]["units_pledged"] == 4, "the state that it had was not sent again"
        late = Watcher(stream(urun), last)
        assert (await late.newest())["pool"]["units_pledged"] == 4
        for one in (back, late):
            await one.leave()


async def test_a_burst_is_read_few_times_and_ends_in_the_last_state(world):
    urun = await world.open(capacity_units=200)
    watcher = Watcher(stream(urun))
    await watcher.newest()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(40):
        await urun.pledge(1, secure=False)
    await eventually(watcher.newest, until=lambda seen: seen["pool"]["people"] == 40)
    states, took_s = len(watcher.got) - 1, loop.time() - began
    assert states <= took_s * 5 + 2
    assert states < 20
    await watcher.leave()


async def test_goods_on_their_way_are_seen(world):
    urun = await world.open()
    await urun.pledge(8)
    await urun.ordered()
    watcher = Watcher(stream(urun))
    assert (await watcher.newest())["pool"]["order"]["dispatched_units"] == 0
    dispatched: GoodsDispatched = await urun.dispatched(3)
    await world.hear(dispatched)
    assert (await watcher.newest(after=1))["pool"]["order"]["dispatched_units"] == 3
    # The same dispatch told once more, by another event, is no news.
    await world.hear(dispatched)
    assert [event["units_dispatched"] for event in await urun.said("pool_progressed")][-1:] == [3]
    assert len([event for event in await urun.said("pool_progressed") if event["units_dispatched"]]) == 1
    await watcher.leave()


async def test_nothing_personal_is_sent_whoever_watches(world):
    urun = await world.open()
    token = world.client.token(world.initiator)
    watcher = Watcher(stream(urun), headers={"Authorization": f"Bearer {token}"})
    pool = (await watcher.newest())["pool"]
    assert (await urun.view(world.initiator))["initiator_account_id"] == str(world.initiator.account_id)
    assert (pool["initiator_account_id"], pool["treasurer_account_id"], pool["i_am_initiator"]) == (None, None, False)
    assert str(world.initiator.account_id) not in watcher.got[0].data
    await watcher.leave()


async def test_change_during_a_cut_is_seen_after_it(fresh_world, fresh_dsn, owner_dsn):
    urun = await fresh_world.open()
    watcher = Watcher(stream(urun))
    await watcher.newest()
    owner = await asyncpg.connect(owner_dsn)
    database = fresh_dsn.rpartition("/")[2].partition("?")[0]
    # What is connected stays; the listener, once cut off, cannot come back for now.
    await owner.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'urunbeli-bus-listener' AND datname = $1",
        database,
    )
    await urun.pledge(4, secure=False)
    await eventually(lambda: fresh_world.value("SELECT count(*) FROM outbox"), until=lambda count: count == 0)
    assert len(watcher.got) == 1
    await owner.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
    await owner.close()
    assert (await watcher.newest(after=1))["pool"]["units_pledged"] == 4
    await watcher.leave()


async def test_what_may_not_be_seen_may_not_be_watched(world):
    draft = await world.draft()
    async with new_session() as session:
        headers = {"Authorization": f"Bearer {world.client.token(world.initiator)}"}
        for path, status in ((draft.path, 404), (f"/api/v1/pools/{NOBODY}", 404), ("/api/v1/pools/x", 400)):
            with pytest.raises(StreamRefused) as refused:
                await anext(receive(session, f"{world.client.base_url}{path}/stream", headers=headers))
            assert refused.value.status == status


async def test_the_stop_of_the_service_ends_the_streams_quickly(run_services, fresh_dsn):
    async with run_services(fresh_dsn, "pools") as (runner, client):
        urun = await (await World.begin(runner, client)).open()
        watcher = Watcher(stream(urun))
        await watcher.newest()
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 3
    await watcher.over()
