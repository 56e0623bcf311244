"""Waiting between tries: longer each time, never in step with others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator


class Backoff(Iterator["Backoff"]):
    """Endless tries with growing pauses, each between half and the whole of its length."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def __next__(self) -> Backoff:
        return self

    def reset(self) -> None:
        """It worked: begin with short pauses again."""
        self._next_s = self._first_s

    def seconds(self) -> float:
        """Take the next pause's length, in seconds."""
        pause, self._next_s = self._next_s, min(self._next_s * 2, self._longest_s)
        return pause * (0.5 + random.random() / 2)  # noqa: S311 -- spreads tries, guards nothing

    async def wait(self) -> None:
        """Wait for the next pause."""
        await asyncio.sleep(self.seconds())


def backoff(first_s: float = 0.1, longest_s: float = 5) -> Backoff:
    """Make a new row of tries: `for pause in backoff(): …; await pause.wait()`."""
    return Backoff(first_s, longest_s)
