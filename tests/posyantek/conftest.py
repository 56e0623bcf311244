from __future__ import annotations

import pytest

from shared.testing.databases import rolled_back


@pytest.fixture
async def tx(database):
    """A transaction of posyantek's role that leaves no trace."""
    async with rolled_back(await database("posyantek")) as transaction:
        yield transaction
