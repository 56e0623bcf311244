"""Makes files off the event loop: a few at a time, each once, and keeps those that were asked for last.

Pillow and typst let other threads run while they work, so threads are enough: requests beside them wait milliseconds.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.errors import Unavailable

AT_ONCE: Final = 2
MOST_WAITING: Final = 16
"""More would wait longer than a phone does."""
MOST_KEPT_BYTES: Final = 32 * 1024 * 1024
MOST_FEEDS: Final = 4


class PressBusy(Unavailable):
    """So many files are being made that one more would have to wait too long."""

    slug = "press-busy"
    message_id = "Sedang banyak yang membuat poster dan gambar. Coba lagi sebentar."
    message_en = "Many posters and pictures are being made right now. Try again shortly."


class FeedsBusy(Unavailable):
    """As many whole catalogues are being read as may be at the same time."""

    slug = "feeds-busy"
    message_id = "Katalog sedang dibaca banyak pihak. Coba lagi beberapa menit lagi."
    message_en = "The whole catalogue is being read by several readers. Try again in a few minutes."


class Press:
    """Makes files by key, at most `AT_ONCE` at the same time and `MOST_WAITING` in the queue.

    A key tells everything that a file depends on, so what is kept never grows old; the oldest go when it is too much.
    """

    def __init__(
        self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING, most_bytes: int = MOST_KEPT_BYTES
    ) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._most_under_way = at_once + most_waiting
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[str, asyncio.Task[bytes]] = {}
        self._feeds = 0

    async def get(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Give a file, making it if need be. Raises `PressBusy`, and what `make` raises; that is not kept.

        Who asks while it is being made gets the same; who goes away meanwhile spoils it for nobody.
        """
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= self._most_under_way:
                raise PressBusy
            task = self._under_way[key] = asyncio.create_task(self._make(key, make), name=f"press-{key[:12]}")
            task.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(task)

    async def _make(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        async with self._slots:
            made = await make()
        if len(made) <= self._most_bytes:
            self._kept[key] = made
            self._kept_bytes += len(made)
            while self._kept_bytes > self._most_bytes:
                self._kept_bytes -= len(self._kept.popitem(last=False)[1])
        return made

    def _done(self, key: str, task: asyncio.Task[bytes]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # whoever asked has seen it, or has gone

    @asynccontextmanager
    async def feeding(self) -> AsyncIterator[None]:
        """Hold one of the few places of those who read everything. Raises `FeedsBusy`."""
        if self._feeds >= MOST_FEEDS:
            raise FeedsBusy
        self._feeds += 1
        try:
            yield
        finally:
            self._feeds -= 1

    async def close(self) -> None:
        """Wait for what is being made."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)


@asynccontextmanager
async def printing() -> AsyncIterator[Press]:
    """Keep a press until the block ends."""
    press = Press()
    yield press
    await press.close()


def key_of(*parts: object) -> str:
    """Name a file by everything that it depends on, the makers included: frozen dataclasses and plain values."""
    return hashlib.sha256(repr((_edition(), parts)).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _edition() -> str:
    """Changes with the makers, so that browsers fetch anew what a new release draws otherwise."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in {".py", ".typ", ".ttf"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()
