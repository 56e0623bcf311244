"""JSON by orjson: fast, strict, and the same everywhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel


def dumps(value: object) -> bytes:
    """Write JSON. Models, UUIDs and datetimes (RFC 3339, UTC as `Z`) are understood."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_UTC_Z)


def loads(text: bytes | str) -> Any:  # noqa: ANN401 -- JSON
    """Read JSON. Raises `ValueError`."""
    return orjson.loads(text)


def _default(value: object) -> object:
    if isinstance(value, UUID):  # asyncpg's own subclass, of which a page of a list has dozens
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="python")
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
