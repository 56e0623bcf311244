"""Taking the rows of an import that runs into listings, a chunk a transaction: killed at any point, it goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.commands import moderation
from services.listings.commands.owning import runs
from services.listings.domain.importing import FAILED
from services.listings.domain.taking import Outcome, Taken, WaitingRow, Wish, take
from services.listings.repository import import_photos, imported, imports, promotions, words
from shared.auth import Principal
from shared.db import DataRefused, Row, Transaction
from shared.ids import new_id

CHUNK: Final = 200
JOB: Final = "take_import_rows"
"""The job that does it; woken once an import is started."""


async def take_chunk(tx: Transaction) -> int:
    """Take the next rows of one import; gives how many, 1 for ending one, 0 where nothing is to be done."""
    running = await imports.take_running(tx)
    if running is None:
        return 0
    rows = [WaitingRow(row["number"], row["values"]) for row in await imports.ready_rows(tx, running["id"], CHUNK)]
    now = await tx.now()
    if not rows:
        await imports.end(tx, running["id"], "done", now)
        await import_photos.drop_files(tx, running["id"])
        return 1
    business = await imported.hold_business(tx, running["business_id"])
    if business is None or not await runs(tx, Principal(running["account_id"]), business.id, business.owner_account_id):
        await imports.end(tx, running["id"], "cancelled", now)
        return 1
    outcomes = await _taken(tx, running, rows, now)
    await imports.keep_outcomes(tx, running["id"], outcomes)
    await import_photos.add(tx, running["id"], running["account_id"], _named(rows, outcomes), now)
    return len(rows)


async def _taken(tx: Transaction, running: Row, rows: Sequence[WaitingRow], now: datetime) -> list[Outcome]:
    """Take all rows at once; if the database refuses one of them, take them one by one and leave that one out."""
    try:
        async with tx.savepoint():
            return await _take(tx, running, rows, now)
    except (DataRefused, ValueError):
        if len(rows) == 1:
            return [Outcome(rows[0].number, "failed", None, FAILED)]
    outcomes = []
    for row in rows:
        outcomes += await _taken(tx, running, [row], now)
    return outcomes


async def _take(tx: Transaction, running: Row, rows: Sequence[WaitingRow], now: datetime) -> list[Outcome]:
    codes = {UUID(row.values["id"]) for row in rows if row.values.get("id")}
    names = {row.values["name"] for row in rows}
    known = await imported.lock_known(tx, running["business_id"], codes, names)
    business = await imported.hold_business(tx, running["business_id"])
    assert business is not None, "it is held already"
    taken = take(rows, known, business, Wish(running["if_known"], running["publish"]), _ids())
    await _write(tx, running, taken, now)
    return taken.outcomes


async def _write(tx: Transaction, running: Row, taken: Taken, now: datetime) -> None:
    who = Principal(running["account_id"], assisted_by=running["assisted_by"])
    await imported.add_many(tx, list(taken.added.values()), now)
    await imported.save_many(tx, list(taken.changed.values()), now)
    await imported.add_history(tx, who, taken.steps, now)
    shown = [one for one in (*taken.added.values(), *taken.changed.values()) if one.on_show]
    await words.learn(tx, [one.name for one in shown])
    await moderation.look_at(tx, shown, now, {step.listing_id for step in taken.steps if step.what == "published"})
    await promotions.end_outpriced(tx, list(taken.changed), now)
    tx.emit(*taken.events)


def _ids() -> Iterator[UUID]:
    while True:
        yield new_id()


def _named(rows: Sequence[WaitingRow], outcomes: Sequence[Outcome]) -> list[tuple[int, int, UUID, str]]:
    """Give the pictures of rows that came to a listing."""
    listings = {one.number: one.listing_id for one in outcomes if one.state in {"added", "updated", "unchanged"}}
    return [
        (row.number, place, listing_id, source)
        for row in rows
        if (listing_id := listings.get(row.number)) is not None
        for place, source in enumerate(row.values.get("photos", ()), 1)
    ]
