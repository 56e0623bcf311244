"""The chart of accounts: who holds the money, and to whom it belongs.

Assets are split by pool, so that the book says of each pool in whose hands its money is, and no pool can be paid from
another's. The README shows the chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

AccountKind = Literal["stripe", "bank", "cash_box", "escrow", "unique_code", "supplier", "operating"]
Method = Literal["card", "transfer", "cash"]

CUSTODIAN_KINDS: frozenset[AccountKind] = frozenset({"bank", "stripe", "cash_box"})

GIVES_BY: dict[AccountKind, Method] = {"stripe": "transfer", "bank": "transfer", "cash_box": "cash"}
"""How people give money out of a custodian's hands (a card refund is made by the provider instead)."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `owner_id`: bank account, post, pledge or supplier."""

    kind: AccountKind
    owner_id: UUID | None = None
    pool_id: UUID | None = None

    @property
    def code(self) -> str:
        """Its name in the book, such as `cash_box:<post>:<pool>`."""
        return ":".join([self.kind, *(str(part) for part in (self.owner_id, self.pool_id) if part)])

    @property
    def is_custodian(self) -> bool:
        """Whether money lies there."""
        return self.kind in CUSTODIAN_KINDS


def account_of(code: str) -> Account:
    """Read an account back from its code."""
    kind, *ids = code.split(":")
    owner, pool = [None] * (2 - len(ids)) + [UUID(part) for part in ids]
    return Account(kind, owner, pool)  # type: ignore[arg-type]  # the database holds only known kinds


def stripe_balance(pool_id: UUID) -> Account:
    """The card provider's balance, as far as it is this pool's."""
    return Account("stripe", None, pool_id)


def bank_account(bank_account_id: UUID, pool_id: UUID) -> Account:
    """A group's bank account, as far as it is this pool's."""
    return Account("bank", bank_account_id, pool_id)


def cash_box(post_id: UUID, pool_id: UUID) -> Account:
    """A post's cash box, as far as it is this pool's."""
    return Account("cash_box", post_id, pool_id)


def escrow(pool_id: UUID) -> Account:
    """What belongs to a pool's members and supplier."""
    return Account("escrow", None, pool_id)


def unique_code(pledge_id: UUID, pool_id: UUID) -> Account:
    """A member's kode unik: theirs, beside the price."""
    return Account("unique_code", pledge_id, pool_id)


def supplier(supplier_id: UUID, pool_id: UUID) -> Account:
    """What is owed to a supplier: approved and on its way."""
    return Account("supplier", supplier_id, pool_id)
