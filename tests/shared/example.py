"""Two small services that use every mechanism: `example` keeps notes, `hearer` counts them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from shared.auth import PUBLIC, SIGNED_IN
from shared.contracts.base import Event, Part
from shared.db import Transaction
from shared.errors import NotFound, Unprocessable
from shared.hot import HotRunner
from shared.http.call import Answer, Call
from shared.http.fields import Body, Line, View
from shared.http.paging import Page, PageQuery, decode_cursor, page
from shared.http.routes import Routes
from shared.ids import new_id
from shared.service import Consumers, Context, Delivery, Jobs, Service


class NoteWritten(Event):
    """A note was written."""

    type = "example.note_written.v1"
    aggregate = "note_id"

    note_id: UUID
    text: str


class SecretTold(Event):
    """A secret was told; it must not stay in the log."""

    type = "example.secret_told.v1"
    aggregate = "note_id"
    transient = True

    note_id: UUID
    secret: str


class TapLine(Part):
    """One tap."""

    by: UUID
    number: int


class Tapped(Event):
    """A counter was tapped by these people."""

    type = "example.tapped.v1"
    aggregate = "note_id"

    note_id: UUID
    taps: list[TapLine]


class NewNote(Body):
    """A note to write."""

    text: Line


class Note(View):
    """A note."""

    id: UUID
    text: str


class NoteCursor(PageQuery):
    """A page of notes."""


class Full(Unprocessable):
    """The counter takes no more taps."""

    slug = "full"
    message_id = "Sudah penuh ({most})."
    message_en = "Full ({most})."


class TapBody(Body):
    """A tap; a poisonous one breaks the database's own rule."""

    poison: bool = False


@dataclass(frozen=True, slots=True)
class Tap:
    """A command on a counter."""

    by: UUID
    poison: bool


@dataclass(frozen=True, slots=True)
class Counter:
    """The state of a counter."""

    note_id: UUID
    taps: int
    most: int


class Tapping:
    """Taps on a note, as a hot aggregate."""

    async def load(self, tx: Transaction, aggregate_id: UUID, commands: Sequence[Tap]) -> Counter:
        row = await tx.row("SELECT taps, most FROM notes WHERE id = $1 FOR UPDATE", aggregate_id)
        if row is None:
            raise NotFound
        return Counter(aggregate_id, row["taps"], row["most"])

    def apply(self, state: Counter, command: Tap, now: datetime) -> tuple[Counter, object]:
        if state.taps >= state.most:
            raise Full(most=state.most)
        after = replace(state, taps=state.taps + 1)
        return after, after.taps

    async def save(
        self, tx: Transaction, before: Counter, after: Counter, done: Sequence[tuple[Tap, object]], now: datetime
    ) -> list[object]:
        await tx.run("UPDATE notes SET taps = $2 WHERE id = $1", after.note_id, after.taps)
        await tx.run(
            "INSERT INTO taps (note_id, number, poison) SELECT $1, * FROM unnest($2::int[], $3::boolean[])",
            after.note_id,
            [number for _, number in done],
            [tap.poison for tap, _ in done],
        )
        tx.emit(Tapped(note_id=after.note_id, taps=[TapLine(by=tap.by, number=number) for tap, number in done]))
        return [{"number": number} for _, number in done]


routes = Routes("example")


@routes.post("/api/v1/notes", policy=SIGNED_IN, body=NewNote, answer=Note, status=201)
async def write_note(call: Call, body: NewNote) -> Answer:
    """Write a note."""

    async def command(tx: Transaction) -> Note:
        note = Note(id=new_id(), text=body.text)
        await tx.run("INSERT INTO notes (id, text) VALUES ($1, $2)", note.id, note.text)
        tx.emit(NoteWritten(note_id=note.id, text=note.text), SecretTold(note_id=note.id, secret="hush"))
        return note

    return await call.transact(command, location=lambda note: f"/api/v1/notes/{note.id}")


@routes.post("/api/v1/notes/{note_id}/taps", policy=SIGNED_IN, body=TapBody, status=201, money=True)
async def tap_note(call: Call, body: TapBody) -> Answer:
    """Tap a note."""
    hot: HotRunner[Counter, Tap] = call.context.resources
    return await hot.run_on(call.id("note_id"), Tap(call.who.account_id, body.poison), call.claim, 201)


@routes.get("/api/v1/notes/{note_id}", policy=PUBLIC, answer=Note)
async def read_note(call: Call) -> Note:
    """Read a note."""
    async with call.context.db.read() as sql:
        row = await sql.row("SELECT id, text FROM notes WHERE id = $1", call.id("note_id"))
    if row is None:
        raise NotFound
    return Note(**row)


@routes.get("/api/v1/notes", policy=PUBLIC, query=NoteCursor, answer=Page[Note])
async def list_notes(call: Call, query: NoteCursor) -> Page[Note]:
    """List notes, oldest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        rows = await sql.rows(
            "SELECT id, text FROM notes WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2", after, query.limit + 1
        )
    return page([Note(**row) for row in rows], query.limit, lambda note: note.id)


@asynccontextmanager
async def setup(context: Context):
    hot = HotRunner(context.db, Tapping())
    yield hot
    await hot.finish()


consumers = Consumers()
hearer_jobs = Jobs()


@consumers.projection(NoteWritten, fills={"counted"})
async def count_note(tx: Transaction, event: NoteWritten, delivery: Delivery) -> None:
    if event.text.startswith("poison") and not await tx.value("SELECT EXISTS (SELECT FROM cures)"):
        raise ValueError("this note cannot be handled")
    await tx.run(
        "INSERT INTO counted (event_id, note_id, text) VALUES ($1, $2, $3)",
        delivery.event_id,
        event.note_id,
        event.text,
    )


@consumers.reaction(SecretTold)
async def hear_secret(tx: Transaction, event: SecretTold, delivery: Delivery) -> None:
    await tx.run(
        "INSERT INTO counted (event_id, note_id, text) VALUES ($1, $2, $3)",
        delivery.event_id,
        event.note_id,
        event.secret,
    )


hearer_routes = Routes("hearer")


@hearer_routes.get("/api/v1/counted/{note_id}", policy=PUBLIC)
async def read_counted(call: Call) -> Answer:
    """Read what was heard of a note."""
    async with call.context.db.read() as sql:
        rows = await sql.rows("SELECT text FROM counted WHERE note_id = $1 ORDER BY event_id", call.id("note_id"))
    if not rows:
        raise NotFound
    return Answer.of([row["text"] for row in rows])


HERE = Path(__file__).parent / "example_migrations"
example = Service("example", routes, migrations=HERE / "example", setup=setup)
hearer = Service("hearer", hearer_routes, consumers, hearer_jobs, migrations=HERE / "hearer")
SERVICES = [example, hearer]
