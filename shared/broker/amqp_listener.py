"""Listening on RabbitMQ: an exclusive queue of this connection, gone with it. Nothing is kept for whoever was away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from aio_pika.exceptions import AMQPError

from shared.broker import BrokerDown, Signal
from shared.broker.amqp_message import read_message
from shared.retry import backoff

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

log = structlog.get_logger()

_TIMEOUT_S = 10


class AmqpListener:
    """Listens until stopped; after a cut it listens anew, and tells that something may have been missed."""

    def __init__(
        self,
        open_channel: Callable[[], Awaitable[AbstractChannel]],
        exchange: str,
        types: Sequence[str],
        heard: Callable[[Signal], None],
        missed: Callable[[], None],
    ) -> None:
        self._open_channel = open_channel
        self._exchange = exchange
        self._types = types
        self._heard = heard
        self._missed = missed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen from now on. Raises `BrokerDown`."""
        channel = await self._tuned_in()
        self._task = asyncio.create_task(self._run(channel), name="amqp-listener")

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, channel: AbstractChannel) -> None:
        try:
            while True:
                with contextlib.suppress(Exception):
                    await channel.closed()
                log.warning("listener cut off")
                channel = await self._again()
                self._missed()
        finally:
            with contextlib.suppress(AMQPError, OSError, TimeoutError, RuntimeError):
                await asyncio.wait_for(channel.close(), 2)

    async def _again(self) -> AbstractChannel:
        for pause in backoff():
            await pause.wait()
            with contextlib.suppress(BrokerDown):
                return await self._tuned_in()
        raise AssertionError("tries do not end")

    async def _tuned_in(self) -> AbstractChannel:
        channel = await self._open_channel()
        try:
            queue = await channel.declare_queue(exclusive=True, auto_delete=True, timeout=_TIMEOUT_S)
            for type_ in self._types:
                await queue.bind(self._exchange, routing_key=type_, timeout=_TIMEOUT_S)
            await queue.consume(self._take, no_ack=True, timeout=_TIMEOUT_S)
        except asyncio.CancelledError as error:
            # A connection that dies under a call raises this too; only our own cancellation is one.
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            raise BrokerDown("the connection died under a call") from error
        except Exception as error:
            raise BrokerDown(repr(error)) from error
        return channel

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            envelope = read_message(message)
        except (KeyError, ValueError, TypeError) as error:
            log.error("unreadable message not listened to", error=repr(error))
            return
        self._heard(Signal(envelope.type, envelope.aggregate_id, envelope.version))
