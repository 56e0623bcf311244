"""Suppliers: who registers, who may check them, and what of their bank account others may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.offers.domain.refusals import OwnSupplier, SupplierDecided, SupplierNotVerified

ERASED_NAME = "Pemasok yang sudah tutup"
"""What stands for a supplier whose owner has asked to be forgotten."""

_SHOWN_DIGITS = 3


class Status(StrEnum):
    """Where a supplier stands."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    CLOSED = "closed"
    """Its owner has asked to be forgotten."""


@dataclass(frozen=True, slots=True)
class Payee:
    """The bank account that a supplier is paid to."""

    bank_name: str
    account_number: str
    account_holder: str

    def masked(self) -> Payee:
        """Give what strangers may see: enough to recognise the account, too little to use it."""
        hidden = "*" * (len(self.account_number) - _SHOWN_DIGITS)
        holder = " ".join(word[0] + "***" for word in self.account_holder.split())
        return Payee(self.bank_name, hidden + self.account_number[-_SHOWN_DIGITS:], holder)


@dataclass(frozen=True, slots=True)
class Supplier:
    """A workshop, distributor or inventor. `assisted_by`: the operator who registered it for its owner, if any."""

    id: UUID
    account_id: UUID
    assisted_by: UUID | None
    post_id: UUID
    name: str
    about: str
    whatsapp: str | None
    payee: Payee | None
    registered_at: datetime
    status: Status = Status.PENDING
    reason: str | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.status is Status.VERIFIED


def verify(supplier: Supplier, by: UUID, now: datetime) -> Supplier:
    """Find the supplier sound. Raises `OwnSupplier` or `SupplierDecided`."""
    return _decided(supplier, Status.VERIFIED, None, by, now)


def reject(supplier: Supplier, by: UUID, reason: str, now: datetime) -> Supplier:
    """Turn the supplier down with a reason for its owner. Raises `OwnSupplier` or `SupplierDecided`."""
    return _decided(supplier, Status.REJECTED, reason, by, now)


def expect_verified(supplier: Supplier) -> None:
    """Raise `SupplierNotVerified` unless the supplier may make offers."""
    if supplier.status is not Status.VERIFIED:
        raise SupplierNotVerified(supplier_status=supplier.status.value)


def erase(supplier: Supplier) -> Supplier:
    """Forget the person behind a supplier. Its orders stay, without a name."""
    return replace(supplier, status=Status.CLOSED, name=ERASED_NAME, about="", whatsapp=None, payee=None, reason=None)


def _decided(supplier: Supplier, status: Status, reason: str | None, by: UUID, now: datetime) -> Supplier:
    if by in {supplier.account_id, supplier.assisted_by}:
        raise OwnSupplier
    if supplier.status is not Status.PENDING:
        raise SupplierDecided(supplier_status=supplier.status.value)
    return replace(supplier, status=status, reason=reason, decided_by=by, decided_at=now)
