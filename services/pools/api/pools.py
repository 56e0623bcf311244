"""Pools: proposing, checking, opening, extending, cancelling, reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.pools import queries
from services.pools.api import routes
from services.pools.commands import proposing
from services.pools.domain.refusals import (
    AlreadyExtended,
    DeadlineTooFar,
    DeadlineTooSoon,
    OfferNotThere,
    TooLateToCancel,
    WrongPoolState,
)
from services.pools.repository import reading
from services.pools.repository.pools import Proposal
from services.pools.views import Participant, PoolCard, PoolView, PreviewView
from shared.auth import OPERATOR, PUBLIC, SIGNED_IN, require
from shared.contracts.pools import PayMethod, PayTiming
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.fields import Blank, Body, Ids, Line, Paragraph
from shared.http.paging import Page, PageQuery, decode_cursor, page
from shared.ids import new_id

State = Literal[
    "draft", "in_review", "open", "closing", "awaiting_supplier", "reconsenting", "collecting", "ordered", "delivered",
    "inspected", "settled", "failed", "cancelled",
]  # fmt: skip


class NewPool(Body):
    """A pool to propose, from a standing offer whose terms are copied."""

    offer_id: UUID
    post_id: UUID
    title: Line
    story: Paragraph | None = None
    deadline: AwareDatetime
    methods: list[PayMethod] = Field(min_length=1, max_length=3)
    timing: PayTiming = "after_acceptance"
    treasurer_account_id: UUID | None = Field(None, description="Who holds the group's account; the initiator if empty")


class PoolChange(Body):
    """New words and figures of a draft; what is left out stays."""

    title: Line | None = None
    story: Paragraph | None = None
    deadline: AwareDatetime | None = None
    methods: list[PayMethod] | None = Field(None, min_length=1, max_length=3)
    timing: PayTiming | None = None


class Reason(Body):
    """Why, for the people concerned."""

    reason: Line


class Extension(Body):
    """A later deadline, and what the members shall read about it."""

    deadline: AwareDatetime
    notice: Line | None = None


class PoolQuery(PageQuery):
    """Which pools to list."""

    state: State | None = None
    post_id: UUID | None = None
    technology_id: UUID | None = None
    technology_ids: Ids | None = Field(None, description="Any of these, with commas between")
    offer_id: UUID | None = None
    q: Annotated[Line | None, Blank()] = Field(None, description="Words of the title or of what is bought")
    mine: bool = Field(False, description="Those that the caller proposed or takes part in")


class QueueQuery(PageQuery):
    """Which post's queue to list."""

    post_id: UUID | None = None


class PreviewQuery(Body):
    """For how many units, and at which ceiling, to preview."""

    units: int | None = Field(None, ge=1, le=1_000_000)
    ceiling_idr: int | None = Field(None, ge=1, le=99_999_999_999_999)


def open_at_least(call: Call) -> timedelta:
    """How long a pool must stay open at least."""
    return timedelta(seconds=call.context.settings.pool_min_open_s)


@routes.post(
    "/api/v1/pools",
    policy=SIGNED_IN,
    body=NewPool,
    answer=PoolView,
    status=201,
    refusals=(OfferNotThere, DeadlineTooSoon, DeadlineTooFar),
)
async def propose_pool(call: Call, body: NewPool) -> Answer:
    """Propose a pool; it stays a draft until it is submitted."""
    proposal = Proposal(
        pool_id=new_id(),
        initiator_id=call.who.account_id,
        treasurer_id=body.treasurer_account_id or call.who.account_id,
        post_id=body.post_id,
        title=body.title,
        story=body.story or "",
        deadline=body.deadline,
        methods=sorted(set(body.methods)),
        timing=body.timing,
    )

    async def command(tx: Transaction) -> PoolView:
        pool_id = await proposing.propose(tx, proposal, body.offer_id, open_at_least=open_at_least(call))
        return await queries.whole_pool(tx, pool_id, call.who)

    return await call.transact(command, location=lambda pool: f"/api/v1/pools/{pool.id}")


@routes.patch("/api/v1/pools/{pool_id}", policy=SIGNED_IN, body=PoolChange, answer=PoolView, refusals=(WrongPoolState,))
async def change_draft(call: Call, body: PoolChange) -> Answer:
    """Change a draft."""
    pool_id = call.id("pool_id")
    methods = sorted(set(body.methods)) if body.methods else None
    change = proposing.Redraft(body.title, body.story, body.deadline, methods, body.timing)

    async def command(tx: Transaction) -> PoolView:
        await proposing.redraft(tx, pool_id, call.who, change, open_at_least=open_at_least(call))
        return await queries.whole_pool(tx, pool_id, call.who)

    return await call.transact(command)


async def _then_read(call: Call, act: Callable[[Transaction, UUID], Awaitable[None]]) -> Answer:
    """Run a command on the pool of the path and answer with the pool."""
    pool_id = call.id("pool_id")

    async def command(tx: Transaction) -> PoolView:
        await act(tx, pool_id)
        await tx.flush()
        return await queries.whole_pool(tx, pool_id, call.who)

    return await call.transact(command, speaks_of=lambda _: pool_id)


