"""How many calls each of the most read pages makes: at most two in a row, and no more than it is known to need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
import pytest

from services.web import cookies
from shared.testing.running import running
from tests.browser.waves import Waves, waves_before
from tests.browser.world import Role, World

pytestmark = pytest.mark.slow

MOST_IN_A_ROW = 2


class Calls(NamedTuple):
    """Calls of one page: those made at the same time are one number."""

    address: str
    visitor: tuple[int, ...]
    member: tuple[int, ...]


TABLE = (
    Calls("/", (5,), (7,)),
    Calls("/produk/{listing}", (3, 1), (5, 1)),
    Calls("/urun/{pool_collecting}", (4,), (6, 1)),
    Calls("/ttg/tray-dryer", (1, 2), (3, 3)),
    Calls("/posyantek/{post}", (1, 3), (3, 3)),
)
"""A member's page also asks who they are and how many messages wait."""


class Site(NamedTuple):
    """A web service of its own, whose calls are seen."""

    world: World
    waves: Waves
    origin: str

    async def calls_of(self, address: str, role: Role) -> list[list[str]]:
        """Open a page twice, and give the calls of the second time: the first also exchanges the session for a token."""
        people = self.world.people
        headers = {"Cookie": f"{cookies.SESSION}={people[role].session_token}"} if role in people else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            for _ in range(2):
                self.waves.seen.clear()
                async with session.get(self.origin + self.world.address(address)) as reply:
                    assert reply.status == 200
        return list(self.waves.seen)


@pytest.fixture(scope="module")
async def site(world, all_services) -> AsyncIterator[Site]:
    """The pages alone, on the world's data; the API is that of the world."""
    from shared.processes import spare_port

    async with waves_before(f"http://127.0.0.1:{world.settings.http_port}") as (waves, api_url):
        settings = world.settings.model_copy(update={"http_port": spare_port(), "api_url": api_url})
        pages = [service for service in all_services if service.name == "web"]
        async with running(settings, world.dsn, pages, all_services):
            yield Site(world, waves, f"http://127.0.0.1:{settings.http_port}")


@pytest.mark.parametrize("role", ["visitor", "member"])
@pytest.mark.parametrize("expected", TABLE, ids=[calls.address for calls in TABLE])
async def test_a_page_asks_little(site: Site, expected: Calls, role: Role):
    waves = await site.calls_of(expected.address, role)
    assert tuple(len(wave) for wave in waves) == getattr(expected, role), waves


def test_no_page_waits_for_more_than_two_calls():
    assert all(len(calls) <= MOST_IN_A_ROW for page in TABLE for calls in (page.visitor, page.member))
