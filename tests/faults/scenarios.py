"""The scenarios: each disturbs the system while people act, by the chances of one seed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.payments.stripe_simulator.faults import Fault
from shared.processes import spare_port
from shared.testing.proxy import TcpProxy
from shared.testing.running import eventually
from tests.faults import events
from tests.faults.calls import Api, History
from tests.faults.people import Market
from tests.faults.system import Process, System
from tests.faults.workload import Urun


@dataclass(slots=True)
class Stage:
    """What one run of a scenario has at hand."""

    system: System
    market: Market
    api: Api
    history: History
    random: Random
    uruns: list[Urun]
    since: datetime
    repairs: AsyncExitStack
    """Undone when everybody is through, before the checks."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside; it is waited for before the checks."""
        self.tasks.add(asyncio.create_task(work))

    def some(self, *names: str) -> Process:
        """Choose one of these processes, or of all."""
        return self.system.processes[self.random.choice(names or tuple(self.system.processes))]

    async def calls(self, least: int, most: int) -> None:
        """Wait until people have made so many calls, by the seed; or until all is over, or a minute: faults may hold all up."""
        wanted = self.random.randint(least, most)
        enough = time.monotonic() + 60

        async def made() -> bool:
            is_over = all(urun.ended for urun in self.uruns)
            return len(self.history.calls) >= wanted or is_over or time.monotonic() > enough

        await eventually(made, within_s=120)

    async def pause(self, least_s: float, most_s: float) -> None:
        """Let some seconds pass, by the seed."""
        await asyncio.sleep(self.random.uniform(least_s, most_s))


Disturb = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`ordered`: whether deliveries keep their order."""

    disturb: Disturb
    ordered: bool = True


SCENARIOS: dict[str, Scenario] = {}


def scenario(*, ordered: bool = True) -> Callable[[Disturb], Disturb]:
    """Register a scenario under its function's name."""

    def register(disturb: Disturb) -> Disturb:
        SCENARIOS[disturb.__name__] = Scenario(disturb, ordered)
        return disturb

    return register


AT_COMMIT = {
    "command_before_commit": 15, "command_after_commit": 15, "job_before_commit": 2, "job_after_commit": 2,
}  # fmt: skip
AT_RELAY = {"before_publish": 20, "before_confirm": 20, "relay_before_delete": 8}
AT_HEARING = {"consumer_before_commit": 25, "consumer_after_commit": 25, "before_ack": 20, "before_deliver": 20}
"""By point: how often it may have to come before something happens there; chance chooses below."""


def proxy_of(process: Process, point: str) -> TcpProxy:
    """The proxy in which a point is seen."""
    of_database = point.endswith("commit") or point == "relay_before_delete"
    return process.database if of_database else process.broker


def _kill_at(stage: Stage, points: dict[str, int], *names: str, times: int = 2) -> None:
    for _ in range(times):
        process, point = stage.some(*names), stage.random.choice(sorted(points))
        nth = stage.random.randint(1, points[point])
        proxy_of(process, point).trap(point, nth, stage.system.killing(process))


@scenario()
async def service_killed_at_commit(stage: Stage) -> None:
    """A service dies just before a commit, or after it and before anybody knows."""
    _kill_at(stage, AT_COMMIT, "pools", "payments")


@scenario()
async def relay_killed(stage: Stage) -> None:
    """A relay dies before it publishes, before it hears the confirm, or before it empties the outbox."""
    _kill_at(stage, AT_RELAY)


@scenario()
async def consumer_killed(stage: Stage) -> None:
    """A consumer dies before or after its commit, before its ack, or with a message on its way to it."""
    _kill_at(stage, AT_HEARING)


def _strike_at(stage: Stage, points: dict[str, int], strike: Callable[[], Coroutine[Any, Any, None]]) -> None:
    process, point = stage.some("pools", "payments"), stage.random.choice(sorted(points))

    async def action() -> bool:
        stage.spawn(strike())
        return False

    proxy_of(process, point).trap(point, stage.random.randint(1, points[point]), action)


@scenario()
async def broker_killed(stage: Stage) -> None:
    """RabbitMQ dies with messages in its hands."""
    _strike_at(stage, {**AT_RELAY, **AT_HEARING}, stage.system.kill_broker)


@scenario()
async def database_killed(stage: Stage) -> None:
    """PostgreSQL dies, all its processes at once."""
    _strike_at(stage, {**AT_COMMIT, **AT_RELAY, **AT_HEARING}, stage.system.kill_database)


async def _black_hole(stage: Stage, proxies: list[TcpProxy]) -> None:
    await stage.calls(10, 35)
    for proxy in proxies:
        proxy.hold()
    await stage.pause(2, 6)
    breaks = stage.random.random() < 0.5
    for proxy in proxies:
        if breaks:
            proxy.cut()
        proxy.heal()


