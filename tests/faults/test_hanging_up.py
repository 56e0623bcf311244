"""A broker that accepts a connection and hangs up, as a proxy does before a dead one, is down and nothing worse."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
import uvloop

from shared.broker import BrokerDown
from shared.broker.amqp import AmqpBroker

TRIES = 300
"""The library raises `StopAsyncIteration` when the end comes before its first read; with the loop of production often."""


def hang_up_on_all(listener: socket.socket) -> None:
    """Accept and close, in a thread: as fast as another machine would."""
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()


async def try_again_and_again(port: int) -> None:
    broker = AmqpBroker(f"amqp://guest:guest@127.0.0.1:{port}/", [])
    for _ in range(TRIES):
        with pytest.raises(BrokerDown):
            await broker.open()
    await broker.close()


def test_a_broker_that_hangs_up_in_the_handshake_is_down():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hang_up_on_all, args=(listener,))
        thread.start()
        try:
            uvloop.run(try_again_and_again(listener.getsockname()[1]))
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
