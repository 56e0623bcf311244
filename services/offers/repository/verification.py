"""What `verify` compares: figures that are kept, beside the rows that they must follow from."""

# ruff: noqa: S608 -- nothing but constants of these modules is put into SQL text

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.offers.domain.order import Order
from services.offers.repository.orders import COLUMNS, order_of
from shared.contracts.offers import OfferTerms
from shared.db import Reader, Row

WRONG_VERSIONS = """
SELECT offers.id, offers.version, coalesce(max(kept.version), 0) AS newest, count(kept.version) AS versions
FROM offers LEFT JOIN offer_versions AS kept ON kept.offer_id = offers.id
GROUP BY offers.id
HAVING offers.version <> coalesce(max(kept.version), 0) OR offers.version <> count(kept.version)
"""

ORDERS = f"""
SELECT {COLUMNS}, terms, dispatched, received, completed, answers
FROM purchase_orders
CROSS JOIN LATERAL (
    SELECT terms FROM offer_versions AS kept
    WHERE kept.offer_id = purchase_orders.offer_id AND kept.version = offer_version) AS agreed
CROSS JOIN LATERAL (
    SELECT coalesce(sum(units), 0)::bigint AS dispatched FROM dispatches WHERE order_id = purchase_orders.id) AS sent
CROSS JOIN LATERAL (
    SELECT coalesce(sum(units), 0)::bigint AS received, coalesce(bool_or(complete), false) AS completed
    FROM receipts WHERE order_id = purchase_orders.id) AS got
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(split_part(type, '.', 2) ORDER BY events.version), '{{}}') AS answers
    FROM events WHERE aggregate_id = purchase_orders.id AND type LIKE 'offers.purchase\\_order\\_%') AS said
ORDER BY purchase_orders.id
"""


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """An order beside its evidence: state as kept, sums of its rows, the answers said, the terms it was made from."""

    order: Order
    kept_state: str
    dispatched_units: int
    received_units: int
    completely_received: bool
    answers_said: list[str]
    terms: OfferTerms


@dataclass(frozen=True, slots=True)
class WrongVersion:
    """An offer whose version is not the newest of its versions, or whose versions have holes."""

    offer_id: UUID
    version: int
    newest: int
    versions: int


async def wrong_versions(sql: Reader) -> list[WrongVersion]:
    """Find offers that disagree with their versions."""
    return [
        WrongVersion(row["id"], row["version"], row["newest"], row["versions"])
        for row in await sql.rows(WRONG_VERSIONS)
    ]


async def orders_to_check(sql: Reader) -> list[CheckedOrder]:
    """Read every order beside its evidence."""
    return [_checked(row) for row in await sql.rows(ORDERS)]


def _checked(row: Row) -> CheckedOrder:
    return CheckedOrder(
        order=order_of(row),
        kept_state=row["state"],
        dispatched_units=row["dispatched"],
        received_units=row["received"],
        completely_received=row["completed"],
        answers_said=row["answers"],
        terms=OfferTerms.model_validate(row["terms"]),
    )
