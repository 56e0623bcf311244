"""The gallery in a real browser: no accessibility violation, no overflow, nothing the policy had to block."""

from __future__ import annotations

import shutil
from http import HTTPStatus

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Route, async_playwright

from services.web.assets import PREFIX, assets
from services.web.gallery import render_gallery, render_pool_sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ORIGIN = "https://urunbeli.test"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {"/gaya": render_gallery, "/gaya/urun": render_pool_sample}
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


async def answer(route: Route) -> None:
    """Serve the pages and their files without a server, under the policy they are made for."""
    path = route.request.url.removeprefix(ORIGIN).partition("#")[0]
    if path in PAGES:
        policy = {"Content-Security-Policy": "default-src 'self'"}
        await route.fulfill(body=PAGES[path]("id"), content_type="text/html; charset=utf-8", headers=policy)
    elif asset := assets().find(path.removeprefix(PREFIX)):
        await route.fulfill(body=asset.body, content_type=asset.content_type)
    else:
        await route.fulfill(status=HTTPStatus.NOT_FOUND, body="")


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.mark.parametrize("path", PAGES)
async def test_the_page_is_for_everybody(browser, path):
    for viewport, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        context = await browser.new_context(viewport=viewport, color_scheme=scheme)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message, into=complaints: into.append(message.text))
        await page.route("**/*", answer)
        await page.goto(ORIGIN + path)
        assert complaints == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        result = await Axe().run(page, options={"runOnly": STANDARDS})
        assert [(found["id"], found["nodes"][0]["html"]) for found in result.response["violations"]] == []
        await context.close()


async def test_the_small_comforts_work_and_are_not_needed(browser):
    for has_script in (True, False):
        context = await browser.new_context(
            viewport=PHONE, java_script_enabled=has_script, permissions=["clipboard-read", "clipboard-write"]
        )
        page = await context.new_page()
        await page.route("**/*", answer)
        await page.goto(ORIGIN + "/gaya")
        copy = page.locator("[data-copy]").first
        assert await copy.is_visible() is has_script
        assert await page.locator("#tautan-urun").input_value() == "https://urunbeli.example/urun/spinner-cempaka-putih"
        if has_script:
            await copy.click()
            await page.get_by_text("Tersalin").wait_for()
            assert (await page.evaluate("navigator.clipboard.readText()")).startswith("https://urunbeli.example/urun/")
            ceiling = page.locator("#f-new_ceiling")
            await ceiling.fill("1450000")
            await ceiling.blur()
            assert await ceiling.input_value() == "1.450.000"
        await context.close()
