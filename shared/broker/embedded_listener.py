"""Listening on the bus inside PostgreSQL: publishing notifies, and one connection per process hears it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from shared.broker import BrokerDown, Signal
from shared.retry import backoff

log = structlog.get_logger()

CHANNEL = "urunbeli_events"
"""Carries `<type> <aggregate id> <version>`: what happened, not the body, which may be longer than a notification."""

CHECK_S = 10
"""A connection that died without a word is found out by asking it something now and then."""

_FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class EmbeddedListener:
    """Listens until stopped; after a cut it listens anew, and tells that something may have been missed."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection[Any]]],
        types: Sequence[str],
        heard: Callable[[Signal], None],
        missed: Callable[[], None],
    ) -> None:
        self._connect = connect
        self._types = frozenset(types)
        self._heard = heard
        self._missed = missed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen from now on. Raises `BrokerDown`."""
        try:
            connection = await self._tuned_in()
        except _FAILURES as error:
            raise BrokerDown(repr(error)) from error
        self._task = asyncio.create_task(self._run(connection), name="bus-listener")

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, connection: asyncpg.Connection[Any]) -> None:
        try:
            while True:
                await _until_cut(connection)
                log.warning("listener cut off")
                connection.terminate()
                connection = await self._again()
                self._missed()
        finally:
            connection.terminate()

    async def _again(self) -> asyncpg.Connection[Any]:
        for pause in backoff():
            await pause.wait()
            with contextlib.suppress(*_FAILURES):
                return await self._tuned_in()
        raise AssertionError("tries do not end")

    async def _tuned_in(self) -> asyncpg.Connection[Any]:
        connection = await self._connect()
        try:
            await connection.add_listener(CHANNEL, self._take)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _take(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        type_, aggregate_id, version = str(payload).split(" ")
        if type_ in self._types:
            self._heard(Signal(type_, UUID(aggregate_id), int(version)))


async def _until_cut(connection: asyncpg.Connection[Any]) -> None:
    """Wait until the connection is gone, or answers no more."""
    cut = asyncio.Event()
    connection.add_termination_listener(lambda _: cut.set())
    while not connection.is_closed():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cut.wait(), CHECK_S)
            return
        try:
            await connection.execute("SELECT 1")
        except _FAILURES:
            return
