"""Visitors who are not logged in share one drawing of a page for a moment; nobody else is given it."""

from __future__ import annotations

from random import Random

import aiohttp
import pytest
from prometheus_client import REGISTRY

from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.web import cookies
from shared.http.client import ApiClient
from shared.testing.running import eventually
from tests.web.conftest import OFFICER_PHONE, PlainBrowser

KEPT_S = 2


@pytest.fixture(scope="module")
async def visited(run_services, module_dsn):
    """The site, a market on it, and a browser maker."""
    changes = {"first_officer": f"Ibu Ratna <{OFFICER_PHONE}>", "code_limit_factor": 1000, "pages_kept_s": KEPT_S}
    async with (
        run_services(module_dsn, **changes) as (runner, client),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        api = ApiClient(client.base_url, timeout_s=30)
        scene = Scene(api, Random(7), Narrator(quiet=True), OFFICER_PHONE)  # noqa: S311 -- a story
        market = await scene.market()
        origin = runner.contexts["web"].settings.public_url
        yield market, lambda: PlainBrowser(session, origin)
        await api.close()


def reads() -> float:
    """How often the product that the page shows was read."""
    labels = {"service": "listings", "route": "get_listing"}
    return REGISTRY.get_sample_value("urunbeli_request_statements_count", labels) or 0


async def test_visitors_share_one_drawing_until_its_moment_is_over(visited):
    market, browser = visited
    path = f"/produk/{market.listing['id']}"
    before = reads()
    assert {(await browser().open(path)).status for _ in range(5)} == {200}
    assert 1 <= reads() - before <= 2, "a moment may end between two of them, not between all"
    await market.owner.send("PATCH", f"/listings/{market.listing['id']}", {"name": "Keripik singkong pedas"})

    async def is_told() -> bool:
        return "Keripik singkong pedas" in (await browser().open(path)).text

    await eventually(is_told, within_s=3 * KEPT_S)


async def test_each_language_has_its_own(visited):
    _, browser = visited
    english = browser()
    english.cookies[cookies.LANGUAGE] = "en"
    indonesian = await browser().open("/")
    assert (await english.open("/")).html != indonesian.html


async def test_who_is_logged_in_gets_their_own_page(visited):
    market, browser = visited
    await browser().open("/")
    page = await browser().log_in(market.owner).open("/")
    assert market.owner.name in page.text
    assert market.owner.name not in (await browser().open("/")).text


async def test_what_is_not_there_is_refused_each_time(visited):
    _, browser = visited
    for _ in range(2):
        assert (await browser().open("/produk/01900000-0000-7000-8000-000000000000")).status == 404
