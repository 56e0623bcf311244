"""The broker over RabbitMQ (3.10 and 4.x alike).

Topology: the topic exchange `urunbeli.events`; per service one durable quorum queue with a single active consumer and a
delivery limit, dead-lettered at least once to `<service>.dead` for what cannot be read or crashes the consumer. Every
process declares the queues of all services, so an event is never sent before its hearers' queues exist.

A message is taken from its queue only after the commit of its effect. When the handler cannot work for now (its database
is away), the message is held and tried again in place: handing it back could let later ones pass.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue

from shared.broker import TOPOLOGY_VERSION, BrokerDown, Deliver, Envelope, Signal
from shared.broker.amqp_dead import move_messages
from shared.broker.amqp_listener import AmqpListener
from shared.broker.amqp_message import read_message, write_message
from shared.retry import backoff

log = structlog.get_logger()

EXCHANGE = "urunbeli.events"
DEAD_EXCHANGE = "urunbeli.dead"
DELIVERY_LIMIT = 10
PREFETCH = 100
# More than its own errors comes out of the library: StopAsyncIteration, for one, when the broker hangs up in the handshake.
_FAILURES = (Exception, asyncio.CancelledError)


def queue_name(service: str) -> str:
    """Name a service's queue."""
    return f"{service}.events.v{TOPOLOGY_VERSION}"


def dead_queue_name(service: str) -> str:
    """Name the queue of what a service could not read."""
    return f"{service}.dead.v{TOPOLOGY_VERSION}"


