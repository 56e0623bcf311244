"""Permits of a business: entering, taking off, and their check at the post."""

from __future__ import annotations

from typing import cast, get_args

from services.listings.api.table import routes
from services.listings.commands import permits as commands
from services.listings.domain.permits import PermitKind
from services.listings.domain.refusals import (
    HalalMalformed,
    NibMalformed,
    OwnBusiness,
    PermitChanged,
    PermitChecked,
    PirtMalformed,
)
from services.listings.queries import businesses, permits
from services.listings.views.businesses import Business, QueueQuery
from services.listings.views.permits import PermitCheck, PermitNumber, UncheckedPermit
from shared.auth import OPERATOR, SIGNED_IN
from shared.db import Transaction
from shared.errors import NotFound
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.put(
    "/api/v1/businesses/{business_id}/permits/{kind}",
    policy=SIGNED_IN,
    body=PermitNumber,
    answer=Business,
    refusals=(NibMalformed, PirtMalformed, HalalMalformed),
)
async def enter_permit(call: Call, body: PermitNumber) -> Answer:
    """Write the number of a permit (nib, pirt or halal) of a business that one runs. Another number is checked anew."""
    business_id, kind = call.id("business_id"), _kind(call)

    async def command(tx: Transaction) -> Business:
        await commands.enter_permit(tx, call.who, business_id, kind, body.number)
        return await businesses.get_business(tx, business_id, call.who)

    return await call.transact(command)


@routes.delete("/api/v1/businesses/{business_id}/permits/{kind}", policy=SIGNED_IN)
async def remove_permit(call: Call) -> Answer:
    """Take a permit off a business that one runs."""
    business_id, kind = call.id("business_id"), _kind(call)
    return await call.transact(lambda tx: commands.remove_permit(tx, call.who, business_id, kind))


@routes.post(
    "/api/v1/businesses/{business_id}/permits/{kind}/check",
    policy=OPERATOR,
    body=PermitCheck,
    answer=Business,
    refusals=(OwnBusiness, PermitChecked, PermitChanged),
)
async def check_permit(call: Call, body: PermitCheck) -> Answer:
    """Say that a permit of a business of one's post was compared with its paper."""
    business_id, kind = call.id("business_id"), _kind(call)

    async def command(tx: Transaction) -> Business:
        await commands.check_permit(tx, call.who, business_id, kind, body.number)
        return await businesses.get_business(tx, business_id, call.who)

    return await call.transact(command)


@routes.get("/api/v1/permits/queue", policy=OPERATOR, query=QueueQuery, answer=Page[UncheckedPermit])
async def list_permit_queue(call: Call, query: QueueQuery) -> Page[UncheckedPermit]:
    """List the permits that wait for a check, oldest first."""
    async with call.context.db.read() as sql:
        return await permits.list_queue(sql, call.who, query)


def _kind(call: Call) -> PermitKind:
    kind = call.text("kind")
    if kind not in get_args(PermitKind):
        raise NotFound
    return cast("PermitKind", kind)
