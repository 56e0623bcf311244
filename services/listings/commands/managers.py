"""Who runs a business beside its owner: invited by a code that is shown once, taken on, leaving or taken off."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.commands.businesses import held_business
from services.listings.domain.business import Business
from services.listings.domain.invitations import LIFETIME, MOST_MANAGERS, MOST_OPEN, hash_of
from services.listings.domain.refusals import (
    AlreadyRuns,
    CheckerCannotManage,
    InvitationOver,
    TooManyInvitations,
    TooManyManagers,
)
from services.listings.repository import history, managers, permits
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import NotFound

_CODE_BYTES: Final = 24


async def invite(tx: Transaction, who: Principal, business_id: UUID) -> tuple[str, datetime]:
    """Invite somebody to run one's own business. Gives the code, which is kept nowhere, and until when it is good.

    Raises `NotFound`, `NotAllowed`, `TooManyInvitations`.
    """
    await _own_business(tx, who, business_id)
    now = await tx.now()
    if await managers.count_open_invitations(tx, business_id, now) >= MOST_OPEN:
        raise TooManyInvitations(most=MOST_OPEN)
    code, expires_at = secrets.token_urlsafe(_CODE_BYTES), now + LIFETIME
    await managers.add_invitation(tx, hash_of(code), business_id, expires_at)
    return code, expires_at


async def withdraw_invitations(tx: Transaction, who: Principal, business_id: UUID) -> None:
    """Withdraw every open invitation to one's own business. Raises `NotFound`, `NotAllowed`."""
    await _own_business(tx, who, business_id)
    await managers.withdraw_invitations(tx, business_id)


async def accept_invitation(tx: Transaction, who: Principal, code: str) -> UUID:
    """Become a manager of the business that a code is about; gives its id. The code is good for one person.

    Raises `InvitationOver`, `AlreadyRuns`, `CheckerCannotManage`, `TooManyManagers`.
    """
    now = await tx.now()
    invitation = await managers.get_invitation(tx, hash_of(code), now)
    if invitation is None:
        raise InvitationOver
    business = await held_business(tx, invitation["business_id"])
    if business.run_by(who.account_id):
        raise AlreadyRuns
    if who.account_id == business.reviewed_by or await permits.checked_by(tx, business.id, who.account_id):
        raise CheckerCannotManage
    if len(business.managers) >= MOST_MANAGERS:
        raise TooManyManagers(most=MOST_MANAGERS)
    # Somebody else may have come first while the business was waited for.
    if not await managers.spend_invitation(tx, hash_of(code)):
        raise InvitationOver
    await managers.add(tx, business.id, who.account_id, now)
    await _remember(tx, who, business, "manager_added", [None, str(who.account_id)])
    return business.id


async def remove_manager(tx: Transaction, who: Principal, business_id: UUID, account_id: UUID) -> None:
    """Take a manager off one's own business, or leave. Raises `NotFound`, `NotAllowed`."""
    business = await held_business(tx, business_id)
    require(who.account_id in {business.owner_account_id, account_id})
    if account_id not in business.managers:
        raise NotFound
    await managers.remove(tx, business_id, account_id)
    await _remember(tx, who, business, "manager_removed", [str(account_id), None])


async def _own_business(tx: Transaction, who: Principal, business_id: UUID) -> Business:
    business = await held_business(tx, business_id)
    require(business.owner_account_id == who.account_id)
    return business


async def _remember(tx: Transaction, who: Principal, business: Business, what: str, change: list[str | None]) -> None:
    version, now = business.version + 1, await tx.now()
    await managers.set_version(tx, business.id, version)
    await history.add(tx, who, what, version, now, business_id=business.id, details={"manager": change})
