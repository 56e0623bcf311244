"""What every page needs to know about the visit it is drawn for."""

from dataclasses import dataclass
from typing import Literal

Section = Literal["", "home", "search", "products", "pools", "technologies", "posts", "account"]
Tone = Literal["good", "info", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Flash:
    """One message to show once, at the top of the next page."""

    text: str
    tone: Tone = "good"


@dataclass(frozen=True, slots=True)
class Page:
    """The visit: where it is, whose it is, and what it must be told.

    `origin` is the public scheme and host ("https://…", no trailing slash) and `path` the path with its
    query, both for link previews and the language switch. `csrf` is the session's form token, empty for a
    visitor without a session. `account_name` is what the header greets, `None` when nobody is logged in.
    `assisted_name` is whom an operator is acting for at the counter.
    """

    path: str = "/"
    origin: str = ""
    section: Section = ""
    csrf: str = ""
    account_name: str | None = None
    unread_count: int = 0
    search_query: str = ""
    flashes: tuple[Flash, ...] = ()
    assisted_name: str | None = None

    def __post_init__(self) -> None:
        # "//elsewhere.example" is a path to a server and an address to a browser: links must not follow it.
        object.__setattr__(self, "path", "/" + self.path.lstrip("/\\"))

    @property
    def url(self) -> str:
        """The absolute address of this page."""
        return self.origin + self.path
