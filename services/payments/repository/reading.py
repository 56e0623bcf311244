"""What pages and queues show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.payments.domain.accounts import escrow
from shared.db import Reader, Row

MOVEMENTS = """
SELECT id, 'in' AS kind, method, CASE WHEN state = 'received' THEN amount_idr ELSE told_idr END AS amount_idr, code_idr,
    state, coalesce(decided_at, at) AS at, receipt_no, reason
FROM payments WHERE pledge_id = $1
UNION ALL
SELECT id, 'out', method, amount_idr, code_idr, state, coalesce(ended_at, created_at), receipt_no, NULL
FROM refunds WHERE pledge_id = $1 AND state <> 'cancelled'
ORDER BY at, id LIMIT 200
"""


async def movements(sql: Reader, pledge_id: UUID) -> list[Row]:
    """List the money in and out of a pledge, oldest first."""
    return await sql.rows(MOVEMENTS, pledge_id)


# Every queue is of one post ($1). Who is its treasurer only sees the pools that they keep: $2 their account, $3 their scopes.
_OF_POST = "post_id = $1 AND ($2::uuid IS NULL OR treasurer_account_id = $2 OR pools.id = ANY ($3::uuid[]))"

PAYMENTS_QUEUE = f"""
SELECT * FROM (
    SELECT 'transfer' AS kind, payments.id, payments.id AS payment_id, payments.pledge_id, pools.id AS pool_id, title,
        account_id, told_idr AS amount_idr, code AS unique_code, transfer_asks.amount_idr + coalesce(code, 0) AS asked_idr,
        reference, note, at
    FROM payments JOIN pools ON pools.id = payments.pool_id JOIN holdings ON holdings.pledge_id = payments.pledge_id
    LEFT JOIN transfer_asks ON transfer_asks.pledge_id = payments.pledge_id AND closed_at IS NULL
    WHERE {_OF_POST} AND state = 'awaiting_check'
    UNION ALL
    SELECT 'confirmation', pledge_id, NULL, pledge_id, pools.id, title, account_id, may_hold_idr, NULL, NULL, NULL, NULL, heard_at
    FROM holdings JOIN pools ON pools.id = pool_id
    WHERE {_OF_POST} AND timing = 'after_acceptance' AND method IN ('transfer', 'cash') AND grace_until IS NULL
      AND may_hold_idr > confirmed_idr
) AS waiting
WHERE $4::timestamptz IS NULL OR (at, id) > ($4, $5::uuid)
ORDER BY at, id LIMIT $6
"""  # noqa: S608

REFUNDS_QUEUE = f"""
SELECT refunds.id, refunds.pledge_id, pools.id AS pool_id, title, account_id, refunds.method,
    amount_idr + code_idr AS amount_idr, code_idr, refunds.state, proof, prepared_by, problem, custodian, created_at AS at
FROM refunds JOIN pools ON pools.id = refunds.pool_id JOIN holdings ON holdings.pledge_id = refunds.pledge_id
WHERE {_OF_POST} AND refunds.state IN ('requested', 'prepared')
  AND ($4::timestamptz IS NULL OR (created_at, refunds.id) > ($4, $5::uuid))
ORDER BY created_at, refunds.id LIMIT $6
"""  # noqa: S608

PAYOUTS_QUEUE = f"""
SELECT payouts.id, order_id, pools.id AS pool_id, title, payouts.supplier_id, stage, amount_idr, state, reference, prepared_by,
    verified_by, bank_name, account_number, account_holder, requested_at AS at
FROM payouts JOIN pools ON pools.id = payouts.pool_id LEFT JOIN payees ON payees.supplier_id = payouts.supplier_id
WHERE {_OF_POST} AND state <> 'paid' AND ($4::timestamptz IS NULL OR (requested_at, payouts.id) > ($4, $5::uuid))
ORDER BY requested_at, payouts.id LIMIT $6
"""  # noqa: S608


async def queue(
    sql: Reader,
    which: str,
    *,
    post_id: UUID,
    treasurer: UUID | None,
    scopes: Collection[UUID],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Read a queue (one of the constants above), oldest first."""
    return await sql.rows(which, post_id, treasurer, list(scopes), *(after or (None, None)), limit)


# The running balance counts from the first line, so every line is read; a pool has some thousands at most.
BOOK = """
WITH lines AS (
    SELECT row_number() OVER book AS line, at, kind, method, receipt_no,
        CASE WHEN debit = $2 THEN 0 ELSE amount_idr END AS in_idr, CASE WHEN debit = $2 THEN amount_idr ELSE 0 END AS out_idr,
        sum(CASE WHEN debit = $2 THEN -amount_idr ELSE amount_idr END) OVER book AS balance_idr
    FROM ledger WHERE pool_id = $1 AND (debit = $2 OR credit = $2)
    WINDOW book AS (ORDER BY number)
)
SELECT line, at, kind, method, receipt_no, in_idr, out_idr, balance_idr::bigint AS balance_idr FROM lines
WHERE line > $3 ORDER BY line LIMIT $4
"""


async def book(sql: Reader, pool_id: UUID, after: int, limit: int | None) -> list[Row]:
    """Read a pool's cash book: what came into escrow and went out of it, with the running balance."""
    return await sql.rows(BOOK, pool_id, escrow(pool_id).code, after, limit)


_HANDS = """
SELECT accounts.code, kind, balance_idr, bank_name, account_number, posts.name AS post_name
FROM accounts LEFT JOIN bank_accounts ON kind = 'bank' AND bank_accounts.id = owner_id
LEFT JOIN posts ON kind = 'cash_box' AND posts.id = owner_id
"""

HANDS = _HANDS + "WHERE accounts.code = ANY ($1::text[])"


async def hands(sql: Reader, codes: Collection[str]) -> dict[str, Row]:
    """Tell what custodians' accounts are called."""
    return {row["code"]: row for row in await sql.rows(HANDS, list(set(codes)))}


STANDING = f"""
SELECT hand.*,
    coalesce((SELECT balance_idr FROM accounts WHERE pool_id = $1 AND kind = 'escrow'), 0) AS escrow_idr,
    coalesce((SELECT sum(balance_idr) FROM accounts WHERE pool_id = $1 AND kind = 'unique_code'), 0)::bigint AS codes_idr
FROM pools
LEFT JOIN LATERAL (
    {_HANDS} WHERE accounts.pool_id = $1 AND kind IN ('stripe', 'bank', 'cash_box') AND balance_idr > 0
) AS hand ON true
WHERE pools.id = $1 AND pools.post_id IS NOT NULL
ORDER BY hand.kind, hand.code
"""  # noqa: S608


async def standing(sql: Reader, pool_id: UUID) -> tuple[Row | None, list[Row]]:
    """Read what a known pool holds (`escrow_idr`) with its members' kode unik (`codes_idr`), and in whose hands it is."""
    rows = await sql.rows(STANDING, pool_id)
    return (rows[0] if rows else None), [row for row in rows if row["code"] is not None]
