"""A consumer that loses broker and database together does not go on with what it had already been sent."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from shared.broker import Envelope
from shared.broker.amqp import AmqpBroker
from shared.errors import Unavailable
from shared.ids import new_id
from shared.testing.amqp_wire import AmqpWire
from shared.testing.proxy import TcpProxy
from shared.testing.running import eventually


@pytest.mark.amqp
async def test_an_event_that_failed_before_the_cut_is_not_passed_over(amqp_url):
    parts = urlsplit(amqp_url)
    proxy = TcpProxy(lambda: parts.port or 5672, AmqpWire)
    port = await proxy.start()
    service, type_, aggregate = f"svc{new_id().hex}", f"test.cut_{new_id().hex}.v1", new_id()
    url = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}").geturl()
    broker = AmqpBroker(url, [type_])
    await broker.open()
    await broker.declare(service, [type_])
    sent = [
        Envelope(new_id(), type_, "/urunbeli/test", aggregate, version, datetime.now(UTC), b"{}")
        for version in range(1, 6)
    ]
    await broker.publish(sent)
    failures, taken = 0, []

    async def deliver(envelope: Envelope) -> None:
        nonlocal failures
        if failures < 3:
            failures += 1
            proxy.cut()
            raise Unavailable(part="database")
        taken.append(envelope.version)

    async def count() -> int:
        return len(set(taken))

    subscription = await broker.subscribe(service, deliver)
    await eventually(count, until=lambda found: found == len(sent))
    await subscription.stop()
    await broker.close()
    await proxy.stop()
    assert list(dict.fromkeys(taken)) == [1, 2, 3, 4, 5]
