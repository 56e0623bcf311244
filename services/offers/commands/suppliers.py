"""Suppliers: registering, being checked by their post, changing the bank account, being forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.offers.domain import supplier as rules
from services.offers.domain.refusals import SupplierExists
from services.offers.domain.supplier import Payee, Status, Supplier
from services.offers.repository import offers as offers_repository
from services.offers.repository import suppliers as repository
from shared.auth import Principal, require
from shared.contracts.offers import (
    OfferWithdrawn,
    SupplierPayeeChanged,
    SupplierRegistered,
    SupplierRejected,
    SupplierVerified,
)
from shared.db import Reader, Transaction, UniqueViolation
from shared.errors import NotFound
from shared.ids import new_id


async def register(
    tx: Transaction, who: Principal, *, name: str, post_id: UUID, about: str, whatsapp: str, payee: Payee
) -> Supplier:
    """Present a supplier to a post. Raises `SupplierExists`."""
    supplier = Supplier(
        id=new_id(),
        account_id=who.account_id,
        assisted_by=who.assisted_by,
        post_id=post_id,
        name=name,
        about=about,
        whatsapp=whatsapp,
        payee=payee,
        registered_at=await tx.now(),
    )
    try:
        async with tx.savepoint():
            await repository.insert_supplier(tx, supplier)
    except UniqueViolation:
        raise SupplierExists from None
    tx.emit(
        SupplierRegistered(supplier_id=supplier.id, account_id=supplier.account_id, post_id=post_id, name=supplier.name)
    )
    return supplier


async def verify(tx: Transaction, who: Principal, supplier_id: UUID) -> Supplier:
    """Find a supplier sound. Raises `NotFound`, `NotAllowed`, `OwnSupplier` or `SupplierDecided`."""
    supplier = rules.verify(await _checked_by(tx, who, supplier_id), who.account_id, await tx.now())
    await repository.save_supplier(tx, supplier)
    tx.emit(
        SupplierVerified(
            supplier_id=supplier.id,
            account_id=supplier.account_id,
            post_id=supplier.post_id,
            verified_by=who.account_id,
        )
    )
    tx.emit(_payee(supplier))
    return supplier


async def reject(tx: Transaction, who: Principal, supplier_id: UUID, reason: str) -> Supplier:
    """Turn a supplier down. Raises `NotFound`, `NotAllowed`, `OwnSupplier` or `SupplierDecided`."""
    supplier = rules.reject(await _checked_by(tx, who, supplier_id), who.account_id, reason, await tx.now())
    await repository.save_supplier(tx, supplier)
    tx.emit(
        SupplierRejected(
            supplier_id=supplier.id, account_id=supplier.account_id, post_id=supplier.post_id, reason=reason
        )
    )
    return supplier


async def change_payee(tx: Transaction, who: Principal, supplier_id: UUID, payee: Payee) -> Supplier:
    """Name another bank account. Raises `NotFound` or `NotAllowed`."""
    supplier = await own_supplier(tx, who, supplier_id)
    require(supplier.status is not Status.CLOSED)
    if payee == supplier.payee:
        return supplier
    supplier = replace(supplier, payee=payee)
    await repository.save_supplier(tx, supplier)
    if supplier.status is Status.VERIFIED:  # before that nobody pays it, so nobody need know
        tx.emit(_payee(supplier))
    return supplier


async def erase_account(tx: Transaction, account_id: UUID) -> None:
    """Forget a person: names, contacts and bank accounts go, standing offers are withdrawn, orders stay without a name."""
    suppliers = await repository.lock_suppliers_of(tx, account_id)
    for supplier in suppliers:
        await repository.save_supplier(tx, rules.erase(supplier))
    withdrawn = await offers_repository.withdraw_offers_of(tx, [supplier.id for supplier in suppliers])
    tx.emit(*(OfferWithdrawn(offer_id=offer_id, supplier_id=supplier_id) for offer_id, supplier_id in withdrawn))


async def snapshot(sql: Reader, supplier_ids: Sequence[UUID]) -> list[SupplierPayeeChanged]:
    """Give where those suppliers are paid that may be paid: checked ones, whose owners have not been forgotten."""
    suppliers = await repository.read_suppliers(sql, supplier_ids)
    return [_payee(supplier) for supplier in suppliers if supplier.status is Status.VERIFIED]


async def own_supplier(tx: Transaction, who: Principal, supplier_id: UUID) -> Supplier:
    """Lock a supplier that the caller owns or holds the role over. Raises `NotFound` or `NotAllowed`."""
    supplier = await repository.lock_supplier(tx, supplier_id)
    if supplier is None:
        raise NotFound
    require(supplier.account_id == who.account_id or who.holds("supplier", supplier.id))
    return supplier


async def _checked_by(tx: Transaction, who: Principal, supplier_id: UUID) -> Supplier:
    supplier = await repository.lock_supplier(tx, supplier_id)
    if supplier is None:
        raise NotFound
    require(who.operates(supplier.post_id))
    return supplier


def _payee(supplier: Supplier) -> SupplierPayeeChanged:
    assert supplier.payee is not None
    return SupplierPayeeChanged(
        supplier_id=supplier.id,
        bank_name=supplier.payee.bank_name,
        account_number=supplier.payee.account_number,
        account_holder=supplier.payee.account_holder,
    )
