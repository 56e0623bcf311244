"""W3C trace context: which request, through which events, led to this work."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def new_traceparent(parent: str | None = None) -> str:
    """Make a `traceparent` with a new span: a child of `parent` where that is valid, else the root of a new trace."""
    match = _TRACEPARENT.match(parent or "")
    valid = match is not None and match[1] != "0" * 32 and match[2] != "0" * 16
    # Ids need to differ, not to be secret; asking the kernel for each costs more than all the rest of a span.
    trace_id = match[1] if match is not None and valid else f"{random.getrandbits(128):032x}"
    flags = match[3] if match is not None and valid else "01"
    return f"00-{trace_id}-{random.getrandbits(64):016x}-{flags}"


def traceparent() -> str | None:
    """Give the `traceparent` of the present work, if there is one."""
    return _current.get()


def trace_id() -> str | None:
    """Give the trace id (32 hexadecimal digits) of the present work, if there is one."""
    current = _current.get()
    return current.split("-")[1] if current else None


@contextmanager
def traced(parent: str | None) -> Iterator[str]:
    """Work within a new span under `parent`."""
    span = new_traceparent(parent)
    token = _current.set(span)
    try:
        yield span
    finally:
        _current.reset(token)
