"""How pages read: ids from addresses, moments in the API's answers, the links of a list's pages, who is visiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from services.web.sessions import Resources
from services.web.visit import Visit
from services.web.zones import WIB, zone_of
from shared.auth import Principal, read_token
from shared.errors import NotFound
from shared.keys import load_token_keys

# By name: text that people wrote may look like a moment, and ids end in `_by` as well.
_MOMENTS = frozenset(
    {
        "answer_by",
        "answered_at",
        "at",
        "cancelled_at",
        "deadline",
        "ends_at",
        "created_at",
        "ended_at",
        "expires_at",
        "fund_by",
        "pay_by",
        "payment_window_ends",
        "promotion_ends_at",
        "published_at",
        "registered_at",
        "seen_at",
        "starts_at",
        "started_at",
    }
)


NOTHING: Final[Mapping[str, Any]] = {"items": [], "next": None}
"""A list without anything in it, for what could not be had or was not asked for."""


async def nothing() -> Mapping[str, Any]:
    """Give a list without anything in it, beside others that are waited for."""
    return NOTHING


def with_times(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Give an answer of the API with its moments as datetimes, at any depth."""
    if isinstance(value, list):
        return [with_times(item) for item in value]
    if isinstance(value, dict):
        return {name: _moment(item) if name in _MOMENTS else with_times(item) for name, item in value.items()}
    return value


def _moment(value: Any) -> Any:  # noqa: ANN401 -- JSON
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def path_id(visit: Visit, name: str) -> str:
    """Read an id from the page's address. Raises `NotFound` for anything else, so that no other path can be asked for."""
    try:
        return str(UUID(visit.request.match_info[name]))
    except ValueError:
        raise NotFound from None


def query_id(visit: Visit, name: str) -> str:
    """Read an id from the page's query; empty where there is none or it is no id."""
    return as_id(visit.request.query.get(name, ""))


def as_id(text: str) -> str:
    """Read an id; empty where it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def address(path: str, values: Mapping[str, object] | None = None) -> str:
    """Put a query behind a path, leaving out what is empty."""
    given = {name: value for name, value in (values or {}).items() if value not in {None, "", False}}
    return f"{path}?{urlencode(given)}" if given else path


def next_href(visit: Visit, cursor: str | None, name: str = "cursor") -> str:
    """Link to the next page of the list on this page; empty on the last."""
    if not cursor:
        return ""
    return address(visit.request.path, {**visit.request.query, name: cursor})


def cursor_of(visit: Visit, name: str = "cursor") -> str:
    """Which page of the list is asked for."""
    return visit.request.query.get(name, "")[:512]


def principal_of(visit: Visit) -> Principal | None:
    """Tell who is visiting, with their roles; through an operator's assistance, the person."""
    if visit.token is None:
        return None
    return read_token(load_token_keys(visit.context.settings).public, visit.token)


def account_of(visit: Visit) -> str:
    """Tell whose visit it is; empty for a visitor who is not logged in."""
    who = principal_of(visit)
    return str(who.account_id) if who else ""


async def clock_of(visit: Visit, post_id: str) -> timezone:
    """Give the zone of the place where a post stands; Jakarta's while the post cannot be asked for."""
    resources: Resources = visit.context.resources
    known = resources.zones.get(post_id)
    if known is not None:
        return known
    post = await visit.maybe(f"/posts/{post_id}")
    if post is None:
        return WIB
    return resources.zones.setdefault(post_id, zone_of(post["region_code"]))
