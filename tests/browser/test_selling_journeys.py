"""A product's way to its buyer, and its maker's way to the machine that helps, on a phone as people go them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, Route, expect

from services.demo.people import Person
from services.demo.shops import SHOPS
from shared.testing.running import eventually
from tests.browser.tabs import Look, Tab, new_tab
from tests.listings import pictures

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = Look("phone", "light", "id")
PLAIN = Look("phone", "dark", "id", has_script=False)
LONGEST_S = 120
MOST_TAPS = 8


class Taps:
    """Counts how often a thumb comes down. Typing is not counted; what opens a list or the gallery and what chooses in it is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    async def on(self, name: str, role: str = "link") -> None:
        """Tap a link or a button."""
        await self.page.get_by_role(role, name=name).first.click()
        self.count += 1

    async def type(self, label: str, text: str) -> None:
        """Tap into a field and type."""
        await self.page.get_by_label(label, exact=True).fill(text)
        self.count += 1

    async def choose(self, label: str, option: str) -> None:
        """Tap on a list and on what is chosen."""
        await self.page.get_by_label(label, exact=True).select_option(label=option)
        self.count += 2

    async def photo(self, label: str, file: Path) -> None:
        """Tap on the field for photos and on one in the gallery."""
        await self.page.get_by_label(label, exact=False).first.set_input_files(file)
        self.count += 2


@pytest.mark.parametrize("look", [PHONE, PLAIN], ids=["script", "plain"])
async def test_published_shared_found_by_a_misspelled_word_and_ordered(browser, world, tmp_path, look):
    owner = await _with_a_business(world)
    picture = tmp_path / "foto.jpg"
    picture.write_bytes(await asyncio.to_thread(pictures.from_a_phone, 2000, 1500))
    name = "Rengginang terasi" if look.has_script else "Emping melinjo"
    slip = "renginang" if look.has_script else "empin melinjo"
    async with (
        asyncio.timeout(LONGEST_S),
        new_tab(browser, world, "owner", look, person=owner) as tab,
        new_tab(browser, world, "visitor", look) as buyer,
    ):
        await _publish(tab, name, picture)
        await tab.page.get_by_role("link", name="Bagikan produk ini").click()
        await tab.page.wait_for_url("**/bagikan")
        await tab.inspect("journey-share")
        message = await tab.page.locator('a[href^="https://wa.me/"]').first.get_attribute("href")
        assert name in parse_qs(urlsplit(message).query)["text"][0]
        await buyer.open("/")
        await buyer.page.get_by_role("searchbox").first.fill(slip)
        await buyer.page.keyboard.press("Enter")
        await buyer.page.wait_for_url("**/cari?*")
        await buyer.inspect("journey-found")
        await buyer.page.get_by_role("link", name=name).first.click()
        product, reference = await _order(buyer)
        await tab.open(f"/jualan/{product}/pesanan")
        await expect(tab.page.get_by_text(reference, exact=True)).to_be_visible()
        await tab.inspect("journey-enquiry")


async def _with_a_business(world) -> Person:
    """Somebody new whose business the post has checked."""
    owner = await world.somebody("Ibu Penjual")
    post_id = world.places["post_id"]
    body = {"name": "Dapur Penjual (contoh)", "post_id": post_id, "whatsapp": owner.phone}
    business = await owner.post("/businesses", body)
    await world.people["operator"].post(f"/businesses/{business['id']}/verify")
    return owner


async def _publish(tab: Tab, name: str, picture: Path) -> None:
    await tab.open("/akun")
    taps = Taps(tab.page)
    await taps.on("Tambah jualan")
    await tab.page.wait_for_url("**/jualan/baru*")
    await taps.photo("Foto", picture)
    await taps.type("Nama jualan", name)
    await taps.type("Harga", "15.000")
    await taps.choose("Kategori", "Keripik & camilan")
    await taps.on("Simpan dan tayangkan", role="button")
    await tab.page.wait_for_url("**/produk/*")
    await expect(tab.page.get_by_text("Jualan Anda sudah tayang")).to_be_visible()
    assert taps.count <= MOST_TAPS
    await tab.inspect("journey-published")


