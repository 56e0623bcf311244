"""Cash book, receipt and order on paper: dark on white whatever the screen is, a whole table, nothing to tap."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from services.demo.purchase import Purchase
from tests.web.chromium import IN_BROWSER, launched, page_for

pytestmark = IN_BROWSER
A4_INSIDE = {"width": 680, "height": 1000}  # 210 mm less two margins of 15 mm, at 96 dots an inch


@pytest.fixture(scope="module")
async def purchase(site):
    """A pool that is full and paid for, whose supplier has been asked."""
    market = await site.scene.market()
    purchase = await Purchase.propose(site.scene, market, timing="deposit", title="Urun cetak RW 04")
    await purchase.open()
    await purchase.pledge("cash", 16)
    await purchase.becomes("awaiting_supplier")
    return purchase


async def test_what_people_keep_is_whole_on_paper(site, purchase):
    member = purchase.members[0]
    order = await purchase.market.supplier.get("/purchase-orders?state=requested")
    pages = {
        f"/urun/{purchase.pool['id']}/buku": (
            None,
            ["Urun cetak RW 04", "Masuk dan keluar", "Setoran tunai", "Kuitansi"],
        ),
        f"/komitmen/{member.pledge['id']}": (member.person, ["Kenapa Rp segini?", "Yang Anda bayar", "Pembayaran"]),
        f"/pesanan/{order['items'][0]['id']}": (purchase.market.supplier, ["Isi pesanan", "Nilai pesanan"]),
    }
    async with launched() as browser:
        for path, (person, words) in pages.items():
            page = await page_for(browser, site, person, viewport=A4_INSIDE, color_scheme="dark")
            await page.goto(site.origin + path)
            await page.emulate_media(media="print")
            for text in words:
                await expect(page.locator("main")).to_contain_text(text)
            for hidden in ("form", ".tabs", ".foot", ".crumbs", "button", ".search"):
                assert await page.locator(f"{hidden}:visible").count() == 0, (path, hidden)
            paint = "getComputedStyle(document.body)"
            assert await page.evaluate(f"[{paint}.backgroundColor, {paint}.color]") == [
                "rgb(255, 255, 255)",
                "rgb(0, 0, 0)",
            ]
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            if await page.locator("table.data").count():
                await expect(page.locator("table.data thead").first).to_be_visible()
                assert (
                    await page.locator("table.data tr").first.evaluate("row => getComputedStyle(row).display")
                    == "table-row"
                )
            await page.context.close()
