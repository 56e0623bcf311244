"""Businesses: presenting one to a post, changing it, and its review there."""

from __future__ import annotations

from services.listings.api.table import routes
from services.listings.commands import businesses as commands
from services.listings.domain.refusals import AlreadyReviewed, OwnBusiness, PostUnknown, StaleBusiness
from services.listings.queries import businesses as queries
from services.listings.views.businesses import Business, BusinessChanges, NewBusiness, QueueQuery, Rejection
from shared.auth import OPERATOR, PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


@routes.post(
    "/api/v1/businesses", policy=SIGNED_IN, body=NewBusiness, answer=Business, status=201, refusals=(PostUnknown,)
)
async def register_business(call: Call, body: NewBusiness) -> Answer:
    """Present one's business to a post, which checks it."""

    async def command(tx: Transaction) -> Business:
        business_id = await commands.register_business(tx, call.who, **body.model_dump())
        return await queries.get_business(tx, business_id, call.who)

    return await call.transact(command, location=lambda business: f"/api/v1/businesses/{business.id}")


@routes.get("/api/v1/businesses/mine", policy=SIGNED_IN, query=PageQuery, answer=Page[Business])
async def list_own_businesses(call: Call, query: PageQuery) -> Page[Business]:
    """List the businesses that one owns or manages, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_own_businesses(sql, call.who, query)


@routes.get("/api/v1/businesses/queue", policy=OPERATOR, query=QueueQuery, answer=Page[Business])
async def list_queue(call: Call, query: QueueQuery) -> Page[Business]:
    """List the businesses that wait for a review, longest-waiting first."""
    async with call.context.db.read() as sql:
        return await queries.list_queue(sql, call.who, query)


@routes.get("/api/v1/businesses/{business_id}", policy=PUBLIC, answer=Business)
async def get_business(call: Call) -> Business:
    """Read a business; one that is not verified only as its owner or post."""
    async with call.context.db.read() as sql:
        return await queries.get_business(sql, call.id("business_id"), call.principal)


@routes.patch(
    "/api/v1/businesses/{business_id}",
    policy=SIGNED_IN,
    body=BusinessChanges,
    answer=Business,
    refusals=(StaleBusiness,),
)
async def revise_business(call: Call, body: BusinessChanges) -> Answer:
    """Change some fields of a business that one runs. A verified one stays verified; its history tells."""
    business_id = call.id("business_id")

    async def command(tx: Transaction) -> Business:
        await commands.revise_business(tx, call.who, business_id, body.changes, body.version)
        return await queries.get_business(tx, business_id, call.who)

    return await call.transact(command)


@routes.post(
    "/api/v1/businesses/{business_id}/verify",
    policy=OPERATOR,
    answer=Business,
    refusals=(OwnBusiness, AlreadyReviewed),
)
async def verify_business(call: Call) -> Answer:
    """Verify a business of one's post."""
    business_id = call.id("business_id")

    async def command(tx: Transaction) -> Business:
        await commands.verify_business(tx, call.who, business_id)
        return await queries.get_business(tx, business_id, call.who)

    return await call.transact(command)


@routes.post(
    "/api/v1/businesses/{business_id}/reject",
    policy=OPERATOR,
    body=Rejection,
    answer=Business,
    refusals=(OwnBusiness, AlreadyReviewed),
)
async def reject_business(call: Call, body: Rejection) -> Answer:
    """Turn a business of one's post down, with a reason for its owner."""
    business_id = call.id("business_id")

    async def command(tx: Transaction) -> Business:
        await commands.reject_business(tx, call.who, business_id, body.reason)
        return await queries.get_business(tx, business_id, call.who)

    return await call.transact(command)
