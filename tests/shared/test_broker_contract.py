"""What every broker must do; RabbitMQ and the embedded bus pass the same suite."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from shared.broker import BrokerDown, Envelope, Signal
from shared.broker.amqp import AmqpBroker
from shared.broker.amqp_message import write_message
from shared.broker.embedded import EmbeddedBroker
from shared.ids import new_id
from shared.migrate import service_dsn
from shared.testing.running import eventually


def event(type_: str, number: int = 1, aggregate: UUID | None = None) -> Envelope:
    body = b'{"number": %d}' % number
    at = datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=UTC)
    return Envelope(
        new_id(), type_, "/urunbeli/test", aggregate or new_id(), number, at, body, f"00-{'a' * 32}-{'b' * 16}-01"
    )


class Hearer:
    """Takes what comes; refuses the first `failures` times."""

    def __init__(self, failures: int = 0) -> None:
        self.taken: list[Envelope] = []
        self.failures = failures

    async def __call__(self, envelope: Envelope) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise RuntimeError("not now")
        self.taken.append(envelope)

    @property
    def numbers(self) -> list[int]:
        return [envelope.version for envelope in self.taken]


@pytest.fixture(params=["embedded", pytest.param("amqp", marks=pytest.mark.amqp)])
async def new_broker(request, settings, fresh_dsn):
    """Make brokers that reach the same place; the names of services and types are this test's own."""
    url = request.getfixturevalue("amqp_url") if request.param == "amqp" else None
    made = []

    async def make():
        broker = AmqpBroker(url, KNOWN) if url else EmbeddedBroker(service_dsn(settings, fresh_dsn, "bus"))
        await broker.open()
        made.append(broker)
        return broker

    yield make
    for broker in made:
        await broker.close()


RUN = new_id().hex
KNOWN = [f"test.{name}_{RUN}.v1" for name in ("a", "b", "heard", "missed")]
A, B, HEARD, MISSED = KNOWN


@pytest.fixture
def name() -> str:
    return f"svc{new_id().hex}"


async def test_events_arrive_whole_and_in_order(new_broker, name):
    broker, hearer = await new_broker(), Hearer()
    await broker.declare(name, [A])
    sent = [event(A, number) for number in range(1, 301)]
    assert await broker.publish(sent[:200]) == [True] * 200
    assert await broker.publish(sent[200:]) == [True] * 100
    subscription = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer), until=lambda length: length >= 300)
    await subscription.stop()
    assert hearer.taken == sent


async def test_every_service_gets_its_own_copy_and_only_what_it_declared(new_broker, name):
    broker, one, other = await new_broker(), Hearer(), Hearer()
    await broker.declare(name, [A])
    await broker.declare(f"{name}2", [A, B])
    await broker.publish([event(A, 1), event(B, 2)])
    subscriptions = [await broker.subscribe(name, one), await broker.subscribe(f"{name}2", other)]
    await eventually(lambda: _length(other), until=lambda length: length == 2)
    await eventually(lambda: _length(one))
    for subscription in subscriptions:
        await subscription.stop()
    assert (one.numbers, other.numbers) == ([1], [1, 2])


async def test_failed_event_comes_again_before_later_ones(new_broker, name):
    broker, hearer = await new_broker(), Hearer(failures=2)
    await broker.declare(name, [A])
    await broker.publish([event(A, number) for number in range(1, 6)])
    subscription = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer), until=lambda length: length == 5)
    await subscription.stop()
    assert hearer.numbers == [1, 2, 3, 4, 5]


async def test_events_wait_for_a_consumer_that_is_away(new_broker, name):
    broker, hearer = await new_broker(), Hearer()
    await broker.declare(name, [A])
    first = await broker.subscribe(name, hearer)
    await broker.publish([event(A, 1)])
    await eventually(lambda: _length(hearer))
    await first.stop()
    await broker.publish([event(A, 2), event(A, 3)])
    second = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer), until=lambda length: length == 3)
    await second.stop()
    assert hearer.numbers == [1, 2, 3]


