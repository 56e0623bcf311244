"""What was worked out once is given to all who ask for it."""

from __future__ import annotations

import asyncio

import pytest

from shared.remembering import Remembered


class Worker:
    """Works out the double of a number, when it is let."""

    def __init__(self) -> None:
        self.worked: list[int] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    def double(self, number: int):
        async def work_out() -> int:
            self.worked.append(number)
            await self.may_end.wait()
            return 2 * number

        return work_out


async def test_a_value_is_worked_out_once():
    worker, remembered = Worker(), Remembered[int, int](8)
    assert [await remembered.get(3, worker.double(3)) for _ in range(3)] == [6, 6, 6]
    assert worker.worked == [3]


async def test_whoever_asks_meanwhile_waits_for_the_same():
    worker, remembered = Worker(), Remembered[int, int](8)
    worker.may_end.clear()
    askers = [asyncio.create_task(remembered.get(3, worker.double(3))) for _ in range(5)]
    await asyncio.sleep(0)
    worker.may_end.set()
    assert await asyncio.gather(*askers) == [6] * 5
    assert worker.worked == [3]


async def test_the_oldest_is_forgotten():
    worker, remembered = Worker(), Remembered[int, int](2)
    for number in (1, 2, 1, 3, 1, 2):
        assert await remembered.get(number, worker.double(number)) == 2 * number
    assert worker.worked == [1, 2, 3, 2]


async def test_a_failure_is_not_remembered():
    worker, remembered = Worker(), Remembered[int, int](8)

    async def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        await remembered.get(3, fail)
    assert await remembered.get(3, worker.double(3)) == 6


async def test_an_asker_who_goes_away_takes_nothing_from_the_others():
    worker, remembered = Worker(), Remembered[int, int](8)
    worker.may_end.clear()
    first, second = (asyncio.create_task(remembered.get(3, worker.double(3))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    worker.may_end.set()
    assert await second == 6
    assert worker.worked == [3, 3]
    with pytest.raises(asyncio.CancelledError):
        await first
