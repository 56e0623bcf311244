"""Reading one's own writes: `Prefer: wait=2` (RFC 7240) holds a request until an aggregate is there at a version."""

from __future__ import annotations

import asyncio
import re
import time
from uuid import UUID

from aiohttp import web

from shared.http.call import VERSION_HEADER
from shared.service import Context

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,2})(?:$|[,;\s])")
_TOLD = re.compile(r"^([a-z]{1,40}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([a-z0-9_.=+]{3,2000})$")
_EVENT = re.compile(r"^([a-z_]+\.v\d+)=(\d{1,18})$")
LONGEST_S = 5
_POLL_S = 0.02

OWN_VERSION = "SELECT version FROM aggregates WHERE aggregate_id = $1"

HEARD_VERSION = "SELECT version FROM heard WHERE aggregate_id = $1 AND source = $2"


async def wait_for_version(request: web.Request, context: Context) -> bool:
    """Hold the request as its headers ask; tells whether it waited in vain."""
    wait = _WAIT.search(request.headers.get("Prefer", ""))
    told = _TOLD.match(request.headers.get(VERSION_HEADER, ""))
    if wait is None or told is None:
        return False
    source, aggregate = told[1], UUID(told[2])
    version = _version_heard(source, told[3], context)
    if version is None:
        return False
    deadline = time.monotonic() + min(int(wait[1]), LONGEST_S)
    while True:
        async with context.db.read() as sql:
            if source == context.service:
                found = await sql.value(OWN_VERSION, aggregate)
            else:
                found = await sql.value(HEARD_VERSION, aggregate, source)
        if found is not None and found >= version:
            return False
        if time.monotonic() >= deadline:
            return True
        await asyncio.sleep(_POLL_S)


def _version_heard(source: str, events: str, context: Context) -> int | None:
    """Of what was told, the newest version that this service will ever see; None where it hears none of it."""
    matches = (_EVENT.match(event) for event in events.split("+"))
    versions = [
        int(match[2])
        for match in matches
        if match and (source == context.service or f"{source}.{match[1]}" in context.hears)
    ]
    return max(versions, default=None)
