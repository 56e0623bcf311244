"""Keyset paging: a page begins after the last row seen, so that rows that come or go do not shift it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.errors import BadCursor
from shared.json import dumps

Item = TypeVar("Item", bound=BaseModel)
Key = TypeVar("Key")


class PageQuery(BaseModel):
    """What a list may be asked: how many items, and after which cursor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(20, ge=1, le=100, description="Items on a page")
    cursor: str | None = Field(None, max_length=512, description="`next` of the page before")


class Page(BaseModel, Generic[Item]):
    """A page of a list. `next` is the cursor of the following page, null on the last."""

    items: list[Item]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A page that is answered as its rows are, without a model for each: their columns are the fields of the model.

    For lists that are read far more often than others; the route still names the model, and the tests compare them.
    """

    items: list[dict[str, object]]
    next: str | None = None


def page(rows: Sequence[Item], limit: int, key: Callable[[Item], object]) -> Page[Item]:
    """Make a page of rows of which one more than `limit` was read; `key` gives a row's place in the order."""
    more = len(rows) > limit
    shown = list(rows[:limit])
    return Page(items=shown, next=encode_cursor(key(shown[-1])) if more else None)


def encode_cursor(key: object) -> str:
    """Write a row's place as an opaque word."""
    return base64.urlsafe_b64encode(dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, shape: type[Key]) -> Key | None:
    """Read a place back, of the given shape such as `tuple[datetime, UUID]`. Raises `BadCursor`."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = TypeAdapter(shape).validate_json(text)
    except (ValueError, ValidationError):
        raise BadCursor from None
    if not all(_storable(part) for part in (key if isinstance(key, tuple) else (key,))):
        raise BadCursor
    return key


def _storable(part: object) -> bool:
    """Whether PostgreSQL has such a value: a forged cursor may hold any number and any year."""
    if isinstance(part, datetime):
        return part.tzinfo is not None and 1970 <= part.year < 9999
    return not isinstance(part, int) or abs(part) < 2**63
