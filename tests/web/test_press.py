"""The press: a few at a time, each once, the newest kept, and no more in the queue than can be waited for."""

from __future__ import annotations

import asyncio

import pytest

from services.web.kit.press import MOST_FEEDS, FeedsBusy, Press, PressBusy, key_of
from services.web.kit.things import Thing

THING = Thing("product", "https://a.example", "/produk/1", "Keripik", "Posyantek")


class Work:
    """Makes files when it is let, and counts."""

    def __init__(self) -> None:
        self.may_go_on = asyncio.Event()
        self.begun = self.now = self.most_at_once = 0

    async def __call__(self) -> bytes:
        self.begun += 1
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        await self.may_go_on.wait()
        self.now -= 1
        return b"x" * 10


async def settle() -> None:
    """Let everything that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_at_once_and_the_rest_waits():
    press, work = Press(at_once=2, most_waiting=5), Work()
    asked = [asyncio.create_task(press.get(str(n), work)) for n in range(7)]
    await settle()
    assert work.begun == 2
    work.may_go_on.set()
    assert await asyncio.gather(*asked) == [b"x" * 10] * 7
    assert (work.begun, work.most_at_once) == (7, 2)


async def test_beyond_the_queue_it_is_refused_at_once_and_works_again_later():
    press, work = Press(at_once=2, most_waiting=1), Work()
    asked = [asyncio.create_task(press.get(str(n), work)) for n in range(3)]
    await settle()
    with pytest.raises(PressBusy):
        await press.get("one more", work)
    work.may_go_on.set()
    await asyncio.gather(*asked)
    assert await press.get("one more", work) == b"x" * 10
    assert PressBusy.status == 503


async def test_who_asks_for_the_same_meanwhile_gets_the_same_even_if_the_queue_is_full():
    press, work = Press(at_once=1, most_waiting=0), Work()
    asked = [asyncio.create_task(press.get("same", work)) for _ in range(20)]
    await settle()
    work.may_go_on.set()
    assert set(await asyncio.gather(*asked)) == {b"x" * 10}
    assert work.begun == 1
    await press.get("same", work)
    assert work.begun == 1, "it is kept"


async def test_who_goes_away_spoils_it_for_nobody():
    press, work = Press(), Work()
    first, second = (asyncio.create_task(press.get("same", work)) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    work.may_go_on.set()
    assert await second == b"x" * 10
    assert work.begun == 1


async def test_what_fails_is_told_and_tried_again():
    press, work = Press(), Work()
    work.may_go_on.set()

    async def fails() -> bytes:
        raise RuntimeError("no paper")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="no paper"):
            await press.get("key", fails)
    assert await press.get("key", work) == b"x" * 10


async def test_only_so_many_bytes_are_kept_and_the_oldest_go():
    press, work = Press(most_bytes=25), Work()
    work.may_go_on.set()
    await press.get("a", work)
    await press.get("b", work)
    await press.get("a", work)
    await press.get("c", work)
    assert work.begun == 3
    await press.get("a", work)
    assert work.begun == 3, "asked for lately"
    await press.get("b", work)
    assert work.begun == 4, "b had gone"


async def test_closing_waits_for_what_is_in_hand():
    press, work = Press(), Work()
    asked = asyncio.create_task(press.get("a", work))
    await settle()
    closing = asyncio.create_task(press.close())
    await settle()
    assert not closing.done()
    work.may_go_on.set()
    await closing
    assert await asked == b"x" * 10


async def test_few_read_everything_at_the_same_time():
    press = Press()
    open_ = [press.feeding() for _ in range(MOST_FEEDS)]
    for one in open_:
        await one.__aenter__()
    with pytest.raises(FeedsBusy):
        await press.feeding().__aenter__()
    await open_[0].__aexit__(None, None, None)
    async with press.feeding():
        pass


def test_a_key_tells_all_that_is_drawn():
    same = Thing("product", "https://a.example", "/produk/1", "Keripik", "Posyantek")
    assert key_of("gambar.png", THING) == key_of("gambar.png", same)
    others = [
        key_of("poster-a4.pdf", THING),
        key_of("gambar.png", Thing("product", "https://a.example", "/produk/1", "Keripik ", "Posyantek")),
        key_of("gambar.png", Thing("product", "https://b.example", "/produk/1", "Keripik", "Posyantek")),
    ]
    assert len({key_of("gambar.png", THING), *others}) == 4
