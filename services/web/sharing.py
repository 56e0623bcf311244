"""Pages that look the same to everybody who is not logged in: drawn once, and shown as they are for a moment.

When a pool goes round the neighbours' WhatsApp groups, hundreds open its page in the same minute. They get what was drawn at most
`PAGES_KEPT_S` seconds ago; what has changed since comes by the page's stream of changes.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from services.web import cookies
from services.web.sessions import Drawn, Resources
from services.web.visit import Visit

_PERSONAL_HEADERS = ("Authorization", "HX-Request")


async def shared(visit: Visit, draw: Callable[[Visit], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Show a page, drawing it only if nobody got the same one a moment ago. Raises what `draw` raises."""
    kept_s = visit.context.settings.pages_kept_s
    if not kept_s or not _is_like_any_other(visit.request):
        return await draw(visit)

    async def draw_for_all() -> Drawn:
        response = await draw(visit)
        assert isinstance(response, web.Response), "only a whole page can be shown again"
        assert not response.cookies, "a page that is for everybody gives nobody a cookie"
        body = response.body
        assert isinstance(body, bytes), "a page is drawn as text"
        return Drawn(response.status, CIMultiDictProxy(CIMultiDict(response.headers)), body)

    resources: Resources = visit.context.resources
    moment = int(time.monotonic() / kept_s)
    drawn = await resources.drawn.get((visit.locale, visit.request.path_qs, moment), draw_for_all)
    return web.Response(status=drawn.status, headers=drawn.headers, body=drawn.body)


def _is_like_any_other(request: web.Request) -> bool:
    """Whether nothing about this visitor is known but the language."""
    known = any(request.headers.get(name) for name in _PERSONAL_HEADERS)
    return request.method == "GET" and not known and set(request.cookies) <= {cookies.LANGUAGE}
