"""Services running in a test's own process, and a client that speaks to them as anybody would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from shared.auth import Grant, Principal, sign_token
from shared.config import Settings
from shared.http.client import ApiClient, Reply
from shared.ids import new_id
from shared.keys import load_token_keys
from shared.processes import spare_port
from shared.runner import Runner
from shared.service import Service

Value = TypeVar("Value")


NOBODY = UUID("01900000-0000-7000-8000-000000000000")
"""An id that nothing has; the same in every worker, for the names of parametrized tests."""


def settings_for_tests(data_dir: Path, **changes: Any) -> Settings:  # noqa: ANN401 -- any setting
    """Make settings that depend on nothing around the test."""
    port = changes.pop("http_port", None) or spare_port()
    values: dict[str, Any] = {
        "environment": "development",
        "data_dir": data_dir,
        "app_secret": "only-for-tests-" + "0" * 32,
        "http_port": port,
        "public_url": f"http://localhost:{port}",
        "db_pool_size": 6,
        "pool_min_open_s": 1,
        "pages_kept_s": 0,
        "log_level": "warning",
    }
    return Settings(**{**values, **changes})


@asynccontextmanager
async def running(
    settings: Settings, owner_dsn: str, services: Sequence[Service], everything: Sequence[Service] | None = None
) -> AsyncIterator[Runner]:
    """Run services until the block ends."""
    runner = Runner(settings, owner_dsn, services, everything or services)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


def principal(account_id: UUID | None = None, *grants: Grant, assisted_by: UUID | None = None) -> Principal:
    """Make a principal, of a new account if none is given."""
    return Principal(account_id or new_id(), frozenset(grants), assisted_by)


class Client:
    """Speaks to the API as anybody: a principal is given a token as identity would sign it."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.base_url = base_url
        self._settings = settings
        self._api = ApiClient(base_url, timeout_s=30)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def token(self, who: Principal) -> str:
        """Sign a token as identity would."""
        return sign_token(load_token_keys(self._settings), who, datetime.now(UTC), timedelta(minutes=30))

    async def get(self, path: str, who: Principal | str | None = None, **more: Any) -> Reply:  # noqa: ANN401
        """Send a GET."""
        return await self.send("GET", path, who, **more)

    async def post(self, path: str, body: object = None, who: Principal | str | None = None, **more: Any) -> Reply:  # noqa: ANN401
        """Send a POST with a JSON body."""
        return await self.send("POST", path, who, body=body, **more)

    async def send(
        self,
        method: str,
        path: str,
        who: Principal | str | None = None,
        *,
        after: Reply | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Reply:
        """Send a request. `who`: a principal or a token. `after`: a write whose effect must be seen."""
        token = self.token(who) if isinstance(who, Principal) else who
        return await self._api.send(method, path, token, after=after.version if after else None, **more)


async def eventually(
    condition: Callable[[], Awaitable[Value]], *, within_s: float = 20, until: Callable[[Value], bool] = bool
) -> Value:
    """Ask again and again until the answer is right; gives it. Raises `AssertionError` with the last one at the deadline."""
    deadline = time.monotonic() + within_s
    while True:
        value = await condition()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {within_s} s")
        await asyncio.sleep(0.02)


PENDING = """
SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM parked WHERE state = 'waiting') AS waiting
"""


async def quiet(runner: Runner, *, within_s: float = 15) -> None:
    """Wait until every event has been published and handled: outboxes, queues and parked tables are empty, twice in a row."""
    calm = 0

    async def look() -> int:
        nonlocal calm
        depths = await runner.broker.depths()
        waiting = sum(depth for service, depth in depths.items() if service in runner.contexts)
        for context in runner.contexts.values():
            async with context.db.read() as sql:
                waiting += await sql.value(PENDING)
        calm = calm + 1 if waiting == 0 else 0
        return calm

    await eventually(look, within_s=within_s, until=lambda found: found >= 2)