@scenario()
async def database_black_hole(stage: Stage) -> None:
    """Packets to PostgreSQL vanish for some processes, or for all; connections stay open and silent."""
    chosen = stage.random.choice((["pools"], ["payments"], list(stage.system.processes)))
    await _black_hole(stage, [stage.system.processes[name].database for name in chosen])


@scenario()
async def broker_black_hole(stage: Stage) -> None:
    """Packets to RabbitMQ vanish."""
    chosen = stage.random.choice((["pools"], ["payments"], list(stage.system.processes)))
    await _black_hole(stage, [stage.system.processes[name].broker for name in chosen])


@scenario()
async def reset_storm(stage: Stage) -> None:
    """Connections are reset again and again, on a slow network."""
    proxies = [proxy for process in stage.system.processes.values() for proxy in (process.database, process.broker)]
    for proxy in proxies:
        proxy.delay_s = stage.random.choice((0, 0.001, 0.005))
    await stage.calls(8, 12)
    for _ in range(25):
        await stage.pause(0.02, 0.3)
        stage.random.choice(proxies).cut()
    for proxy in proxies:
        proxy.heal()


@scenario()
async def provider_on_a_bad_day(stage: Stage) -> None:
    """The card provider drops answers, fails before and after its commit, and sends webhooks late, twice, out of order."""
    faults = stage.system.simulator.faults
    faults.webhook_copies = stage.random.choice((1, 2, 3))
    faults.webhook_delay_s = stage.random.choice((0, 0.3, 1.5))
    faults.webhooks_out_of_order = stage.random.random() < 0.5
    for kind in ("drop_response", "error_after_commit", "error_before_commit"):
        faults.plan(Fault(kind, chance=stage.random.uniform(0.05, 0.25), times=None))
    faults.plan(Fault("drop_response", method="GET", chance=0.1, times=None))
    if stage.random.random() < 0.5:
        _kill_at(stage, AT_COMMIT, "payments", times=1)
    stage.repairs.callback(faults.clear)
    await stage.calls(40, 60)
    await stage.pause(1, 5)
    faults.planned.clear()  # its webhooks stay bad until the end


@scenario(ordered=False)
async def deliveries_repeated_and_reordered(stage: Stage) -> None:
    """Hearers get events twice and thrice, and later ones before earlier ones."""
    async with events.Forger(stage.system) as forger:
        while not all(urun.ended for urun in stage.uruns):
            await forger.repeat(stage.random, stage.since)
            await forger.overtake(stage.random, stage.some("pools", "payments"))
            await stage.pause(0.05, 0.4)


@scenario()
async def lease_stolen_mid_batch(stage: Stage) -> None:
    """Two processes of one service; the relay that holds the lease loses it between publishing and the confirm."""
    first = stage.system.processes["pools"]
    second = await stage.system.add("pools-2", ("pools",), spare_port())
    stage.repairs.push_async_callback(stage.system.remove, "pools-2")

    async def steal() -> bool:
        async with stage.system.sql() as sql:
            await sql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'urunbeli-relay-pools'"
            )
        await asyncio.sleep(stage.random.uniform(0, 1))  # the confirm is late: another has the lease by now
        return True

    for process in (first, second):
        for nth in sorted(stage.random.sample(range(1, 40), 3)):
            process.broker.trap("before_confirm", nth, steal)


@scenario()
async def outage_over_the_deadline(stage: Stage) -> None:
    """The deadline comes while nobody is there to see it."""
    names = stage.random.choice((["pools"], ["payments"], ["pools", "payments"], list(stage.system.processes)))
    await stage.calls(12, 30)
    down = [stage.system.processes[name] for name in names]
    for process in down:
        process.may_run.clear()
        await stage.system.kill(process)
    if stage.random.random() < 0.3:
        await stage.system.kill_database()
    for urun in stage.uruns:
        await urun.bring_deadline(0.2)
    await stage.pause(0.3, 2)
    for process in down:
        process.may_run.set()


@scenario()
async def poison_event(stage: Stage) -> None:
    """An event that nobody can handle delays its own aggregate, until it is repaired, and nothing else."""
    poison = await events.poison(stage.system)
    stage.repairs.push_async_callback(poison.repair, stage.system)


@scenario()
async def clock_is_wrong(stage: Stage) -> None:
    """A process whose clock is hours off neither closes early nor late: deadlines are the database's."""
    process = stage.some("pools", "payments")
    offset = timedelta(seconds=stage.random.choice((-7200, -30, 30, 7200)))

    async def right() -> None:
        process.command, process.environment = ("-m", "services"), before
        stage.api.clock_offsets.clear()
        await stage.system.kill(process)

    before = dict(process.environment)
    process.command = ("-m", "tests.faults.wrong_clock")
    process.environment = before | {"CLOCK_OFFSET_S": str(offset.total_seconds())}
    stage.api.clock_offsets[process.name] = offset
    stage.repairs.push_async_callback(right)
    await stage.system.kill(process)
