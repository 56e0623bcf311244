"""Imports: keeping a file that was read, starting and cancelling it, and forgetting it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.listings.commands.owning import runs
from services.listings.domain.import_refusals import ImportRunning, TooManyOpenImports
from services.listings.domain.importing import IfKnown, moved
from services.listings.domain.refusals import BusinessNotVerified
from services.listings.repository import businesses, import_photos, imported, imports
from services.listings.repository.imports import NewImport
from services.listings.sheets.bounded import SheetRead
from shared.auth import Principal, require
from shared.db import Row, Transaction, UniqueViolation
from shared.errors import NotFound, TooMany
from shared.ids import new_id

MOST_OPEN: Final = 10
MOST_AN_HOUR: Final = 30
KEPT: Final = timedelta(days=30)
_DROPPED_AT_ONCE: Final = 20
_CANCELLED: Final = "Impor dibatalkan sebelum foto ini diambil."


async def admit(tx: Transaction, who: Principal, business_id: UUID) -> None:
    """Look whether somebody may send a file for a business, before the work of reading it.

    Raises `NotFound`, `NotAllowed`, `TooManyOpenImports`, `TooMany`.
    """
    await _require_own(tx, who, business_id)
    now = await tx.now()
    hour = timedelta(hours=1)
    counted = await imports.open_and_recent(tx, who.account_id, now - hour)
    if counted["recent"] >= MOST_AN_HOUR:
        raise TooMany(retry_after_s=max(1, int((counted["oldest"] + hour - now).total_seconds())))
    if counted["open"] >= MOST_OPEN:
        raise TooManyOpenImports(most=MOST_OPEN)


async def add_import(
    tx: Transaction, who: Principal, business_id: UUID, file_name: str | None, sheet: SheetRead
) -> UUID:
    """Keep a file that was read, with what it says of products that are there already; gives its id.

    Raises `NotFound`, `NotAllowed`.
    """
    await _require_own(tx, who, business_id)
    asked = [(number, values.get("name"), values.get("id")) for number, _, values, _, _ in sheet.rows]
    known = await imports.known_findings(tx, business_id, asked)
    rows = [
        (number, state, values, given, [*findings, known[number].json] if number in known else findings)
        for number, state, values, given, findings in sheet.rows
    ]
    new = NewImport(new_id(), business_id, who.account_id, who.assisted_by, file_name, sheet.kind, sheet.notes)
    await imports.add(tx, new, await tx.now())
    await imports.add_rows(tx, new.id, rows)
    if sheet.pictures:
        await imports.add_files(tx, new.id, sheet.pictures)
    return new.id


async def _require_own(tx: Transaction, who: Principal, business_id: UUID) -> None:
    business = await businesses.get(tx, business_id)
    if business is None:
        raise NotFound
    require(await runs(tx, who, business_id, business["owner_account_id"]))


async def start(tx: Transaction, who: Principal, import_id: UUID, if_known: IfKnown, *, publish: bool) -> None:
    """Let an import run. Raises `NotFound`, `WrongImportState`, `BusinessNotVerified`, `ImportRunning`."""
    found = await _own(tx, who, import_id)
    moved(found["state"], "running")
    business = await imported.hold_business(tx, found["business_id"])
    if business is None:
        raise NotFound
    if publish and business.status != "verified":
        raise BusinessNotVerified
    try:
        async with tx.savepoint():
            await imports.start(
                tx, import_id, if_known, publish=publish, assisted_by=who.assisted_by, now=await tx.now()
            )
    except UniqueViolation:
        raise ImportRunning from None


async def cancel(tx: Transaction, who: Principal, import_id: UUID) -> None:
    """End an import; what was taken stays. Raises `NotFound`, `WrongImportState`."""
    found = await _own(tx, who, import_id)
    await imports.end(tx, import_id, moved(found["state"], "cancelled"), await tx.now())
    await import_photos.cancel(tx, import_id, _CANCELLED)
    await import_photos.drop_files(tx, import_id)


async def _own(tx: Transaction, who: Principal, import_id: UUID) -> Row:
    found = await imports.lock(tx, import_id)
    if found is None or found["account_id"] != who.account_id:
        raise NotFound
    return found


async def drop_old(tx: Transaction, now: datetime) -> int:
    """Drop imports that ended, or were left lying, 30 days ago; gives how many."""
    return await imports.drop_old(tx, now - KEPT, _DROPPED_AT_ONCE)


async def forget_owner(tx: Transaction, account_id: UUID) -> None:
    """Drop what a person who asked to be forgotten has sent. May be repeated."""
    await imports.drop_of_account(tx, account_id)
