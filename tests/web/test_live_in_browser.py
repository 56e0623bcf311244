"""A pool's page that moves while somebody looks at it: figures, picture and words follow, and nothing that is in use is lost."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from services.demo.purchase import Purchase
from tests.web.chromium import DESKTOP, IN_BROWSER, assert_for_everybody, launched, page_for

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


@pytest.fixture
async def purchase(site, market):
    purchase = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Urun yang bergerak")
    await purchase.open()
    return purchase


async def opened(browser, site, purchase, **options):
    page = await page_for(browser, site, **options)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    await page.goto(f"{site.origin}/urun/{purchase.pool['id']}")
    return page


async def test_figures_picture_and_words_follow_without_a_reload(browser, site, purchase):
    page = await opened(browser, site, purchase)
    live = page.locator("[data-live=on]")
    await expect(live).to_be_visible()
    await expect(page.locator("#kedudukan .progress-text")).to_contain_text("0 dari")
    # What the visitor is just doing must survive an update.
    await page.get_by_label("Kalau saya ikut").fill("7")
    await page.evaluate("window.stayed = true")
    await purchase.pledge("transfer", 5)
    await expect(page.locator("#kedudukan .progress-text")).to_contain_text("5 dari")
    await expect(page.locator("#jenjang .chart-now")).to_contain_text("Sekarang 5 unit")
    await expect(page.locator("#jenjang tr.is-now")).to_be_visible()
    await expect(page.locator("#ditutup")).to_contain_text("Akan dipesan 5 unit")
    await expect(page.locator("#jumlah-peserta")).to_have_text("1")
    await expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "5")
    await expect(page.get_by_label("Kalau saya ikut")).to_have_value("7")
    await expect(page.get_by_label("Kalau saya ikut")).to_be_focused()
    assert await page.evaluate("window.stayed")
    await assert_for_everybody(page)
    assert page.complaints == []
    await page.context.close()


async def test_only_price_and_state_are_said_aloud(browser, site, purchase):
    page = await opened(browser, site, purchase)
    await expect(page.locator("[data-live=on]")).to_be_visible()
    await page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.getElementById('kabar').textContent.trim()))"
        ".observe(document.getElementById('kabar'), {childList: true, characterData: true, subtree: true})"
    )
    await purchase.pledge("transfer", 1)
    await expect(page.locator("#jumlah-peserta")).to_have_text("1")
    await purchase.pledge("transfer", 1)
    await expect(page.locator("#jumlah-peserta")).to_have_text("2")
    assert await page.evaluate("said") == [], "a pledge that changes no price is not announced"
    await purchase.pledge("transfer", 4)
    await expect(page.locator("#kabar")).to_contain_text("Harga satuan")
    assert await page.evaluate("said.splice(0).length") > 0
    await purchase.pledge("transfer", 1)
    await expect(page.locator("#jumlah-peserta")).to_have_text("4")
    assert await page.evaluate("said") == []
    moving = page.locator("#keadaan, #tanda, #kedudukan, #jenjang, #ditutup, #jumlah-peserta")
    assert await moving.locator("xpath=ancestor-or-self::*[@role='status' or @aria-live]").count() == 0
    await page.context.close()


async def test_pool_that_is_called_off_says_so_and_offers_the_new_page(browser, site, market, purchase):
    page = await opened(browser, site, purchase, viewport=DESKTOP, color_scheme="dark")
    await expect(page.locator("[data-live=on]")).to_be_visible()
    await market.owner.post(f"/pools/{purchase.pool['id']}/cancel", {"reason": "Alatnya sudah dapat"})
    await expect(page.locator("#keadaan")).to_contain_text("Urun ini dibatalkan")
    await assert_for_everybody(page)
    await page.locator("#keadaan").get_by_role("link", name="Muat ulang halaman").click()
    await expect(page.get_by_role("link", name="Ikut urun", exact=True)).to_have_count(0)
    await page.context.close()


async def test_broken_stream_is_said_and_comes_back_by_itself(browser, site, purchase):
    page = await page_for(browser, site)
    refused = True

    async def answer(route):
        if refused:
            await route.fulfill(status=503, body="")
        else:
            await route.continue_()

    await page.route("**/langsung*", answer)
    await page.goto(f"{site.origin}/urun/{purchase.pool['id']}")
    await expect(page.locator("[data-live=off]")).to_be_visible()
    await expect(page.locator("[data-live=on]")).to_be_hidden()
    await assert_for_everybody(page)
    refused = False
    await page.locator("[data-live=off]").get_by_role("link", name="Muat ulang halaman").click()
    await expect(page.locator("[data-live=on]")).to_be_visible()
    # A connection that is lost later is taken up again without anybody's help.
    await page.context.set_offline(True)
    await purchase.pledge("transfer", 2)
    await page.context.set_offline(False)
    await expect(page.locator("#jumlah-peserta")).to_have_text("1", timeout=20_000)
    await expect(page.locator("[data-live=on]")).to_be_visible()
    await page.context.close()


async def test_stream_is_asked_for_once_however_late_its_script_comes(browser, site, purchase):
    for late in ("hx-sse", "htmx", "live"):
        page = await page_for(browser, site)

        async def wait(route):
            await asyncio.sleep(0.3)  # the network's part
            await route.continue_()

        asked = []
        page.on("request", lambda request, into=asked: into.append(request.url) if "langsung" in request.url else None)
        await page.route(f"**/static/{late}*", wait)
        await page.goto(f"{site.origin}/urun/{purchase.pool['id']}")
        await expect(page.locator("[data-live=on]")).to_be_visible()
        await purchase.pledge("transfer", 1)
        await expect(page.locator("#jumlah-peserta")).to_have_text(str(len(purchase.members)))
        assert len(asked) == 1, late
        await page.context.close()


async def test_page_says_so_when_its_scripts_did_not_come(browser, site, purchase):
    page = await page_for(browser, site)
    await page.route("**/static/htmx*", lambda route: route.abort())
    await page.goto(f"{site.origin}/urun/{purchase.pool['id']}")
    await expect(page.locator("[data-live=off]")).to_be_visible()
    await page.context.close()


async def test_without_script_there_is_a_link_to_load_the_page_again(browser, site, purchase):
    page = await opened(browser, site, purchase, java_script_enabled=False)
    await purchase.pledge("transfer", 3)
    await page.get_by_role("link", name="Muat ulang untuk angka terbaru").click()
    await expect(page.locator("#kedudukan .progress-text")).to_contain_text("3 dari")
    await page.context.close()
