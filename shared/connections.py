"""Connections to PostgreSQL for one service: few, lent first come first served, and every wait has an end.

Without that queue the slowest request of a burst waits ten times as long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, TypeAlias

import asyncpg
import orjson

from shared.errors import Unavailable

_CUT_OFF = (OSError, asyncio.TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
_BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)
_AWAY = (*_CUT_OFF, *_BUSY)

Lendable: TypeAlias = "asyncpg.pool.PoolConnectionProxy[Any]"
"""A connection that belongs to a pool."""

AT_HAND_S = 5.0
"""How long connections are kept at hand, before the pool may close those that nobody needs."""


class Turns:
    """At most so many at the same time, first come first served."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: deque[asyncio.Future[bool]] = deque()

    async def wait(self, timeout_s: float) -> None:
        """Wait for a turn; `end` ends it. Raises `Unavailable` when none comes in time."""
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(timeout_s, _settle, turn, False)
        try:
            has_come = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.end()  # it came at the same moment
            raise
        finally:
            timer.cancel()
        if not has_come:
            raise Unavailable(part="database")

    def end(self) -> None:
        """Let the next one have the turn; whoever waits no more is passed over."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1


def _settle(turn: asyncio.Future[bool], has_come: bool) -> None:
    if not turn.done():
        turn.set_result(has_come)


class Connections:
    """At most `size` connections, as one role with one schema first on the search path."""

    def __init__(
        self,
        dsn: str,
        *,
        schema: str,
        size: int,
        command_timeout_s: float,
        acquire_timeout_s: float,
        connect_timeout_s: float,
    ) -> None:
        self._schema = schema
        self._dsn = dsn
        self._size = size
        self._command_timeout_s = command_timeout_s
        self._acquire_timeout_s = acquire_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._turns = Turns(size)
        self._pool: asyncpg.Pool[Any] | None = None
        # Taking a connection from the pool and releasing it costs as much as a small read: the last used ones stay at hand.
        self._at_hand: list[Lendable] = []
        self._sweep: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Open the pool. Raises `Unavailable` when the server does not answer in time."""
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_inactive_connection_lifetime=30,
                max_size=self._size,
                timeout=self._connect_timeout_s,
                command_timeout=self._command_timeout_s,
                init=_prepare,
                reset=_keep_session,
                server_settings={
                    "search_path": f"{self._schema}, public",
                    "application_name": f"urunbeli-{self._schema}",
                    "lock_timeout": str(int(self._command_timeout_s * 800)),
                    "idle_in_transaction_session_timeout": str(int(self._command_timeout_s * 3000)),
                    "timezone": "UTC",
                },
            )
        except _AWAY as error:
            raise Unavailable(part="database") from error

    async def close(self) -> None:
        """Close every connection, waiting a moment for those in use."""
        if self._pool is not None:
            await self._let_go()
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 5)
            except TimeoutError:
                pool.terminate()

    async def take(self) -> Lendable:
        """Take a connection, first come first served. Raises `Unavailable`."""
        assert self._pool is not None, "the database is not open"
        await self._turns.wait(self._acquire_timeout_s)
        try:
            while self._at_hand:
                connection = self._at_hand.pop()
                if not connection.is_closed():
                    return connection
                await self._pool.release(connection)
            return await self._pool.acquire(timeout=self._acquire_timeout_s)
        except BaseException as error:
            self._turns.end()
            if isinstance(error, _AWAY):
                raise Unavailable(part="database") from error
            raise

    async def give_back(self, connection: Lendable, *, is_sound: bool) -> None:
        """Give a connection back. One that is not sound, since something was cut short on it, goes through the pool's hands."""
        try:
            if is_sound and self._pool is not None:
                self._at_hand.append(connection)
                if self._sweep is None:
                    self._sweep = asyncio.get_running_loop().call_later(AT_HAND_S, self._sweep_up)
            elif self._pool is not None:
                await self._pool.release(connection)
        finally:
            self._turns.end()

    def _sweep_up(self) -> None:
        self._sweep = None
        self._letting_go = asyncio.ensure_future(self._let_go())

    async def _let_go(self) -> None:
        """Give what is at hand to the pool, which closes what nobody needs."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        given_up, self._at_hand = self._at_hand, []
        for connection in given_up:
            with suppress(*_AWAY):
                assert self._pool is not None
                await self._pool.release(connection)


class Lent:
    """A connection for the length of a block. What goes wrong with the database inside becomes `Unavailable`."""

    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __aenter__(self) -> Lendable:
        self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self._connections.give_back(self._connection, is_sound=error is None)
        except _AWAY as lost:
            raise Unavailable(part="database") from error or lost
        if isinstance(error, _AWAY):
            raise Unavailable(part="database") from error


async def _prepare(connection: asyncpg.Connection[Any]) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_to_json, decoder=orjson.loads, format="text")


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _keep_session(_: asyncpg.Connection[Any]) -> None:
    """Skip the session reset at every release: no code here changes session state, and it costs a third of a read."""
