"""A newcomer with a phone: from a pool's page to a pledge in three taps, and an interrupted step is offered again."""

from __future__ import annotations

import pytest

from services.demo import names
from services.demo.purchase import GOOD_CARD, Purchase
from shared.testing.running import eventually
from tests.web.chromium import IN_BROWSER, assert_for_everybody, launched, page_for

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
async def browser():
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def pool_id(site):
    market = await site.scene.market()
    purchase = await Purchase.propose(site.scene, market, timing="after_acceptance", title="Spinner kelompok RW 07")
    await purchase.open()
    return purchase.pool["id"]


class Thumb:
    """Taps, and counts them. Typing is no tap: the keyboard goes on from field to field."""

    def __init__(self, page) -> None:
        self.page = page
        self.taps = 0

    async def tap(self, name: str) -> None:
        self.taps += 1
        await self.page.get_by_role("button", name=name, exact=True).click()


async def newest_code(site, phone: str) -> str:
    async def look():
        reply = await site.scene.api.send("GET", f"/api/v1/dev-messages?to={phone.replace('+', '%2B')}")
        return [message["code"] for message in reply.body["items"] if message.get("code")]

    return (await eventually(look))[0]


async def on_the_pool_page(browser, site, pool_id, **options):
    page = await page_for(browser, site, **options)
    await page.goto(f"{site.origin}/urun/{pool_id}")
    await page.locator(".sticky").get_by_role("link", name="Ikut urun").click()
    return page, Thumb(page)


async def fill_in_who(page, phone: str) -> None:
    await page.get_by_label("Nama Anda").fill("Ibu Tini")
    await page.get_by_label("Nomor WhatsApp").fill(phone)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
async def test_name_and_number_then_the_code_then_paying(browser, site, pool_id, has_script):
    phone = names.phone_number()
    page, thumb = await on_the_pool_page(browser, site, pool_id, java_script_enabled=has_script)
    await fill_in_who(page, phone)
    await page.keyboard.press("Tab")
    await page.get_by_role("radio", name="Kartu").check()  # one's own choice: the first way is chosen already
    if has_script:
        await assert_for_everybody(page)

    await thumb.tap("Kirim kode")
    assert "Spinner kelompok RW 07" in await page.locator("main").inner_text()
    await page.get_by_label("Kode 6 angka").fill(await newest_code(site, phone))
    if has_script:
        await assert_for_everybody(page)

    await thumb.tap("Setuju dan ikut urun")
    await page.wait_for_url("**/komitmen/**")
    assert "Komitmen tercatat" in await page.locator("#flash").inner_text()
    await page.get_by_role("heading", name="Simpan kartu supaya komitmen aman").wait_for()

    await thumb.tap("Simpan kartu")
    await page.wait_for_url("**/stripe-simulator/c/pay/**")
    assert thumb.taps == 3
    await page.locator("input[name=number]").fill(GOOD_CARD)
    await page.locator("button[value=pay]").click()
    await page.wait_for_url("**/komitmen/**")

    async def words() -> str:
        await page.reload()
        return await page.locator("main").inner_text()

    await eventually(words, until=lambda text: "Komitmen Anda aman" in text)
    await page.context.close()


async def test_a_wrong_code_asks_again_and_keeps_everything(browser, site, pool_id):
    phone = names.phone_number()
    page, thumb = await on_the_pool_page(browser, site, pool_id)
    await fill_in_who(page, phone)
    await page.locator("#f-units").fill("2")
    await thumb.tap("Kirim kode")
    code = await newest_code(site, phone)
    await page.get_by_label("Kode 6 angka").fill(str((int(code) + 1) % 1_000_000).zfill(6))
    await thumb.tap("Setuju dan ikut urun")
    await page.get_by_role("alert").wait_for()
    await assert_for_everybody(page)
    await page.get_by_label("Kode 6 angka").fill(code)
    # Two taps within moments are one; the page is a new one here, so this one counts.
    await thumb.tap("Setuju dan ikut urun")
    await page.wait_for_url("**/komitmen/**")
    assert "2 unit" in await page.locator(".facts").first.inner_text()
    await page.context.close()


async def test_who_stops_before_paying_is_offered_to_go_on(browser, site, pool_id):
    phone = names.phone_number()
    page, thumb = await on_the_pool_page(browser, site, pool_id)
    await fill_in_who(page, phone)
    await page.get_by_role("radio", name="Kartu").check()
    await thumb.tap("Kirim kode")
    await page.get_by_label("Kode 6 angka").fill(await newest_code(site, phone))
    await thumb.tap("Setuju dan ikut urun")
    await page.wait_for_url("**/komitmen/**")
    pledge_url = page.url
    await page.close()

    # Another day, another page of the same browser.
    context = page.context
    page = await context.new_page()
    await page.goto(f"{site.origin}/akun")
    offered = (
        page.get_by_role("region").or_(page.locator("section")).filter(has_text="Lanjutkan yang belum selesai").first
    )
    await offered.get_by_role("link", name="Simpan kartu").click()
    await page.wait_for_url(pledge_url)
    await page.get_by_role("button", name="Simpan kartu").click()
    await page.wait_for_url("**/stripe-simulator/c/pay/**")
    await context.close()


async def test_who_is_a_member_already_and_comes_with_another_phone_is_led_to_the_pledge(browser, site, pool_id):
    member = await site.scene.somebody("Ibu Lama")
    pledge = await member.post(f"/pools/{pool_id}/pledges", {"units": 1, "method": "cash"})
    page, thumb = await on_the_pool_page(browser, site, pool_id)
    await fill_in_who(page, member.phone)
    await thumb.tap("Kirim kode")
    await page.get_by_label("Kode 6 angka").fill(await newest_code(site, member.phone))
    await thumb.tap("Setuju dan ikut urun")
    await page.wait_for_url(f"**/komitmen/{pledge['id']}")
    await page.context.close()
