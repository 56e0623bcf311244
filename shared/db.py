"""PostgreSQL for one service: readers and transactions. The only module that services get SQL through.

Every wait has an end: connecting, waiting for a connection (`shared/connections.py`), waiting for a lock, and the statement.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import asyncpg

from shared.connections import Connections, Lent
from shared.contracts.base import Event
from shared.outbox import Said, Told, write_events

Row = asyncpg.Record
"""A row; its columns are read by name."""

UniqueViolation = asyncpg.UniqueViolationError
"""A row like that is there already."""

DataRefused = asyncpg.IntegrityConstraintViolationError
"""The database refuses what must not be."""


class StatementCount:
    """Counts the SQL statements that are sent inside a `with`; `BEGIN` and `COMMIT` are not among them.

    A task that is started inside and works for others too, such as a batch for many callers, calls `uncounted` first.
    """

    __slots__ = ("_token", "sent")

    def __enter__(self) -> Self:
        self.sent = 0
        self._token = _count.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _count.reset(self._token)


_count: ContextVar[StatementCount | None] = ContextVar("count", default=None)


def uncounted() -> None:
    """Count no statements of this task for whoever started it. (Asking for the current task at each would cost more.)"""
    _count.set(None)


_statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Record every SQL statement sent from here on, by tasks started here too, so that a test can look at them."""
    statements: list[str] = []
    token = _statements.set(statements)
    try:
        yield statements
    finally:
        _statements.reset(token)


class Reader:
    """Runs SQL on one connection. `$1`, `$2`, … stand for the arguments."""

    def __init__(self, connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]) -> None:
        self._connection = connection

    async def rows(self, sql: str, *arguments: object) -> list[Row]:
        """Run `sql` and give all its rows."""
        return await self._sent(sql).fetch(sql, *arguments)

    async def row(self, sql: str, *arguments: object) -> Row | None:
        """Run `sql` and give its first row, or None."""
        return await self._sent(sql).fetchrow(sql, *arguments)

    async def value(self, sql: str, *arguments: object) -> Any:  # noqa: ANN401 -- a column may be anything
        """Run `sql` and give the first column of its first row, or None."""
        return await self._sent(sql).fetchval(sql, *arguments)

    async def run(self, sql: str, *arguments: object) -> int:
        """Run `sql` and give the number of rows that it wrote."""
        status = await self._sent(sql).execute(sql, *arguments)
        return int(status.rpartition(" ")[2]) if status[-1:].isdigit() else 0

    def _sent(self, sql: str) -> asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]:
        count = _count.get()
        if count is not None:
            count.sent += 1
        recorded = _statements.get()
        if recorded is not None:
            recorded.append(sql)
        return self._connection


class Transaction(Reader):
    """A reader whose writes and events are kept together or not at all. Nobody commits by hand: leaving it does."""

    def __init__(
        self,
        connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any],
        service: str,
        clock_offset: timedelta,
    ) -> None:
        super().__init__(connection)
        self.service = service
        """Whose schema it is: the service that speaks."""
        self._clock_offset = clock_offset
        self._said: list[Said] = []
        self._after_commit: list[Callable[[], None]] = []
        self.told: Told = {}
        """After `flush`: of each aggregate that this transaction has spoken of, the newest version of each event type."""

    def emit(self, *events: Event) -> None:
        """Say that something has happened; it enters the outbox with this transaction, in this order."""
        self._said.extend(Said.of(event) for event in events)

    async def now(self) -> datetime:
        """Read the database's wall clock. `now()` would give the time before any wait for a lock."""
        instant: datetime = await self.value("SELECT clock_timestamp()")
        return instant + self._clock_offset

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something in this process once the transaction is kept, such as waking a job."""
        self._after_commit.append(action)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happens inside if it raises; events said inside are taken back too."""
        said = len(self._said)
        try:
            async with self._connection.transaction():
                yield
        except BaseException:
            del self._said[said:]
            raise

    async def flush(self) -> None:
        """Write what was said so far into the outbox, so that `told` has it. Done before the commit anyway."""
        said, self._said = self._said, []
        if said:
            for aggregate, types in (await write_events(self, said)).items():
                self.told.setdefault(aggregate, {}).update(types)

    def committed(self) -> None:
        """Do what was put off until after the commit."""
        for action in self._after_commit:
            action()


class Database:
    """One service's door to PostgreSQL, as that service's role, with its schema first on the search path."""

    def __init__(
        self,
        dsn: str,
        *,
        schema: str,
        size: int = 8,
        command_timeout_s: float = 10,
        acquire_timeout_s: float = 5,
        connect_timeout_s: float = 5,
        clock_offset: timedelta = timedelta(0),
    ) -> None:
        self.schema = schema
        self.clock_offset = clock_offset
        """Added to the clock of every transaction; only tests set it, to move on in time."""
        self.on_events: Callable[[], None] = lambda: None
        """Called after a commit that said something; the relay puts its wake-up here."""
        self._connections = Connections(
            dsn,
            schema=schema,
            size=size,
            command_timeout_s=command_timeout_s,
            acquire_timeout_s=acquire_timeout_s,
            connect_timeout_s=connect_timeout_s,
        )

    async def open(self) -> None:
        """Open the pool. Raises `Unavailable` when the server does not answer in time."""
        await self._connections.open()

    async def close(self) -> None:
        """Close every connection, waiting a moment for those in use."""
        await self._connections.close()

    def read(self) -> Reading:
        """Lend a connection for reading, each statement for itself. Raises `Unavailable` when none is to be had."""
        return Reading(self._connections)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Run a transaction: kept when the block ends, undone when it raises. Raises `Unavailable`."""
        async with Lent(self._connections) as connection:
            transaction = Transaction(connection, self.schema, self.clock_offset)
            async with connection.transaction():
                yield transaction
                await transaction.flush()
        transaction.committed()
        if transaction.told:
            self.on_events()


class Reading(Lent):
    """The same, as a reader."""

    __slots__ = ()

    async def __aenter__(self) -> Reader:  # type: ignore[override]
        return Reader(await super().__aenter__())


def utc(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def columns(items: Sequence[Sequence[object]], width: int) -> list[list[object]]:
    """Turn rows into columns, for `unnest($1, $2, …)`: one statement however many rows."""
    assert all(len(item) == width for item in items)
    return [[item[position] for item in items] for position in range(width)]
