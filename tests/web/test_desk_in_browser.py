"""The operator's desk in a browser: the next thing without a reload, by keyboard, on a phone at the counter."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from services.demo import names
from services.demo.purchase import Purchase
from tests.web.chromium import DESKTOP, IN_BROWSER, PHONE, assert_for_everybody, launched, page_for
from tests.web.test_three_taps_in_browser import newest_code

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def purchase(site):
    market = await site.scene.market()
    purchase = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Urun sealer RW 08")
    await purchase.open()
    return purchase


@pytest.fixture
async def shops(site, purchase):
    """Three businesses that wait to be checked, the oldest first."""
    post_id = purchase.market.post["id"]
    found = []
    for name in ("Warung Satu", "Warung Dua", "Warung Tiga"):
        shop = await site.scene.somebody()
        found.append(await shop.post("/businesses", {"name": name, "post_id": post_id, "whatsapp": shop.phone}))
    yield found
    for business in found:
        await purchase.market.operator.send("POST", f"/businesses/{business['id']}/verify", {})


async def at_the_desk(browser, site, purchase, **options):
    page = await page_for(browser, site, purchase.market.operator, **options)
    await page.goto(f"{site.origin}/petugas?jenis=usaha&posyantek={purchase.market.post['id']}")
    await page.evaluate("window.stayed = true")
    return page


def task(page, business):
    return page.locator(f"#t-{business['id']}")


async def stayed(page) -> bool:
    """Whether the page has never been loaded anew."""
    return await page.evaluate("window.stayed === true")


async def test_the_next_thing_comes_without_a_reload_and_takes_the_focus(browser, site, purchase, shops):
    page = await at_the_desk(browser, site, purchase)
    await task(page, shops[0]).get_by_role("button", name="Benar ada, verifikasi").click()
    await expect(page.locator("#flash")).to_contain_text("Usaha terverifikasi.")
    await expect(task(page, shops[0])).to_have_count(0)
    await expect(task(page, shops[1])).to_be_focused()
    assert await stayed(page)
    await assert_for_everybody(page)
    await page.context.close()


async def test_a_refused_form_is_shown_in_place_with_what_was_typed(browser, site, purchase, shops):
    page = await at_the_desk(browser, site, purchase)
    here = task(page, shops[0])
    await here.locator("summary").click()
    await here.locator("textarea").fill(" ")
    await here.get_by_role("button", name="Tolak").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(task(page, shops[0]).locator("textarea")).to_be_visible()
    assert await stayed(page)
    await assert_for_everybody(page)
    await task(page, shops[0]).locator("textarea").fill("Alamatnya belum ada.")
    await task(page, shops[0]).get_by_role("button", name="Tolak").click()
    await expect(page.locator("#flash")).to_contain_text("Ditolak.")
    assert await stayed(page)
    await page.context.close()


async def test_an_ended_session_is_said_on_the_desk_and_keeps_the_words(browser, site, purchase, shops):
    page = await at_the_desk(browser, site, purchase)
    here = task(page, shops[0])
    await here.locator("summary").click()
    await here.locator("textarea").fill("Belum jelas.")
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    await here.get_by_role("button", name="Tolak").click()
    await expect(page.locator("main")).to_contain_text("sudah kedaluwarsa")
    kept = [cookie for cookie in await page.context.cookies() if "isian" in cookie["name"]]
    await page.context.add_cookies([{**cookie, "secure": True} for cookie in (*cookies, *kept)])
    await page.get_by_role("link", name="Masuk dan lanjutkan").click()
    await expect(task(page, shops[0]).locator("textarea")).to_have_value("Belum jelas.")
    await page.context.close()


async def test_without_a_script_the_desk_does_the_same(browser, site, purchase, shops):
    page = await page_for(browser, site, purchase.market.operator, java_script_enabled=False)
    await page.goto(f"{site.origin}/petugas?jenis=usaha&posyantek={purchase.market.post['id']}")
    await task(page, shops[0]).get_by_role("button", name="Benar ada, verifikasi").click()
    await expect(page.locator("#flash")).to_contain_text("Usaha terverifikasi.")
    await expect(task(page, shops[0])).to_have_count(0)
    await expect(page.locator("#pintasan")).to_be_hidden()
    await page.context.close()


async def test_keys_move_between_things_and_can_be_switched_off(browser, site, purchase, shops):
    page = await at_the_desk(browser, site, purchase, viewport=DESKTOP)
    await page.keyboard.press("j")
    await expect(task(page, shops[0])).to_be_focused()
    await page.keyboard.press("j")
    await expect(task(page, shops[1])).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("s")
    main = task(page, shops[0]).get_by_role("button", name="Benar ada, verifikasi")
    await expect(main).to_be_focused()
    await page.keyboard.press("t")
    reason = task(page, shops[0]).locator("textarea")
    await expect(reason).to_be_focused()
    await page.keyboard.type("jkst")
    await expect(reason).to_have_value("jkst")
    await page.keyboard.press("Escape")

    await page.locator("#pintasan summary").click()
    await assert_for_everybody(page)
    await page.get_by_label("Nyalakan pintasan").uncheck()
    await page.locator("h1").click()
    await page.keyboard.press("j")
    await expect(page.locator("[data-task]:focus")).to_have_count(0)
    await page.reload()
    await page.keyboard.press("j")
    await expect(page.locator("[data-task]:focus")).to_have_count(0)
    await page.locator("#pintasan summary").click()
    await page.get_by_label("Nyalakan pintasan").check()
    await page.keyboard.press("j")
    await expect(task(page, shops[0])).to_be_focused()
    # The main key only leads to the button; Enter does the deed.
    await page.keyboard.press("s")
    await page.keyboard.press("Enter")
    await expect(page.locator("#flash")).to_contain_text("Usaha terverifikasi.")
    assert await page.locator("[data-task]").count() == 2
    await page.context.close()


async def test_helping_somebody_at_the_counter_is_one_way_to_their_pledge(browser, site, purchase):
    """From the pool's counter: who, the code on their phone, and the form to join that very pool in their name."""
    phone = names.phone_number()
    page = await page_for(browser, site, purchase.market.operator, viewport=PHONE)
    await page.goto(f"{site.origin}/petugas/urun/{purchase.pool['id']}")
    await page.get_by_role("link", name="Bantu orang ikut urun ini").click()
    await page.get_by_label("Nama orangnya").fill("Mbah Karto")
    await page.get_by_label("Nomor WhatsApp atau telepon").fill(phone)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Kirim kode ke teleponnya").click()
    await page.get_by_label("Kode 6 angka").fill(await newest_code(site, phone))
    await page.get_by_role("button", name="Mulai membantu").click()
    await page.wait_for_url(f"**/urun/{purchase.pool['id']}/ikut")
    await expect(page.locator(".assisting")).to_contain_text("Mbah Karto")
    await assert_for_everybody(page)
    await page.get_by_role("radio", name="Tunai").check()
    await page.get_by_role("button", name="Ikut urun").click()
    await page.wait_for_url("**/komitmen/**")
    await expect(page.locator("main")).to_contain_text("Dibantu petugas")
    await page.get_by_role("button", name="Selesai membantu").click()
    await expect(page.locator("#flash")).to_contain_text("Anda kembali sebagai petugas")
    await page.context.close()
