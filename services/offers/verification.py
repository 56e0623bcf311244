"""`urunbeli verify` for offers: every figure that is kept is computed anew from the rows that it follows from."""

from __future__ import annotations

from collections.abc import Iterator

from services.offers.domain.order import Answer, Order
from services.offers.domain.terms import total_idr, unit_price_idr
from services.offers.repository import verification as repository
from services.offers.repository.verification import CheckedOrder
from shared.db import Reader
from shared.service import Context, Drift, Findings


async def verify(sql: Reader, _: Context) -> Findings:
    """Compare offers with their versions, and orders with their evidence. Tells the units of each firm order."""
    findings = Findings()
    for wrong in await repository.wrong_versions(sql):
        drift = Drift(
            "offer's version and its versions", str(wrong.offer_id), wrong.version, (wrong.newest, wrong.versions)
        )
        findings.drifts.append(drift)
    ordered: dict[str, object] = {}
    for checked in await repository.orders_to_check(sql):
        findings.drifts += drifts_of(checked)
        if checked.order.ordered_quantity is not None:
            ordered[str(checked.order.request.order_id)] = checked.order.ordered_quantity
    findings.facts["ordered_units"] = ordered
    return findings


def drifts_of(checked: CheckedOrder) -> Iterator[Drift]:
    """Give each figure of an order that does not follow from its evidence."""
    order = checked.order
    compared = [
        ("order's state", order.state.value, checked.kept_state),
        ("order's dispatched units", checked.dispatched_units, order.dispatched_units),
        ("order's received units", checked.received_units, order.received_units),
        ("order's goods all received", checked.completely_received, order.received_at is not None),
        ("order's answers said", _answers(order), checked.answers_said),
        ("order's answer in time", True, _answered_in_time(order)),
        *_prices(checked),
    ]
    order_id = str(order.request.order_id)
    return (Drift(what, order_id, expected, found) for what, expected, found in compared if expected != found)


def _answers(order: Order) -> list[str]:
    return [] if order.answer is None else [f"purchase_order_{order.answer.value}"]


def _answered_in_time(order: Order) -> bool:
    if order.answered_at is None:
        return True
    return (order.answered_at < order.request.answer_by) is (order.answer is not Answer.EXPIRED)


def _prices(checked: CheckedOrder) -> Iterator[tuple[str, object, object]]:
    order, asked, terms = checked.order, checked.order.request, checked.terms
    yield "order's unit price by its terms", unit_price_idr(terms, asked.quantity), asked.unit_price_idr
    yield "order's total by its terms", total_idr(terms, asked.quantity), asked.total_idr
    yield "firm order's total by its terms", total_idr(terms, order.quantity), order.total_idr
