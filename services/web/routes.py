"""The route table of the pages; each handler takes a `Visit`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from services.web.keeping import RAW
from services.web.sessions import authenticate
from services.web.visit import Visit, refuse
from shared.auth import PUBLIC, Policy
from shared.http.call import Call
from shared.http.routes import Routes

routes = Routes("web", authenticate=authenticate, refuse=refuse)

Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def page(path: str, policy: Policy = PUBLIC) -> Callable[[Handler], Handler]:
    """Register a page that is read."""
    return _register("GET", path, policy)


def action(path: str, policy: Policy = PUBLIC) -> Callable[[Handler], Handler]:
    """Register a form's target."""
    return _register("POST", path, policy)


def _register(method: str, path: str, policy: Policy) -> Callable[[Handler], Handler]:
    def register(handle: Handler) -> Handler:
        async def handler(call: Call) -> web.StreamResponse:
            call.request[RAW] = call.raw
            return await handle(Visit.of(call))

        handler.__name__ = handle.__name__
        handler.__doc__ = handle.__doc__
        add = routes.get if method == "GET" else routes.post
        add(path, policy=policy, raw=True)(handler)
        return handle

    return register
