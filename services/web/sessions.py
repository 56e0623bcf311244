"""From the session cookie to a principal: identity exchanges the session for a short-lived token, which is kept a while."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timezone
from typing import NamedTuple

from aiohttp import web
from multidict import CIMultiDictProxy

from services.web import cookies
from services.web.attention import Attention
from services.web.kit.press import Press
from shared.auth import Principal, read_token
from shared.errors import NotSignedIn, Unavailable
from shared.http.client import ApiClient
from shared.http.streaming import Streams
from shared.keys import load_token_keys
from shared.remembering import Remembered
from shared.service import Context

FRESH_S = 120
"""A token lives five minutes; after two a new one is fetched, so that new roles show soon."""
MOST = 10_000

TOKEN: web.RequestKey[str] = web.RequestKey("token", str)
"""The token with which this request asks the API."""


class Drawn(NamedTuple):
    """A page as it was drawn."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(slots=True)
class Resources:
    """What web keeps open."""

    api: ApiClient
    tokens: TokenCache
    watched_pools: Streams
    """Whoever watches a pool's page."""
    press: Press
    """Makes pictures and posters to share."""
    attention: Attention
    """How often things are looked at."""
    drawn: Remembered[tuple[str, str, int], Drawn] = field(default_factory=lambda: Remembered(256))
    """Pages as everybody sees them, by language, address and moment."""
    zones: dict[str, timezone] = field(default_factory=dict)
    """The clock of each post, by its id: a post never moves to another one."""


class TokenCache:
    """Tokens by the hash of their session; the oldest go first when there are too many."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def find(self, session_token: str) -> str | None:
        """Give a token that is fresh enough."""
        kept = self._tokens.get(_hash(session_token))
        return kept[1] if kept and time.monotonic() - kept[0] < FRESH_S else None

    def keep(self, session_token: str, token: str) -> None:
        """Keep a new token."""
        key = _hash(session_token)
        self._tokens[key] = (time.monotonic(), token)
        self._tokens.move_to_end(key)
        while len(self._tokens) > MOST:
            self._tokens.popitem(last=False)

    def forget(self, session_token: str) -> None:
        """Drop a session's token: it has logged out, or its roles have changed."""
        self._tokens.pop(_hash(session_token), None)


async def authenticate(request: web.Request, context: Context) -> Principal | None:
    """Find out who is visiting: the person of the session, or the one whom they assist.

    Raises `Unavailable` when identity cannot be asked: nobody is treated as logged out because of an outage.
    """
    session_token = request.cookies.get(cookies.SESSION)
    if not session_token:
        return None
    resources: Resources = context.resources
    key = load_token_keys(context.settings).public
    token = resources.tokens.find(session_token) or await exchange(resources, session_token)
    if token is None:
        return None
    assisted = cookies.read_assisted(request)
    if assisted is not None and not request.path.startswith("/petugas"):
        try:
            principal = read_token(key, assisted.token)
        except NotSignedIn:
            pass  # the quarter of an hour is over: the operator is themselves again
        else:
            request[TOKEN] = assisted.token
            return principal
    request[TOKEN] = token
    return read_token(key, token)


async def exchange(resources: Resources, session_token: str) -> str | None:
    """Get a token for a session; `None` for one that has ended. Raises `Unavailable`."""
    reply = await resources.api.send("POST", "/api/v1/tokens", session_token)
    if reply.status == 401:
        return None
    if not reply.ok:
        raise Unavailable(part="identity")
    token: str = reply.body["token"]
    resources.tokens.keep(session_token, token)
    return token


def _hash(session_token: str) -> bytes:
    return hashlib.sha256(session_token.encode()).digest()
