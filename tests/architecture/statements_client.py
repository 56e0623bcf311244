"""A client that keeps how many SQL statements each of its requests took."""

from __future__ import annotations

import re
from collections import defaultdict

import services
from shared.discovery import discover
from shared.http.client import ApiClient
from shared.http.edge import STATEMENTS_HEADER

ENDLESS = "/api/v1/pools/{pool_id}/stream"
"""A stream reads when something has happened, once for all who watch; it has no end at which to tell a number."""
ROUTES = [
    route
    for service in discover(services)
    for route in service.routes.all
    if route.path.startswith("/api/") and route.path != ENDLESS
]
_PATTERNS = [
    (route, re.compile(re.sub(r"{\w+(?::([^}]*))?}", lambda match: match[1] or "[^/]+", route.path)))
    for route in sorted(ROUTES, key=lambda route: len(route.parameters))
]


def name_of(route):
    return f"{route.method:6} {route.path}"


def route_of(method, path):
    bare = path.partition("?")[0]
    return name_of(next(route for route, pattern in _PATTERNS if route.method == method and pattern.fullmatch(bare)))


def statements_of(reply):
    return int(re.fullmatch(r'sql;desc="(\d+)"', reply.headers[STATEMENTS_HEADER])[1])


class CountingClient(ApiClient):
    """Keeps how many statements each request that succeeded took, by its route."""

    def __init__(self, base_url):
        super().__init__(base_url, timeout_s=30)
        self.counts = defaultdict(list)

    async def send(self, method, path, *arguments, **more):
        reply = await super().send(method, path, *arguments, **more)
        if reply.ok:
            self.counts[route_of(method, path)].append(statements_of(reply))
        return reply
