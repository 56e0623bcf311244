"""Switches that make the simulator misbehave, as a payment provider and a network do on a bad day."""

import asyncio
import random
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["drop_response", "error_after_commit", "error_before_commit", "hold"]


@dataclass
class Fault:
    """One planned fault, for requests of `method` whose path begins with `path`.

    drop_response: the work is done and saved, and the connection is cut without an answer.
    error_after_commit: the work is done, and the answer (saved under the key) is a 500.
    error_before_commit: nothing is done, and the answer (saved under the key) is a 500.
    hold: the request waits, its key at work, until `release_held` is called.

    It strikes `times` times (None: always), each time with the probability `chance`.
    """

    kind: FaultKind
    method: str = "POST"
    path: str = "/v1/"
    times: int | None = 1
    chance: float = 1.0


class FaultSwitches:
    """All switches of one simulator; `seed` fixes the chances, so that a failed run can be repeated."""

    def __init__(self, seed: int = 0) -> None:
        self.planned: list[Fault] = []
        self.webhook_delay_s = 0.0
        self.webhook_copies = 1
        self.webhooks_out_of_order = False
        self.webhooks_suppressed = False
        self._random = random.Random(seed)  # noqa: S311 - chances of a test, not secrets
        self._released = asyncio.Event()
        self.held = 0

    def plan(self, fault: Fault) -> None:
        """Add a fault; of several that fit a request the first planned one strikes."""
        self.planned.append(fault)

    def strike(self, method: str, path: str) -> FaultKind | None:
        """Answer which fault hits this request, and count it."""
        for fault in self.planned:
            if fault.method != method or not path.startswith(fault.path):
                continue
            if fault.chance < 1.0 and self._random.random() >= fault.chance:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
            return fault.kind
        return None

    async def hold(self) -> None:
        """Wait until `release_held` is called."""
        self.held += 1
        try:
            await self._released.wait()
        finally:
            self.held -= 1

    def release_held(self) -> None:
        """Let all requests go on that are held now; later ones are held again."""
        self._released.set()
        self._released = asyncio.Event()

    def clear(self) -> None:
        """Behave well again; held requests go on."""
        self.planned.clear()
        self.webhook_delay_s = 0.0
        self.webhook_copies = 1
        self.webhooks_out_of_order = False
        self.webhooks_suppressed = False
        self.release_held()
