"""Every page of the web service is listed, and nothing else."""

from __future__ import annotations

from collections import Counter

import services.web.pages  # noqa: F401 -- fills the route table
from tests.browser.listed import NOT_PAGES, PAGES, page_routes, route_of
from tests.browser.world import ROLES


def test_every_page_is_listed():
    listed = {route_of(page.address) for page in PAGES if page.status == 200}
    assert set(page_routes()) - listed - set(NOT_PAGES) == set(), "add a line for it to tests/browser/listed.py"


def test_what_is_no_page_is_still_an_address():
    assert set(NOT_PAGES) <= set(page_routes())
    assert not {route_of(page.address) for page in PAGES} & set(NOT_PAGES)


def test_a_page_is_listed_once():
    assert [name for name, times in Counter(page.id for page in PAGES).items() if times > 1] == []


def test_every_role_looks_at_something():
    assert {page.role for page in PAGES} == set(ROLES)
