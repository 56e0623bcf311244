"""The broker port: what carries events from one service to the others. RabbitMQ and an embedded bus fulfil it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

TOPOLOGY_VERSION = 1
"""Stands in the queue names: a queue's arguments cannot be changed, so a new topology gets new queues."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on the wire: the attributes of CloudEvents 1.0, the aggregate's version, and the body as JSON text."""

    id: UUID
    type: str
    source: str
    aggregate_id: UUID
    version: int
    at: datetime
    body: bytes
    traceparent: str | None = None

    def data(self) -> Any:  # noqa: ANN401 -- JSON
        """Parse the body. Raises `ValueError` when it is not JSON."""
        return orjson.loads(self.body)


class BrokerDown(Exception):
    """The broker cannot be reached, or did not take a message. Whatever was not confirmed must be sent again."""


Deliver = Callable[[Envelope], Awaitable[None]]
"""Handles one event; raising means: keep it and deliver it again later."""


@dataclass(frozen=True, slots=True)
class Signal:
    """That something has happened: an event's type, its aggregate, and the version that this now has."""

    type: str
    aggregate_id: UUID
    version: int


class Subscription(Protocol):
    """A running consumer."""

    async def stop(self) -> None:
        """Take nothing more, and wait for what is being handled."""


class Broker(Protocol):
    """Carries events. Each service has one durable queue, in which the order of publishing is kept."""

    async def open(self) -> None:
        """Connect. Raises `BrokerDown`."""

    async def close(self) -> None:
        """Disconnect."""

    async def declare(self, service: str, types: Sequence[str]) -> None:
        """Make the service's queue and bind it to exactly these event types. Raises `BrokerDown`."""

    async def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Send events in order and tell, for each, whether it is safe with the broker. Raises `BrokerDown`."""

    async def subscribe(self, service: str, deliver: Deliver) -> Subscription:
        """Hand the service's events to `deliver`, one after the other, each at least once. Raises `BrokerDown`."""

    async def listen(
        self, types: Sequence[str], heard: Callable[[Signal], None], missed: Callable[[], None]
    ) -> Subscription:
        """Hear of every event of these types that is published from now on, in this process, as long as it lasts.

        For what is only shown: nothing is kept for a listener that is away. `missed` is called after a cut, when it hears
        again: whatever it shows may be old. Raises `BrokerDown`.
        """

    async def depths(self) -> dict[str, int]:
        """Tell about how many events wait in each service's queue. Raises `BrokerDown`."""

    async def dead_depths(self) -> dict[str, int]:
        """Tell about how many messages each service could not read, or crashed on. Raises `BrokerDown`."""

    async def redeliver(self, service: str) -> int:
        """Put those messages at the end of the service's queue again; gives how many. Raises `BrokerDown`."""
