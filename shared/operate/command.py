"""`events dead | retry | rebuild | snapshot`: what is typed, and what is printed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from shared.broker import BrokerDown
from shared.config import Settings
from shared.operate.opening import UnknownName, opened_broker
from shared.operate.parked import Filter, count_parked, parked_events
from shared.operate.rebuilding import rebuild
from shared.operate.replaying import Progress
from shared.operate.retrying import outcome, retry_events
from shared.operate.snapshotting import say_snapshot
from shared.service import Service

REPORT_EVERY_S = 2.0


def add_arguments(events: argparse.ArgumentParser) -> None:
    """Describe the commands to the parser."""
    actions = events.add_subparsers(required=True, metavar="action")

    dead = actions.add_parser("dead", help="list what was given up on")
    _add_filter(dead)
    dead.add_argument("--waiting", action="store_true", help="those that wait for their next try, too")
    dead.add_argument("--limit", type=int, default=200, help="print at most so many, the rest as a number; 0: all")
    dead.set_defaults(act=_dead)

    retry = actions.add_parser("retry", help="let dead events be tried again")
    retry.add_argument("which", nargs="?", type=_event_id, help="an event id; all if left out")
    _add_filter(retry)
    retry.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="see what comes of it, for so long")
    retry.add_argument("--queue", action="store_true", help="instead: put back what lies in the broker's dead queues")
    retry.set_defaults(act=_retry)

    again = actions.add_parser("rebuild", help="fill a service's copies of others' facts anew, from their logs")
    again.add_argument("service")
    again.add_argument("projections", nargs="*", metavar="projection", help="handlers or tables; all if none is named")
    again.set_defaults(act=_rebuild)

    snapshot = actions.add_parser("snapshot", help="let a service say anew what has left its log (names, contacts)")
    snapshot.add_argument("service")
    snapshot.set_defaults(act=_snapshot)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--service", help="only those that this service has parked")
    parser.add_argument("--handler", help="only those of this handler")
    parser.add_argument("--type", help="only those of this event type")


def _event_id(text: str) -> UUID | None:
    return None if text == "all" else UUID(text)


async def run(options: argparse.Namespace, settings: Settings, owner_dsn: str, everything: Sequence[Service]) -> int:
    """Do what was typed; gives the exit status."""
    try:
        status: int = await options.act(options, settings, owner_dsn, everything)
    except UnknownName as error:
        sys.stderr.write(f"urunbeli: {error}\n")
        return 2
    return status


async def _dead(options: argparse.Namespace, settings: Settings, owner_dsn: str, everything: Sequence[Service]) -> int:
    wanted = Filter(None, options.service, options.handler, options.type, options.waiting)
    counts = await count_parked(settings, owner_dsn, everything, wanted)
    for count in counts:
        _say(f"{count.events:8} {count.state:8} {count.service} {count.handler}")
    printed = 0
    async for event in parked_events(settings, owner_dsn, everything, wanted):
        if options.limit and printed == options.limit:
            break
        gone = " (its body has expired)" if event.expired else ""
        _say(
            f"{event.state:8} {event.service} {event.handler} {event.event_id} of {event.aggregate_id}"
            f" tried {event.attempts}: {event.reason}{gone}"
        )
        printed += 1
    total = sum(count.events for count in counts)
    more = f", {total - printed} of them not shown (--limit 0 shows all)" if total > printed else ""
    _say(f"{total} events{more}")
    await _show_dead_queues(settings, owner_dsn, everything, wanted.services(everything))
    return 0


async def _show_dead_queues(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], services: Sequence[Service]
) -> None:
    try:
        async with opened_broker(settings, owner_dsn, everything) as broker:
            depths = await broker.dead_depths()
    except BrokerDown as error:
        _say(f"dead queues: the broker does not answer ({error})")
        return
    for service in services:
        if depths.get(service.name):
            _say(
                f"{depths[service.name]} messages in {service.name}'s dead queue (`events retry --queue` puts them back)"
            )


async def _retry(options: argparse.Namespace, settings: Settings, owner_dsn: str, everything: Sequence[Service]) -> int:
    wanted = Filter(options.which, options.service, options.handler, options.type)
    if options.queue:
        return await _redeliver(settings, owner_dsn, everything, wanted.services(everything))
    line = ProgressLine()
    retried = await retry_events(
        settings, owner_dsn, everything, wanted, lambda name, done: line.show(f"{name}: {done} events")
    )
    line.end()
    _say(f"{retried.events} events will be tried again")
    for source in sorted(set(retried.let_go)):
        count = retried.let_go.count(source)
        _say(f"{count} events of {source} had lost their bodies and were let go; now `events snapshot {source}`")
    if not options.wait or not retried.events:
        return 0
    found = await outcome(settings, owner_dsn, everything, retried, options.wait)
    _say(f"{found.handled} handled, {found.failing} still failing, {found.waiting} waiting")
    return 1 if found.failing or found.waiting else 0


async def _redeliver(
    settings: Settings, owner_dsn: str, everything: Sequence[Service], services: Sequence[Service]
) -> int:
    async with opened_broker(settings, owner_dsn, everything) as broker:
        for service in services:
            if moved := await broker.redeliver(service.name):
                _say(f"{moved} messages put back into {service.name}'s queue")
    return 0


async def _rebuild(
    options: argparse.Namespace, settings: Settings, owner_dsn: str, everything: Sequence[Service]
) -> int:
    line = ProgressLine()

    def report(progress: Progress) -> None:
        line.count(f"{progress.source}'s log", progress.done, progress.total)

    rebuilt = await rebuild(settings, owner_dsn, everything, options.service, options.projections, report)
    line.end()
    if not rebuilt.handlers:
        _say(f"{options.service} keeps no copies")
        return 0
    counts = rebuilt.counts
    _say(f"rebuilt {', '.join(rebuilt.tables)}: {counts.handled} events handled by {len(rebuilt.handlers)} handlers")
    if counts.left_parked:
        _say(f"{counts.left_parked} were parked before and still are: `events dead --waiting`, `events retry`")
    if counts.failed:
        _say(f"{counts.failed} could not be handled and are parked: `events dead --waiting` says why")
    return 1 if counts.failed else 0


async def _snapshot(
    options: argparse.Namespace, settings: Settings, owner_dsn: str, everything: Sequence[Service]
) -> int:
    line = ProgressLine()
    said = await say_snapshot(settings, owner_dsn, everything, options.service, lambda done: line.show(f"{done} facts"))
    line.end()
    _say(f"{options.service} says {said} facts anew")
    return 0


class ProgressLine:
    """One line that is written over on a terminal; elsewhere a new one every other second."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._shown_at = time.monotonic()
        self._open = False

    def count(self, what: str, done: int, total: int) -> None:
        """Show how much of it is done, and how fast."""
        elapsed = time.monotonic() - self._began.setdefault(what, time.monotonic())
        rate = f", {done / elapsed:,.0f}/s" if elapsed > 0 and done else ""
        self.show(f"{what}: {done:,} of {total:,} events{rate}", at_once=done == total)

    def show(self, text: str, *, at_once: bool = False) -> None:
        """Show how it goes."""
        now = time.monotonic()
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\033[K{text}")
            sys.stdout.flush()
            self._open = True
        elif at_once or now - self._shown_at >= REPORT_EVERY_S:
            _say(text)
            self._shown_at = now

    def end(self) -> None:
        """Go on below."""
        if self._open:
            _say("")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