@routes.post("/api/v1/pools/{pool_id}/submit", policy=SIGNED_IN, answer=PoolView, refusals=(WrongPoolState,))
async def submit_pool(call: Call) -> Answer:
    """Ask the post to check a draft."""
    return await _then_read(call, lambda tx, pool_id: proposing.submit(tx, pool_id, call.who))


@routes.post("/api/v1/pools/{pool_id}/verify", policy=OPERATOR, answer=PoolView, refusals=(WrongPoolState,))
async def verify_pool(call: Call) -> Answer:
    """Open a pool that was checked; by an operator of its post who is not its initiator."""
    return await _then_read(call, lambda tx, pool_id: proposing.verify(tx, pool_id, call.who))


@routes.post(
    "/api/v1/pools/{pool_id}/reject", policy=OPERATOR, body=Reason, answer=PoolView, refusals=(WrongPoolState,)
)
async def reject_pool(call: Call, body: Reason) -> Answer:
    """Send a pool back to its initiator, with a reason."""
    return await _then_read(call, lambda tx, pool_id: proposing.reject(tx, pool_id, call.who, body.reason))


@routes.post(
    "/api/v1/pools/{pool_id}/extend", policy=SIGNED_IN, body=Extension, answer=PoolView, refusals=(AlreadyExtended,)
)
async def extend_pool(call: Call, body: Extension) -> Answer:
    """Move the deadline, once, with notice."""
    return await _then_read(
        call, lambda tx, pool_id: proposing.extend(tx, pool_id, call.who, body.deadline, body.notice)
    )


@routes.post(
    "/api/v1/pools/{pool_id}/cancel", policy=SIGNED_IN, body=Reason, answer=PoolView, refusals=(TooLateToCancel,)
)
async def cancel_pool(call: Call, body: Reason) -> Answer:
    """Call a pool off before it is ordered; every held rupiah goes back."""
    return await _then_read(call, lambda tx, pool_id: proposing.cancel(tx, pool_id, call.who, body.reason))


@routes.get("/api/v1/pools", policy=PUBLIC, query=PoolQuery, answer=Page[PoolCard])
async def list_pools(call: Call, query: PoolQuery) -> Page[PoolCard]:
    """List pools, newest first; those that never opened only for their own initiator."""
    after = decode_cursor(query.cursor, UUID)
    which = reading.PoolFilter(
        states=[query.state] if query.state else None,
        post_id=query.post_id,
        technology_ids=[query.technology_id] if query.technology_id else query.technology_ids,
        offer_id=query.offer_id,
        account_id=call.who.account_id if query.mine else None,
        words=query.q,
    )
    async with call.context.db.read() as sql:
        rows = await reading.list_pools(sql, which, after, query.limit + 1)
    return page([queries.card(row) for row in rows], query.limit, lambda card: card.id)


@routes.get("/api/v1/pools/queue", policy=OPERATOR, query=QueueQuery, answer=Page[PoolCard])
async def pool_queue(call: Call, query: QueueQuery) -> Page[PoolCard]:
    """List what a post must do: pools to check, goods to receive, machines to test; oldest first."""
    posts = [query.post_id] if query.post_id else call.who.scopes("operator")
    require(all(call.who.operates(post_id) for post_id in posts))
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        rows = await reading.queue(sql, posts, after, query.limit + 1)
    return page([queries.card(row) for row in rows], query.limit, lambda card: card.id)


@routes.get("/api/v1/pools/{pool_id}", policy=PUBLIC, answer=PoolView)
async def read_pool(call: Call) -> PoolView:
    """Read a pool."""
    async with call.context.db.read() as sql:
        return await queries.whole_pool(sql, call.id("pool_id"), call.principal)


@routes.get("/api/v1/pools/{pool_id}/preview", policy=PUBLIC, query=PreviewQuery, answer=PreviewView)
async def preview_pool(call: Call, query: PreviewQuery) -> PreviewView:
    """Preview the closing: what would be bought now, at what price, and what is missing to a better one."""
    async with call.context.db.read() as sql:
        return await queries.preview_pool(sql, call.id("pool_id"), call.principal, query.units, query.ceiling_idr)


@routes.get("/api/v1/pools/{pool_id}/participants", policy=PUBLIC, query=PageQuery, answer=Page[Participant])
async def list_participants(call: Call, query: PageQuery) -> Page[Participant]:
    """List a pool's members by number, names masked."""
    pool_id = call.id("pool_id")
    after = decode_cursor(query.cursor, queries.Number)
    async with call.context.db.read() as sql:
        await queries.visible_pool(sql, pool_id, call.principal)
        rows = await reading.participants(sql, pool_id, after, query.limit + 1)
    return page([queries.participant(row) for row in rows], query.limit, lambda member: member.number)
