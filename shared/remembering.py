"""Remembering what was worked out, for as long as it is asked for: one works, whoever asks meanwhile gets the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """The values of the `most` keys that were asked for last. A key names one value for ever, as an id with a version does."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Key, asyncio.Future[Value]] = OrderedDict()

    async def get(self, key: Key, work_out: Callable[[], Awaitable[Value]]) -> Value:
        """Give the value of a key, working it out if need be. Raises what `work_out` raises; that is not remembered."""
        while True:
            known = self._known.get(key)
            if known is None:
                return await self._work(key, work_out)
            self._known.move_to_end(key)
            try:
                return await asyncio.shield(known)
            except asyncio.CancelledError:
                if not known.cancelled():
                    raise  # it is the asker who is cancelled; else whoever worked has given up

    async def _work(self, key: Key, work_out: Callable[[], Awaitable[Value]]) -> Value:
        future = self._known[key] = asyncio.get_running_loop().create_future()
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        try:
            value = await work_out()
        except BaseException:
            if self._known.get(key) is future:
                del self._known[key]
            future.cancel()
            raise
        future.set_result(value)
        return value
