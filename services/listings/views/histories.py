"""Histories over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from shared.http.fields import View

What = Literal[
    "registered",
    "created",
    "verified",
    "rejected",
    "changed",
    "published",
    "paused",
    "hidden",
    "restored",
    "archived",
    "permit_changed",
    "permit_removed",
    "permit_checked",
    "manager_added",
    "manager_removed",
    "erased",
]


class Change(View):
    """A field before and after."""

    field: str
    before: JsonValue
    after: JsonValue


class HistoryItem(View):
    """Something that was done: by whom, which operator sat beside them, when, and what it changed."""

    version: int
    what: What
    account_id: UUID
    assisted_by: UUID | None
    at: datetime
    changes: list[Change]
