"""A client of the HTTP API, as pages, the demo and the tests use it: whoever speaks to a service speaks through this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy

from shared.errors import Unavailable
from shared.http.call import VERSION_HEADER
from shared.ids import new_id
from shared.json import dumps, loads
from shared.trace import traceparent

_MOST_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the parsed JSON body, or bytes where it is none."""

    status: int
    headers: CIMultiDict[str] | CIMultiDictProxy[str]
    body: Any

    @property
    def ok(self) -> bool:
        """Whether the request was done."""
        return self.status < 400

    @property
    def slug(self) -> str | None:
        """The slug of a problem."""
        return self.body["type"].rpartition("/")[2] if isinstance(self.body, dict) and "type" in self.body else None

    @property
    def version(self) -> str | None:
        """The version that a write returned, to wait for in a later read."""
        return self.headers.get(VERSION_HEADER)


class ApiClient:
    """Sends requests to the API at `base_url`. Every POST carries a fresh Idempotency-Key unless one is given."""

    def __init__(self, base_url: str, *, timeout_s: float = 15, connections: int = 100) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def send(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        body: object = None,
        raw: bytes | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        after: str | None = None,
    ) -> Reply:
        """Send a request. `after`: the `version` of a write whose effect must be seen. Raises `Unavailable`."""
        sent = self._headers(method, token, key, after, headers or {})
        # A file goes out piece by piece: in one piece it would hold up whatever else this process has to do.
        data = BytesIO(raw) if raw is not None and len(raw) > _MOST_AT_ONCE else raw
        if body is not None:
            data = dumps(body)
            sent["Content-Type"] = "application/json"
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        try:
            async with self._session.request(
                method, self.base_url + path, data=data, headers=sent, allow_redirects=False
            ) as response:
                text = await response.read()
                is_json = "json" in response.headers.get("Content-Type", "")
                return Reply(response.status, response.headers, loads(text) if is_json and text else text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(part="api") from error

    def _headers(
        self, method: str, token: str | None, key: str | None, after: str | None, given: Mapping[str, str]
    ) -> dict[str, str]:
        sent = dict(given)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if method == "POST":
            sent.setdefault("Idempotency-Key", key or str(new_id()))
        if after is not None:
            sent["Prefer"] = "wait=5"
            sent[VERSION_HEADER] = after
        trace = traceparent()
        if trace is not None:
            sent.setdefault("traceparent", trace)
        return sent
