"""Migrations: plain SQL files, forward only, each once, with checksum and lock timeout; one schema and role per service.

Run as the database's owner. The service itself connects as `urunbeli_<service>`, which has rights in its own schema only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from shared.config import Settings

MECHANISM = Path(__file__).parent / "migrations"
_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_SCHEMA = re.compile(r"^[a-z]+$")
_LOCK = 7_240_501
"""Advisory lock that keeps two migrators apart."""


class MigrationError(Exception):
    """A migration file was changed after it ran, is misnamed, or failed."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A file to run: `set` tells the mechanism's files from the service's own."""

    set: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path, set_name: str) -> list[Migration]:
    """Read a folder's migrations in the order of their numbers. Raises `MigrationError` on a bad name or number."""
    found = sorted(path for path in folder.glob("*.sql"))
    for number, path in enumerate(found, start=1):
        match = _NAME.match(path.name)
        if match is None or int(match[1]) != number:
            raise MigrationError(f"{path.name}: expected {number:04d}_name.sql")
    return [Migration(set_name, path.name, path.read_text(encoding="utf-8")) for path in found]


def role_of(schema: str) -> str:
    """Name the database role of a service."""
    return f"urunbeli_{schema}"


def service_dsn(settings: Settings, owner_dsn: str, schema: str) -> str:
    """Give the URL by which a service connects: as its own role, with the password derived for it."""
    parts = urlsplit(owner_dsn)
    host = parts.netloc.rpartition("@")[2]
    password = quote(settings.derived(f"role:{schema}"))
    return urlunsplit(parts._replace(netloc=f"{role_of(schema)}:{password}@{host}"))


async def migrate(
    settings: Settings,
    owner_dsn: str,
    services: Iterable[tuple[str, Path | None]],
    *,
    mechanism: Path | None = MECHANISM,
) -> list[str]:
    """Bring schemas up to date; gives what ran. `mechanism`: files that each schema gets first. Raises `MigrationError`."""
    ran: list[str] = []
    connection = await asyncpg.connect(owner_dsn, timeout=settings.db_connect_timeout_s, command_timeout=120)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for schema, folder in services:
            common = read_migrations(mechanism, "shared") if mechanism else []
            own = read_migrations(folder, schema) if folder else []
            ran += await _migrate_schema(connection, schema, settings.derived(f"role:{schema}"), [*common, *own])
    finally:
        await connection.close(timeout=5)
    return ran


async def _migrate_schema(
    connection: asyncpg.Connection[Any], schema: str, password: str, migrations: list[Migration]
) -> list[str]:
    assert _SCHEMA.match(schema), schema
    role = role_of(schema)
    await _ensure_role(connection, role, password)
    await connection.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS {schema};
        REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
        GRANT USAGE ON SCHEMA {schema} TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {role};
        CREATE TABLE IF NOT EXISTS {schema}.migrations (
            set text, name text, checksum text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (set, name)
        );
        REVOKE ALL ON {schema}.migrations FROM {role};
        GRANT SELECT ON {schema}.migrations TO {role};
        """
    )
    done = {
        (row["set"], row["name"]): row["checksum"]
        for row in await connection.fetch(f"SELECT set, name, checksum FROM {schema}.migrations")  # noqa: S608
    }
    ran = []
    for migration in migrations:
        known = done.get((migration.set, migration.name))
        if known is None:
            await _run(connection, schema, role, migration)
            ran.append(f"{schema}: {migration.set}/{migration.name}")
        elif known != migration.checksum:
            raise MigrationError(f"{schema}: {migration.set}/{migration.name} was changed after it ran; add a new file")
    return ran


async def _ensure_role(connection: asyncpg.Connection[Any], role: str, password: str) -> None:
    """Roles belong to the whole server, so another database's migrator may be making the same one."""
    assert re.fullmatch(r"[0-9a-f]{64}", password)
    try:
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        try:
            await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{password}'")
        except asyncpg.InternalServerError as error:
            if "concurrently updated" not in str(error):
                raise


async def _run(connection: asyncpg.Connection[Any], schema: str, role: str, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '5s'; SET LOCAL search_path = {schema}, public")
            await connection.execute(migration.sql.replace("{role}", role))
            await connection.execute(
                f"INSERT INTO {schema}.migrations (set, name, checksum) VALUES ($1, $2, $3)",  # noqa: S608
                migration.set,
                migration.name,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{schema}: {migration.set}/{migration.name}: {error}") from error
