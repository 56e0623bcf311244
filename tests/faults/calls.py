"""Calls of the public API, and the history of what came of each.

A call that got no answer is *unknown*: it may have happened. It is made again with the same Idempotency-Key until an answer
comes, and that answer is what the rows must bear out.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.auth import Principal, sign_token
from shared.errors import Unavailable
from shared.http.client import ApiClient, Reply
from shared.ids import new_id
from shared.keys import load_token_keys
from tests.faults.system import Process, System
from tests.journeys.reverse_proxy import owners

_PAUSE_S = 0.1
_GIVE_UP_S = 60.0


@dataclass(slots=True)
class Call:
    """One intent of one caller. `tries` are what each sending came to: ok, refused or unknown."""

    what: str
    who: Principal
    path: str
    key: str
    began: datetime
    tries: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    reply: Reply | None = None
    no_answer: str = "no connection"
    """What came of the last sending that brought no answer."""

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.reply is not None and self.reply.ok

    @property
    def body(self) -> Any:
        """What was answered."""
        assert self.reply is not None, f"{self.what} never got an answer"
        return self.reply.body

    @property
    def outcome(self) -> str:
        """What it came to in the end."""
        return "unknown" if self.reply is None else "ok" if self.reply.ok else "refused"


class Api:
    """Sends each request to the process of the service that owns its path, in turn where there are several."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._owners = owners(system.services)
        self._clients: dict[str, ApiClient] = {}
        self._turn = itertools.count()
        self.clock_offsets: dict[str, timedelta] = {}
        """How wrong the clock of a process is, by its name; tokens for it are dated by its clock."""

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.close()

    async def send(
        self, method: str, path: str, token: str | Principal | None = None, *, after: object = None, **more: Any
    ) -> Reply:
        """Send a request, as `ApiClient` does. `token`: one that identity gave, or a principal to sign one for."""
        process = self._process_of(path)
        client = self._clients.setdefault(process.url, ApiClient(process.url, timeout_s=20))
        if isinstance(token, Principal):
            now = datetime.now(UTC) + self.clock_offsets.get(process.name, timedelta(0))
            token = sign_token(load_token_keys(self._system.settings), token, now, timedelta(minutes=30))
        return await client.send(method, path, token, **more)

    def _process_of(self, path: str) -> Process:
        service = self._owners[path.partition("?")[0].split("/")[3]]
        fitting = [process for process in self._system.processes.values() if service in process.services]
        return fitting[next(self._turn) % len(fitting)]


class History:
    """Makes calls, retries the unknown ones, and remembers all of them."""

    def __init__(self, api: Api) -> None:
        self.calls: list[Call] = []
        self._api = api

    def count(self, outcome: str) -> int:
        """How many sendings came to this."""
        return sum(call.tries.count(outcome) for call in self.calls)

    def of(self, *whats: str) -> list[Call]:
        """The calls of some kinds, oldest first."""
        return [call for call in self.calls if call.what in whats]

    async def call(self, what: str, who: Principal, method: str, path: str, body: object = None) -> Call:
        """Do something, whatever comes of it; unknown outcomes are asked for again with the same key."""
        call = Call(what, who, path, str(new_id()), datetime.now(UTC))
        self.calls.append(call)
        give_up = time.monotonic() + _GIVE_UP_S
        while call.reply is None and time.monotonic() < give_up:
            began = time.monotonic()
            try:
                reply = await self._api.send(
                    method, f"/api/v1{path}", who, body=body, key=call.key, headers={"Idempotency-Key": call.key}
                )
            except Unavailable:
                reply = None
            call.longest_s = max(call.longest_s, time.monotonic() - began)
            if reply is None or reply.status >= 500 or reply.slug == "request-in-flight":
                call.tries.append("unknown")
                call.no_answer = "no connection" if reply is None else f"{reply.status} {reply.slug}"
                await asyncio.sleep(_PAUSE_S)
                continue
            call.reply = reply
            call.tries.append("ok" if reply.ok else "refused")
        return call

    async def must(self, what: str, who: Principal, method: str, path: str, body: object = None) -> Any:
        """Do something that cannot be refused; gives its answer."""
        call = await self.call(what, who, method, path, body)
        assert call.ok, f"{what} {path}: {call.reply}"
        return call.body

    async def read(self, who: Principal, path: str) -> Reply | None:
        """Read; None when no answer came, or something is away."""
        try:
            reply = await self._api.send("GET", f"/api/v1{path}", who)
        except Unavailable:
            return None
        return reply if reply.status < 500 else None

    async def until(
        self, who: Principal, path: str, right: Callable[[Any], bool], what: str, within_s: float = 60
    ) -> Any:
        """Read again and again until the answer is right; gives it. What does not exist yet is waited for."""
        deadline = time.monotonic() + within_s
        seen: Reply | None = None
        while time.monotonic() < deadline:
            reply = await self.read(who, path)
            if reply is not None:
                seen = reply
                if reply.ok and right(reply.body):
                    return reply.body
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited {within_s:g} s for {what} at {path}; last seen: {str(seen)[:800]}")
