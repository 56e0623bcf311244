"""Children of ours that are servers: a plain environment, a spare port, a short command, and a sure end."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

POLL_S = 0.005
_RUN_S = 60.0
_PORTS = range(20_000, 30_000)  # below the ports that Linux gives to outgoing connections


def plain_environment() -> dict[str, str]:
    """Give a child the search path and nothing else: a PGPORT or an ERL_FLAGS of the caller would mislead it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a short command (at most 60 s) to its end, its errors among its output; never raises for its exit code."""
    return subprocess.run(  # noqa: S603 -- no shell, and the caller's own words
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=plain_environment(),
        text=True,
        timeout=_RUN_S,
        check=False,
    )


def spare_port() -> int:
    """Find a TCP port of 127.0.0.1 that nobody listens on now."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def spare_ports(count: int) -> list[int]:
    """Find `count` different spare ports."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(spare_port())
    return list(ports)


def alive(pid: int) -> bool:
    """Whether a process of that id exists, be it ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(pid: int, steps: Iterable[tuple[signal.Signals, float]], *, gone: Callable[[], bool]) -> None:
    """Send each step's signal, and wait its seconds for `gone()` before the next; a gone process gets none."""
    for step, patience_s in steps:
        deadline = time.monotonic() + patience_s
        signalled = False
        while time.monotonic() < deadline:
            if gone():
                return
            if not signalled:
                with suppress(ProcessLookupError):
                    os.kill(pid, step)
                signalled = True
            time.sleep(POLL_S)
