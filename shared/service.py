"""What a service is: routes, consumers, jobs and migrations, put together in its `app.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiohttp import web

from shared.broker import Broker
from shared.config import Settings
from shared.contracts.base import Event
from shared.db import Database, Reader, Transaction

if TYPE_CHECKING:
    from shared.http.routes import Routes


@dataclass(slots=True)
class Context:
    """A running service's surroundings. `resources` is what its `setup` opened: gateways and the like."""

    service: str
    settings: Settings
    db: Database
    hears: frozenset[str] = frozenset()
    """The event types that the service hears."""
    resources: Any = None
    broker: Broker | None = None
    """Carries events while the service runs; None where its rows are only looked at."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process begins to stop: whoever keeps connections open ends them."""
    _wakers: dict[str, asyncio.Event] = field(default_factory=dict)

    def waker(self, job: str) -> asyncio.Event:
        """Give the event that wakes a job before its time."""
        return self._wakers.setdefault(job, asyncio.Event())

    def wake(self, job: str) -> None:
        """Let a job of this process run at once; elsewhere its timer finds the same rows."""
        self.waker(job).set()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an event came: which one, of which version of its aggregate, and when it was said."""

    event_id: UUID
    aggregate_id: UUID
    version: int
    at: datetime
    context: Context


Handler = Callable[[Transaction, Any, Delivery], Awaitable[None]]
Clear = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A handler of one event type. A projection only keeps a copy, so to run it again is harmless; a reaction acts."""

    name: str
    event: type[Event]
    handle: Handler
    fills: frozenset[str] = frozenset()
    """The tables that a projection fills; a reaction names none."""
    clear: Clear | None = None
    """Takes a projection's copy out of its tables where they hold more than that."""

    @property
    def rebuildable(self) -> bool:
        """Whether it is a projection."""
        return bool(self.fills)


class Consumers:
    """The events that a service hears. The inbox and a transaction are already around each handler."""

    def __init__(self) -> None:
        self.all: list[Consumer] = []

    def projection(
        self, event: type[Event], *, fills: Collection[str], clear: Clear | None = None
    ) -> Callable[[Handler], Handler]:
        """Register a handler that only keeps a copy of another's facts.

        `fills`: every table that it writes; to rebuild the copy they are emptied and all events are handled again. `clear`
        takes the copy out instead, where they hold things of the service's own, too.
        """
        assert fills, f"name the tables that a copy of {event.type} is kept in"
        assert not isinstance(fills, str), "a collection of names, not a name"
        return self._register(event, frozenset(fills), clear)

    def reaction(self, event: type[Event]) -> Callable[[Handler], Handler]:
        """Register a handler that acts upon what happened."""
        return self._register(event)

    def types(self) -> list[str]:
        """Give the event types heard, sorted."""
        return sorted({consumer.event.type for consumer in self.all})

    def _register(
        self, event: type[Event], fills: frozenset[str] = frozenset(), clear: Clear | None = None
    ) -> Callable[[Handler], Handler]:
        def register(handle: Handler) -> Handler:
            name = f"{handle.__name__}:{event.type}"
            assert all(consumer.name != name for consumer in self.all), f"{name} is registered twice"
            self.all.append(Consumer(name, event, handle, fills, clear))
            return handle

        return register


JobFunction = Callable[[Context, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Job:
    """Durable work: finds rows that are due and not yet done, and gives how many it did. More at once if any."""

    name: str
    every_s: float
    run: JobFunction


class Jobs:
    """A service's jobs."""

    def __init__(self) -> None:
        self.all: list[Job] = []

    def every(self, seconds: float) -> Callable[[JobFunction], JobFunction]:
        """Register a job that looks for due rows every so many seconds, and whenever it is woken."""

        def register(run: JobFunction) -> JobFunction:
            self.all.append(Job(run.__name__, seconds, run))
            return run

        return register


@dataclass(frozen=True, slots=True)
class Drift:
    """Two figures that should be one. Shown by `verify`."""

    what: str
    id: str
    expected: object
    found: object


@dataclass(slots=True)
class Findings:
    """What a service finds in its own rows: drifts, and facts that another service states too.

    Facts of one name must agree between services wherever both have the id: `{"held_idr": {pledge_id: 150000}}`.
    """

    drifts: list[Drift] = field(default_factory=list)
    facts: dict[str, dict[str, object]] = field(default_factory=dict)


Verify = Callable[[Reader, Context], Awaitable[Findings]]

Snapshot = Callable[[Reader, Sequence[UUID]], Awaitable[Sequence[Event]]]
"""Gives the present transient facts of some aggregates, as they would be said now; none of those that have none (any more)."""


@asynccontextmanager
async def no_setup(_: Context) -> AsyncIterator[None]:
    """Open nothing."""
    yield


@dataclass(frozen=True, slots=True)
class Service:
    """One of the system's services. `services/__main__.py` finds it as `app.service` in its folder."""

    name: str
    routes: Routes
    consumers: Consumers = field(default_factory=Consumers)
    jobs: Jobs = field(default_factory=Jobs)
    migrations: Path | None = None
    setup: Callable[[Context], AbstractAsyncContextManager[Any]] = no_setup
    """Opens what the service needs besides the database; what it yields becomes `context.resources`."""
    verify: Verify | None = None
    snapshot: Snapshot | None = None
    """Needed by a service that says transient events: their bodies leave the log, so only it still knows the facts."""
    mounts: Callable[[Context], dict[str, web.Application]] | None = None
    """Whole applications to serve under a path, such as a provider's simulator in development."""
