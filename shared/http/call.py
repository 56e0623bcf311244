"""One request, as a handler sees it, and the answer it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from shared.auth import Principal
from shared.config import Settings
from shared.db import Transaction
from shared.errors import IdempotencyKeyMalformed, IdempotencyKeyMissing, MalformedId, NotSignedIn
from shared.http.idempotency import Claim, Kept, claim_one, keep_answer
from shared.http.routes import Route
from shared.json import dumps
from shared.service import Context

_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})

VERSION_HEADER = "Urunbeli-Version"
"""What a write has said, as `pools:<aggregate id>@pledges_made.v1=5+tier_reached.v1=6`: the newest version of each event type.

Send it back with `Prefer: wait=2` to read one's own write: a service waits for those events that it hears, and only those.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON unless `content_type` says otherwise."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    @classmethod
    def of(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        """Answer with a model or plain JSON value; `None` is 204 without a body."""
        if value is None:
            return cls(status=204, headers=headers or {})
        body = value.model_dump_json().encode() if isinstance(value, BaseModel) else dumps(value)
        return cls(body, status, headers or {})


class Call:
    """A request that has passed its policy."""

    def __init__(
        self, request: web.Request, route: Route, context: Context, principal: Principal | None, raw: bytes
    ) -> None:
        self.request = request
        self.route = route
        self.context = context
        self.principal = principal
        self.raw = raw

    @property
    def who(self) -> Principal:
        """The principal. Raises `NotSignedIn` where there is none."""
        if self.principal is None:
            raise NotSignedIn
        return self.principal

    @property
    def language(self) -> str:
        """The language to answer in: "en" where the caller prefers it, else "id"."""
        return language_of(self.request)

    def id(self, name: str) -> UUID:
        """Read an id from the path. Raises `MalformedId`."""
        text = self.request.match_info[name]
        try:
            return UUID(text)
        except ValueError:
            raise MalformedId(value=text[:64]) from None

    def text(self, name: str) -> str:
        """Read a word from the path."""
        return self.request.match_info[name]

    @property
    def remote(self) -> str:
        """The caller's address."""
        return remote_of(self.request, self.context.settings)

    @property
    def claim(self) -> Claim | None:
        """The idempotency claim of this request.

        Raises `IdempotencyKeyMissing` where money moves without one, `IdempotencyKeyMalformed` where it cannot be kept.
        """
        given = self.request.headers.get("Idempotency-Key")
        key = (given or "").strip()
        if self.route.money and not key:
            raise IdempotencyKeyMissing
        if given is None:
            return None
        if not 1 <= len(key) <= 255 or not (key.isascii() and key.isprintable()):
            raise IdempotencyKeyMalformed
        if self.principal is None or not self.route.remembers:
            return None
        return Claim.of(self.principal.account_id, key, self.request.method, self.request.path, self.raw)

    async def transact(
        self,
        command: Callable[[Transaction], Awaitable[object]],
        *,
        location: Callable[[Any], str] | None = None,
        speaks_of: Callable[[Any], UUID] | None = None,
        was_there: Callable[[Any], bool] | None = None,
    ) -> Answer:
        """Run a command in one transaction, once per idempotency key, and answer with what it returns.

        `location` makes the Location header from the result. `speaks_of` names the aggregate whose version is told;
        where it is missing and the command spoke of one aggregate only, that one. `was_there` tells of the result whether
        the route's other status goes with it.
        """
        claim = self.claim
        async with self.context.db.transaction() as tx:
            if claim:
                kept = await claim_one(tx, claim)
                if kept:
                    return replayed(kept)
            result = await command(tx)
            await tx.flush()
            headers = version_header(tx, speaks_of(result) if speaks_of else None)
            if location:
                headers["Location"] = location(result)
            there = was_there is not None and was_there(result)
            answer = Answer.of(result, self.route.status_if_there or 200 if there else self.route.status, headers)
            if claim:
                await keep_answer(tx, claim, Kept(answer.status, answer.body, dict(answer.headers)))
        return answer


def version_header(tx: Transaction, aggregate_id: UUID | None = None) -> dict[str, str]:
    """Tell what a transaction said of one aggregate: the named one, or the only one."""
    if aggregate_id is None and len(tx.told) == 1:
        aggregate_id = next(iter(tx.told))
    if aggregate_id is None or aggregate_id not in tx.told:
        return {}
    events = "+".join(f"{type_.partition('.')[2]}={version}" for type_, version in tx.told[aggregate_id].items())
    return {VERSION_HEADER: f"{tx.service}:{aggregate_id}@{events}"}


def replayed(kept: Kept) -> Answer:
    """Give a kept answer again, marked as such."""
    return Answer(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})


def language_of(request: web.Request) -> str:
    """Read the caller's language: the first of Accept-Language, "en" or else "id"."""
    return "en" if request.headers.get("Accept-Language", "").strip().lower().startswith("en") else "id"


def remote_of(request: web.Request, settings: Settings) -> str:
    """Find the caller's address, as far as trusted proxies tell it. Our own pages, on this machine, pass on their visitor's."""
    hops = settings.trusted_proxies or int(request.remote in _THIS_MACHINE)
    if hops:
        forwarded = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(forwarded) >= hops:
            return forwarded[-hops]
    return request.remote or "unknown"
