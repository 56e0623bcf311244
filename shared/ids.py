"""Identifiers: UUID version 7, so that rows and events sort by their birth."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Make a new UUIDv7 (RFC 9562). PostgreSQL 15 has no such function, so ids are made here, not in SQL."""
    return uuid_utils.compat.uuid7()
