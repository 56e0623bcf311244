"""Ordering by WhatsApp in a real browser: the form's redirect leaves for the chat, and no policy of ours stops it."""

from __future__ import annotations

import pytest
from playwright.async_api import async_playwright

from services.web import cookies
from tests.web.chromium import CHROMIUM, FLAGS, IN_BROWSER, PHONE, assert_for_everybody

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def listing(site):
    return (await site.scene.market()).listing


@pytest.fixture(scope="module")
async def browser():
    """Chromium for which the chat's address is nowhere, so that nothing leaves this machine."""
    async with async_playwright() as playwright:
        flags = [*FLAGS, "--host-resolver-rules=MAP wa.me 127.0.0.1:9,MAP api.whatsapp.com 127.0.0.1:9"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        await browser.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
async def test_the_form_leads_to_the_chat(browser, site, listing, scripts):
    context = await browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    page = await context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"{site.origin}/produk/{listing['id']}/pesan?jumlah=2")
    if scripts:
        await assert_for_everybody(page)
    async with page.expect_event("requestfailed", lambda request: request.url.startswith("https://wa.me/")) as failed:
        await page.get_by_role("button", name="Buka WhatsApp").click()
    request = await failed.value
    assert "saya%20mau%20pesan%202" in request.url
    assert request.failure.startswith("net::ERR_"), request.failure
    assert "CSP" not in request.failure
    assert [text for text in said if "Content Security Policy" in text] == []
    await context.close()


async def test_the_browser_would_stop_it_without_our_leave(browser, site, listing):
    """So that the test above can fail: Chromium holds the redirect of a form to `form-action`, too."""
    context = await browser.new_context(viewport=PHONE)
    page = await context.new_page()

    async def stricter(route):
        answer = await route.fetch()
        policy = answer.headers["content-security-policy"].replace(" https://wa.me", "")
        await route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    address = f"{site.origin}/produk/{listing['id']}/pesan"
    await page.route(address, lambda route: stricter(route) if route.request.method == "GET" else route.continue_())
    await page.goto(address)
    async with page.expect_console_message(lambda message: "form-action" in message.text):
        await page.get_by_role("button", name="Buka WhatsApp").click()
    await context.close()


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_total_follows_what_is_typed(browser, site, listing, language):
    context = await browser.new_context(viewport=PHONE)
    await context.add_cookies([{"name": cookies.LANGUAGE, "value": language, "url": site.origin}])
    page = await context.new_page()
    await page.goto(f"{site.origin}/produk/{listing['id']}?jumlah=13")
    drawn = await page.locator("[data-total]").inner_text()
    await page.goto(f"{site.origin}/produk/{listing['id']}")
    await page.locator("#f-jumlah").fill("13")
    assert await page.locator("[data-total]").inner_text() == drawn, "the script writes amounts as the server does"
    await page.locator("#f-jumlah").fill("0")
    assert await page.locator("[data-total]").inner_text() == drawn, "what cannot be ordered has no price"
    await context.close()
