"""Bringing messages back from a dead queue."""

from __future__ import annotations

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

TIMEOUT_S = 10


async def move_messages(channel: AbstractChannel, from_queue: str, to_queue: str, most: int) -> int:
    """Move messages from one queue to the end of another, oldest first, at most `most`; gives how many.

    Each leaves only after its copy was confirmed: whatever breaks off may repeat one, and loses none.
    """
    queue = await channel.get_queue(from_queue, ensure=False)
    for moved in range(most):
        message = await queue.get(fail=False, timeout=TIMEOUT_S)
        if message is None:
            return moved
        await channel.default_exchange.publish(_copy(message), routing_key=to_queue, mandatory=True, timeout=TIMEOUT_S)
        await message.ack()
    return most


def _copy(message: AbstractIncomingMessage) -> aio_pika.Message:
    """Copy a message, without what RabbitMQ noted when it put it aside."""
    return aio_pika.Message(
        message.body,
        content_type=message.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        type=message.type,
        headers={name: value for name, value in message.headers.items() if not name.startswith("x-")},
    )
