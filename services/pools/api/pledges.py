"""Pledges: *Ikut urun*, changing and withdrawing, and reading one's own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from services.pools import queries
from services.pools.api import routes
from services.pools.api.live import LiveProgress
from services.pools.commands.pledging import Asked, HotState
from services.pools.domain import hot
from services.pools.domain.refusals import AlreadyPledged, CeilingTooLow, DeadlinePassed, PoolNotOpen, UnitsOutOfRange
from services.pools.repository import pledges, reading
from services.pools.views import PledgeView
from shared.auth import SIGNED_IN, require
from shared.contracts.base import PositiveRupiah
from shared.contracts.pools import PayMethod
from shared.errors import NotFound
from shared.hot import HotRunner
from shared.http.call import Answer, Call
from shared.http.fields import Body
from shared.http.paging import Page, PageQuery, decode_cursor, page
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Resources:
    """What pools keeps open: the runner that gathers pledges per pool, and whoever watches pools."""

    pledging: HotRunner[HotState, Asked]
    live: LiveProgress


class NewPledge(Body):
    """Units wanted. `tolerance_units`: how many more one would take, if that reaches a better price."""

    units: int = Field(ge=1, le=1_000_000, strict=True)
    tolerance_units: int = Field(0, ge=0, le=1_000_000, strict=True)
    ceiling_idr: PositiveRupiah | None = Field(
        None, description="Highest all-in price for one unit; empty: the price at the minimum quantity"
    )
    method: PayMethod


class PledgeChange(Body):
    """New figures, absolute; what is left out stays."""

    units: int | None = Field(None, ge=1, le=1_000_000, strict=True)
    tolerance_units: int | None = Field(None, ge=0, le=1_000_000, strict=True)
    ceiling_idr: PositiveRupiah | None = None


_REFUSALS = (PoolNotOpen, DeadlinePassed, UnitsOutOfRange, CeilingTooLow, AlreadyPledged)


@routes.post(
    "/api/v1/pools/{pool_id}/pledges",
    policy=SIGNED_IN,
    body=NewPledge,
    answer=PledgeView,
    status=201,
    money=True,
    refusals=_REFUSALS,
)
async def make_pledge(call: Call, body: NewPledge) -> Answer:
    """Join a pool."""
    command = hot.MakePledge(new_id(), call.who.account_id, body.units, body.tolerance_units, body.ceiling_idr)
    asked = Asked(command, body.method, call.who.assisted_by)
    return await _pledging(call).run_on(call.id("pool_id"), asked, call.claim, 201)


@routes.patch("/api/v1/pledges/{pledge_id}", policy=SIGNED_IN, body=PledgeChange, answer=PledgeView, refusals=_REFUSALS)
async def change_pledge(call: Call, body: PledgeChange) -> Answer:
    """Change one's pledge while the pool is open; added units stand last in the queue."""
    pledge_id = call.id("pledge_id")
    command = hot.ChangePledge(pledge_id, call.who.account_id, body.units, body.tolerance_units, body.ceiling_idr)
    return await _pledging(call).run_on(await _pool_of(call, pledge_id), Asked(command), call.claim)


@routes.post(
    "/api/v1/pledges/{pledge_id}/withdraw", policy=SIGNED_IN, answer=PledgeView, money=True, refusals=(PoolNotOpen,)
)
async def withdraw_pledge(call: Call) -> Answer:
    """Take one's pledge back while the pool is open; whatever is held for it goes back."""
    pledge_id = call.id("pledge_id")
    command = hot.WithdrawPledge(pledge_id, call.who.account_id)
    return await _pledging(call).run_on(await _pool_of(call, pledge_id), Asked(command), call.claim)


@routes.get("/api/v1/pledges/mine", policy=SIGNED_IN, query=PageQuery, answer=Page[PledgeView])
async def my_pledges(call: Call, query: PageQuery) -> Page[PledgeView]:
    """List one's pledges, newest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        rows = await reading.pledges_of_account(sql, call.who.account_id, after, query.limit + 1)
    return page([queries.pledge(row) for row in rows], query.limit, lambda pledge: pledge.id)


@routes.get("/api/v1/pledges/{pledge_id}", policy=SIGNED_IN, answer=PledgeView)
async def read_pledge(call: Call) -> PledgeView:
    """Read a pledge: one's own, or one of a pool that one manages."""
    async with call.context.db.read() as sql:
        return await queries.one_pledge(sql, call.id("pledge_id"), call.who)


@routes.get("/api/v1/pools/{pool_id}/pledges", policy=SIGNED_IN, query=PageQuery, answer=Page[PledgeView])
async def list_pledges(call: Call, query: PageQuery) -> Page[PledgeView]:
    """List a pool's pledges with their owners, for its initiator, treasurer and operators."""
    pool_id = call.id("pool_id")
    after = decode_cursor(query.cursor, queries.Number)
    async with call.context.db.read() as sql:
        pool = await queries.visible_pool(sql, pool_id, call.who)
        require(queries.manages(pool, call.who))
        rows = await reading.pledges_of_pool(sql, pool_id, after, query.limit + 1)
    return page([queries.pledge(row, named=True) for row in rows], query.limit, lambda pledge: pledge.number)


def _pledging(call: Call) -> HotRunner[HotState, Asked]:
    resources: Resources = call.context.resources
    return resources.pledging


async def _pool_of(call: Call, pledge_id: UUID) -> UUID:
    async with call.context.db.read() as sql:
        pool_id = await pledges.pool_of_pledge(sql, pledge_id)
    if pool_id is None:
        raise NotFound
    return pool_id
