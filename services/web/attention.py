"""How often products and businesses are looked at: counted in this process, without cookies, and sent on every ten seconds.

Only sums leave a request: what, of which thing, how often. Who it was is neither looked at nor kept. Machines that say so of
themselves are not counted, nor is what a browser fetches before anybody has asked for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal, NamedTuple
from uuid import UUID

import structlog
from aiohttp import web

from shared.errors import Unavailable
from shared.http.client import ApiClient
from shared.service import Context

log = structlog.get_logger()

Kind = Literal["listing", "business"]
What = Literal["view", "share", "whatsapp", "qr"]

EVERY_S: Final = 10
LAST_S: Final = 3
"""How long the process waits, when it stops, for the last counts to be taken."""
MOST_THINGS: Final = 5000
"""How many sums are kept while the API cannot be reached; what is new then is not counted."""
_AT_ONCE: Final = 200
_OF_ONE: Final = 1000
_MACHINES: Final = (
    "bot", "crawl", "spider", "slurp", "preview", "externalhit", "whatsapp", "lighthouse", "headless", "monitor", "scan",
    "curl", "wget", "python", "java/", "okhttp", "go-http-client", "node",
)  # fmt: skip
"""Words in the names that machines give themselves; `whatsapp` is the one that draws a link's picture in a chat."""
_SCANNED: Final = "qr"

COUNTED: Final[Mapping[str, tuple[Kind, str, What]]] = {
    "/produk/{listing_id}": ("listing", "listing_id", "view"),
    "/usaha/{business_id}": ("business", "business_id", "view"),
    "/produk/{listing_id}/bagikan": ("listing", "listing_id", "share"),
    "/usaha/{business_id}/bagikan": ("business", "business_id", "share"),
}
"""The pages that are counted: by their route, what they show, which part of the address says it, and what it counts as."""


class Sum(NamedTuple):
    """What is counted."""

    kind: Kind
    id: str
    what: What


class Attention:
    """Gathers counts and sends them on."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._counts: Counter[Sum] = Counter()

    def notice(self, request: web.Request, kind: Kind, id_: str, what: What) -> None:
        """Count what somebody does, unless it is a machine."""
        if is_machine(request.headers):
            return
        with contextlib.suppress(ValueError):
            key = Sum(kind, str(UUID(id_)), what)
            if key in self._counts or len(self._counts) < MOST_THINGS:
                self._counts[key] += 1

    def notice_page(self, request: web.Request, route: str, response: web.StreamResponse) -> None:
        """Count a page that was shown; and that a printed code led to it, which says so by `dari=qr`."""
        counted = COUNTED.get(route)
        if counted is None or response.status != 200 or request.method != "GET" or "HX-Request" in request.headers:
            return
        kind, name, what = counted
        self.notice(request, kind, request.match_info[name], what)
        if request.query.get("dari") == _SCANNED:
            self.notice(request, kind, request.match_info[name], "qr")

    async def send(self) -> None:
        """Send what was counted. What cannot be sent now is sent next time."""
        while self._counts:
            part = [(key, min(n, _OF_ONE)) for key, n in self._counts.most_common(_AT_ONCE)]
            self._counts.subtract(dict(part))
            self._counts += Counter()  # leaves out what has come to nothing
            items = [{f"{key.kind}_id": key.id, "what": key.what, "n": n} for key, n in part]
            try:
                reply = await self._api.send("POST", "/api/v1/attention", body={"items": items})
            except Unavailable:
                self._put_back(part)
                return
            if reply.status in {429, 500, 502, 503, 504}:
                self._put_back(part)
                return
            if not reply.ok:
                log.warning("counts not taken", status=reply.status, slug=reply.slug)

    def _put_back(self, part: list[tuple[Sum, int]]) -> None:
        for key, n in part:
            self._counts[key] += n


def is_machine(headers: Mapping[str, str]) -> bool:
    """Whether nobody is looking: a machine, or a page that is fetched in case somebody asks for it."""
    agent = headers.get("User-Agent", "").lower()
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "")
    return not agent or "prefetch" in ahead or "prerender" in ahead or any(word in agent for word in _MACHINES)


@asynccontextmanager
async def counting(context: Context, api: ApiClient) -> AsyncIterator[Attention]:
    """Count until the block ends; then send what is left, as far as there is still somebody to send it to."""
    attention = Attention(api)
    task = asyncio.create_task(_send_now_and_then(context, attention), name="attention")
    try:
        yield attention
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(attention.send(), LAST_S)


async def _send_now_and_then(context: Context, attention: Attention) -> None:
    while not context.stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(context.stopping.wait(), EVERY_S)
        try:
            await attention.send()
        except Exception:
            log.exception("counts not sent")
