"""One run: a scenario with a seed against a running system, from fresh pools to the last check."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.faults import checks
from tests.faults.calls import Api, History
from tests.faults.people import Market, build_market
from tests.faults.scenarios import SCENARIOS, Scenario, Stage
from tests.faults.system import System, system
from tests.faults.workload import Urun


@dataclass(slots=True)
class Result:
    """What a run came to. `problem` is empty when all was well."""

    scenario: str
    seed: int
    ok: int = 0
    refused: int = 0
    unknown: int = 0
    slowest_s: float = 0.0
    kills: int = 0
    settled: int = 0
    failed: int = 0
    seconds: float = 0.0
    problem: str = ""

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a line of JSON."""
        return asdict(self)

    @property
    def replay(self) -> str:
        """The command that runs it again."""
        return f"make faults SCENARIO={self.scenario} SEED={self.seed}"


@dataclass(slots=True)
class Theatre:
    """A running system with its people; many runs, one after the other."""

    system: System
    market: Market
    api: Api

    async def run(self, name: str, seed: int) -> Result:
        """Run a scenario and check everything; whatever is wrong stands in the result, with the command that replays it."""
        print(f"faults: {name}, seed {seed}", flush=True)  # noqa: T201 -- whatever happens, it can be run again
        result, began = Result(name, seed), datetime.now(UTC)
        kills_before = self.system.kills
        history = History(self.api)
        try:
            await self._play(SCENARIOS[name], Random(f"{name} {seed}"), history, result)  # noqa: S311
        except Exception:  # noqa: BLE001 -- whatever went wrong is this run's result
            result.problem = f"{traceback.format_exc()}\nRun it again: {result.replay}"
        result.ok, result.refused, result.unknown = map(history.count, ("ok", "refused", "unknown"))
        result.slowest_s = max((call.longest_s for call in history.calls), default=0.0)
        result.kills = self.system.kills - kills_before
        result.seconds = (datetime.now(UTC) - began).total_seconds()
        return result

    async def _play(self, scenario: Scenario, random: Random, history: History, result: Result) -> None:
        fates = ("bought", random.choice(("declined", "too_few")))
        uruns = [Urun(self.system, self.market, history, random, fate) for fate in fates]
        async with AsyncExitStack() as repairs:
            since = datetime.now(UTC)
            await asyncio.gather(*(urun.open() for urun in uruns))
            stage = Stage(self.system, self.market, self.api, history, random, uruns, since, repairs)
            disturbing = asyncio.create_task(scenario.disturb(stage))
            try:
                await asyncio.gather(*(urun.live() for urun in uruns))
                await disturbing
            finally:
                disturbing.cancel()
                await asyncio.gather(disturbing, *stage.tasks, return_exceptions=True)
                await self.system.heal()
        await self.system.heal()  # after the repairs, which may have restarted something
        await checks.come_to_rest(self.system, uruns)
        ends = await checks.check(self.system, history, uruns, since, ordered=scenario.ordered)
        result.settled, result.failed = ends.count("settled"), ends.count("failed")


@asynccontextmanager
async def theatre(folder: Path) -> AsyncIterator[Theatre]:
    """Start a system in `folder` and build its market."""
    async with system(folder) as running:
        api = Api(running)
        try:
            yield Theatre(running, await build_market(api), api)
        finally:
            await api.close()
