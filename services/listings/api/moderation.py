"""Moderation: reporting a product, the operators' cases, and the appeal of whoever runs the business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.listings.api.table import routes
from services.listings.commands import moderation as commands
from services.listings.domain.moderation_refusals import (
    AppealUsed,
    OwnListing,
    SameOperator,
    WordsMissing,
    WrongCaseState,
)
from services.listings.domain.refusals import OwnBusiness, WrongListingState
from services.listings.queries import moderation as queries
from services.listings.resources import Resources
from services.listings.views.businesses import QueueQuery
from services.listings.views.moderation import (
    Case,
    Dismissal,
    Granting,
    Hiding,
    NewAppeal,
    NewHiding,
    NewReport,
    PastCase,
    Report,
    Upholding,
    WaitingCase,
)
from shared.auth import OPERATOR, PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.errors import TooMany
from shared.http.call import Answer, Call
from shared.http.paging import Page, PageQuery


@routes.post(
    "/api/v1/listings/{listing_id}/reports",
    policy=PUBLIC,
    body=NewReport,
    status=204,
    refusals=(TooMany, OwnListing, WordsMissing),
)
async def report_listing(call: Call, body: NewReport) -> Answer:
    """Report a product on show to its post. Who did is told to nobody; the same form sent twice is one report."""
    resources: Resources = call.context.resources
    resources.reports.take(call.remote)
    listing_id, key = call.id("listing_id"), call.request.headers.get("Idempotency-Key")
    return await call.transact(lambda tx: commands.report(tx, call.principal, listing_id, key, body.reason, body.words))


@routes.get("/api/v1/listings/{listing_id}/hiding", policy=SIGNED_IN, answer=Hiding)
async def get_hiding(call: Call) -> Hiding:
    """Read why one's own product is hidden, and what became of appeals."""
    async with call.context.db.read() as sql:
        return await queries.get_hiding(sql, call.id("listing_id"), call.who)


@routes.post(
    "/api/v1/listings/{listing_id}/appeals",
    policy=SIGNED_IN,
    body=NewAppeal,
    answer=Hiding,
    status=201,
    refusals=(WrongCaseState, AppealUsed),
)
async def appeal(call: Call, body: NewAppeal) -> Answer:
    """Ask that one's own product is shown again; another operator than who hid it decides."""
    listing_id = call.id("listing_id")

    async def command(tx: Transaction) -> Hiding:
        await commands.appeal(tx, call.who, listing_id, body.words)
        return await queries.get_hiding(tx, listing_id, call.who)

    return await call.transact(command)


@routes.get("/api/v1/listings/{listing_id}/cases", policy=OPERATOR, query=PageQuery, answer=Page[PastCase])
async def list_cases(call: Call, query: PageQuery) -> Page[PastCase]:
    """List the cases of a product of one's post, newest first."""
    async with call.context.db.read() as sql:
        return await queries.list_cases(sql, call.id("listing_id"), call.who, query)


@routes.get("/api/v1/moderation/queue", policy=OPERATOR, query=QueueQuery, answer=Page[WaitingCase])
async def list_moderation_queue(call: Call, query: QueueQuery) -> Page[WaitingCase]:
    """List reported and suspicious products, and appeals, that wait for a decision, oldest first."""
    async with call.context.db.read() as sql:
        return await queries.list_queue(sql, call.who, query)


@routes.get("/api/v1/moderation/cases/{case_id}", policy=OPERATOR, answer=Case)
async def get_case(call: Call) -> Case:
    """Read a case of one's post: what was found, decided, and said against it."""
    async with call.context.db.read() as sql:
        return await queries.get_case(sql, call.id("case_id"), call.who)


@routes.get("/api/v1/moderation/cases/{case_id}/reports", policy=OPERATOR, query=PageQuery, answer=Page[Report])
async def list_reports(call: Call, query: PageQuery) -> Page[Report]:
    """List the reports of a case, oldest first."""
    async with call.context.db.read() as sql:
        return await queries.list_reports(sql, call.id("case_id"), call.who, query)


@routes.post(
    "/api/v1/moderation/cases/{case_id}/dismiss",
    policy=OPERATOR,
    body=Dismissal,
    answer=Case,
    refusals=(OwnBusiness, WrongCaseState),
)
async def dismiss_case(call: Call, body: Dismissal) -> Answer:
    """Let a product be."""
    return await _decide(call, commands.dismiss, body.note)


@routes.post(
    "/api/v1/moderation/cases/{case_id}/hide",
    policy=OPERATOR,
    body=NewHiding,
    answer=Case,
    refusals=(OwnBusiness, WrongCaseState, WrongListingState),
)
async def hide_listing(call: Call, body: NewHiding) -> Answer:
    """Hide the product of a case; its owner is told why, and may appeal."""
    return await _decide(call, commands.hide, body.reason, body.words)


@routes.post(
    "/api/v1/moderation/cases/{case_id}/restore",
    policy=OPERATOR,
    body=Granting,
    answer=Case,
    refusals=(OwnBusiness, WrongCaseState, SameOperator, WrongListingState),
)
async def restore_listing(call: Call, body: Granting) -> Answer:
    """Grant the appeal: the product is again what it was. Not by who hid it."""
    return await _decide(call, commands.restore, body.answer)


@routes.post(
    "/api/v1/moderation/cases/{case_id}/uphold",
    policy=OPERATOR,
    body=Upholding,
    answer=Case,
    refusals=(OwnBusiness, WrongCaseState, SameOperator),
)
async def uphold_hiding(call: Call, body: Upholding) -> Answer:
    """Turn the appeal down: the product stays hidden. Not by who hid it."""
    return await _decide(call, commands.uphold, body.answer)


async def _decide(call: Call, decide: Callable[..., Awaitable[None]], *told: str | None) -> Answer:
    """Take a step on the case of the address. `told`: what goes with it, in the command's order."""
    case_id = call.id("case_id")

    async def command(tx: Transaction) -> Case:
        await decide(tx, call.who, case_id, *told)
        return await queries.get_case(tx, case_id, call.who)

    return await call.transact(command)
