"""Somebody who watches a live view, and remembers what came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shared.http.event_source import Received, new_session, receive
from shared.json import loads
from shared.testing.running import eventually


class Watcher:
    """Watches until it leaves or the stream ends; it does not come back by itself."""

    def __init__(self, url: str, last_id: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.got: list[Received] = []
        self._task = asyncio.create_task(self._watch(url, last_id, headers or {}))

    async def _watch(self, url: str, last_id: str, headers: Mapping[str, str]) -> None:
        async with new_session() as session:
            async for event in receive(session, url, last_id=last_id, headers=headers):
                self.got.append(event)

    async def texts(self) -> list[str]:
        """Give the data of all that came. Raises what broke the stream."""
        if self._task.done():
            await self._task
        return [event.data for event in self.got]

    async def sees(self, *texts: str) -> None:
        """Wait until exactly this has come."""
        await eventually(self.texts, until=lambda found: found == [*texts])

    async def newest(self, *, after: int = 0, within_s: float = 20) -> Any:  # noqa: ANN401 -- JSON
        """Wait until more than `after` events have come; gives the newest one's data."""
        return loads((await eventually(self.texts, until=lambda found: len(found) > after, within_s=within_s))[-1])

    async def over(self) -> None:
        """Wait for the end of the stream, which must come by itself."""
        await asyncio.wait_for(self._task, 5)

    async def leave(self) -> None:
        """Hang up."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
