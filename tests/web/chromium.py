"""Debian's Chromium for the pages' own browser tests: contexts with a person's session, on a phone."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from services.web import cookies

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@asynccontextmanager
async def launched():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def page_for(browser, site, person=None, **options):
    """A page of a new context; logged in as somebody, if given."""
    context = await browser.new_context(**{"viewport": PHONE, **options})
    if person is not None:
        # Chromium takes http://localhost for as good as https, so the session's cookie is sent there.
        url = site.origin.replace("http://", "https://")
        session = {"name": cookies.SESSION, "value": person.session_token, "url": url, "secure": True, "httpOnly": True}
        await context.add_cookies([session])
    return await context.new_page()


async def assert_for_everybody(page):
    """No accessibility violation, and nothing wider than the screen."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    result = await Axe().run(page, options={"runOnly": STANDARDS})
    found = [(fault["id"], fault["nodes"][0]["html"]) for fault in result.response["violations"]]
    assert found == [], page.url
