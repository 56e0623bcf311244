"""How far an import is, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` rows without errors have been taken; `is_moving` while rows or pictures are still on their way."""

    done: int
    total: int
    is_moving: bool


def progress(found: Mapping[str, Any]) -> Progress:
    """Read an import's counts."""
    total = found["rows_total"] - found["rows_wrong"]
    return Progress(total - found["rows_ready"], total, found["state"] == "running")
