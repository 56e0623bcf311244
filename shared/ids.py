"""Identifiers: UUID version 7, so that rows and events sort by their birth."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Make a new UUIDv7 (RFC 9562). PostgreSQL 15 has no such function, so ids are made here, not in SQL."""
    return uuid_utils.compat.uuid7()


def made_at(made: UUID) -> datetime:
    """When an id was made: a UUIDv7 begins with the milliseconds since 1970 (RFC 9562 §5.7)."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