async def _order(buyer: Tab) -> tuple[str, str]:
    """Order two by WhatsApp; gives the product, and the reference that both sides know the order by."""
    await buyer.page.wait_for_url("**/produk/*")
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(status=200, content_type="text/html", body="<title>WhatsApp</title>")

    await buyer.page.context.route("https://wa.me/**", answer)
    await buyer.page.get_by_label("Jumlah", exact=True).fill("2")
    product = urlsplit(buyer.page.url).path.rpartition("/")[2]
    await buyer.page.get_by_role("button", name="Pesan lewat WhatsApp").click()
    await eventually(lambda: _opened(buyer, asked), within_s=20)
    text = parse_qs(urlsplit(asked[0]).query)["text"][0]
    return product, next(word.strip(".,:()") for word in text.split() if word.startswith("UB-"))


async def _opened(buyer: Tab, asked: list[str]) -> bool:
    """Whether WhatsApp was asked for; where a page stands between, its link is followed."""
    if not asked and (link := buyer.page.locator('main a[href^="https://wa.me/"]')) and await link.count():
        await link.first.click()
    return bool(asked)


@pytest.mark.parametrize("look", [PHONE, PLAIN], ids=["script", "plain"])
async def test_from_a_product_to_the_machine_that_helps_and_into_its_pool(browser, world, look):
    maker = await Person(world.api, SHOPS[1].owner, SHOPS[1].phone).sign_in()
    product = await _product_of(maker, "Keripik singkong balado 200 g")
    async with asyncio.timeout(LONGEST_S), new_tab(browser, world, "owner", look, person=maker) as tab:
        await tab.open(f"/produk/{product}")
        await tab.page.get_by_role("link", name="Alat yang membantu").click()
        await tab.page.wait_for_url("**/alat-untuk-usaha?*")
        card = tab.page.locator("#spinner-peniris-minyak")
        await expect(card).to_be_visible()
        await tab.page.get_by_label("Berapa kg seminggu?").fill("40")
        await tab.page.get_by_label("Listrik di rumah").select_option(label="1300 VA")
        await tab.page.get_by_role("button", name="Tunjukkan alatnya").click()
        await expect(card).to_contain_text("Listrik cukup")
        await card.get_by_text("Berapa bulan baru balik modal?").click()
        await card.get_by_label("Jam seminggu untuk").fill("6,5")
        await card.get_by_label("Nilai satu jam kerja").fill("20.000")
        await card.get_by_role("button", name="Hitung").click()
        await expect(card).to_contain_text("Balik modal sekitar")
        await tab.inspect("journey-which-machine")
        await card.get_by_role("link", name="Ikut urun").click()
        await tab.page.wait_for_url("**/urun/*-*")
        await expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Spinner peniris minyak")
        await tab.inspect("journey-its-pool")


@pytest.mark.parametrize(
    ("look", "shop", "made", "machine"),
    [
        (PHONE, SHOPS[1], "Keripik singkong balado 200 g", "pencampur-bumbu"),
        (PLAIN, SHOPS[4], "Nastar 500 g", "mixer-adonan"),
    ],
    ids=["script", "plain"],
)
async def test_a_machine_that_nobody_offers_becomes_a_need(browser, world, look, shop, made, machine):
    maker = await Person(world.api, shop.owner, shop.phone).sign_in()
    async with asyncio.timeout(LONGEST_S), new_tab(browser, world, "owner", look, person=maker) as tab:
        await tab.open(f"/produk/{await _product_of(maker, made)}")
        await tab.page.get_by_role("link", name="Alat yang membantu").click()
        await tab.page.wait_for_url("**/alat-untuk-usaha?*")
        await tab.page.locator(f"#{machine}").get_by_role("link", name="Saya butuh alat ini").click()
        await tab.page.wait_for_url("**/kebutuhan/baru?*")
        await tab.inspect("journey-need")
        await tab.page.locator('form[action^="/kebutuhan/baru"] [type=submit]').click()
        await tab.page.wait_for_url("**/kebutuhan/*-*")
        await expect(tab.page.locator("#flash")).to_contain_text("Kebutuhan Anda tercatat")
        await tab.inspect("journey-need-told")


async def _product_of(person: Person, name: str) -> str:
    items = (await person.get("/listings/mine?limit=100"))["items"]
    return next(str(item["id"]) for item in items if item["name"] == name)
