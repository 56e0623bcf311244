"""Orders by WhatsApp: noting an enquiry down, and what became of it."""

from __future__ import annotations

from dataclasses import asdict

from services.listings.api.table import routes
from services.listings.commands import enquiries as commands
from services.listings.queries import enquiries as queries
from services.listings.resources import Resources
from services.listings.views.enquiries import Enquiry, EnquiryNoted, NewEnquiry, NewOutcome
from shared.auth import PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.errors import TooMany
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


@routes.post(
    "/api/v1/listings/{listing_id}/enquiries",
    policy=PUBLIC,
    body=NewEnquiry,
    answer=EnquiryNoted,
    status=201,
    refusals=(TooMany,),
)
async def enquire(call: Call, body: NewEnquiry) -> Answer:
    """Note down that somebody goes to the seller's WhatsApp with an order in mind; nobody's name or number."""
    resources: Resources = call.context.resources
    resources.enquiries.take(call.remote)
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> EnquiryNoted:
        return EnquiryNoted(**asdict(await commands.enquire(tx, listing_id, **body.model_dump())))

    return await call.transact(command)


@routes.get("/api/v1/listings/{listing_id}/enquiries", policy=SIGNED_IN, query=PageQuery, answer=Page[Enquiry])
async def list_enquiries(call: Call, query: PageQuery) -> Page[Enquiry]:
    """List the enquiries about one's own product, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_enquiries(sql, call.who, call.id("listing_id"), query)


@routes.post("/api/v1/enquiries/{enquiry_id}/outcome", policy=SIGNED_IN, body=NewOutcome, answer=Enquiry)
async def settle_enquiry(call: Call, body: NewOutcome) -> Answer:
    """Say whether an enquiry about one's own product came to a sale; may be corrected."""
    enquiry_id = call.id("enquiry_id")

    async def command(tx: Transaction) -> Enquiry:
        await commands.settle_enquiry(tx, call.who, enquiry_id, body.outcome)
        return await queries.get_enquiry(tx, enquiry_id)

    return await call.transact(command)
