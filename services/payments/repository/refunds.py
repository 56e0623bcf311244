"""Money back to members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.accounts import Account, Method, account_of
from services.payments.domain.drawing import Part, Source
from services.payments.domain.holding import OpenRefund, RefundState
from shared.db import Reader, Row, Transaction, columns

OPEN = "('intended', 'requested', 'prepared')"


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund, in rupiah."""

    id: UUID
    pledge_id: UUID
    pool_id: UUID
    method: Method
    amount_idr: int
    code_idr: int
    custodian: Account
    charge_ref: str | None
    state: RefundState
    ref: str | None
    prepared_by: UUID | None
    receipt_no: str | None
    sent_at: datetime | None
    tries: int
    nudges: int


def _refund(row: Row) -> Refund:
    fields = {name: row[name] for name in Refund.__slots__}
    return Refund(**{**fields, "custodian": account_of(row["custodian"])})


BEGUN = "state = 'prepared' OR sent_at IS NOT NULL OR problem IS NOT NULL"

OPEN_OF_PLEDGES = f"""
SELECT id, pledge_id, amount_idr, code_idr, {BEGUN} AS begun
FROM refunds WHERE pledge_id = ANY ($1::uuid[]) AND state IN {OPEN} ORDER BY id
"""  # noqa: S608
OPEN_OF_PLEDGES_LOCKED = OPEN_OF_PLEDGES + " FOR UPDATE"


async def open_refunds(sql: Reader, pledge_ids: Collection[UUID], *, lock: bool) -> dict[UUID, tuple[OpenRefund, ...]]:
    """Find the refunds under way of each pledge that has some."""
    found: dict[UUID, tuple[OpenRefund, ...]] = {}
    for row in await sql.rows(OPEN_OF_PLEDGES_LOCKED if lock else OPEN_OF_PLEDGES, list(pledge_ids)):
        refund = OpenRefund(row["id"], row["pledge_id"], row["amount_idr"], row["code_idr"], row["begun"])
        found[refund.pledge_id] = (*found.get(refund.pledge_id, ()), refund)
    return found


RECALL = "UPDATE refunds SET state = 'cancelled', ended_at = $2, look_at = NULL WHERE id = ANY ($1::uuid[])"


async def recall(tx: Transaction, refund_ids: Collection[UUID], now: datetime) -> None:
    """Call back refunds that nobody has begun."""
    await tx.run(RECALL, list(refund_ids), now)


# A charge of which a refund has failed is not refunded by card again: people do it.
SOURCES = """
SELECT id, pledge_id, custodian, payments.amount_idr - coalesce(given_idr, 0) AS left_idr,
       CASE WHEN NOT coalesce(has_failed, false) THEN charge_ref END AS charge_ref
FROM payments
LEFT JOIN (SELECT id AS attempt_id, charge_ref FROM attempts) AS attempt USING (attempt_id)
LEFT JOIN LATERAL (
    SELECT sum(amount_idr) FILTER (WHERE state NOT IN ('cancelled', 'failed')) AS given_idr,
           bool_or(state = 'failed') AS has_failed
    FROM refunds WHERE pledge_id = payments.pledge_id AND payment_id = payments.id
) AS given ON true
WHERE pledge_id = ANY ($1::uuid[]) AND state = 'received' AND payments.amount_idr > coalesce(given_idr, 0)
ORDER BY decided_at DESC, id DESC
"""


async def sources(sql: Reader, pledge_ids: Collection[UUID]) -> dict[UUID, list[Source]]:
    """List each pledge's payments out of which something can go back, the newest first."""
    found: dict[UUID, list[Source]] = {}
    for row in await sql.rows(SOURCES, list(pledge_ids)):
        source = Source(row["id"], account_of(row["custodian"]), int(row["left_idr"]), row["charge_ref"])
        found.setdefault(row["pledge_id"], []).append(source)
    return found


CODES = """
SELECT pledge_id, custodian, sum(code_idr)::bigint AS code_idr FROM (
    SELECT pledge_id, custodian, code_idr FROM payments
    WHERE pledge_id = ANY ($1::uuid[]) AND state = 'received' AND code_idr > 0
    UNION ALL
    SELECT pledge_id, custodian, -code_idr FROM refunds
    WHERE pledge_id = ANY ($1::uuid[]) AND state NOT IN ('cancelled', 'failed') AND code_idr > 0
) AS moved GROUP BY pledge_id, custodian HAVING sum(code_idr) > 0
"""