async def test_one_consumer_works_at_a_time_and_another_takes_over(new_broker, name):
    here, there = await new_broker(), await new_broker()
    one, other = Hearer(), Hearer()
    await here.declare(name, [A])
    await there.declare(name, [A])
    first = await here.subscribe(name, one)
    await here.publish([event(A, 1)])
    await eventually(lambda: _length(one))
    waiting = await there.subscribe(name, Hearer())
    asked_at = asyncio.get_running_loop().time()
    await waiting.stop()
    assert asyncio.get_running_loop().time() - asked_at < 3, "who only waits for its turn stops at once"
    second = await there.subscribe(name, other)
    await here.publish([event(A, number) for number in range(2, 40)])
    await eventually(lambda: _length(one), until=lambda length: length == 39)
    assert other.taken == []
    await first.stop()
    await here.publish([event(A, 40)])
    await eventually(lambda: _length(other))
    await second.stop()
    assert other.numbers == [40]


async def test_event_that_nobody_hears_is_no_failure(new_broker, name):
    broker = await new_broker()
    await broker.declare(name, [A])
    assert await broker.publish([event("test.nobody.v1")]) == [True]


async def test_stop_keeps_what_was_not_handled(new_broker, name):
    broker = await new_broker()
    await broker.declare(name, [A])
    await broker.publish([event(A, number) for number in range(1, 21)])
    hold, hearer = asyncio.Event(), Hearer()

    async def slow(envelope: Envelope) -> None:
        hold.set()
        await asyncio.sleep(0)
        await hearer(envelope)

    subscription = await broker.subscribe(name, slow)
    await hold.wait()
    await subscription.stop()
    early = len(hearer.taken)
    again = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer), until=lambda length: length >= 20)
    await again.stop()
    assert early >= 1
    assert list(dict.fromkeys(hearer.numbers)) == list(range(1, 21))


async def test_closed_broker_says_that_it_is_down(new_broker, name):
    broker = await new_broker()
    await broker.declare(name, [A])
    await broker.close()
    if isinstance(broker, EmbeddedBroker):
        with pytest.raises(BrokerDown):
            await broker.publish([event(A)])
    else:  # it connects again by itself
        assert await broker.publish([event(A)]) == [True]


async def test_depths_tell_what_waits(new_broker, name):
    broker = await new_broker()
    await broker.declare(name, [A])
    await broker.publish([event(A, 1), event(A, 2)])

    async def depth() -> int:
        return (await broker.depths())[name]

    await eventually(depth, until=lambda found: found == 2)


class Listener:
    """Notes what it hears, and how often it may have missed something."""

    def __init__(self) -> None:
        self.heard: list[Signal] = []
        self.cuts = 0

    def missed(self) -> None:
        self.cuts += 1

    async def count(self) -> int:
        return len(self.heard)

    async def count_cuts(self) -> int:
        return self.cuts


async def test_every_listener_hears_what_happens_from_now_on(new_broker, name):
    here, there = await new_broker(), await new_broker()
    one, other = Listener(), Listener()
    await here.declare(name, [A, B])
    await here.publish([event(A, 1)])
    subscriptions = [
        await here.listen([A], one.heard.append, one.missed),
        await there.listen([A], other.heard.append, other.missed),
    ]
    later = [event(A, 2), event(B, 3), event(A, 4)]
    await here.publish(later)
    for listener in (one, other):
        await eventually(listener.count, until=lambda count: count == 2)
        assert listener.heard == [Signal(A, said.aggregate_id, said.version) for said in (later[0], later[2])]
        assert listener.cuts == 0
    for subscription in subscriptions:
        await subscription.stop()
    await here.publish([event(A, 5)])
    hearer = Hearer()
    subscription = await here.subscribe(name, hearer)
    await eventually(lambda: _length(hearer), until=lambda length: length == 5)
    await subscription.stop()
    assert (len(one.heard), len(other.heard)) == (2, 2)


