"""Every listed page, on a phone and on a desk: for everybody, light on the wire, and without a fault."""

from __future__ import annotations

import asyncio
from itertools import combinations

import pytest

from tests.browser.listed import PAGES, Listed
from tests.browser.tabs import SIZES, Look, new_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]


VISITS = ("phone", "desk", "plain")
LONGEST_S = 60


def look_of(number: int, visit: str) -> Look:
    """Choose how a page is looked at.

    On a desk it has the other scheme and the other language than on a phone; without scripts it is seen once, in either size.
    From page to page the choice changes, so that all values meet each other.
    """
    first, second, third = (bool(number >> bit & 1) for bit in range(3))
    turned = visit == "desk"
    size = visit if visit in SIZES else "desk" if third else "phone"
    return Look(size, "dark" if first ^ turned else "light", "en" if second ^ turned else "id", visit != "plain")


@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize(("number", "listed"), list(enumerate(PAGES)), ids=[page.id for page in PAGES])
async def test_a_page_is_for_everybody(browser, world, number: int, listed: Listed, visit: str):
    async with asyncio.timeout(LONGEST_S), new_tab(browser, world, listed.role, look_of(number, visit)) as tab:
        await tab.open(world.address(listed.address), listed.status)
        await tab.inspect(listed.name, is_first_view=True)


def test_the_looks_meet_each_other():
    """Each page has every value of a look, and over all pages every two values are seen together."""
    looks = [{look_of(number, visit) for visit in VISITS} for number in range(len(PAGES))]
    assert all(len({getattr(look, value) for look in three}) == 2 for three in looks for value in Look._fields)
    seen = set().union(*looks)
    for one, other in combinations(range(len(Look._fields)), 2):
        assert len({(look[one], look[other]) for look in seen}) == 4
