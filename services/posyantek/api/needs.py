"""The board of needs: who needs which technology where, in numbers."""

from __future__ import annotations

from services.posyantek.api.table import routes
from services.posyantek.commands import needs as commands
from services.posyantek.queries import needs as queries
from services.posyantek.refusals import NeedIsClosed, PostUnknown, TechnologyUnknown, TooManyNeeds
from services.posyantek.views.needs import Closing, NeedItem, NeedPage, NeedQuery, NewNeed, Support
from shared.auth import OPERATOR, PUBLIC, SIGNED_IN
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.paging import Page


@routes.get("/api/v1/needs", policy=PUBLIC, query=NeedQuery, answer=Page[NeedItem])
async def list_needs(call: Call, query: NeedQuery) -> Page[NeedItem]:
    """List what is needed at the posts, newest or most wanted first."""
    async with call.context.db.read() as sql:
        return await queries.list_needs(sql, query, call.principal)


@routes.get("/api/v1/needs/{need_id}", policy=PUBLIC, answer=NeedPage)
async def get_need(call: Call) -> NeedPage:
    """Read a need."""
    async with call.context.db.read() as sql:
        return await queries.get_need(sql, call.id("need_id"), call.principal)


@routes.post(
    "/api/v1/needs",
    policy=SIGNED_IN,
    body=NewNeed,
    answer=NeedPage,
    status=201,
    status_if_there=200,
    refusals=(PostUnknown, TechnologyUnknown, TooManyNeeds),
)
async def raise_need(call: Call, body: NewNeed) -> Answer:
    """Say that one needs a technology at a post. Where somebody has said so already, one joins (200)."""
    is_new = False

    async def command(tx: Transaction) -> NeedPage:
        nonlocal is_new
        need_id, is_new = await commands.raise_need(tx, call.who, **body.model_dump())
        return await queries.get_need(tx, need_id, call.who)

    return await call.transact(
        command, location=lambda need: f"/api/v1/needs/{need.id}", was_there=lambda _: not is_new
    )


@routes.post(
    "/api/v1/needs/{need_id}/support",
    policy=SIGNED_IN,
    body=Support,
    answer=NeedPage,
    refusals=(NeedIsClosed, TooManyNeeds),
)
async def support_need(call: Call, body: Support) -> Answer:
    """Need it too, or another number of units than before."""
    need_id = call.id("need_id")

    async def command(tx: Transaction) -> NeedPage:
        await commands.support(tx, call.who, need_id, body.units)
        return await queries.get_need(tx, need_id, call.who)

    return await call.transact(command)


@routes.post("/api/v1/needs/{need_id}/withdraw", policy=SIGNED_IN, answer=NeedPage, refusals=(NeedIsClosed,))
async def withdraw_support(call: Call) -> Answer:
    """Not need it any more. When the last one says so, the need is closed."""
    need_id = call.id("need_id")

    async def command(tx: Transaction) -> NeedPage:
        await commands.withdraw(tx, call.who, need_id)
        return await queries.get_need(tx, need_id, call.who)

    return await call.transact(command)


@routes.post("/api/v1/needs/{need_id}/close", policy=OPERATOR, body=Closing, answer=NeedPage, refusals=(NeedIsClosed,))
async def close_need(call: Call, body: Closing) -> Answer:
    """Close a need of one's post, with a reason."""
    need_id = call.id("need_id")

    async def command(tx: Transaction) -> NeedPage:
        await commands.close(tx, call.who, need_id, body.ending, body.words)
        return await queries.get_need(tx, need_id, call.who)

    return await call.transact(command)
