"""The route table of the pages; each handler takes a `Visit`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from services.web.keeping import RAW
from services.web.sessions import Resources, authenticate
from services.web.sharing import shared
from services.web.visit import Visit, refuse
from shared.auth import PUBLIC, Policy
from shared.http.call import Call
from shared.http.routes import KIB, Routes

routes = Routes("web", authenticate=authenticate, refuse=refuse)

Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def page(path: str, policy: Policy = PUBLIC, *, for_all: bool = False) -> Callable[[Handler], Handler]:
    """Register a page that is read. `for_all`: visitors who are not logged in may share one drawing of it."""
    return _register("GET", path, policy, for_all=for_all)


def action(path: str, policy: Policy = PUBLIC, *, max_bytes: int = 64 * KIB) -> Callable[[Handler], Handler]:
    """Register a form's target. `max_bytes`: more than usual where a form has files."""
    return _register("POST", path, policy, max_bytes=max_bytes)


def _register(
    method: str, path: str, policy: Policy, *, for_all: bool = False, max_bytes: int = 64 * KIB
) -> Callable[[Handler], Handler]:
    def register(handle: Handler) -> Handler:
        async def handler(call: Call) -> web.StreamResponse:
            call.request[RAW] = call.raw
            visit = Visit.of(call)
            response = await shared(visit, handle) if for_all else await handle(visit)
            resources: Resources = call.context.resources
            resources.attention.notice_page(call.request, path, response)
            return response

        handler.__name__ = handle.__name__
        handler.__doc__ = handle.__doc__
        add = routes.get if method == "GET" else routes.post
        add(path, policy=policy, raw=True, max_bytes=max_bytes)(handler)
        return handle

    return register
