"""The machine-readable documents of the API, served: `/api/openapi.json` and `/api/asyncapi.json`."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from shared.asyncapi import asyncapi
from shared.http.openapi import openapi
from shared.json import dumps
from shared.service import Service


def add_documents(app: web.Application, services: Sequence[Service], server_url: str) -> None:
    """Add both documents to an application; each is made at its first request and kept."""
    made: dict[str, bytes] = {}

    async def openapi_json(_: web.Request) -> web.Response:
        if "openapi" not in made:
            made["openapi"] = dumps(openapi(services, server_url))
        return web.Response(body=made["openapi"], content_type="application/json")

    async def asyncapi_json(_: web.Request) -> web.Response:
        if "asyncapi" not in made:
            made["asyncapi"] = dumps(asyncapi(services))
        return web.Response(body=made["asyncapi"], content_type="application/json")

    app.router.add_get("/api/openapi.json", openapi_json)
    app.router.add_get("/api/asyncapi.json", asyncapi_json)
