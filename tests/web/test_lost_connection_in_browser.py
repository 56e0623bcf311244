"""A connection that is lost while somebody sends a form: it is said, what was typed stays, and trying again works."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

import pytest
from playwright.async_api import Error, expect

from tests.web.chromium import IN_BROWSER, assert_for_everybody, launched, page_for

pytestmark = IN_BROWSER
DONE = re.compile(r"/usaha/[0-9a-f]{8}-")
TYPED = {"Nama usaha": "Warung Ibu Sri", "Cerita usaha": "Sejak 2010.", "WhatsApp untuk pesanan": "0812 3456 7890"}


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def market(site):
    return await site.scene.market()


async def filled(browser, site, market):
    """A form with every field typed into."""
    page = await page_for(browser, site, market.owner)
    await page.goto(f"{site.origin}/usaha/baru?posyantek={market.post['id']}")
    for label, text in TYPED.items():
        await page.get_by_label(label).fill(text)
    return page


async def still_typed(page) -> None:
    for label, text in TYPED.items():
        await expect(page.get_by_label(label)).to_have_value(text)


async def test_without_a_network_nothing_is_sent_and_nothing_is_lost(browser, site, market):
    page = await filled(browser, site, market)
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Daftarkan usaha").click()
    toast = page.get_by_role("alert").filter(has_text="Sambungan terputus")
    await expect(toast).to_be_visible()
    await expect(toast.get_by_role("button", name="Coba lagi")).to_be_focused()
    await assert_for_everybody(page)
    await still_typed(page)
    await toast.get_by_role("button", name="Coba lagi").click()
    await expect(toast).to_be_visible()
    await page.context.set_offline(False)
    await toast.get_by_role("button", name="Coba lagi").click()
    await page.wait_for_url(DONE)
    await expect(page.locator("#flash")).to_contain_text("Usaha terdaftar")
    await page.context.close()


async def test_when_the_answer_never_comes_going_back_brings_the_words_back(browser, site, market):
    """The network seems to be there, but the request fails: the browser shows its own error page."""
    page = await filled(browser, site, market)
    await page.route(
        "**/usaha/baru",
        lambda route: route.abort("connectionreset") if route.request.method == "POST" else route.continue_(),
    )
    await page.get_by_role("button", name="Daftarkan usaha").click()
    await page.wait_for_url("chrome-error://**")
    await page.unroute_all()
    await page.go_back()
    await still_typed(page)
    await page.get_by_role("alert").get_by_role("button", name="Coba lagi").click()
    await page.wait_for_url(DONE)
    # Gone back after a success, the form begins anew: the same business is not made twice by mistake.
    await page.go_back()
    await expect(page.get_by_label("Nama usaha")).to_have_value("")
    await page.context.close()


async def test_on_the_desk_a_lost_answer_leaves_the_page_as_it_is(browser, site, market):
    shop = await site.scene.somebody()
    business = await shop.post(
        "/businesses", {"name": "Warung Putus", "post_id": market.post["id"], "whatsapp": shop.phone}
    )
    page = await page_for(browser, site, market.operator)
    await page.goto(f"{site.origin}/petugas")
    task = page.locator(f"#t-{business['id']}")
    await task.locator("summary").click()
    await task.locator("textarea").fill("Alamatnya belum ada.")
    await page.route("**/petugas/kerjakan/**", lambda route: route.abort("connectionreset"))
    await task.get_by_role("button", name="Tolak").click()
    toast = page.get_by_role("alert").filter(has_text="Sambungan terputus")
    await expect(toast).to_be_visible()
    await expect(task.locator("textarea")).to_have_value("Alamatnya belum ada.")
    await page.unroute_all()
    await toast.get_by_role("button", name="Coba lagi").click()
    await expect(page.locator("#flash")).to_contain_text("Ditolak.")
    await page.context.close()


async def test_two_quick_taps_send_once(browser, site, market):
    page = await filled(browser, site, market)
    sent: list[str] = []
    both_tapped = asyncio.Event()
    page.on("console", lambda _: both_tapped.set())

    async def hold(route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
            await asyncio.wait_for(both_tapped.wait(), 20)
        with suppress(Error):  # a request that a second one has taken the place of
            await route.continue_()

    await page.route("**/usaha/baru", hold)
    await page.evaluate("""() => {
        const button = document.querySelector("main form [type=submit]");
        button.click();
        setTimeout(() => { button.click(); console.info("tapped twice"); }, 300);
    }""")
    await page.wait_for_url(DONE)
    assert both_tapped.is_set()
    assert len(sent) == 1
    await page.context.close()
