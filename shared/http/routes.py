"""The route table: each route names its policy, what it takes and what it answers. OpenAPI is made from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from shared.auth import Policy, Principal
from shared.errors import Refusal
from shared.service import Context

Authenticate = Callable[[web.Request, Context], Awaitable[Principal | None]]
Refuse = Callable[[web.Request, Context, Refusal], Awaitable[web.StreamResponse]]

KIB = 1024


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    policy: Policy
    handle: Callable[..., Awaitable[Any]]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: Any = None
    status: int = 200
    status_if_there: int | None = None
    """The status where what was to be made was there already, and is given instead."""
    money: bool = False
    """Money moves: an Idempotency-Key is required."""
    remembers: bool = True
    """A POST whose first answer is kept for the same Idempotency-Key."""
    media_type: str = ""
    """What the answer is, where neither the path's ending tells it nor it is JSON."""
    raw: bool = False
    """The handler reads the body's bytes and answers by itself: webhooks and pages."""
    max_bytes: int = 64 * KIB
    refusals: tuple[type[Refusal], ...] = ()

    @property
    def parameters(self) -> list[str]:
        """The names in braces."""
        return re.findall(r"{(\w+)(?::[^}]*)?}", self.path)

    @property
    def name(self) -> str:
        """A name for metrics and documents: the handler's."""
        return getattr(self.handle, "__name__", "handler")

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handle.__doc__ or self.name).strip().splitlines()[0]


@dataclass(slots=True)
class Routes:
    """A service's routes. `authenticate` and `refuse` replace the bearer token and problem+json where pages are served."""

    tag: str
    authenticate: Authenticate | None = None
    refuse: Refuse | None = None
    all: list[Route] = field(default_factory=list)

    def get(self, path: str, *, policy: Policy, **more: Any) -> Callable[..., Any]:  # noqa: ANN401
        """Register a read. The handler takes `(call)`, or `(call, query)` where a query model is named."""
        return self._register("GET", path, policy, more)

    def post(self, path: str, *, policy: Policy, **more: Any) -> Callable[..., Any]:  # noqa: ANN401
        """Register a command. The handler takes `(call, body)`, or `(call)` where no body model is named."""
        return self._register("POST", path, policy, more)

    def put(self, path: str, *, policy: Policy, **more: Any) -> Callable[..., Any]:  # noqa: ANN401
        """Register a replacement."""
        return self._register("PUT", path, policy, more)

    def patch(self, path: str, *, policy: Policy, **more: Any) -> Callable[..., Any]:  # noqa: ANN401
        """Register a partial change."""
        return self._register("PATCH", path, policy, more)

    def delete(self, path: str, *, policy: Policy, **more: Any) -> Callable[..., Any]:  # noqa: ANN401
        """Register a removal."""
        return self._register("DELETE", path, policy, more)

    def _register(self, method: str, path: str, policy: Policy, more: dict[str, Any]) -> Callable[..., Any]:
        def register(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            assert all((route.method, route.path) != (method, path) for route in self.all), f"{method} {path} twice"
            self.all.append(Route(method, path, policy, handle, **more))
            return handle

        return register
