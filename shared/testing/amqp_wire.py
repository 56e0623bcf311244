"""AMQP 0-9-1, read just enough to know what happens to messages.

Points: `before_publish` (the broker has not got the message), `before_confirm` (it is safe with the broker, and its sender does
not know yet), `before_deliver` (the consumer has not got it) and `before_ack` (it was handled, and the broker does not know yet).
"""

from __future__ import annotations

import asyncio

_METHOD = 1
_BASIC = 60
_PUBLISH, _DELIVER, _ACK = 40, 60, 80
_UP = {_PUBLISH: "before_publish", _ACK: "before_ack"}
_DOWN = {_DELIVER: "before_deliver", _ACK: "before_confirm"}


class AmqpWire:
    """One connection."""

    def __init__(self) -> None:
        self._greeted = False

    async def up(self, client: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the client's next frame; the first thing is the protocol's name."""
        if not self._greeted:
            self._greeted = True
            return await client.readexactly(8), None
        return await _frame(client, _UP)

    async def down(self, server: asyncio.StreamReader) -> tuple[bytes, str | None]:
        """Take the broker's next frame."""
        return await _frame(server, _DOWN)


async def _frame(reader: asyncio.StreamReader, points: dict[int, str]) -> tuple[bytes, str | None]:
    head = await reader.readexactly(7)
    payload = await reader.readexactly(int.from_bytes(head[3:7]) + 1)
    is_basic = head[0] == _METHOD and int.from_bytes(payload[:2]) == _BASIC
    return head + payload, points.get(int.from_bytes(payload[2:4])) if is_basic else None
