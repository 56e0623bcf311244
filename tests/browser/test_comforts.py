"""What pages do besides being read: small comforts where scripts run, and the way out of a refused form."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.tabs import Look, new_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAYS = pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])


@WAYS
async def test_copying_is_offered_where_it_works(browser, world, has_script):
    async with new_tab(browser, world, "visitor", Look(has_script=has_script)) as tab:
        await tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await tab.open("/gaya")
        link = "https://urunbeli.example/urun/spinner-cempaka-putih"
        await expect(tab.page.locator("#tautan-urun")).to_have_value(link)
        copy = tab.page.locator("[data-copy]").first
        await expect(copy).to_be_visible(visible=has_script)
        if has_script:
            await copy.click()
            await tab.page.get_by_text("Tersalin").wait_for()
            assert await tab.page.evaluate("navigator.clipboard.readText()") == link


async def test_rupiah_get_their_dots(browser, world):
    async with new_tab(browser, world, "visitor", Look()) as tab:
        await tab.open("/gaya")
        ceiling = tab.page.locator("#f-new_ceiling")
        await ceiling.fill("1450000")
        await ceiling.blur()
        await expect(ceiling).to_have_value("1.450.000")


@WAYS
async def test_the_order_follows_the_quantity(browser, world, has_script):
    """With a script at once, without one after a tap."""
    listing = await world.people["owner"].get(f"/listings/{world.places['listing']}")
    async with new_tab(browser, world, "visitor", Look(has_script=has_script)) as tab:
        await tab.open(f"/produk/{listing['id']}")
        await tab.page.fill("#f-jumlah", "4")
        if has_script:
            await tab.page.locator("#f-jumlah").blur()
        else:
            await tab.page.get_by_role("button", name="Hitung").click()
        price_idr = listing["promotion_price_idr"] or listing["price_idr"]
        total = f"Rp\u00a0{4 * price_idr:,}".replace(",", ".")
        await expect(tab.page.locator("#pesan")).to_contain_text(total)
        await expect(tab.page.locator("#f-jumlah")).to_have_value("4")
        await tab.inspect("product-four")


async def test_a_refused_form_leads_to_its_fields(browser, world):
    async with new_tab(browser, world, "supplier", Look()) as tab:
        await tab.open(f"/pemasok/penawaran/baru?alat={world.places['technology_id']}")
        typed = {"minimum_units": "4", "tier_1_price": "1000000", "capacity_units": "8", "tier_2_from": "6"}
        for name, value in typed.items():
            await tab.page.fill(f"#f-{name}", value)
        await tab.page.get_by_text("Jenjang lain").click()
        await tab.page.fill("#f-tier_4_from", "7")
        tab.expected = 422
        await tab.page.get_by_role("button", name="Tampilkan penawaran").click()
        alert = tab.page.get_by_role("alert")
        await expect(alert).to_contain_text("2 isian")
        await alert.get_by_role("link").first.click()
        await expect(tab.page.locator("#f-tier_2_price")).to_be_focused()
        await expect(tab.page.locator("#f-tier_4_price")).to_be_visible()
        await tab.inspect("offer-refused")
