"""Every link, form and file that a listed page names leads somewhere, for whoever sees the page."""

from __future__ import annotations

import re
from collections import defaultdict

import aiohttp
import pytest

from services.web import cookies
from services.web.routes import routes
from tests.browser.links import Pointers
from tests.browser.listed import PAGES
from tests.browser.world import ROLES, Role, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLES = {"/gaya"}
"""Where forms stand that are only looked at."""


class Reader:
    """Reads pages as a role's person, each once."""

    def __init__(self, session: aiohttp.ClientSession, world: World, role: Role) -> None:
        self._session = session
        self._world = world
        self._cookie = f"{cookies.SESSION}={world.people[role].session_token}" if role in world.people else ""
        self._read: dict[str, tuple[int, Pointers]] = {}

    async def read(self, path: str) -> tuple[int, Pointers]:
        """Give a page's status and what it points to."""
        if path not in self._read:
            headers = {"Cookie": self._cookie}
            async with self._session.get(self._world.origin + path, headers=headers) as reply:
                html = await reply.text() if reply.content_type == "text/html" else ""
                self._read[path] = reply.status, Pointers(self._world.origin, path, html)
        return self._read[path]


@pytest.mark.parametrize("role", ROLES)
async def test_every_link_leads_somewhere(world, role: Role):
    named_by: dict[tuple[str, str, str], str] = {}
    broken: defaultdict[str, list[str]] = defaultdict(list)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        reader = Reader(session, world, role)
        meant = {}
        for page in (page for page in PAGES if page.role == role):
            address = world.address(page.address)
            status, pointers = await reader.read(address)
            meant[address] = page.status
            assert status == page.status, page.id
            assert pointers.uses_htmx == pointers.loads_htmx, page.id
            for pointer in pointers.found:
                named_by.setdefault(_once(*pointer), page.id)
        for (method, path, fragment), page_id in named_by.items():
            if method == "POST":
                if path not in SAMPLES and not _is_action(path):
                    broken[page_id].append(f"POST {path}")
                continue
            status, there = await reader.read(path)
            if status != meant.get(path, 200) or (
                fragment and not path.startswith("/static/") and fragment not in there.places
            ):
                broken[page_id].append(f"{path}#{fragment}: {status}")
    assert len(named_by) > 20
    assert dict(broken) == {}


def _once(method: str, path: str, fragment: str) -> tuple[str, str, str]:
    """The language switch of every page names that page: one of them is enough."""
    return method, re.sub(r"^(/bahasa/\w+)\?.*", r"\1", path), fragment


def _is_action(path: str) -> bool:
    """Whether a form may be sent there."""
    known = (re.sub(r"{\w+}", "[^/]+", route.path) for route in routes.all if route.method == "POST")
    return any(re.fullmatch(route, path.partition("?")[0]) for route in known)
