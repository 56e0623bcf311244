"""The main job as each of its people does it in a browser, with scripts on a phone and without on a desk.

Every page on the way is inspected like the listed ones. How a newcomer joins in three taps is in `tests/web`.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from playwright.async_api import Browser, expect

from services.demo import story
from services.demo.market import Market, Scene
from services.demo.narrator import Narrator
from services.demo.people import Person
from shared.testing.running import eventually
from tests.browser.tabs import Look, Tab, new_tab
from tests.browser.world import Role, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONGEST_S = 240
LOOKS = {"script": Look("phone", "light", "id"), "plain": Look("desk", "dark", "en", has_script=False)}


@dataclass
class Journey:
    """One pool, and a tab for everybody around it."""

    world: World
    market: Market
    look: Look
    browser: Browser
    stack: AsyncExitStack
    tabs: dict[str, Tab] = field(default_factory=dict)
    pool: str = ""
    pledge: str = ""
    order: str = ""

    async def tab(self, role: Role, person: Person | None) -> Tab:
        """Give somebody's tab; it stays open."""
        name = person.phone if person else role
        if name not in self.tabs:
            tab = new_tab(self.browser, self.world, role, self.look, person=person)
            self.tabs[name] = await self.stack.enter_async_context(tab)
        return self.tabs[name]

    async def becomes(self, state: str) -> None:
        """Wait until the pool is in a state."""

        async def now() -> str:
            return (await self.market.owner.get(f"/pools/{self.pool}"))["state"]

        await eventually(now, until=lambda found: found == state, within_s=60)

    async def shows_form(self, tab: Tab, address: str, action: str) -> None:
        """Open a page until it has a form that is sent there: what happened elsewhere takes a moment to arrive."""

        async def look() -> int:
            await tab.open(address)
            return await tab.page.locator(f'form[action^="{action}"]').count()

        await eventually(look, within_s=60)


@pytest.mark.parametrize("way", LOOKS)
async def test_from_a_proposal_to_the_first_payment(browser, world, way: str):
    random = Random(11)  # noqa: S311 -- a story, not a secret
    market = await Scene(world.api, random, Narrator(quiet=True), story.OFFICER[1]).market()
    async with asyncio.timeout(LONGEST_S), AsyncExitStack() as stack:
        journey = Journey(world, market, LOOKS[way], browser, stack)
        await _the_owner_proposes(journey)
        await _the_operator_opens(journey)
        await _a_member_joins(journey)
        await _the_operator_confirms(journey)
        await _the_supplier_accepts(journey)
        await _the_member_pays_at_the_counter(journey)
        await _two_people_pay_the_supplier(journey)
        await _the_supplier_sends(journey)
        await _the_book_is_open_to_everybody(journey)


async def _the_owner_proposes(journey: Journey) -> None:
    tab = await journey.tab("owner", journey.market.owner)
    await journey.shows_form(tab, f"/urun/baru?penawaran={journey.market.offer['id']}", "/urun/baru")
    await tab.inspect("journey-propose")
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    draft = {"title": "Urun alat gang Mawar", "story": "Supaya lebih cepat.", "tanggal": until, "jam": "20:00"}
    await tab.send("/urun/baru", **draft, post_id=journey.market.post["id"])
    await tab.page.wait_for_url("**/urun/*-*")
    journey.pool = tab.page.url.rpartition("/")[2]
    await tab.inspect("journey-draft")
    await tab.send(f"/urun/{journey.pool}/ajukan")
    await expect(tab.page.locator("#flash")).to_be_visible()
    await tab.inspect("journey-submitted")


async def _the_operator_opens(journey: Journey) -> None:
    tab = await journey.tab("operator", journey.market.operator)
    action = f"/petugas/kerjakan/urun/{journey.pool}/buka"
    await journey.shows_form(tab, "/petugas", action)
    await tab.inspect("journey-desk")
    await tab.send(action)
    await expect(tab.page.locator(f'form[action^="{action}"]')).to_have_count(0)
    await tab.inspect("journey-desk-done")


