"""Pages as people meet them: all services running, and a browser that knows no JavaScript."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest

from services.demo.market import Scene
from services.demo.narrator import Narrator
from services.demo.people import Person
from services.web import cookies
from shared.http.client import ApiClient
from shared.runner import Runner

OFFICER_PHONE = "+628110000001"


@dataclass(slots=True)
class PageForm:
    """A form as it stands on a page, with what it would send if it were sent now."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    """Reads the forms, links and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: PageForm | None = None
        self._select = ""
        self._textarea = ""
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in {"script", "style", "head"}:
            self._hidden += 1
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = PageForm(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None:
            self._read_control(self._form, tag, given)

    def _read_control(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag in {"input", "select", "textarea", "button"} and name:
            form.names.add(name)
        if tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            form.values[name] = given.get("value", "on")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.values):
            form.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            form.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "head"}:
            self._hidden -= 1
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.values[self._textarea] += data
        if not self._hidden:
            self.words.append(data)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that was answered."""

    status: int
    url: str
    html: str
    location: str = ""

    @property
    def path(self) -> str:
        """Its address on the site."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def text(self) -> str:
        """Its words, with single spaces."""
        return re.sub(r"\s+", " ", "".join(_Reader(self.html).words).replace("\u00a0", " "))

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return _Reader(self.html).links

    def form(self, action: str) -> PageForm:
        """The first form that is sent to an address beginning so."""
        forms = _Reader(self.html).forms
        found = next((form for form in forms if form.action.startswith(action)), None)
        assert found is not None, f"no form to {action}; there are {[form.action for form in forms]}"
        return found

    def has_form(self, action: str) -> bool:
        """Whether there is such a form."""
        return any(form.action.startswith(action) for form in _Reader(self.html).forms)


class PlainBrowser:
    """Opens pages and sends their forms as a browser without JavaScript does; keeps cookies, follows redirects."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self._session = session
        self.origin = origin
        self.cookies: dict[str, str] = {}

    def log_in(self, person: Person) -> PlainBrowser:
        """Use a session that was opened elsewhere."""
        self.cookies[cookies.SESSION] = person.session_token
        return self

    async def open(self, path: str) -> Shown:
        """Follow a link."""
        return await self._ask("GET", path)

    async def send(self, page: Shown, action: str, **values: str) -> Shown:
        """Fill a form of the page in and send it. Only what the form asks for can be filled in."""
        form = page.form(action)
        assert set(values) <= form.names, f"{set(values) - form.names} not in {form.names}"
        sent = {**form.values, **values}
        if form.method == "get":
            return await self._ask("GET", str(aiohttp.client.URL(form.action).with_fragment(None).update_query(sent)))
        return await self._ask("POST", form.action, sent, referer=page.url)

    async def _ask(self, method: str, path: str, data: dict[str, str] | None = None, *, referer: str = "") -> Shown:
        url = urljoin(self.origin, path)
        for _ in range(5):
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            if method == "POST":
                headers |= {"Origin": self.origin, "Referer": referer}
            async with self._session.request(
                method, url.partition("#")[0], data=data, headers=headers, allow_redirects=False
            ) as reply:
                for name, cookie in reply.cookies.items():
                    if cookie["max-age"] == "0":
                        self.cookies.pop(name, None)
                    else:
                        self.cookies[name] = cookie.value
                location = reply.headers.get("Location", "")
                if reply.status != 303:
                    return Shown(reply.status, url, await reply.text())
                if urlsplit(urljoin(url, location)).path.startswith("/stripe-simulator"):
                    return Shown(reply.status, url, "", location)
                method, url, data = "GET", urljoin(url, location), None
        raise AssertionError(f"redirected for ever, last to {url}")


@dataclass(slots=True)
class Site:
    """The running system, and what people do on it before a test looks at a page."""

    runner: Runner
    origin: str
    scene: Scene
    session: aiohttp.ClientSession

    def browser(self, person: Person | None = None) -> PlainBrowser:
        """Open a browser, logged in as somebody or nobody."""
        browser = PlainBrowser(self.session, self.origin)
        return browser.log_in(person) if person else browser


@pytest.fixture(scope="module")
async def site(run_services, module_dsn) -> AsyncIterator[Site]:
    """All services in this process, with a province officer."""
    async with (
        run_services(
            module_dsn,
            first_officer=f"Ibu Ratna <{OFFICER_PHONE}>",
            code_limit_factor=1000,
            securing_grace_s=1,
        ) as (runner, client),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        settings = runner.contexts["web"].settings
        api = ApiClient(client.base_url, timeout_s=30)
        random = Random(7)  # noqa: S311 -- a story, not a secret
        scene = Scene(api, random, Narrator(quiet=True), OFFICER_PHONE)
        yield Site(runner, settings.public_url, scene, session)
        await api.close()
