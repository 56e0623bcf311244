"""The promotion kit in a browser: for everybody, the message follows what is typed, and cards stand in other sites' frames."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from aiohttp import web
from playwright.async_api import expect

from services.demo.purchase import Purchase
from services.web.kit.linked_data import json_ld
from services.web.visit import SECURITY
from shared.processes import spare_port
from tests.web.chromium import DESKTOP, IN_BROWSER, PHONE, assert_for_everybody, launched, page_for

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def purchase(site):
    """An open pool, and a market around it."""
    purchase = await Purchase.propose(site.scene, await site.scene.market(), timing="deposit", title="Urun kit RW 06")
    await purchase.open()
    await purchase.pledge("cash", 3)
    return purchase


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


async def test_kits_cards_and_digest_are_for_everybody(site, purchase, browser):
    market = purchase.market
    listing, post = market.listing, market.post
    visits = [
        (f"/produk/{listing['id']}/bagikan", None),
        (f"/usaha/{listing['business_id']}/bagikan", None),
        (f"/urun/{purchase.pool['id']}/bagikan", None),
        (f"/posyantek/{post['id']}/bagikan", None),
        (f"/sematkan/produk/{listing['id']}", None),
        (f"/sematkan/urun/{purchase.pool['id']}", None),
        (f"/posyantek/{post['id']}/ringkasan", market.operator),
    ]
    for path, person in visits:
        for options in ({"viewport": PHONE}, {"viewport": DESKTOP, "color_scheme": "dark"}):
            page = await page_for(browser, site, person, **options)
            complaints: list[str] = []
            page.on("console", lambda message, told=complaints: told.append(message.text))
            await page.goto(site.origin + path)
            await page.wait_for_load_state("networkidle")
            await assert_for_everybody(page)
            assert complaints == [], path
            await page.context.close()


async def test_the_link_carries_what_stands_in_the_field(site, purchase, browser):
    page = await page_for(browser, site)
    await page.goto(f"{site.origin}/produk/{purchase.market.listing['id']}/bagikan")
    await page.fill("#f-teks", "Halo & apa kabar? 100%")
    href = await page.get_attribute("a[data-message]", "href")
    assert href is not None
    assert unquote(href) == "https://wa.me/?text=Halo & apa kabar? 100%"
    await page.context.close()


async def test_a_card_stands_in_another_sites_frame_and_a_page_does_not(site, purchase, browser):
    pool = f"{site.origin}/urun/{purchase.pool['id']}"
    card = f"{site.origin}/sematkan/urun/{purchase.pool['id']}"
    port = spare_port()

    async def foreign(_):
        frames = f'<iframe id="card" src="{card}"></iframe><iframe id="page" src="{pool}"></iframe>'
        return web.Response(text=f"<!doctype html><title>x</title>{frames}", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", foreign)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    page = await page_for(browser, site)
    await page.goto(f"http://127.0.0.1:{port}/")
    await expect(page.frame_locator("#card").locator("h1")).to_have_text("Urun kit RW 06")
    assert "Urun kit" not in await page.frame_locator("#page").locator("body").inner_text()
    await page.frame_locator("#card").locator("a.button").click()
    await page.wait_for_url(f"{pool}*")
    await page.context.close()
    await runner.cleanup()


async def test_linked_data_is_let_through_by_the_policy(site, purchase, browser):
    """A data block is not a script: the policy without inline scripts has nothing against it."""
    told = json_ld(
        {**purchase.market.listing, "name": "</script><script>document.title='broken out'</script>"}, site.origin
    )

    async def shown(_):
        html = f'<!doctype html><title>whole</title><script type="application/ld+json">{told}</script>'
        return web.Response(text=html, content_type="text/html", headers=SECURITY)

    app, port = web.Application(), spare_port()
    app.router.add_get("/", shown)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    page = await page_for(browser, site)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"http://127.0.0.1:{port}/")
    assert await page.title() == "whole"
    read = "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)['@type']"
    assert await page.evaluate(read) == "Product"
    assert [text for text in complaints if "Content Security Policy" in text] == []
    await page.context.close()
    await runner.cleanup()