async def _a_member_joins(journey: Journey) -> None:
    await journey.becomes("open")
    person = await journey.world.somebody("Ibu Mawar")
    tab = await journey.tab("member", person)
    await tab.open(f"/urun/{journey.pool}")
    await tab.inspect("journey-pool")
    await tab.page.locator(f'a[href^="/urun/{journey.pool}/ikut"]:visible').first.click()
    await tab.page.wait_for_url("**/ikut*")
    await tab.inspect("journey-join")
    await tab.send(f"/urun/{journey.pool}/ikut", units="16", method="cash")
    await tab.page.wait_for_url("**/komitmen/*")
    journey.pledge = tab.page.url.rpartition("/")[2]
    await tab.inspect("journey-pledged")


async def _the_operator_confirms(journey: Journey) -> None:
    tab = await journey.tab("operator", journey.market.operator)
    action = f"/petugas/kerjakan/komitmen/{journey.pledge}/konfirmasi"
    await journey.shows_form(tab, f"/petugas/urun/{journey.pool}", action)
    await tab.inspect("journey-counter")
    await tab.send(action)
    await journey.becomes("awaiting_supplier")


async def _the_supplier_accepts(journey: Journey) -> None:
    tab = await journey.tab("supplier", journey.market.supplier)

    async def orders() -> list[str]:
        await tab.open("/pesanan?keadaan=requested")
        return await tab.page.locator('a[href^="/pesanan/"]').evaluate_all("links => links.map(link => link.pathname)")

    journey.order = (await eventually(orders, within_s=60))[0]
    await tab.inspect("journey-orders")
    await tab.open(journey.order)
    await tab.inspect("journey-order")
    await tab.send(f"{journey.order}/terima")
    await expect(tab.page.locator("#flash")).to_be_visible()
    await tab.inspect("journey-accepted")
    await journey.becomes("collecting")


async def _the_member_pays_at_the_counter(journey: Journey) -> None:
    tab = await journey.tab("operator", journey.market.operator)
    action = f"/petugas/kerjakan/komitmen/{journey.pledge}/tunai"
    await journey.shows_form(tab, f"/petugas/urun/{journey.pool}", action)
    await tab.send(action)
    await journey.becomes("ordered")
    await tab.inspect("journey-cash")


async def _two_people_pay_the_supplier(journey: Journey) -> None:
    tab = await journey.tab("operator", journey.market.operator)
    await journey.shows_form(tab, "/petugas", "/petugas/kerjakan/pencairan/")
    await tab.inspect("journey-payout")
    form = tab.page.locator('form[action^="/petugas/kerjakan/pencairan/"]').first
    action = await form.get_attribute("action") or ""
    payout = action.split("/")[4]
    await tab.send(action, **{f"reference-{payout}": "TRF 1"})
    second = await journey.tab("checker", journey.market.checker)
    await journey.shows_form(second, "/petugas", f"/petugas/kerjakan/pencairan/{payout}/setujui")
    await second.inspect("journey-payout-check")
    await second.send(f"/petugas/kerjakan/pencairan/{payout}/setujui")
    await expect(second.page.locator(f'form[action*="{payout}/setujui"]')).to_have_count(0)


async def _the_supplier_sends(journey: Journey) -> None:
    tab = await journey.tab("supplier", journey.market.supplier)
    await journey.shows_form(tab, journey.order, f"{journey.order}/kirim")
    await tab.inspect("journey-funded")
    await tab.send(f"{journey.order}/kirim", units="16", note="Resi 77")
    await expect(tab.page.locator("main")).to_contain_text("Resi 77")
    operator = await journey.tab("operator", journey.market.operator)
    action = f"/petugas/kerjakan/urun/{journey.pool}/barang"
    await journey.shows_form(operator, "/petugas", action)
    await operator.send(action)
    await journey.becomes("delivered")


async def _the_book_is_open_to_everybody(journey: Journey) -> None:
    tab = await journey.tab("visitor", None)
    await tab.open(f"/urun/{journey.pool}")
    await tab.page.locator(f'a[href^="/urun/{journey.pool}/buku"]').first.click()
    await tab.page.wait_for_url("**/buku*")
    await expect(tab.page.locator("main table tbody tr")).to_have_count(2)
    await tab.inspect("journey-book")
