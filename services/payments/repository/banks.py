"""The groups' bank accounts, and what members are asked to transfer there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payments.domain.transfers import Ask
from shared.db import Reader, Transaction
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where members of a pool transfer to."""

    id: UUID
    bank_name: str
    account_number: str
    account_holder: str


KEEP_ACCOUNT = """
INSERT INTO bank_accounts (id, bank_name, account_number) VALUES ($1, $2, $3)
ON CONFLICT (bank_name, account_number) DO UPDATE SET bank_name = excluded.bank_name RETURNING id
"""
CHOOSE = """
INSERT INTO bank_choices (pool_id, bank_account_id, account_holder, chosen_by, at) VALUES ($1, $2, $3, $4, $5)
"""


async def choose_bank(tx: Transaction, pool_id: UUID, bank: BankAccount, by: UUID, now: datetime) -> None:
    """Let a pool use a bank account from now on."""
    bank_id = await tx.value(KEEP_ACCOUNT, bank.id, bank.bank_name, bank.account_number)
    await tx.run(CHOOSE, pool_id, bank_id, bank.account_holder, by, now)


CHOSEN = """
SELECT bank_accounts.id, bank_name, account_number, account_holder
FROM bank_choices JOIN bank_accounts ON bank_accounts.id = bank_account_id
WHERE pool_id = $1 ORDER BY number DESC LIMIT 1
"""


async def bank_of_pool(sql: Reader, pool_id: UUID) -> BankAccount | None:
    """Find the bank account that a pool uses now."""
    row = await sql.row(CHOSEN, pool_id)
    return BankAccount(**row) if row else None


@dataclass(frozen=True, slots=True)
class Tills:
    """Where a pool's members pay to, and whether an account is one of them."""

    bank: BankAccount | None
    post_name: str | None
    takes_part: bool


TILLS = f"""
SELECT bank.id, bank_name, account_number, account_holder, posts.name AS post_name,
    EXISTS (SELECT FROM holdings WHERE pool_id = pools.id AND account_id = $2) AS takes_part
FROM pools LEFT JOIN posts ON posts.id = pools.post_id LEFT JOIN LATERAL ({CHOSEN}) AS bank ON true
WHERE pools.id = $1
"""  # noqa: S608


async def tills(sql: Reader, pool_id: UUID, account_id: UUID) -> Tills:
    """Tell where the members of a known pool pay to."""
    row = await sql.row(TILLS, pool_id, account_id)
    assert row is not None, f"no pool {pool_id}"
    bank = None
    if row["id"] is not None:
        bank = BankAccount(row["id"], row["bank_name"], row["account_number"], row["account_holder"])
    return Tills(bank, row["post_name"], row["takes_part"])


FORGET_HOLDERS = "UPDATE bank_choices SET account_holder = '' WHERE chosen_by = $1"


async def forget_holders(tx: Transaction, account_id: UUID) -> None:
    """Empty the names of account holders that an account has given."""
    await tx.run(FORGET_HOLDERS, account_id)


CLOSE_ASKS = """
UPDATE transfer_asks SET closed_at = $3
WHERE pledge_id = ANY ($1::uuid[]) AND closed_at IS NULL AND ($2::uuid IS NULL OR bank_account_id <> $2)
"""
CHANGE_ASKS = """
UPDATE transfer_asks SET amount_idr = wanted.amount_idr
FROM unnest($1::uuid[], $2::bigint[]) AS wanted (pledge_id, amount_idr)
WHERE transfer_asks.pledge_id = wanted.pledge_id AND closed_at IS NULL RETURNING wanted.pledge_id
"""
LOCK_BANK = "SELECT FROM bank_accounts WHERE id = $1 FOR NO KEY UPDATE"
# The codes that are free, those first that were never used or longest ago: a late transfer is not taken for another's.
OPEN_ASKS = """
WITH free AS (
    SELECT code, row_number() OVER (ORDER BY max(closed_at) NULLS FIRST, code) AS place
    FROM generate_series(1, 999) AS code
    LEFT JOIN (SELECT code, closed_at, closed_at IS NULL AS in_use FROM transfer_asks WHERE bank_account_id = $1) AS known
        USING (code)
    GROUP BY code HAVING NOT coalesce(bool_or(in_use), false)
)
INSERT INTO transfer_asks (id, pledge_id, bank_account_id, code, amount_idr, opened_at)
SELECT id, pledge_id, $1, code, amount_idr, $2
FROM unnest($3::uuid[], $4::uuid[], $5::bigint[]) WITH ORDINALITY AS new (id, pledge_id, amount_idr, place)
LEFT JOIN free USING (place)
"""


async def ask_for(tx: Transaction, bank: BankAccount | None, asks: Mapping[UUID, int], now: datetime) -> None:
    """Ask for a transfer per pledge, in rupiah; 0 asks for nothing. A changed amount keeps its code."""
    wanted = {pledge_id: amount_idr for pledge_id, amount_idr in asks.items() if amount_idr and bank is not None}
    unwanted = [pledge_id for pledge_id in asks if pledge_id not in wanted]
    if unwanted:
        await tx.run(CLOSE_ASKS, unwanted, None, now)
    if not wanted or bank is None:
        return
    await tx.run(CLOSE_ASKS, list(wanted), bank.id, now)
    changed = {row["pledge_id"] for row in await tx.rows(CHANGE_ASKS, list(wanted), list(wanted.values()))}
    new = {pledge_id: amount_idr for pledge_id, amount_idr in wanted.items() if pledge_id not in changed}
    if new:
        await tx.run(LOCK_BANK, bank.id)
        await tx.run(OPEN_ASKS, bank.id, now, [new_id() for _ in new], list(new), list(new.values()))


ASK = "SELECT amount_idr, coalesce(code, 0) AS code_idr FROM transfer_asks WHERE pledge_id = $1 AND closed_at IS NULL"


async def open_ask(sql: Reader, pledge_id: UUID) -> Ask | None:
    """Read what a member is asked to transfer."""
    row = await sql.row(ASK, pledge_id)
    return Ask(row["amount_idr"], row["code_idr"]) if row else None
