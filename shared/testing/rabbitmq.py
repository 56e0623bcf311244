"""A RabbitMQ node of our own for tests, beside whatever RabbitMQ the machine runs and without touching it.

Everything by which nodes of one machine meet is private: epmd, cookie (in its own HOME), ports, configuration, data.
Everything listens on loopback.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from shared.processes import POLL_S, end, plain_environment, spare_ports

_START_S = 60.0
_STOP_STEPS = ((signal.SIGTERM, 30.0), (signal.SIGKILL, 5.0))
_LOG_TAIL_CHARACTERS = 3000
# Debian's /usr/sbin/rabbitmq-server is a wrapper that insists on the system's user and folders: its script goes first.
_DEBIAN_SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"


class RabbitMQFailed(Exception):
    """The private node did not start; the message ends with the tail of its log."""


def find_rabbitmq_server() -> Path | None:
    """Find the start script of an installed RabbitMQ, or None when there is none."""
    if os.access(_DEBIAN_SCRIPT, os.X_OK):
        return _DEBIAN_SCRIPT
    found = shutil.which("rabbitmq-server")
    return None if found is None else Path(found)


class PrivateRabbitMQ:
    """One node with its data in `base_dir`, from `start()` to `stop()`; also a context manager.

    `start()` after `stop()` or `kill()` comes back with the same data at the same address, so that clients find it.
    """

    def __init__(self, base_dir: Path) -> None:
        self._folder = base_dir.absolute()
        self._log = self._folder / "rabbitmq.log"
        self._amqp_port, self._distribution_port, self._epmd_port = spare_ports(3)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The AMQP URL, as `start()` returned it."""
        return f"amqp://guest:guest@127.0.0.1:{self._amqp_port}/"

    @property
    def pid(self) -> int | None:
        """The Erlang machine's process id, or None while it does not run."""
        return self._node.pid if self._node is not None and self._node.poll() is None else None

    def start(self) -> str:
        """Start the node and return its AMQP URL; waits at most 60 s, mostly 3 to 7. Raises `RabbitMQFailed`."""
        if self.pid is not None:
            return self.url
        script, epmd = find_rabbitmq_server(), shutil.which("epmd")
        if script is None or epmd is None:
            raise RabbitMQFailed("rabbitmq-server or its epmd is not installed")
        self.kill()
        self._write_configuration()
        try:
            self._epmd = self._spawn([epmd, "-address", "127.0.0.1", "-port", str(self._epmd_port)])
            self._wait_for(self._epmd, partial(_listens, self._epmd_port))
            self._node = self._spawn([str(script)])
            self._wait_for(self._node, partial(_speaks_amqp, self._amqp_port))
        except BaseException:
            self.kill()
            raise
        return self.url

    def stop(self) -> None:
        """Shut the node down in order, at most 35 s, and leave no process behind. Does nothing when stopped."""
        if self._node is not None:
            end(self._node.pid, _STOP_STEPS, gone=lambda: self.pid is None)
        self.kill()

    def kill(self) -> None:
        """End the node at once, as `kill -9` does: no buffer is written, no client hears goodbye."""
        for process in (self._node, self._epmd):
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._node = self._epmd = None

    def wait_until_registered(self, *queues: str) -> None:
        """Wait, at most 60 s, until a kill can no longer make RabbitMQ forget these quorum queues of the vhost `/`.

        It keeps a new queue's registration in memory for up to 3 s. Killed before, it comes back with a queue that
        never elects a leader, so publishing and consuming hang. Raises `RabbitMQFailed`.
        """
        deadline = time.monotonic() + _START_S
        names = [f"%2F_{queue}".encode() for queue in queues]
        missing = {bytes([len(name)]) + name for name in names}  # an Erlang atom follows its length
        while missing:
            if time.monotonic() > deadline:
                raise RabbitMQFailed(f"Not on disk after {_START_S:.0f} s: {missing}")
            for register in self._folder.glob("data/*/quorum/*/names.dets"):
                content = register.read_bytes()
                missing = {name for name in missing if name not in content}
            time.sleep(POLL_S)

    def _write_configuration(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / "rabbitmq.conf").write_text(f"listeners.tcp.default = 127.0.0.1:{self._amqp_port}\n")
        (self._folder / "advanced.config").write_text("[].\n")
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "env.conf").write_text("")

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return plain_environment() | {
            "HOME": str(folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": "urunbeli@localhost",
            "RABBITMQ_NODE_PORT": str(self._amqp_port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the Erlang machine instead of its parent
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
        }

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 -- an installed program, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment(),
                start_new_session=True,  # the terminal's Ctrl-C is for us; the node ends after us
            )

    def _wait_for(self, process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_S
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = self._log.read_text(errors="replace")[-_LOG_TAIL_CHARACTERS:]
                raise RabbitMQFailed(f"The private RabbitMQ in {self._folder} did not start. Its log ends:\n{tail}")
            time.sleep(POLL_S)


def _listens(port: int) -> bool:
    """Whether somebody listens on `port`."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def _speaks_amqp(port: int) -> bool:
    """Whether a broker on `port` answers the protocol header with its first method, `connection.start`."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0) as connection:
        connection.sendall(_PROTOCOL_HEADER)
        return connection.recv(1) == _METHOD_FRAME
    return False
