"""The baseline of many pools: the service as it is, but each pledge runs at once in a transaction of its own."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import uvloop

import services
from shared.config import load_settings
from shared.discovery import discover
from shared.hot import HotRunner
from shared.http.call import Answer
from shared.http.idempotency import Claim
from shared.runner import Runner, run_until_signal


class OneByOne(HotRunner[Any, Any]):
    """Gathers nothing."""

    async def run_on(self, aggregate_id: UUID, command: Any, claim: Claim | None = None, status: int = 200) -> Answer:
        """Run a command through a runner of its own, where nothing else waits."""
        return await HotRunner(self._db, self.hot).run_on(aggregate_id, command, claim, status)


async def main() -> None:
    """Run pools with it."""
    everything = discover(services)
    chosen = [service for service in everything if service.name == "pools"]
    runner = Runner(load_settings(), os.environ["DATABASE_URL"], chosen, everything)

    async def exchange() -> None:
        context = runner.contexts["pools"]
        pledging = context.resources.pledging
        context.resources = type(context.resources)(OneByOne(context.db, pledging.hot))

    await run_until_signal(runner, exchange())


if __name__ == "__main__":
    uvloop.run(main())
