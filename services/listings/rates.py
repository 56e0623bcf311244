"""How often a caller may send what needs no account."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from shared.callers import caller_key
from shared.errors import TooMany

_MOST_CALLERS: Final = 10_000


class Rate:
    """At most so many requests of one caller within a span, counted in this process alone; the longest silent are forgotten.

    A whole neighbourhood may share the address of one mobile network: limits are against machines, not against people.
    """

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._within_s = within_s
        self._clock = clock
        self._spans: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count a request of an address. Raises `TooMany`."""
        caller = caller_key(address)
        if caller is None:
            return
        now = self._clock()
        began, taken = self._spans.pop(caller, (now, 0))
        if now - began >= self._within_s:
            began, taken = now, 0
        self._spans[caller] = (began, min(taken + 1, self._most + 1))
        if len(self._spans) > _MOST_CALLERS:
            self._spans.popitem(last=False)
        if taken >= self._most:
            raise TooMany(retry_after_s=max(1, math.ceil(began + self._within_s - now)))
