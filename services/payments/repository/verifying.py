"""Recomputes every figure from the rows that it follows from."""

from __future__ import annotations

from shared.db import Reader, Row

ACCOUNTS = """
WITH sides AS (
    SELECT debit AS code, amount_idr FROM ledger UNION ALL SELECT credit, -amount_idr FROM ledger
), sums AS (SELECT code, sum(amount_idr)::bigint AS debits FROM sides GROUP BY code)
SELECT code AS id, CASE WHEN kind IN ('stripe', 'bank', 'cash_box') THEN 1 ELSE -1 END * coalesce(debits, 0) AS expected,
    balance_idr AS found
FROM accounts LEFT JOIN sums USING (code)
WHERE balance_idr <> CASE WHEN kind IN ('stripe', 'bank', 'cash_box') THEN 1 ELSE -1 END * coalesce(debits, 0)
"""

# A pledge's money three times over: its own columns, its payments and refunds, its entries in the book.
HELD = """
WITH came AS (
    SELECT pledge_id, sum(amount_idr)::bigint AS idr, sum(code_idr)::bigint AS codes FROM payments WHERE state = 'received'
    GROUP BY pledge_id
), went AS (
    SELECT pledge_id, sum(amount_idr)::bigint AS idr, sum(code_idr)::bigint AS codes FROM refunds
    WHERE state IN ('pending', 'paid') GROUP BY pledge_id
), sides AS (
    SELECT pledge_id, accounts.kind, amount_idr FROM ledger JOIN accounts ON code = credit WHERE pledge_id IS NOT NULL
    UNION ALL SELECT pledge_id, accounts.kind, -amount_idr FROM ledger JOIN accounts ON code = debit WHERE pledge_id IS NOT NULL
), booked AS (
    SELECT pledge_id, coalesce(sum(amount_idr) FILTER (WHERE kind = 'escrow'), 0)::bigint AS idr,
        coalesce(sum(amount_idr) FILTER (WHERE kind = 'unique_code'), 0)::bigint AS codes
    FROM sides GROUP BY pledge_id
)
SELECT pledge_id, held_idr, codes_idr, coalesce(came.idr, 0) - coalesce(went.idr, 0) AS moved_idr,
    coalesce(came.codes, 0) - coalesce(went.codes, 0) AS moved_codes_idr, coalesce(booked.idr, 0) AS booked_idr,
    coalesce(booked.codes, 0) AS booked_codes_idr
FROM holdings LEFT JOIN came USING (pledge_id) LEFT JOIN went USING (pledge_id) LEFT JOIN booked USING (pledge_id)
"""

ESCROW = """
WITH held AS (SELECT pool_id, sum(held_idr)::bigint AS idr, sum(codes_idr)::bigint AS codes FROM holdings GROUP BY pool_id),
paid AS (SELECT pool_id, sum(amount_idr)::bigint AS idr FROM payouts WHERE state = 'paid' GROUP BY pool_id),
balances AS (
    SELECT pool_id, sum(balance_idr) FILTER (WHERE kind = 'escrow') AS escrow,
        sum(balance_idr) FILTER (WHERE kind = 'supplier') AS payable,
        sum(balance_idr) FILTER (WHERE kind IN ('stripe', 'bank', 'cash_box')) AS hands
    FROM accounts GROUP BY pool_id
)
SELECT id, (coalesce(held.idr, 0) - coalesce(paid.idr, 0))::bigint AS expected_idr, coalesce(escrow, 0)::bigint AS escrow_idr,
    coalesce(payable, 0)::bigint AS payable_idr, coalesce(hands, 0)::bigint AS hands_idr,
    (coalesce(escrow, 0) + coalesce(held.codes, 0) + coalesce(payable, 0))::bigint AS owed_idr
FROM pools LEFT JOIN held ON held.pool_id = id LEFT JOIN paid ON paid.pool_id = id LEFT JOIN balances ON balances.pool_id = id
"""

PAYOUTS = """
SELECT payouts.id, CASE WHEN state = 'paid' THEN amount_idr ELSE 0 END AS expected, coalesce(booked.idr, 0) AS found
FROM payouts LEFT JOIN (
    SELECT movement_id, sum(amount_idr)::bigint AS idr FROM ledger WHERE kind = 'payout_paid' GROUP BY movement_id
) AS booked ON movement_id = payouts.id
WHERE CASE WHEN state = 'paid' THEN amount_idr ELSE 0 END <> coalesce(booked.idr, 0)
"""

RECEIPTS = """
SELECT post_id || '/' || series || '/' || year AS id, max(number) AS expected, count(*) AS found FROM receipts
GROUP BY post_id, series, year HAVING max(number) <> count(*)
UNION ALL
SELECT counter.post_id || '/' || counter.series || '/' || counter.year, counter.last, count(receipts.number)
FROM receipt_counters AS counter LEFT JOIN receipts USING (post_id, series, year)
GROUP BY counter.post_id, counter.series, counter.year, counter.last HAVING counter.last <> count(receipts.number)
"""

ATTEMPTS = """
SELECT attempts.id, CASE WHEN attempts.state = 'succeeded' THEN 1 ELSE 0 END AS expected, count(payments.id) AS found
FROM attempts LEFT JOIN payments ON payments.attempt_id = attempts.id AND payments.amount_idr = attempts.amount_idr
GROUP BY attempts.id, attempts.state HAVING count(payments.id) <> CASE WHEN attempts.state = 'succeeded' THEN 1 ELSE 0 END
"""

# `id > $1` walks the charges in pages, so that a long list needs no long statement.
CHARGES = """
SELECT attempts.id, charge_ref, CASE WHEN attempts.state = 'succeeded' THEN amount_idr ELSE 0 END AS received_idr,
    coalesce((
        SELECT sum(refunds.amount_idr) FROM refunds
        WHERE refunds.charge_ref = attempts.charge_ref AND refunds.state IN ('pending', 'paid') AND refunds.ref IS NOT NULL
    ), 0)::bigint AS refunded_idr
FROM attempts WHERE charge_ref IS NOT NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT 200
"""


async def rows(sql: Reader, check: str, *arguments: object) -> list[Row]:
    """Run one of the checks above."""
    return await sql.rows(check, *arguments)


POOLS = "SELECT id FROM pools ORDER BY id"
