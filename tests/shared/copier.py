"""A service that keeps copies of what `example` says: for tests of rebuilding."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import example

from shared.db import Reader, Transaction
from shared.http.routes import Routes
from shared.ids import new_id
from shared.operate.rebuilding import rebuild
from shared.service import Consumers, Delivery, Service
from shared.testing.running import quiet

consumers = Consumers()
gate, at_gate = asyncio.Event(), asyncio.Event()
gate.set()
"""Closed by a test to stop the projection at notes that begin with "held"; `at_gate` tells that it stands there."""

KEEP_NOTE = """
INSERT INTO notes_heard (note_id, text, version) VALUES ($1, $2, $3)
ON CONFLICT (note_id) DO UPDATE SET text = excluded.text, version = excluded.version
"""
KEEP_SECRET = """
INSERT INTO secrets_heard (note_id, secret, version) VALUES ($1, $2, $3)
ON CONFLICT (note_id) DO UPDATE SET secret = excluded.secret, version = excluded.version
"""


@consumers.projection(example.NoteWritten, fills={"notes_heard"})
async def keep_note(tx: Transaction, event: example.NoteWritten, delivery: Delivery) -> None:
    if await tx.value("SELECT EXISTS (SELECT FROM bans WHERE text = $1)", event.text):
        raise ValueError("this note is banned")
    if event.text.startswith("held"):
        at_gate.set()
        await gate.wait()
    await tx.run(KEEP_NOTE, event.note_id, event.text, delivery.version)


async def forget_secrets(tx: Transaction) -> None:
    await tx.run("UPDATE secrets_heard SET secret = NULL, version = 0")


@consumers.projection(example.SecretTold, fills={"secrets_heard"}, clear=forget_secrets)
async def keep_secret(tx: Transaction, event: example.SecretTold, delivery: Delivery) -> None:
    await tx.run(KEEP_SECRET, event.note_id, event.secret, delivery.version)


@consumers.reaction(example.NoteWritten)
async def react(tx: Transaction, event: example.NoteWritten, delivery: Delivery) -> None:
    await tx.run("INSERT INTO reactions (event_id) VALUES ($1)", delivery.event_id)


async def snapshot(sql: Reader, note_ids: Sequence[UUID]) -> list[example.SecretTold]:
    """A note's secret is its text, for as long as the note is there."""
    rows = await sql.rows("SELECT id, text FROM notes WHERE id = ANY ($1::uuid[])", note_ids)
    return [example.SecretTold(note_id=row["id"], secret=f"secret of {row['text']}") for row in rows]


copier = Service("copier", Routes("copier"), consumers, migrations=example.HERE / "copier")
SERVICES = [copier, replace(example.example, snapshot=snapshot)]


class System:
    """`example` and `copier`, running."""

    def __init__(self, runner, settings, dsn):
        self.runner, self.settings, self.dsn = runner, settings, dsn

    async def write(self, text, *, note=None, quiet_after=True):
        """Write a note and tell its secret, or rewrite one. Gives its id."""
        note_id = note or new_id()
        async with self.runner.contexts["example"].db.transaction() as tx:
            await tx.run(
                "INSERT INTO notes (id, text) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = $2", note_id, text
            )
            tx.emit(
                example.NoteWritten(note_id=note_id, text=text),
                example.SecretTold(note_id=note_id, secret=f"secret of {text}"),
            )
        if quiet_after:
            await quiet(self.runner)
        return note_id

    async def copies(self):
        return {
            table: await self.rows(f"SELECT * FROM {table} ORDER BY 1")
            for table in ("notes_heard", "secrets_heard", "reactions")
        }

    async def rows(self, sql, *arguments, of="copier"):
        async with self.runner.contexts[of].db.read() as reader:
            return [tuple(row) for row in await reader.rows(sql, *arguments)]

    async def run(self, sql, *arguments, of="copier"):
        async with self.runner.contexts[of].db.transaction() as tx:
            return await tx.run(sql, *arguments)

    async def rebuild(self, *names, **more):
        return await rebuild(self.settings, self.dsn, SERVICES, "copier", names, **more)