class AmqpBroker:
    """`Broker` over RabbitMQ. `heard`: the event types that some service hears; others may be sent to nobody."""

    def __init__(self, url: str, heard: Iterable[str], *, timeout_s: float = 10) -> None:
        self._url = url
        self._heard = frozenset(heard)
        self._timeout_s = timeout_s
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._opening = asyncio.Lock()
        self._declared: dict[str, list[str]] = {}

    async def open(self) -> None:
        """Connect and declare the exchanges. Raises `BrokerDown`."""
        with _translated():
            await asyncio.wait_for(self._connected(), self._timeout_s)

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_FAILURES):
                await asyncio.wait_for(connection.close(), 5)

    async def declare(self, service: str, types: Sequence[str]) -> None:
        """Make the service's queues and bind them. A binding that is no longer wanted stays; its events are ignored."""
        self._declared[service] = list(types)
        with _translated():
            channel = await asyncio.wait_for(self._new_channel(), self._timeout_s)
            try:
                queue = await _declare_queue(channel, service)
                for type_ in types:
                    await queue.bind(EXCHANGE, routing_key=type_, timeout=self._timeout_s)
            finally:
                await channel.close()

    async def publish(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Send a batch with gathered confirms. An event that no queue took is not confirmed."""
        with _translated():
            exchange = await asyncio.wait_for(self._connected(), self._timeout_s)
        results = await asyncio.gather(
            *(
                exchange.publish(
                    write_message(envelope),
                    routing_key=envelope.type,
                    mandatory=envelope.type in self._heard,
                    timeout=self._timeout_s,
                )
                for envelope in envelopes
            ),
            return_exceptions=True,
        )
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            log.warning("events not confirmed", count=len(failures), error=repr(failures[0]))
            if len(failures) == len(results):
                raise BrokerDown(repr(failures[0]))
        return [not isinstance(result, BaseException) for result in results]

    async def subscribe(self, service: str, deliver: Deliver) -> AmqpSubscription:
        """Consume the service's queue in order."""
        return AmqpSubscription(self, service, deliver)

    async def listen(
        self, types: Sequence[str], heard: Callable[[Signal], None], missed: Callable[[], None]
    ) -> AmqpListener:
        """Bind an exclusive queue of this connection."""
        listener = AmqpListener(self.consume_channel, EXCHANGE, types, heard, missed)
        await listener.start()
        return listener

    async def depths(self) -> dict[str, int]:
        """Ask RabbitMQ how many messages wait in each declared queue; the figure lags a little."""
        return await self._depths(queue_name)

    async def dead_depths(self) -> dict[str, int]:
        """Ask RabbitMQ how many messages lie in each declared service's dead queue; the figure lags a little."""
        return await self._depths(dead_queue_name)

    async def redeliver(self, service: str) -> int:
        """Move what lies in the dead queue to the end of the service's queue.

        At most as many as lay there: what the service still cannot read comes back behind them.
        """
        most = (await self.dead_depths())[service]
        with _translated():
            await asyncio.wait_for(self._connected(), self._timeout_s)
            assert self._connection is not None
            channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
            try:
                return await move_messages(channel, dead_queue_name(service), queue_name(service), most)
            finally:
                await channel.close()

    async def _depths(self, name_of: Callable[[str], str]) -> dict[str, int]:
        with _translated():
            channel = await asyncio.wait_for(self._new_channel(), self._timeout_s)
            try:
                found = {}
                for service in self._declared:
                    queue = await channel.get_queue(name_of(service), ensure=True)
                    found[service] = queue.declaration_result.message_count or 0
                return found
            finally:
                await channel.close()

    async def consume_channel(self) -> AbstractChannel:
        """Open a channel for one consumer. Raises `BrokerDown`."""
        with _translated():
            channel = await asyncio.wait_for(self._new_channel(), self._timeout_s)
            await channel.set_qos(prefetch_count=PREFETCH, timeout=self._timeout_s)
            return channel

    async def _new_channel(self) -> AbstractChannel:
        await self._connected()
        assert self._connection is not None
        return await self._connection.channel(publisher_confirms=False)

    async def _connected(self) -> AbstractExchange:
        async with self._opening:
            alive = (
                self._connection is not None
                and not self._connection.is_closed
                and self._channel is not None
                and not self._channel.is_closed
            )
            if not alive or self._exchange is None:
                if self._connection is not None:
                    with contextlib.suppress(*_FAILURES):
                        await asyncio.wait_for(self._connection.close(), 2)
                self._connection = await aio_pika.connect(self._url, timeout=self._timeout_s, heartbeat=10)
                self._channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
                self._exchange = await self._channel.declare_exchange(
                    EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True
                )
                await self._channel.declare_exchange(DEAD_EXCHANGE, aio_pika.ExchangeType.DIRECT, durable=True)
            return self._exchange


class AmqpSubscription:
    """The consumer of one queue, which reconnects for as long as it is not stopped."""

    def __init__(self, broker: AmqpBroker, service: str, deliver: Deliver) -> None:
        self._broker = broker
        self._service = service
        self._deliver = deliver
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"amqp-{service}")

    async def stop(self) -> None:
        """Finish the message in hand, then end."""
        self._stop.set()
        done, _ = await asyncio.wait([self._task], timeout=10)
        if not done:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        for pause in backoff():
            try:
                channel = await self._broker.consume_channel()
                try:
                    queue = await _declare_queue(channel, self._service)
                    pause.reset()
                    await self._consume(channel, queue)
                finally:
                    with contextlib.suppress(*_FAILURES):
                        await asyncio.wait_for(channel.close(), 5)
            except asyncio.CancelledError:
                # A connection that dies under a call raises this too; only our own cancellation ends the task.
                current = asyncio.current_task()
                if current is not None and current.cancelling():
                    raise
                log.warning("broker cut off", service=self._service)
            except Exception as error:  # noqa: BLE001 -- a consumer that ends unseen is worse than any failure
                log.warning("broker cut off", service=self._service, error=repr(error))
            if self._stop.is_set():
                return
            await pause.wait()

    async def _consume(self, channel: AbstractChannel, queue: AbstractQueue) -> None:
        inbox: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        tag = await queue.consume(inbox.put, timeout=10)
        closed = asyncio.ensure_future(_until_closed(channel))
        stopped = asyncio.ensure_future(self._stop.wait())
        try:
            while not self._stop.is_set():
                arrival = asyncio.ensure_future(inbox.get())
                await asyncio.wait([arrival, closed, stopped], return_when=asyncio.FIRST_COMPLETED)
                # What came before the cut comes again: to go on with it would pass over one that could not be handled.
                if closed.done():
                    arrival.cancel()
                    raise BrokerDown("the channel was closed")
                if not arrival.done():
                    arrival.cancel()
                    break
                await self._handle(arrival.result(), closed)
            await queue.cancel(tag, timeout=5)
        finally:
            closed.cancel()
            stopped.cancel()

    async def _handle(self, message: AbstractIncomingMessage, closed: asyncio.Future[None]) -> None:
        try:
            envelope = read_message(message)
        except (KeyError, ValueError, TypeError) as error:
            log.error("unreadable message goes to the dead queue", service=self._service, error=repr(error))
            await message.reject(requeue=False)
            return
        for pause in backoff(longest_s=10):
            try:
                await self._deliver(envelope)
            except Exception as error:  # noqa: BLE001 -- whatever went wrong, the event is held and tried again
                log.warning("event comes again", service=self._service, event_id=str(envelope.id), error=repr(error))
                if self._stop.is_set() or closed.done():
                    return  # not acked: it is delivered again to whoever consumes next
                await pause.wait()
            else:
                await message.ack()
                return


async def _until_closed(channel: AbstractChannel) -> None:
    with contextlib.suppress(Exception, asyncio.CancelledError):
        await channel.closed()


async def _declare_queue(channel: AbstractChannel, service: str) -> AbstractQueue:
    dead = await channel.declare_queue(
        dead_queue_name(service), durable=True, arguments={"x-queue-type": "quorum"}, timeout=10
    )
    await dead.bind(DEAD_EXCHANGE, routing_key=service, timeout=10)
    return await channel.declare_queue(
        queue_name(service),
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_EXCHANGE,
            "x-dead-letter-routing-key": service,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
        timeout=10,
    )


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except asyncio.CancelledError as error:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        raise BrokerDown("the connection died under a call") from error
    except Exception as error:
        raise BrokerDown(repr(error)) from error
