"""What the tests of the mechanism share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from shared.ids import new_id
from shared.runner import migrate_all
from shared.testing.databases import drop, recreate
from shared.testing.running import running, settings_for_tests

sys.path.insert(0, str(Path(__file__).parent))
import copier


@pytest.fixture
async def copying(owner_dsn, tmp_path):
    """`example` and `copier`, running on a database of their own."""
    settings = settings_for_tests(tmp_path)
    name = f"copier_{new_id().hex}"
    dsn = await recreate(owner_dsn, name)
    await migrate_all(settings, dsn, copier.SERVICES)
    async with running(settings, dsn, copier.SERVICES) as runner:
        yield copier.System(runner, settings, dsn)
    await drop(owner_dsn, name)
