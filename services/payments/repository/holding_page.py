"""A holding with all that its member's page says of it, read in one statement and not locked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.holding import Attempt, Holding, OpenRefund
from services.payments.domain.transfers import Ask
from services.payments.repository import attempts, banks, refunds
from services.payments.repository.banks import BankAccount
from services.payments.repository.holdings import holding_of
from services.payments.repository.pools import pool_of
from shared.db import Reader, Row

# Of everything joined there is one row at most, by a unique index or a limit; refunds under way come as columns.
HOLDING = f"""
SELECT holdings.*, pools.*, customers.ref AS customer,
    attempt.id AS attempt_id, attempt.kind AS attempt_kind, attempt.amount_idr AS attempt_idr, attempt.state AS attempt_state,
    attempt.sent_at IS NOT NULL AS attempt_sent, attempt.unwanted AS attempt_unwanted, attempt.url AS attempt_url,
    going.refund_ids, going.refunds_idr, going.refund_codes_idr, going.refunds_begun,
    bank.id AS bank_id, bank.bank_name, bank.account_number, bank.account_holder,
    ask.amount_idr AS ask_idr, coalesce(ask.code, 0) AS ask_code_idr,
    EXISTS (SELECT FROM payments WHERE pledge_id = holdings.pledge_id AND state = 'awaiting_check') AS is_transfer_unchecked
FROM holdings
JOIN pools ON pools.id = holdings.pool_id
LEFT JOIN customers USING (account_id)
LEFT JOIN attempts AS attempt ON attempt.pledge_id = holdings.pledge_id AND attempt.state IN {attempts.LIVE}
LEFT JOIN transfer_asks AS ask ON ask.pledge_id = holdings.pledge_id AND ask.closed_at IS NULL
LEFT JOIN LATERAL ({banks.CHOSEN.replace("$1", "holdings.pool_id")}) AS bank ON true
CROSS JOIN LATERAL (
    SELECT array_agg(id) AS refund_ids, array_agg(amount_idr) AS refunds_idr, array_agg(code_idr) AS refund_codes_idr,
        array_agg({refunds.BEGUN}) AS refunds_begun
    FROM refunds WHERE pledge_id = holdings.pledge_id AND state IN {refunds.OPEN}
) AS going
WHERE holdings.pledge_id = $1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class HoldingPage:
    """A holding, and to where and how much its member is asked to transfer."""

    holding: Holding
    bank: BankAccount | None
    ask: Ask | None
    is_transfer_unchecked: bool


async def read(sql: Reader, pledge_id: UUID) -> HoldingPage | None:
    """Read a holding; None where there is none."""
    row = await sql.row(HOLDING, pledge_id)
    if row is None:
        return None
    bank = None
    if row["bank_id"] is not None:
        bank = BankAccount(row["bank_id"], row["bank_name"], row["account_number"], row["account_holder"])
    return HoldingPage(
        holding_of(row, pool_of(row), _attempt(row), _refunds(row)),
        bank,
        Ask(row["ask_idr"], row["ask_code_idr"]) if row["ask_idr"] is not None else None,
        row["is_transfer_unchecked"],
    )


def _attempt(row: Row) -> Attempt | None:
    if row["attempt_id"] is None:
        return None
    return Attempt(
        row["attempt_id"], row["pledge_id"], row["pool_id"], row["attempt_kind"], row["attempt_idr"], row["attempt_state"],
        row["attempt_sent"], row["attempt_unwanted"], url=row["attempt_url"],
    )  # fmt: skip


def _refunds(row: Row) -> tuple[OpenRefund, ...]:
    if row["refund_ids"] is None:
        return ()
    columns = (row["refund_ids"], row["refunds_idr"], row["refund_codes_idr"], row["refunds_begun"])
    return tuple(
        OpenRefund(refund_id, row["pledge_id"], amount_idr, code_idr, begun)
        for refund_id, amount_idr, code_idr, begun in zip(*columns, strict=True)
    )
