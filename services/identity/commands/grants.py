"""Roles: granted and revoked by what other services say, by a province officer, or when the installation begins."""

from __future__ import annotations

from uuid import UUID

import structlog

from services.identity.domain.roles import check_scope
from services.identity.refusals import LastOfficer
from services.identity.repository import accounts
from services.identity.repository import grants as repository
from shared.auth import Grant
from shared.contracts.identity import RoleGranted, RoleRevoked
from shared.db import Transaction
from shared.errors import NotFound

log = structlog.get_logger()


async def grant_heard(tx: Transaction, account_id: UUID, grant: Grant, cause: str, cause_id: UUID) -> None:
    """Grant a role because of an event.

    An account that is unknown or erased is passed over: accounts begin here, so none will come later.
    """
    if await accounts.lock_account(tx, account_id) is None:
        log.warning("role for nobody", account_id=str(account_id), role=grant.role, cause=cause)
        return
    await _grant(tx, account_id, grant, granted_by=None, cause=cause, cause_id=cause_id)


async def revoke_heard(tx: Transaction, account_id: UUID, grant: Grant) -> None:
    """Revoke a role because of an event, if the account has it."""
    await accounts.lock_account(tx, account_id)
    await _revoke(tx, account_id, grant)


async def appoint(tx: Transaction, account_id: UUID, grant: Grant, by: UUID | None) -> None:
    """Grant a role by a province officer's decision; without one, as the installation's first. Again is as once.

    Raises `ScopeMismatch`, or `NotFound` where there is no such account.
    """
    check_scope(grant.role, grant.scope_kind)
    if await accounts.lock_account(tx, account_id) is None:
        raise NotFound
    await _grant(tx, account_id, grant, granted_by=by, cause="officer" if by else "seed", cause_id=None)


async def dismiss(tx: Transaction, account_id: UUID, grant: Grant) -> None:
    """Revoke a role by a province officer's decision. Raises `NotFound` where it is not held, or `LastOfficer`."""
    await accounts.lock_account(tx, account_id)
    if grant.role == "officer" and await repository.lock_holders(tx, grant) == [account_id]:
        raise LastOfficer
    if not await _revoke(tx, account_id, grant):
        raise NotFound


async def revoke_all(tx: Transaction, account_id: UUID) -> None:
    """Revoke whatever a locked account holds."""
    for grant in await repository.grants_of(tx, account_id):
        await _revoke(tx, account_id, grant)


async def _grant(
    tx: Transaction, account_id: UUID, grant: Grant, *, granted_by: UUID | None, cause: str, cause_id: UUID | None
) -> None:
    now = await tx.now()
    if await repository.add_grant(tx, account_id, grant, now, granted_by=granted_by, cause=cause, cause_id=cause_id):
        tx.emit(RoleGranted(account_id=account_id, **grant._asdict()))


async def _revoke(tx: Transaction, account_id: UUID, grant: Grant) -> bool:
    held = await repository.remove_grant(tx, account_id, grant)
    if held:
        tx.emit(RoleRevoked(account_id=account_id, **grant._asdict()))
    return held
