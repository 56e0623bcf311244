"""One told world and one browser for all tests of this folder: telling the story takes longer than looking at a page."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from shared.testing.databases import TEMPLATE, drop, recreate
from tests.browser.tabs import CHROMIUM, chromium
from tests.browser.world import World, told_world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the browser is left out, loudly, on a machine without one."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skipif(CHROMIUM is None, reason="NOT RUN: no Chromium on this machine"))


@pytest.fixture(scope="session")
async def world(owner_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The whole system behind its front door, with the demo's story told."""
    name = f"browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    dsn = await recreate(owner_dsn, name, TEMPLATE)
    async with told_world(tmp_path_factory.mktemp("world"), dsn) as told:
        yield told
    await drop(owner_dsn, name)


@pytest.fixture(scope="session")
async def browser():
    """Debian's Chromium."""
    async with chromium() as found:
        yield found
