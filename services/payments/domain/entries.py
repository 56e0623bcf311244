"""What movements look like in the book: each is one or more entries of debit, credit and amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.payments.domain.accounts import GIVES_BY, Account, Method, escrow, supplier, unique_code

EntryKind = Literal["payment", "unique_code", "refund", "unique_code_refund", "payout", "payout_paid", "reversal"]


@dataclass(frozen=True, slots=True)
class Movement:
    """What an entry belongs to, and who stands for it."""

    id: UUID
    pool_id: UUID
    receipt_no: str
    pledge_id: UUID | None = None
    recorded_by: UUID | None = None
    checked_by: UUID | None = None
    assisted_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount_idr` rupiah from `credit` to `debit`. `key` lets it happen once."""

    debit: Account
    credit: Account
    amount_idr: int
    kind: EntryKind
    method: Method
    movement: Movement
    key: str
    reverses: int | None = None


def received(movement: Movement, method: Method, custodian: Account, amount_idr: int, code_idr: int) -> list[Entry]:
    """A member's money comes: the amount into escrow, the kode unik onto the member's own account."""
    assert movement.pledge_id is not None
    own = unique_code(movement.pledge_id, movement.pool_id)
    return [
        *_entry(custodian, escrow(movement.pool_id), amount_idr, "payment", method, movement),
        *_entry(custodian, own, code_idr, "unique_code", method, movement),
    ]


def refunded(movement: Movement, method: Method, custodian: Account, amount_idr: int, code_idr: int) -> list[Entry]:
    """A member's money goes back, from the custodian who has it."""
    assert movement.pledge_id is not None
    own = unique_code(movement.pledge_id, movement.pool_id)
    return [
        *_entry(escrow(movement.pool_id), custodian, amount_idr, "refund", method, movement),
        *_entry(own, custodian, code_idr, "unique_code_refund", method, movement),
    ]


def paid_out(movement: Movement, supplier_id: UUID, parts: Sequence[tuple[Account, int]]) -> list[Entry]:
    """The supplier earns a stage, out of escrow, and is paid it at once out of the custodians' hands."""
    payable = supplier(supplier_id, movement.pool_id)
    entries = []
    for custodian, amount_idr in parts:
        method = GIVES_BY[custodian.kind]
        entries += _entry(escrow(movement.pool_id), payable, amount_idr, "payout", method, movement, custodian)
        entries += _entry(payable, custodian, amount_idr, "payout_paid", method, movement, custodian)
    return entries


def _entry(
    debit: Account,
    credit: Account,
    amount_idr: int,
    kind: EntryKind,
    method: Method,
    movement: Movement,
    part: Account | None = None,
) -> list[Entry]:
    if amount_idr == 0:
        return []
    key = f"{kind}:{movement.id}" + (f":{part.code}" if part else "")
    return [Entry(debit, credit, amount_idr, kind, method, movement, key)]
