"""The private RabbitMQ keeps confirmed messages through a kill and a stop, and leaves no process behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import psutil
import pytest
from aio_pika.abc import AbstractQueue

from shared.testing.rabbitmq import PrivateRabbitMQ, RabbitMQFailed, find_rabbitmq_server

pytestmark = [
    pytest.mark.amqp,
    pytest.mark.slow,
    pytest.mark.skipif(
        find_rabbitmq_server() is None, reason="RABBITMQ IS NOT TESTED: rabbitmq-server is not installed"
    ),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbitMQ]:
    node = PrivateRabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    node.start()
    try:
        yield node
    finally:
        node.stop()


async def declare(channel: aio_pika.abc.AbstractChannel) -> AbstractQueue:
    return await channel.declare_queue("kuitansi", durable=True, arguments={"x-queue-type": "quorum"})


async def publish(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url, timeout=10) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await declare(channel)
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key="kuitansi", timeout=10)


async def consume(url: str) -> bytes:
    async with await aio_pika.connect(url, timeout=10) as connection:
        queue = await declare(await connection.channel())
        async with queue.iterator(timeout=30) as messages:
            async for message in messages:
                await message.ack()
                return message.body
    raise AssertionError("the iterator ended without a message")


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every live process that was started with its home in `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("HOME") == str(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


async def test_a_published_message_arrives(node: PrivateRabbitMQ) -> None:
    await publish(node.url, b"Rp 10.000")
    assert await consume(node.url) == b"Rp 10.000"


async def test_it_listens_on_loopback_only(node: PrivateRabbitMQ) -> None:
    assert node.pid is not None
    addresses = {
        connection.laddr.ip
        for connection in psutil.Process(node.pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


async def test_a_confirmed_message_outlives_a_kill_and_a_stop_at_the_same_address(node: PrivateRabbitMQ) -> None:
    url = node.url
    await publish(url, b"sebelum mati listrik")
    node.wait_until_registered("kuitansi")
    node.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=5)
    assert node.start() == url
    assert await consume(url) == b"sebelum mati listrik"

    await publish(url, b"sebelum tutup toko")
    node.stop()
    assert node.start() == url
    assert await consume(url) == b"sebelum tutup toko"


async def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with PrivateRabbitMQ(tmp_path) as node:
        names = {process.name() for process in processes_of(tmp_path)}
        assert {"epmd", "beam.smp"} <= names
    assert node.pid is None
    leftovers = processes_of(tmp_path)
    _, alive = psutil.wait_procs(leftovers, timeout=10)  # helpers that end by themselves when the node is gone
    assert alive == []
    assert not {"epmd", "beam.smp"} & {process.name() for process in processes_of(tmp_path)}


async def test_a_node_that_cannot_start_says_why(tmp_path: Path) -> None:
    node = PrivateRabbitMQ(tmp_path)
    with (
        socket.create_server(("127.0.0.1", urlsplit(node.url).port or 0)),
        pytest.raises(RabbitMQFailed, match="eaddrinuse"),
    ):
        node.start()
    assert node.pid is None
