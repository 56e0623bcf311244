"""The short set: one seed of each scenario. `make faults` runs the long one."""

from __future__ import annotations

import pytest

from tests.faults.scenarios import SCENARIOS

SEED = 1


@pytest.mark.slow
@pytest.mark.amqp
@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_is_lost_and_nothing_counted_twice(stage, name):
    result = await stage.run(name, SEED)
    assert not result.problem, result.problem
    assert result.settled + result.failed == 2, result
