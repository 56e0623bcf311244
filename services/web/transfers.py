"""Files on their way through the pages: up to the API, and down to the visitor, in the visitor's name."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from services.web.refusals import ApiRefusal
from services.web.sessions import Resources
from services.web.visit import Visit, sound_key
from shared.errors import NotSignedIn
from shared.http.call import remote_of
from shared.http.client import ApiClient, Reply

_PATIENCE_S = 120
"""A large file is read by a service for up to a minute."""
_PASSED_ON = ("Content-Type", "Content-Disposition")


async def upload(visit: Visit, path: str, content: bytes, *, key: str | None) -> Any:  # noqa: ANN401 -- JSON
    """Send a file's bytes as the body of a POST. `path` begins after `/api/v1`. Raises `ApiRefusal`, `Unavailable`."""
    return (await _send(visit, "POST", path, raw=content, key=sound_key(key))).body


async def download(visit: Visit, path: str) -> web.Response:
    """Fetch a file of the API for the visitor, to be saved. Raises `ApiRefusal`, `Unavailable`."""
    reply = await _send(visit, "GET", path)
    headers = {name: reply.headers[name] for name in _PASSED_ON if name in reply.headers}
    return web.Response(body=reply.body, headers={**headers, "Cache-Control": "private, no-store"})


async def _send(visit: Visit, method: str, path: str, *, raw: bytes | None = None, key: str | None = None) -> Reply:
    resources: Resources = visit.context.resources
    api = ApiClient(resources.api.base_url, timeout_s=_PATIENCE_S)
    headers = {"Accept-Language": visit.locale, "X-Forwarded-For": remote_of(visit.request, visit.context.settings)}
    try:
        reply = await api.send(method, f"/api/v1{path}", visit.token, raw=raw, key=key, headers=headers)
    finally:
        await api.close()
    if reply.status == 401:
        raise NotSignedIn
    if not reply.ok:
        raise ApiRefusal(reply)
    return reply
