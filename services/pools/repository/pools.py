"""Pools: proposing, locking and saving them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.pools.domain.hot import PoolCounters
from services.pools.domain.order import PayoutTerms
from services.pools.domain.pool_machine import ClosingReason, FailureReason, Pool, PoolState, Window
from services.pools.domain.terms import FreightStep, Terms, Tier
from shared.db import Reader, Row, Transaction
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class KeptPool:
    """A pool with all that is kept of it. `terms_json` is the offer's statement, as it was copied."""

    id: UUID
    pool: Pool
    terms: Terms
    payout_terms: PayoutTerms
    counters: PoolCounters
    secured_units: int
    post_id: UUID
    treasurer_id: UUID
    title: str
    offer_id: UUID
    offer_version: int
    supplier_id: UUID
    supplier_account_id: UUID
    technology_id: UUID
    methods: tuple[str, ...]
    timing: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an initiator proposes, with the offer it copies."""

    pool_id: UUID
    initiator_id: UUID
    treasurer_id: UUID
    post_id: UUID
    title: str
    story: str
    deadline: datetime
    methods: Sequence[str]
    timing: str


PROPOSE = """
INSERT INTO pools (id, post_id, initiator_account_id, treasurer_account_id, title, story, offer_id, offer_version,
    supplier_id, supplier_name, supplier_account_id, technology_id, technology, terms, capacity_units, methods, timing,
    deadline, created_at)
SELECT $1, $2, $3, $4, $5, $6, offer_id, offer_version, supplier_id, supplier_name, supplier_account_id, technology_id,
    technology, terms, (terms ->> 'capacity_units')::int, $8, $9, $10, $11
FROM offers WHERE offer_id = $7 AND NOT withdrawn
"""

REDRAFT = """
UPDATE pools SET title = coalesce($2, title), story = coalesce($3, story), deadline = coalesce($4, deadline),
    methods = coalesce($5, methods), timing = coalesce($6, timing)
WHERE id = $1
"""

LOCK = "SELECT * FROM pools WHERE id = $1 FOR UPDATE"

SAVE = """
UPDATE pools SET state = $2, verified_by = $3, extended = $4, closing_reason = $5, failure = $6, quantity = $7,
    pay_window = $8, pay_by = $9, received_units = $10, deadline = $11, opened_at = coalesce(opened_at, $13),
    extension_notice = coalesce($14, extension_notice),
    reason = CASE WHEN state = $2 THEN coalesce($12, reason) ELSE $12 END
WHERE id = $1
"""

COUNT = """
UPDATE pools SET next_number = $2, live_pledges = $3, pledged_units = $4, reached_from_units = $5, secured_units = $6
WHERE id = $1
"""

DUE_TO_CLOSE = "SELECT id FROM pools WHERE state = 'open' AND deadline <= $1 ORDER BY deadline LIMIT 50"

DUE_TO_COLLECT = "SELECT id FROM pools WHERE state = 'collecting' AND pay_by <= $1 ORDER BY pay_by LIMIT 50"


async def propose(tx: Transaction, proposal: Proposal, offer_id: UUID, now: datetime) -> bool:
    """Keep a draft with a copy of the standing offer; tells whether there is such an offer."""
    return bool(
        await tx.run(
            PROPOSE,
            proposal.pool_id,
            proposal.post_id,
            proposal.initiator_id,
            proposal.treasurer_id,
            proposal.title,
            proposal.story,
            offer_id,
            proposal.methods,
            proposal.timing,
            proposal.deadline,
            now,
        )
    )


async def redraft(
    tx: Transaction,
    pool_id: UUID,
    *,
    title: str | None,
    story: str | None,
    deadline: datetime | None,
    methods: Sequence[str] | None,
    timing: str | None,
) -> None:
    """Change a draft's own words and figures; None leaves one as it is."""
    await tx.run(REDRAFT, pool_id, title, story, deadline, methods, timing)


async def lock(tx: Transaction, pool_id: UUID) -> KeptPool:
    """Lock a pool until the commit. Raises `NotFound`."""
    row = await tx.row(LOCK, pool_id)
    if row is None:
        raise NotFound
    return pool_of(row)


async def save(
    tx: Transaction,
    pool_id: UUID,
    pool: Pool,
    *,
    reason: str | None = None,
    opened_at: datetime | None = None,
    notice: str | None = None,
) -> None:
    """Keep a pool's new state. `notice`: what the members are told of a later deadline.

    `reason`: why it was rejected or cancelled, in words; the next state begins without one.
    """
    await tx.run(
        SAVE,
        pool_id,
        pool.state.value,
        pool.verified_by,
        pool.extended,
        pool.closing_reason,
        pool.failure,
        pool.quantity,
        pool.window,
        pool.pay_by,
        pool.received_units,
        pool.deadline,
        reason,
        opened_at,
        notice,
    )


async def count(tx: Transaction, pool_id: UUID, counters: PoolCounters, secured_units: int) -> None:
    """Keep a pool's running totals."""
    await tx.run(
        COUNT,
        pool_id,
        counters.next_number,
        counters.live_pledges,
        counters.pledged_units,
        counters.reached_from_units,
        secured_units,
    )


async def due_to_close(sql: Reader, now: datetime) -> list[UUID]:
    """Give open pools whose deadline has come."""
    return [row["id"] for row in await sql.rows(DUE_TO_CLOSE, now)]


async def due_to_collect(sql: Reader, now: datetime) -> list[UUID]:
    """Give collecting pools whose present window has ended."""
    return [row["id"] for row in await sql.rows(DUE_TO_COLLECT, now)]


def pool_of(row: Row) -> KeptPool:
    """Map a row of `pools`."""
    pool = Pool(
        initiator_id=row["initiator_account_id"],
        deadline=row["deadline"],
        state=PoolState(row["state"]),
        verified_by=row["verified_by"],
        extended=row["extended"],
        closing_reason=ClosingReason(row["closing_reason"]) if row["closing_reason"] else None,
        failure=FailureReason(row["failure"]) if row["failure"] else None,
        quantity=row["quantity"],
        window=Window(row["pay_window"]) if row["pay_window"] else None,
        pay_by=row["pay_by"],
        received_units=row["received_units"],
    )
    counters = PoolCounters(row["next_number"], row["live_pledges"], row["pledged_units"], row["reached_from_units"])
    return KeptPool(
        id=row["id"],
        pool=pool,
        terms=terms_of(row["terms"]),
        payout_terms=PayoutTerms(row["terms"]["down_payment_percent"], row["terms"]["on_delivery_percent"]),
        counters=counters,
        secured_units=row["secured_units"],
        post_id=row["post_id"],
        treasurer_id=row["treasurer_account_id"],
        title=row["title"],
        offer_id=row["offer_id"],
        offer_version=row["offer_version"],
        supplier_id=row["supplier_id"],
        supplier_account_id=row["supplier_account_id"],
        technology_id=row["technology_id"],
        methods=tuple(row["methods"]),
        timing=row["timing"],
    )


def terms_of(terms: dict[str, Any]) -> Terms:
    """Map an offer's terms as they stand in JSON. Raises a `BadTerms` refusal where nothing can be ordered by them."""
    return Terms(
        tiers=tuple(Tier(tier["from_units"], tier["unit_price_idr"]) for tier in terms["tiers"]),
        minimum_units=terms["minimum_units"],
        capacity_units=terms["capacity_units"],
        pack_units=terms["pack_units"],
        freight=tuple(FreightStep(step["from_units"], step["cost_idr"]) for step in terms["freight"]),
        installation_idr=terms["installation_idr"],
        training_idr=terms["training_idr"],
    )
