"""Databases for tests: one migrated template per test run, and copies of it that cost a twentieth of a second."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.config import Settings
from shared.db import Database, Transaction
from shared.runner import migrate_all
from shared.service import Service

TEMPLATE = "urunbeli_template"


async def make_template(settings: Settings, owner_dsn: str, services: Sequence[Service]) -> None:
    """Make a fresh template database with every service's schema in it."""
    await recreate(owner_dsn, TEMPLATE)
    await migrate_all(settings, dsn_of(owner_dsn, TEMPLATE), services)


def dsn_of(owner_dsn: str, database: str) -> str:
    """Give the URL of another database of the same server."""
    return urlunsplit(urlsplit(owner_dsn)._replace(path=f"/{database}"))


async def recreate(owner_dsn: str, name: str, template: str = "template0") -> str:
    """Make a database anew, as a copy of `template`. Gives its URL."""
    connection = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        for _ in range(100):
            try:
                await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                break
            except asyncpg.ObjectInUseError:  # another worker is copying the template this moment
                await asyncio.sleep(0.1)
    finally:
        await connection.close(timeout=5)
    return dsn_of(owner_dsn, name)


async def drop(owner_dsn: str, name: str) -> None:
    """Remove a database, whoever is connected to it."""
    connection = await asyncpg.connect(owner_dsn, timeout=10)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close(timeout=5)


class Undo(Exception):
    """Raised to leave a transaction without keeping it."""


@contextlib.asynccontextmanager
async def rolled_back(database: Database) -> AsyncIterator[Transaction]:
    """Lend a transaction, as the service's own role, that is undone at the end: a test of commands leaves no trace."""
    with contextlib.suppress(Undo):
        async with database.transaction() as tx:
            yield tx
            raise Undo


async def said(tx: Transaction, *types: str) -> list[dict[str, object]]:
    """Give the bodies of what this service has said, oldest first, those of `types` if any are named."""
    await tx.flush()
    rows = await tx.rows(
        "SELECT type, body FROM events JOIN outbox ON event_id = id WHERE cardinality($1::text[]) = 0 OR type = ANY ($1)"
        " ORDER BY position",
        list(types),
    )
    return [{"type": row["type"], **row["body"]} for row in rows]
