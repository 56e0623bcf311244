"""Purchase orders: the supplier's list, answers and dispatches."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.offers import queries
from services.offers.api.table import routes
from services.offers.commands import orders as commands
from services.offers.domain.order import Dispatch, Order, OrderState
from services.offers.domain.refusals import (
    AlreadyAnswered,
    AnswerTooLate,
    MoreThanOrdered,
    NotFundedYet,
    OrderCalledOff,
    OrderOver,
)
from shared.auth import SIGNED_IN, SUPPLIER
from shared.contracts.base import Units
from shared.db import Transaction
from shared.http.call import Answer, Call
from shared.http.fields import Body, Paragraph, View
from shared.http.paging import Page, PageQuery, decode_cursor, page


class OrderQuery(PageQuery):
    """Which orders to list."""

    state: OrderState | None = None


class Decline(Body):
    """Why not, for the members to read."""

    reason: Paragraph


class NewDispatch(Body):
    """Goods that go out now."""

    units: Units
    note: Paragraph | None = None


class OrderView(View):
    """A purchase order. `quantity` and `total_idr` (rupiah): the firm order's, before that what was asked for."""

    id: UUID
    pool_id: UUID
    supplier_id: UUID
    post_id: UUID
    offer_id: UUID
    offer_version: int
    technology_id: UUID
    title: str
    requested_quantity: int
    quantity: int
    minimum_quantity: int
    unit_price_idr: int
    total_idr: int
    state: OrderState
    answer: Literal["accepted", "declined", "expired"] | None
    answer_by: datetime
    answered_at: datetime | None
    decline_reason: str | None
    call_off_reason: str | None
    fund_by: datetime
    dispatched_units: int
    received_units: int


class DispatchView(View):
    """Goods that went out."""

    id: UUID
    units: int
    note: str
    at: datetime


class OrderWithDispatches(OrderView):
    """A purchase order with everything that was sent for it, oldest first."""

    dispatches: list[DispatchView]


def order_fields(order: Order) -> dict[str, object]:
    """Give an order's fields as `OrderView` names them."""
    asked = order.request
    return {
        "id": asked.order_id,
        "pool_id": asked.pool_id,
        "supplier_id": asked.supplier_id,
        "post_id": asked.post_id,
        "offer_id": asked.offer_id,
        "offer_version": asked.offer_version,
        "technology_id": asked.technology_id,
        "title": asked.title,
        "requested_quantity": asked.quantity,
        "quantity": order.quantity,
        "minimum_quantity": asked.minimum_quantity,
        "unit_price_idr": asked.unit_price_idr,
        "total_idr": order.total_idr,
        "state": order.state,
        "answer": order.answer,
        "answer_by": asked.answer_by,
        "answered_at": order.answered_at,
        "decline_reason": order.decline_reason,
        "call_off_reason": order.call_off_reason,
        "fund_by": asked.fund_by,
        "dispatched_units": order.dispatched_units,
        "received_units": order.received_units,
    }


def _view(order: Order) -> OrderView:
    return OrderView.model_validate(order_fields(order))


def _dispatch_view(sent: Dispatch) -> DispatchView:
    return DispatchView(id=sent.id, units=sent.units, note=sent.note, at=sent.dispatched_at)


@routes.get("/api/v1/purchase-orders", policy=SUPPLIER, query=OrderQuery, answer=Page[OrderView])
async def list_orders(call: Call, query: OrderQuery) -> Page[OrderView]:
    """List the orders of the caller's suppliers, newest first."""
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        orders = await queries.my_orders(sql, call.who, query.state, after, query.limit + 1)
    return page([_view(order) for order in orders], query.limit, lambda order: order.id)


@routes.get("/api/v1/purchase-orders/{order_id}", policy=SIGNED_IN, answer=OrderWithDispatches)
async def read_order(call: Call) -> OrderWithDispatches:
    """Read an order, as its supplier or as an operator of its post."""
    async with call.context.db.read() as sql:
        order, sent = await queries.order(sql, call.who, call.id("order_id"))
    dispatches = [_dispatch_view(each) for each in sent]
    return OrderWithDispatches.model_validate({**order_fields(order), "dispatches": dispatches})


@routes.post(
    "/api/v1/purchase-orders/{order_id}/accept",
    policy=SUPPLIER,
    answer=OrderView,
    refusals=(AlreadyAnswered, AnswerTooLate, OrderCalledOff),
)
async def accept_order(call: Call) -> Answer:
    """Accept an order: binding for `minimum_quantity` to `quantity` units, if funded by `fund_by`."""
    order_id = call.id("order_id")

    async def command(tx: Transaction) -> OrderView:
        return _view(await commands.accept(tx, call.who, order_id))

    return await call.transact(command)


@routes.post(
    "/api/v1/purchase-orders/{order_id}/decline",
    policy=SUPPLIER,
    body=Decline,
    answer=OrderView,
    refusals=(AlreadyAnswered, AnswerTooLate, OrderCalledOff),
)
async def decline_order(call: Call, body: Decline) -> Answer:
    """Decline an order with a reason."""
    order_id = call.id("order_id")

    async def command(tx: Transaction) -> OrderView:
        return _view(await commands.decline(tx, call.who, order_id, body.reason))

    return await call.transact(command)


@routes.post(
    "/api/v1/purchase-orders/{order_id}/dispatches",
    policy=SUPPLIER,
    body=NewDispatch,
    answer=OrderView,
    status=201,
    refusals=(NotFundedYet, OrderOver, MoreThanOrdered),
)
async def dispatch_goods(call: Call, body: NewDispatch) -> Answer:
    """Record that goods of a funded order go out; several times until all are sent."""
    order_id = call.id("order_id")

    async def command(tx: Transaction) -> OrderView:
        return _view(await commands.dispatch(tx, call.who, order_id, body.units, body.note or ""))

    return await call.transact(command)
