"""Permits: entering, taking off and checking them. The business is held, and gets a new version, each time."""

from __future__ import annotations

from uuid import UUID

from services.listings.commands.businesses import held_business
from services.listings.domain import permits as rules
from services.listings.domain.business import Business
from services.listings.domain.permits import Permit, PermitKind
from services.listings.repository import history, permits
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import NotFound


async def enter_permit(tx: Transaction, who: Principal, business_id: UUID, kind: PermitKind, typed: str) -> None:
    """Write a permit's number; another number than before has to be checked anew, the same one changes nothing.

    Raises `NotFound`, `NotAllowed`, `NibMalformed`, `PirtMalformed`, `HalalMalformed`.
    """
    business = await _business_run_by(tx, who, business_id)
    number = rules.number_of(kind, typed)
    before = await permits.get(tx, business_id, kind)
    if before is not None and before.number == number:
        return
    permit = Permit(kind, number, await tx.now(), who.account_id, who.assisted_by)
    await permits.save(tx, business_id, business.post_id, permit)
    await _remember(tx, who, business, "permit_changed", {kind: [before.number if before else None, number]})


async def remove_permit(tx: Transaction, who: Principal, business_id: UUID, kind: PermitKind) -> None:
    """Take a permit off; nothing happens if there is none. Raises `NotFound`, `NotAllowed`."""
    business = await _business_run_by(tx, who, business_id)
    before = await permits.get(tx, business_id, kind)
    if before is None:
        return
    await permits.remove(tx, business_id, kind)
    await _remember(tx, who, business, "permit_removed", {kind: [before.number, None]})


async def check_permit(
    tx: Transaction, who: Principal, business_id: UUID, kind: PermitKind, seen_number: str | None = None
) -> None:
    """Check a permit as an operator of the business's post. `seen_number`: what the operator looked at, if told.

    Raises `NotFound`, `NotAllowed`, `OwnBusiness`, `PermitChecked`, `PermitChanged`.
    """
    business = await held_business(tx, business_id)
    require(who.operates(business.post_id))
    before = await permits.get(tx, business_id, kind)
    if before is None:
        raise NotFound
    after = rules.checked(before, business, who.account_id, await tx.now(), seen_number)
    await permits.save(tx, business_id, business.post_id, after)
    await _remember(tx, who, business, "permit_checked", {kind: [before.number, after.number]})


async def _business_run_by(tx: Transaction, who: Principal, business_id: UUID) -> Business:
    business = await held_business(tx, business_id)
    require(business.run_by(who.account_id))
    return business


async def _remember(
    tx: Transaction, who: Principal, business: Business, what: str, details: dict[str, list[str | None]]
) -> None:
    version = business.version + 1
    await permits.keep_halal(tx, business.id, version)
    await history.add(tx, who, what, version, await tx.now(), business_id=business.id, details=details)
