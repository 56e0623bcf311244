"""The book: entries in, balances out. Balances move by a trigger, in the statement that writes the entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.accounts import Account, account_of, escrow
from services.payments.domain.entries import Entry
from services.payments.domain.receipts import Series, receipt_no, receipt_year
from shared.db import Reader, Transaction, columns

OPEN_ACCOUNTS = """
INSERT INTO accounts (code, kind, owner_id, pool_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""


async def open_accounts(tx: Transaction, accounts: Iterable[Account]) -> None:
    """Open those of these accounts that are not open yet."""
    rows = [(account.code, account.kind, account.owner_id, account.pool_id) for account in set(accounts)]
    await tx.run(OPEN_ACCOUNTS, *columns(rows, 4))


POST = """
INSERT INTO ledger
    (debit, credit, amount_idr, kind, method, pool_id, pledge_id, movement_id, receipt_no, reverses, key, recorded_by,
     checked_by, assisted_by, at)
SELECT debit, credit, amount_idr, kind, method, pool_id, pledge_id, movement_id, receipt_no, reverses, key, recorded_by,
    checked_by, assisted_by, $1
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[],
    $11::bigint[], $12::text[], $13::uuid[], $14::uuid[], $15::uuid[])
    WITH ORDINALITY AS entry (debit, credit, amount_idr, kind, method, pool_id, pledge_id, movement_id, receipt_no, reverses,
        key, recorded_by, checked_by, assisted_by, place)
ORDER BY place
"""


async def post(tx: Transaction, entries: Sequence[Entry], now: datetime) -> None:
    """Write entries, however many, in one statement that moves the balances too.

    Raises `UniqueViolation` where one of them was written before, `DataRefused` where a balance would fall below zero.
    """
    if not entries:
        return
    await open_accounts(tx, (account for entry in entries for account in (entry.debit, entry.credit)))
    rows = [
        (
            entry.debit.code, entry.credit.code, entry.amount_idr, entry.kind, entry.method, entry.movement.pool_id,
            entry.movement.pledge_id, entry.movement.id, entry.movement.receipt_no, entry.reverses, entry.key,
            entry.movement.recorded_by, entry.movement.checked_by, entry.movement.assisted_by,
        )
        for entry in entries
    ]  # fmt: skip
    await tx.run(POST, now, *columns(rows, 14))


REVERSE = """
INSERT INTO ledger
    (debit, credit, amount_idr, kind, method, pool_id, pledge_id, movement_id, receipt_no, reverses, key, recorded_by, at)
SELECT credit, debit, amount_idr, 'reversal', method, pool_id, pledge_id, movement_id, receipt_no, number,
    'reversal:' || number, $2, $3
FROM ledger WHERE movement_id = $1 AND kind <> 'reversal' ORDER BY number DESC
"""


async def reverse(tx: Transaction, movement_id: UUID, by: UUID | None, now: datetime) -> int:
    """Write every entry of a movement the other way round; gives how many. Raises `UniqueViolation` the second time."""
    return await tx.run(REVERSE, movement_id, by, now)


GIVE_RECEIPT = """
WITH counted AS (
    INSERT INTO receipt_counters AS counter (post_id, series, year, last) VALUES ($1, $2, $3, 1)
    ON CONFLICT (post_id, series, year) DO UPDATE SET last = counter.last + 1 RETURNING last
)
INSERT INTO receipts (post_id, series, year, number, movement_id, at) SELECT $1, $2, $3, last, $4, $5 FROM counted
RETURNING number
"""


async def give_receipt(tx: Transaction, series: Series, post_id: UUID, movement_id: UUID, now: datetime) -> str:
    """Number a movement in its post's series of the year; an undone transaction takes its number back."""
    year = receipt_year(now)
    number = await tx.value(GIVE_RECEIPT, post_id, series, year, movement_id, now)
    return receipt_no(series, year, number)


BALANCES = """
SELECT code, balance_idr FROM accounts WHERE pool_id = $1 AND kind IN ('stripe', 'bank', 'cash_box', 'escrow')
"""
CLAIMED = """
SELECT custodian AS code, sum(amount_idr)::bigint AS amount_idr, sum(code_idr)::bigint AS code_idr FROM (
    SELECT custodian, amount_idr, code_idr FROM refunds WHERE pool_id = $1 AND state IN ('intended', 'requested', 'prepared')
    UNION ALL SELECT custodian, 0, code_idr FROM payments WHERE pool_id = $1 AND state = 'received' AND code_idr > 0
    UNION ALL SELECT custodian, 0, -code_idr FROM refunds
        WHERE pool_id = $1 AND state NOT IN ('cancelled', 'failed') AND code_idr > 0
) AS claims GROUP BY custodian
"""


@dataclass(frozen=True, slots=True)
class Available:
    """What a pool has and owes to nobody else yet, in rupiah: in all, and in each custodian's hands."""

    escrow_idr: int
    by_custodian: dict[Account, int]


async def available(sql: Reader, pool_id: UUID) -> Available:
    """Tell what is not yet promised: balances less refunds under way and members' kode unik. The pool must be locked."""
    balances = {account_of(row["code"]): row["balance_idr"] for row in await sql.rows(BALANCES, pool_id)}
    escrow_idr = balances.pop(escrow(pool_id), 0)
    for row in await sql.rows(CLAIMED, pool_id):
        balances[account_of(row["code"])] -= row["amount_idr"] + row["code_idr"]
        escrow_idr -= row["amount_idr"]
    return Available(escrow_idr, balances)
