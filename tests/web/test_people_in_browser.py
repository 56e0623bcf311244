"""The pages for everybody in a real browser: no accessibility violation, no overflow, nothing the policy had to block."""

from __future__ import annotations

import re
import shutil
from urllib.parse import unquote

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from services.web import cookies

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
async def market(site):
    """A post, a UKM with a product, a supplier with an offer."""
    return await site.scene.market()


@pytest.fixture(scope="module")
async def chromium():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def open_for(chromium, site, person, **options):
    context = await chromium.new_context(**options)
    if person is not None:
        # Browsers send Secure cookies to localhost over HTTP too, but want them set for an https address.
        address = site.origin.replace("http://", "https://")
        session = {"name": cookies.SESSION, "value": person.session_token, "url": address, "secure": True}
        await context.add_cookies([session])
    return context


def pages_of(market):
    technology = market.technology["slug"]
    """Who visits what: a visitor, the owner of a UKM, a supplier."""
    visitor = [
        "/",
        "/cari",
        "/cari?q=posyantek",
        "/posyantek",
        f"/posyantek/{market.post['slug']}",
        "/produk",
        f"/produk/{market.listing['id']}",
        f"/usaha/{market.listing['business_id']}",
        "/ttg?daya=900",
        f"/ttg/{technology}",
        f"/pemasok/{market.offer['supplier_id']}",
        "/bantuan",
        "/bantuan/cara-urun",
        "/privasi",
        "/kotak-pesan",
    ]
    owner = [
        "/akun",
        "/akun/ubah",
        "/akun/perangkat",
        "/akun/data",
        "/akun/hapus",
        "/akun/daftar/jualan",
        "/pemberitahuan",
        "/usaha/baru",
        f"/usaha/{market.listing['business_id']}",
        "/jualan/baru",
        f"/produk/{market.listing['id']}",
        f"/jualan/{market.listing['id']}/ubah",
        f"/jualan/{market.listing['id']}/arsip",
        "/pemasok/daftar",
    ]
    supplier = [
        "/pemasok",
        f"/pemasok/{market.offer['supplier_id']}",
        f"/pemasok/{market.offer['supplier_id']}/rekening",
        f"/pemasok/penawaran/baru?alat={market.technology['id']}",
        f"/pemasok/penawaran/{market.offer['id']}/ubah",
        f"/pemasok/penawaran/{market.offer['id']}/tarik",
    ]
    return [(None, visitor), (market.owner, owner), (market.supplier, supplier)]


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
@pytest.mark.parametrize("who", [0, 1, 2], ids=["visitor", "owner", "supplier"])
async def test_the_pages_are_for_everybody(chromium, site, market, who, viewport, scheme):
    person, paths = pages_of(market)[who]
    context = await open_for(chromium, site, person, viewport=viewport, color_scheme=scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in paths:
        reply = await page.goto(site.origin + path)
        assert (reply.status, page.url) == (200, site.origin + path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        result = await Axe().run(page, options={"runOnly": STANDARDS})
        found = [(violation["id"], violation["nodes"][0]["html"]) for violation in result.response["violations"]]
        assert found == [], path
    assert complaints == []
    await context.close()


async def test_a_refused_form_leads_to_its_fields(chromium, site, market):
    context = await open_for(chromium, site, market.supplier, viewport=PHONE)
    page = await context.new_page()
    await page.goto(f"{site.origin}/pemasok/penawaran/baru?alat={market.technology['id']}")
    typed = {"minimum_units": "4", "tier_1_price": "1000000", "capacity_units": "8", "tier_2_from": "6"}
    for name, value in typed.items():
        await page.fill(f"#f-{name}", value)
    await page.get_by_text("Jenjang lain").click()
    await page.fill("#f-tier_4_from", "7")
    await page.get_by_role("button", name="Tampilkan penawaran").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("2 isian")
    await alert.get_by_role("link").first.click()
    await expect(page.locator("#f-tier_2_price")).to_be_focused()
    await expect(page.locator("#f-tier_4_price")).to_be_visible()
    result = await Axe().run(page, options={"runOnly": STANDARDS})
    assert [violation["id"] for violation in result.response["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await context.close()


async def test_the_order_follows_the_quantity(chromium, site, market):
    """With a script at once, without one after a tap; the message says the same."""
    for has_script in (True, False):
        context = await open_for(chromium, site, None, viewport=PHONE, java_script_enabled=has_script)
        page = await context.new_page()
        await page.goto(f"{site.origin}/produk/{market.listing['id']}")
        await page.fill("#f-jumlah", "4")
        if has_script:
            await page.locator("#f-jumlah").blur()
        else:
            await page.get_by_role("button", name="Hitung").click()
        total = f"Rp\u00a0{4 * market.listing['price_idr']:,}".replace(",", ".")
        await expect(page.locator("#pesan")).to_contain_text(total)
        href = await page.get_by_role("link", name="Pesan lewat WhatsApp").get_attribute("href")
        assert re.search(r"saya mau pesan 4 buah .+ Ref\. UB-[0-9A-F]{6}$", unquote(href))
        await context.close()
