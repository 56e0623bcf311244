"""A browser's tab that keeps an eye on every page it visits: what it weighs, what fails, and whether everybody can use it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright

from services.demo.people import Person
from services.web import cookies
from tests.browser.world import Role, World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
MOST_BYTES = 60 * 1024
"""What the first view of a page may weigh on the wire, headers and all."""
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
_WIDER_THAN_THE_SCREEN = """
() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(element => element.outerHTML.slice(0, 120))
"""

_EVERY_PICTURE_IS_THERE = """
() => Promise.all([...document.images]
    .filter(image => image.getClientRects().length)
    .map(image => image.decode().catch(() => {})))
"""


class Look(NamedTuple):
    """How a page is looked at."""

    size: str = "phone"
    scheme: str = "light"
    language: str = "id"
    has_script: bool = True


@dataclass  # without slots: Playwright keeps its own mark on whoever listens
class Tab:
    """One tab, and what was wrong on the page it shows."""

    page: Page
    world: World
    role: Role
    look: Look
    complaints: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    """How many bytes came over the wire for this page, headers and all, by the browser's own count."""
    expected: int = 200
    _addresses: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """What the page weighs."""
        return sum(self.sizes.values())

    async def watch(self) -> None:
        """Begin to keep an eye on the page."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        wire = await self.page.context.new_cdp_session(self.page)
        wire.on("Network.requestWillBeSent", self._begun)
        wire.on("Network.loadingFinished", self._came)
        await wire.send("Network.enable")

    async def open(self, address: str, status: int = 200) -> None:
        """Go to an address, and inspect what it shows."""
        self.expected = status
        reply = await self.page.goto(self.world.origin + address)
        assert reply is not None
        assert (reply.status, self.page.url) == (status, self.world.origin + address)
        if self.look.has_script:
            await self.page.evaluate("document.fonts.ready")

    async def send(self, action: str, **typed: str) -> None:
        """Fill in the form that is sent to an address beginning so, and send it; what it shows then is the caller's to await."""
        form = self.page.locator(f'form[action^="{action}"]').first
        folded = self.page.locator("details:not([open])", has=form).last
        if await folded.count():
            await folded.locator("summary").first.click()
        for name, value in typed.items():
            control = form.locator(f'[name="{name}"]').first
            kind = await control.evaluate("control => control.type")
            if kind in {"radio", "checkbox"}:
                await form.locator(f'[name="{name}"][value="{value}"]').check()
            elif kind == "select-one":
                await control.select_option(value)
            elif kind != "hidden":
                await control.fill(value)
        async with self.page.expect_response(lambda reply: reply.request.method == "POST"):
            await form.locator("[type=submit]").first.click()
        await self.page.wait_for_load_state()

    async def inspect(self, name: str, *, is_first_view: bool = False) -> None:
        """Say everything that is wrong with the page that is shown, and keep a picture of it."""
        faults = list(self.complaints)
        if is_first_view and self.bytes > MOST_BYTES:
            faults.append(f"weighs {self.bytes} bytes: {self.sizes}")
        faults += [f"too wide: {html}" for html in await self.page.evaluate(_WIDER_THAN_THE_SCREEN)]
        if self.look.has_script:
            faults += await self._barriers()
        await self._keep_picture(name)
        self.complaints.clear()
        if faults:
            pytest.fail("\n".join([f"{self.role} on {self.page.url}, {self.look}", *faults]), pytrace=False)

    async def _barriers(self) -> list[str]:
        """What axe finds. It is a script itself: where scripts are off its promises never come true."""
        result = await Axe().run(self.page, options={"runOnly": STANDARDS, "resultTypes": ["violations"]})
        return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in result.response["violations"]]

    async def _keep_picture(self, name: str) -> None:
        kind = "" if self.look.has_script else "-plain"
        place = SCREENSHOTS / self.role / f"{name}-{self.look.size}-{self.look.scheme}{kind}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        # A screen as high as the page: bars at its foot cover nothing, and pictures further down are fetched.
        usual = SIZES[self.look.size]
        height = await self.page.evaluate("document.documentElement.scrollHeight")
        await self.page.set_viewport_size({**usual, "height": max(height, usual["height"])})
        if self.look.has_script:
            await self.page.evaluate(_EVERY_PICTURE_IS_THERE)
        await self.page.screenshot(path=place)
        await self.page.set_viewport_size(usual)

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium also complains of a page that is meant to answer 404: that answer is what was asked for.
        if self.expected >= 400 and f"status of {self.expected}" in message.text:
            return
        self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED" and "/langsung" in request.url:
            return  # a stream ends when its page is left
        self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, reply: Response) -> None:
        if reply.status >= 400 and reply.status != self.expected:
            self.complaints.append(f"answered {reply.status}: {reply.url}")

    def _begun(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Document":
            self.sizes.clear()
        self._addresses[event["requestId"]] = event["request"]["url"].removeprefix(self.world.origin)

    def _came(self, event: dict[str, Any]) -> None:
        self.sizes[self._addresses[event["requestId"]]] = int(event["encodedDataLength"])


@asynccontextmanager
async def new_tab(
    browser: Browser, world: World, role: Role, look: Look, *, person: Person | None = None
) -> AsyncIterator[Tab]:
    """Open a tab with an empty cache, logged in as a role's person of the story, or as somebody else in that role."""
    person = person or world.people.get(role)
    context = await browser.new_context(
        viewport=SIZES[look.size],
        color_scheme=look.scheme,
        java_script_enabled=look.has_script,
        reduced_motion="reduce",
    )
    # Browsers send Secure cookies to localhost over HTTP too, but want them set for an https address.
    secure = world.origin.replace("http://", "https://")
    kept = [{"name": cookies.LANGUAGE, "value": look.language, "url": world.origin}]
    if person is not None:
        kept.append(
            {"name": cookies.SESSION, "value": person.session_token, "url": secure, "secure": True, "httpOnly": True}
        )
    await context.add_cookies(kept)
    tab = Tab(await context.new_page(), world, role, look)
    await tab.watch()
    yield tab
    await context.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run Chromium until the block ends."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()