async def test_listener_that_was_cut_off_hears_again_and_says_that_it_missed_something(new_broker, cut_listeners, name):
    broker, listener = await new_broker(), Listener()
    await broker.declare(name, [A])
    subscription = await broker.listen([A], listener.heard.append, listener.missed)
    await cut_listeners(broker)
    await eventually(listener.count_cuts)
    await broker.publish([event(A, 7)])
    await eventually(listener.count)
    await subscription.stop()
    assert [signal.version for signal in listener.heard] == [7]


async def test_nobody_can_listen_to_a_broker_that_is_down(settings):
    amqp = AmqpBroker("amqp://guest:guest@127.0.0.1:1/", KNOWN)
    embedded = EmbeddedBroker("postgresql://bus@127.0.0.1:1/nothing")
    for broker in (amqp, embedded):
        with pytest.raises(BrokerDown):
            await broker.listen([A], lambda _: None, lambda: None)


@pytest.fixture
def cut_listeners(fresh_dsn):
    """Cut the connections on which a broker listens, from the other side."""

    async def cut(broker) -> None:
        if isinstance(broker, AmqpBroker):
            await broker._connection.close()
            return
        connection = await asyncpg.connect(fresh_dsn)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'urunbeli-bus-listener' AND datname = current_database()"
        )
        await connection.close()

    return cut


async def test_nothing_lies_in_a_dead_queue_of_a_healthy_service(new_broker, name):
    broker = await new_broker()
    await broker.declare(name, [A])
    assert (await broker.dead_depths())[name] == 0
    assert await broker.redeliver(name) == 0


@pytest.mark.amqp
async def test_rabbitmq_says_when_no_queue_took_an_event(amqp_url):
    broker = AmqpBroker(amqp_url, [MISSED])
    await broker.open()
    with pytest.raises(BrokerDown):
        await broker.publish([event(MISSED)])
    await broker.close()


@pytest.mark.amqp
async def test_rabbitmq_puts_what_cannot_be_read_aside(amqp_url, name):
    import aio_pika

    broker, hearer = AmqpBroker(amqp_url, [HEARD]), Hearer()
    await broker.open()
    await broker.declare(name, [HEARD])
    connection = await aio_pika.connect(amqp_url)
    channel = await connection.channel()
    exchange = await channel.get_exchange("urunbeli.events")
    await exchange.publish(aio_pika.Message(b"no event"), routing_key=HEARD)
    await broker.publish([event(HEARD, 7)])
    subscription = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer))
    dead = await channel.get_queue(f"{name}.dead.v1")
    message = await eventually(lambda: dead.get(fail=False), until=lambda found: found is not None)
    assert message.body == b"no event"
    await message.ack()
    await subscription.stop()
    await broker.close()
    await connection.close()
    assert hearer.numbers == [7]


@pytest.mark.amqp
async def test_rabbitmq_puts_back_what_was_set_aside_once_each(amqp_url, name):
    """What a crash has set aside is handled at last; what cannot be read comes back to where it lay."""
    import aio_pika

    broker, hearer = AmqpBroker(amqp_url, [HEARD]), Hearer()
    await broker.open()
    await broker.declare(name, [HEARD])
    connection = await aio_pika.connect(amqp_url)
    channel = await connection.channel()
    dead = await channel.get_exchange("urunbeli.dead")
    crashed = event(HEARD, 7)
    copy = write_message(crashed)
    copy.headers["x-death"] = [{"count": 11, "reason": "delivery_limit"}]
    await dead.publish(aio_pika.Message(b"no event"), routing_key=name)
    await dead.publish(copy, routing_key=name)

    async def lying() -> int:
        return (await broker.dead_depths())[name]

    await eventually(lying, until=lambda found: found == 2)
    assert await broker.redeliver(name) == 2
    subscription = await broker.subscribe(name, hearer)
    await eventually(lambda: _length(hearer))
    await eventually(lying, until=lambda found: found == 1)
    assert hearer.taken == [crashed]
    message = await (await channel.get_queue(f"{name}.dead.v1")).get()
    assert message.body == b"no event"
    await message.ack()
    await subscription.stop()
    await broker.close()
    await connection.close()


async def _length(hearer: Hearer) -> int:
    return len(hearer.taken)
