"""What a page points to: links, forms, files."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit


class Pointer(NamedTuple):
    """An address that a page names, with the method with which it is asked for."""

    method: str
    path: str
    fragment: str


class Pointers(HTMLParser):
    """Reads what a page points to on its own site, and which places it has."""

    def __init__(self, origin: str, address: str, html: str) -> None:
        super().__init__()
        self.found: set[Pointer] = set()
        self.places: set[str] = set()
        self.uses_htmx = False
        self.loads_htmx = False
        self._origin = origin
        self._address = urljoin(origin, address)
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read one element."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.places.add(given["id"])
        self.uses_htmx |= any(name.startswith("hx-") for name in given)
        self.loads_htmx |= tag == "script" and any(
            "/htmx.min." in given.get(name, "") for name in ("src", "data-needs")
        )
        method = given.get("method", "get").upper() if tag == "form" else "GET"
        for name in ("href", "src", "action", "hx-get", "hx-sse:connect"):
            if name in given:
                self._point(method, given[name])
        for picture in given.get("srcset", "").split(","):
            if picture.strip():
                self._point("GET", picture.split()[0])

    def _point(self, method: str, address: str) -> None:
        there = urlsplit(urljoin(self._address, address))
        if f"{there.scheme}://{there.netloc}" == self._origin:
            self.found.add(Pointer(method, there.path + (f"?{there.query}" if there.query else ""), there.fragment))
