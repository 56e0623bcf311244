"""Who runs a business beside its owner: invitations, their acceptance, and leaving."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import managers as commands
from services.listings.domain.refusals import (
    AlreadyRuns,
    CheckerCannotManage,
    InvitationOver,
    TooManyInvitations,
    TooManyManagers,
)
from services.listings.queries import businesses
from services.listings.queries import managers as queries
from services.listings.views.businesses import Business
from services.listings.views.managers import Invitation, InvitationCode, Invited, Manager
from shared.auth import IN_PERSON, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


# Its answer is not remembered for the Idempotency-Key: that would keep the code.
@routes.post(
    "/api/v1/businesses/{business_id}/invitations",
    policy=IN_PERSON,
    answer=Invitation,
    status=201,
    remembers=False,
    refusals=(TooManyInvitations,),
)
async def invite_manager(call: Call) -> Answer:
    """Invite somebody to run one's own business. The code is told this once, and good for one person and seven days."""
    business_id = call.id("business_id")

    async def command(tx: Transaction) -> Invitation:
        code, expires_at = await commands.invite(tx, call.who, business_id)
        return Invitation(code=code, expires_at=expires_at)

    return await call.transact(command)


@routes.delete("/api/v1/businesses/{business_id}/invitations", policy=SIGNED_IN)
async def withdraw_invitations(call: Call) -> Answer:
    """Withdraw every open invitation to one's own business."""
    business_id = call.id("business_id")
    return await call.transact(lambda tx: commands.withdraw_invitations(tx, call.who, business_id))


# A code in an address would stand in logs, so it is read by POST.
@routes.post(
    "/api/v1/businesses/invitations/read",
    policy=SIGNED_IN,
    body=InvitationCode,
    answer=Invited,
    remembers=False,
    refusals=(InvitationOver,),
)
async def read_invitation(call: Call, body: InvitationCode) -> Answer:
    """Read which business an invitation is about. Changes nothing."""

    async def command(tx: Transaction) -> Invited:
        return await queries.read_invitation(tx, body.code, await tx.now())

    return await call.transact(command)


@routes.post(
    "/api/v1/businesses/invitations/accept",
    policy=IN_PERSON,
    body=InvitationCode,
    answer=Business,
    refusals=(InvitationOver, AlreadyRuns, CheckerCannotManage, TooManyManagers),
)
async def accept_invitation(call: Call, body: InvitationCode) -> Answer:
    """Become a manager of a business by an invitation."""

    async def command(tx: Transaction) -> Business:
        business_id = await commands.accept_invitation(tx, call.who, body.code)
        return await businesses.get_business(tx, business_id, call.who)

    return await call.transact(command)


@routes.get("/api/v1/businesses/{business_id}/managers", policy=SIGNED_IN, query=PageQuery, answer=Page[Manager])
async def list_managers(call: Call, query: PageQuery) -> Page[Manager]:
    """List who runs a business beside its owner; for those who run it and its post."""
    async with call.context.db.read() as sql:
        return await queries.list_managers(sql, call.id("business_id"), call.who, query)


@routes.delete("/api/v1/businesses/{business_id}/managers/{account_id}", policy=SIGNED_IN)
async def remove_manager(call: Call) -> Answer:
    """Take a manager off one's own business, or leave one that one manages."""
    business_id, account_id = call.id("business_id"), call.id("account_id")
    return await call.transact(lambda tx: commands.remove_manager(tx, call.who, business_id, account_id))
