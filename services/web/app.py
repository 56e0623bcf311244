"""The web service: the pages. It owns no data and calls the services' HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.web import pages
from services.web.attention import counting
from services.web.kit.press import printing
from services.web.live import following
from services.web.sessions import Resources, TokenCache
from shared.http.client import ApiClient
from shared.service import Context, Service


@asynccontextmanager
async def setup(context: Context) -> AsyncIterator[Resources]:
    """Keep connections to the API open and watchers of pools up to date, count what is looked at, and hold a press ready."""
    settings = context.settings
    api = ApiClient(settings.api_url or f"http://127.0.0.1:{settings.http_port}")
    async with following(context, api) as watched, printing() as press, counting(context, api) as attention:
        yield Resources(api, TokenCache(), watched, press, attention)
    await api.close()


service = Service("web", pages.routes, setup=setup)
