"""Delivery: goods received at the post, and the acceptance test (uji terima)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.pools import queries
from services.pools.api import routes
from services.pools.commands import delivering
from services.pools.domain.refusals import ReceivedTooMany, SerialNumbersMissing, WrongPoolState
from services.pools.views import PoolView
from shared.auth import OPERATOR
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.fields import Body, Line
from shared.http.routes import KIB

Serial = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]


class NewReceipt(Body):
    """Goods that have arrived."""

    units: int = Field(ge=1, le=1_000_000, strict=True)
    note: Line | None = None


class NewInspection(Body):
    """An acceptance test that went well."""

    serial_numbers: list[Serial] = Field(min_length=1, max_length=10_000)
    tested: Literal[True] = Field(description="Every machine ran in the presence of the operator")
    trained: int = Field(ge=0, le=100_000, strict=True, description="How many members were shown its use")
    note: Line | None = None


@routes.post(
    "/api/v1/pools/{pool_id}/receipts",
    policy=OPERATOR,
    body=NewReceipt,
    answer=PoolView,
    status=201,
    money=True,
    refusals=(ReceivedTooMany, WrongPoolState),
)
async def receive_goods(call: Call, body: NewReceipt) -> Answer:
    """Record goods received; with the last of them the supplier has earned the second stage."""
    pool_id = call.id("pool_id")

    async def command(tx: Transaction) -> PoolView:
        await delivering.receive(tx, pool_id, call.who, body.units, body.note or "")
        await tx.flush()
        return await queries.whole_pool(tx, pool_id, call.who)

    return await call.transact(command, speaks_of=lambda _: pool_id)


@routes.post(
    "/api/v1/pools/{pool_id}/inspection",
    policy=OPERATOR,
    body=NewInspection,
    max_bytes=1024 * KIB,
    answer=PoolView,
    status=201,
    money=True,
    refusals=(SerialNumbersMissing, WrongPoolState),
)
async def pass_inspection(call: Call, body: NewInspection) -> Answer:
    """Record an acceptance test that went well; members own their machines, the supplier has earned the rest."""
    pool_id = call.id("pool_id")
    inspection = delivering.Inspection(tuple(body.serial_numbers), body.trained, body.note or "")

    async def command(tx: Transaction) -> PoolView:
        await delivering.inspect(tx, pool_id, call.who, inspection)
        await tx.flush()
        return await queries.whole_pool(tx, pool_id, call.who)

    return await call.transact(command, speaks_of=lambda _: pool_id)