async def free_codes(sql: Reader, pledge_ids: Collection[UUID]) -> dict[UUID, dict[Account, int]]:
    """Tell in whose hands each pledge's kode unik is that no refund gives back yet, in rupiah."""
    found: dict[UUID, dict[Account, int]] = {}
    for row in await sql.rows(CODES, list(pledge_ids)):
        found.setdefault(row["pledge_id"], {})[account_of(row["custodian"])] = row["code_idr"]
    return found


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A part of a refund to make for a pledge."""

    id: UUID
    pledge_id: UUID
    part: Part


ADD = """
INSERT INTO refunds (id, pledge_id, pool_id, method, amount_idr, code_idr, custodian, payment_id, charge_ref, state, look_at,
    created_at)
SELECT id, pledge_id, $1, method, amount_idr, code_idr, custodian, payment_id, charge_ref,
    CASE WHEN charge_ref IS NULL THEN 'requested' ELSE 'intended' END,
    CASE WHEN charge_ref IS NOT NULL THEN $2::timestamptz END, $2
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::uuid[], $10::text[])
    AS new (id, pledge_id, method, amount_idr, code_idr, custodian, payment_id, charge_ref)
"""


async def add_refunds(tx: Transaction, pool_id: UUID, refunds: Sequence[NewRefund], now: datetime) -> None:
    """Record the intent to refund: a job does what goes to a card, people the rest."""
    rows = [
        (one.id, one.pledge_id, one.part.method, one.part.amount_idr, one.part.code_idr, one.part.custodian.code,
         one.part.payment_id, one.part.charge_ref)
        for one in refunds
    ]  # fmt: skip
    await tx.run(ADD, pool_id, now, *columns(rows, 8))


async def lock_refund(tx: Transaction, refund_id: UUID) -> Refund:
    """Lock a refund; its pool must be locked already."""
    row = await tx.row("SELECT * FROM refunds WHERE id = $1 FOR UPDATE", refund_id)
    assert row is not None, f"no refund {refund_id}"
    return _refund(row)


PREPARE = "UPDATE refunds SET state = 'prepared', prepared_by = $2, proof = $3, prepared_at = $4 WHERE id = $1"


async def prepare(tx: Transaction, refund_id: UUID, by: UUID, proof: str, now: datetime) -> None:
    """The first person has given the money back, and shows the proof."""
    await tx.run(PREPARE, refund_id, by, proof, now)


PAID_BY_HAND = """
UPDATE refunds SET state = 'paid', approved_by = $2, receipt_no = $3, ended_at = $4, look_at = NULL WHERE id = $1
"""


async def paid_by_hand(tx: Transaction, refund_id: UUID, by: UUID, receipt_no: str, now: datetime) -> None:
    """The second person agrees: the money has gone."""
    await tx.run(PAID_BY_HAND, refund_id, by, receipt_no, now)


CLAIM = """
WITH due AS (SELECT id FROM refunds WHERE look_at <= $1 ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE refunds SET look_at = $2, tries = tries + 1, sent_at = coalesce(sent_at, $1) FROM due WHERE refunds.id = due.id
RETURNING refunds.*
"""


async def claim(tx: Transaction, now: datetime, until: datetime, limit: int) -> list[Refund]:
    """Take card refunds that are due, until `until`."""
    return [_refund(row) for row in await tx.rows(CLAIM, now, until, limit)]


BY_CARD = """
UPDATE refunds SET state = $2, ref = coalesce($3, ref), receipt_no = coalesce($4, receipt_no), tries = 0,
    ended_at = CASE WHEN $2 IN ('paid', 'failed') THEN $5::timestamptz END,
    look_at = CASE WHEN nudges > $7 THEN $5::timestamptz ELSE $6::timestamptz END
WHERE id = $1
"""


async def moved_by_card(
    tx: Transaction,
    refund_id: UUID,
    state: RefundState,
    now: datetime,
    *,
    ref: str | None,
    receipt_no: str | None,
    nudges: int,
    look_at: datetime | None,
) -> None:
    """The provider has told how a refund stands: look again at `look_at`, or at once if a webhook has come meanwhile."""
    await tx.run(BY_CARD, refund_id, state, ref, receipt_no, now, look_at, nudges)


REFUSED = "UPDATE refunds SET state = 'requested', problem = $2, look_at = NULL WHERE id = $1"


async def ask_people(tx: Transaction, refund_id: UUID, problem: str) -> None:
    """The provider refuses: people look into it and do it by hand."""
    await tx.run(REFUSED, refund_id, problem)


POSTPONE = """
UPDATE refunds SET look_at = CASE WHEN nudges > $2 THEN $3::timestamptz ELSE $4::timestamptz END
WHERE id = $1 AND look_at IS NOT NULL
"""


async def postpone(tx: Transaction, refund_id: UUID, nudges: int, now: datetime, look_at: datetime | None) -> None:
    """Look again at `look_at` (None: no more), or at once if a webhook has come since the job took it."""
    await tx.run(POSTPONE, refund_id, nudges, now, look_at)
