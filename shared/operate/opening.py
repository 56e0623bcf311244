"""Opening what a command by hand works on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from shared.broker import Broker
from shared.config import Settings
from shared.runner import new_broker, new_context
from shared.service import Context, Service

PATIENCE_S = 600
"""Seconds that a statement of a command by hand may take: it may go through a whole table."""


class UnknownName(Exception):
    """The operator named something that is not there."""


def find(services: Sequence[Service], name: str) -> Service:
    """Find a service. Raises `UnknownName`."""
    for service in services:
        if service.name == name:
            return service
    raise UnknownName(f"no such service: {name}")


@asynccontextmanager
async def opened(service: Service, settings: Settings, owner_dsn: str) -> AsyncIterator[Context]:
    """Open a service's database, as its own role, with patience. Raises `Unavailable`."""
    context = new_context(service, settings.model_copy(update={"db_command_timeout_s": PATIENCE_S}), owner_dsn)
    await context.db.open()
    try:
        yield context
    finally:
        await context.db.close()


@asynccontextmanager
async def opened_broker(settings: Settings, owner_dsn: str, services: Sequence[Service]) -> AsyncIterator[Broker]:
    """Open the broker with every service's queue declared. Raises `BrokerDown`."""
    broker = new_broker(settings, owner_dsn, services)
    await broker.open()
    try:
        for service in services:
            await broker.declare(service.name, service.consumers.types())
        yield broker
    finally:
        await broker.close()
