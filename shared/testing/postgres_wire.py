"""PostgreSQL's protocol (version 3), read just enough to know when a transaction of which kind is about to commit.

Points: `<kind>_before_commit` (the COMMIT has not reached the server) and `<kind>_after_commit` (the server has committed and
the client does not know yet), where kind is `command` (a request with an idempotency key), `consumer` (an event being heard)
or `job` (anything else that says something); and `relay_before_delete` (published and confirmed, still in the outbox).
"""

from __future__ import annotations

import asyncio

_SSL_REQUEST, _GSS_REQUEST, _CANCEL_REQUEST = 80_877_103, 80_877_104, 80_877_102

# By what it writes a transaction shows its kind; the first that fits.
_KINDS = (
    ("INSERT INTO inbox", "consumer"),
    ("INSERT INTO idempotency_keys", "command"),
    ("INSERT INTO outbox", "job"),
)
_TAKES_OFF = "DELETE FROM outbox"


class PostgresWire:
    """One connection of a client without TLS."""

    def __init__(self) -> None:
        self._started = False
        self._one_byte_answer = False
        self._statements: dict[bytes, str] = {}
        self._ran: set[str] = set()
        self._committing: str | None = None

    async def up(self, client: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the client's next message."""
        if not self._started:
            return await self._opening(client), None
        message, body = await _message(client)
        match message[:1]:
            case b"P":
                name, sql, _ = body.split(b"\0", 2)
                self._statements[name] = sql.decode()
            case b"B":
                return message, self._bound(body.split(b"\0", 2)[1])
            case b"Q":
                return message, self._asked(body)
        return message, None

    async def down(self, server: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the server's next message."""
        first = await server.readexactly(1)
        if self._one_byte_answer:
            self._one_byte_answer = False
            return first, None
        message, body = await _message(server, first)
        if first == b"C" and body == b"COMMIT\0" and self._committing is not None:
            point, self._committing = f"{self._committing}_after_commit", None
            return message, point
        return message, None

    async def _opening(self, client: asyncio.StreamReader) -> bytes:
        length = await client.readexactly(4)
        rest = await client.readexactly(int.from_bytes(length) - 4)
        code = int.from_bytes(rest[:4])
        self._one_byte_answer = code in {_SSL_REQUEST, _GSS_REQUEST}
        self._started = not self._one_byte_answer and code != _CANCEL_REQUEST
        return length + rest

    def _bound(self, name: bytes) -> str | None:
        sql = self._statements.get(name, "")
        self._ran.update(kind for mark, kind in _KINDS if mark in sql)
        return "relay_before_delete" if _TAKES_OFF in sql else None

    def _asked(self, body: bytes) -> str | None:
        if body.startswith(b"BEGIN"):
            self._ran.clear()
        if not body.startswith(b"COMMIT"):
            return None
        self._committing = next((kind for _, kind in _KINDS if kind in self._ran), None)
        return self._committing and f"{self._committing}_before_commit"


async def _message(reader: asyncio.StreamReader, first: bytes | None = None) -> tuple[bytes, bytes]:
    """Read a message with its type; gives all of it, and its body."""
    kind = first or await reader.readexactly(1)
    length = await reader.readexactly(4)
    body = await reader.readexactly(int.from_bytes(length) - 4)
    return kind + length + body, body
