"""Campaigns of a post, and the products that take part. A campaign is named by its id or its slug."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.listings.api.table import routes
from services.listings.commands import campaigns as commands
from services.listings.domain.promoting_refusals import (
    CampaignOver,
    CampaignTimes,
    StaleCampaign,
    TakenOut,
    TooManyOfBusiness,
)
from services.listings.domain.refusals import PostUnknown, WrongListingState
from services.listings.queries import campaigns as queries
from services.listings.views.campaigns import (
    Campaign,
    CampaignChanges,
    CampaignListingQuery,
    CampaignQuery,
    Joining,
    NewCampaign,
)
from services.listings.views.products import Listing
from shared.auth import OPERATOR, PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.post(
    "/api/v1/campaigns",
    policy=OPERATOR,
    body=NewCampaign,
    answer=Campaign,
    status=201,
    refusals=(PostUnknown, CampaignTimes),
)
async def announce_campaign(call: Call, body: NewCampaign) -> Answer:
    """Announce a campaign of one's post."""

    async def command(tx: Transaction) -> Campaign:
        campaign_id = await commands.announce_campaign(tx, call.who, **body.model_dump())
        return await queries.get_campaign(tx, str(campaign_id))

    return await call.transact(command, location=lambda campaign: f"/api/v1/campaigns/{campaign.id}")


@routes.get("/api/v1/campaigns", policy=PUBLIC, query=CampaignQuery, answer=Page[Campaign])
async def list_campaigns(call: Call, query: CampaignQuery) -> Page[Campaign]:
    """List the campaigns that run or come, in the order in which they begin."""
    async with call.context.db.read() as sql:
        return await queries.list_campaigns(sql, query)


@routes.get("/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}", policy=PUBLIC, answer=Campaign)
async def get_campaign(call: Call) -> Campaign:
    """Read a campaign, by its id or slug."""
    async with call.context.db.read() as sql:
        return await queries.get_campaign(sql, call.text("campaign"))


@routes.get(
    "/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}/listings",
    policy=PUBLIC,
    query=CampaignListingQuery,
    answer=Page[Listing],
)
async def list_campaign_products(call: Call, query: CampaignListingQuery) -> Page[Listing]:
    """List the products on show that take part, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_products(sql, call.principal, call.text("campaign"), query)


@routes.patch(
    "/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}",
    policy=OPERATOR,
    body=CampaignChanges,
    answer=Campaign,
    refusals=(StaleCampaign, CampaignOver, CampaignTimes),
)
async def revise_campaign(call: Call, body: CampaignChanges) -> Answer:
    """Change some fields of a campaign of one's post."""
    named = call.text("campaign")
    return await _do(call, lambda tx: commands.revise_campaign(tx, call.who, named, body.changes, body.version))


@routes.post(
    "/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}/cancel", policy=OPERATOR, answer=Campaign, refusals=(CampaignOver,)
)
async def cancel_campaign(call: Call) -> Answer:
    """Call a campaign of one's post off."""
    return await _do(call, lambda tx: commands.cancel_campaign(tx, call.who, call.text("campaign")))


@routes.post(
    "/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}/listings",
    policy=SIGNED_IN,
    body=Joining,
    answer=Campaign,
    refusals=(CampaignOver, WrongListingState, TakenOut, TooManyOfBusiness),
)
async def join_campaign(call: Call, body: Joining) -> Answer:
    """Take part with a product of one's own, or put one back that an operator took out."""
    named = call.text("campaign")
    return await _do(call, lambda tx: commands.join_campaign(tx, call.who, named, body.listing_id))


@routes.delete("/api/v1/campaigns/{campaign:[A-Za-z0-9-]+}/listings/{listing_id}", policy=SIGNED_IN, answer=Campaign)
async def leave_campaign(call: Call) -> Answer:
    """Leave a campaign with a product of one's own; or, as an operator of its post, take a product out."""
    named, listing_id = call.text("campaign"), call.id("listing_id")
    return await _do(call, lambda tx: commands.leave_campaign(tx, call.who, named, listing_id))


async def _do(call: Call, step: Callable[[Transaction], Awaitable[None]]) -> Answer:
    async def command(tx: Transaction) -> Campaign:
        await step(tx)
        return await queries.get_campaign(tx, call.text("campaign"))

    return await call.transact(command)
