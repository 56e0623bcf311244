"""The pages of pools, pledges, the desk and the cash book in a real browser: for everybody, on small screens and large."""

from __future__ import annotations

import shutil

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from services.demo.purchase import GOOD_CARD, Purchase
from services.web import cookies
from shared.testing.running import eventually

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def purchase(site):
    """An open pool with deposits, whose desk has something of every kind to do."""
    market = await site.scene.market()
    purchase = await Purchase.propose(site.scene, market, timing="deposit", title="Spinner kelompok keripik RW 05")
    await purchase.open()
    await purchase.pledge("cash", 3)
    await purchase.pledge("transfer", 2)
    draft = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Hand sealer RW 05")
    await market.owner.post(f"/pools/{draft.pool['id']}/submit")
    shop = await site.scene.somebody("Ibu Warung")
    await shop.post("/businesses", {"name": "Warung Sari", "post_id": market.post["id"], "whatsapp": shop.phone})
    return purchase


async def context_of(browser, site, person=None, **options):
    context = await browser.new_context(**options)
    if person is not None:
        # Chromium takes http://localhost for as good as https, so the session's cookie is sent there.
        url = site.origin.replace("http://", "https://")
        session = {"name": cookies.SESSION, "value": person.session_token, "url": url, "secure": True, "httpOnly": True}
        await context.add_cookies([session])
    return context


async def test_the_pages_are_for_everybody(browser, site, purchase):
    market, pool_id = purchase.market, purchase.pool["id"]
    member = purchase.members[0]
    newcomer = await site.scene.somebody()
    pages = {
        "/urun": None,
        f"/urun/{pool_id}": market.owner,
        f"/urun/{pool_id}/ikut": newcomer,
        f"/urun/{pool_id}/buku": None,
        f"/urun/{pool_id}/peserta": None,
        f"/urun/baru?penawaran={market.offer['id']}": newcomer,
        f"/komitmen/{member.pledge['id']}": member.person,
        "/petugas": market.operator,
        f"/petugas/urun/{pool_id}": market.operator,
        "/petugas/bantu": market.operator,
        "/pesanan": market.supplier,
    }
    for path, person in pages.items():
        for viewport, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
            context = await context_of(browser, site, person, viewport=viewport, color_scheme=scheme)
            page = await context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message, into=complaints: into.append(message.text))
            await page.goto(site.origin + path)
            assert complaints == [], path
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            if viewport is PHONE or path in ("/petugas", f"/urun/{pool_id}"):
                result = await Axe().run(page, options={"runOnly": STANDARDS})
                found = [(fault["id"], fault["nodes"][0]["html"]) for fault in result.response["violations"]]
                assert found == [], path
            await context.close()


@pytest.mark.parametrize("has_script", [True, False])
async def test_three_taps_from_the_pool_to_a_pledge_and_the_card_page(browser, site, purchase, has_script):
    person = await site.scene.somebody()
    context = await context_of(browser, site, person, viewport=PHONE, java_script_enabled=has_script)
    page = await context.new_page()
    await page.goto(f"{site.origin}/urun/{purchase.pool['id']}")
    await page.locator(".sticky").get_by_role("link", name="Ikut urun").click()
    await page.get_by_text("Kartu", exact=True).click()
    await page.get_by_role("button", name="Ikut urun").click()
    await page.get_by_role("heading", name="Simpan kartu supaya komitmen aman").wait_for()
    # The provider's page is reached by a form's redirect, which the content security policy must allow.
    await page.get_by_role("button", name="Simpan kartu").click()
    await page.wait_for_url("**/stripe-simulator/c/pay/**")
    await page.locator("input[name=number]").fill(GOOD_CARD)
    await page.locator("button[value=pay]").click()
    await page.wait_for_url("**/komitmen/**")

    async def words() -> str:
        await page.reload()
        return await page.locator("main").inner_text()

    await eventually(words, until=lambda text: "Komitmen Anda aman" in text)
    await context.close()
