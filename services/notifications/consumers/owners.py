"""Businesses and suppliers: they ask a post to check them, and hear what came of it, and of a product that was hidden."""

from __future__ import annotations

from services.notifications.commands import telling
from services.notifications.consumers.table import consumers
from services.notifications.domain.notice import Notice, PostNotice
from services.notifications.repository import surroundings
from shared.contracts.listings import (
    BusinessRegistered,
    BusinessRejected,
    BusinessVerified,
    ListingAppealRejected,
    ListingHidden,
    ListingRestored,
)
from shared.contracts.offers import SupplierRegistered, SupplierRejected, SupplierVerified
from shared.db import Transaction
from shared.service import Delivery


@consumers.projection(BusinessRegistered, fills={"subjects"})
async def keep_business(tx: Transaction, event: BusinessRegistered, delivery: Delivery) -> None:
    """Keep a business's name."""
    await surroundings.name(tx, event.business_id, "business", event.name, delivery.version, event.owner_account_id)


@consumers.projection(SupplierRegistered, fills={"subjects"})
async def keep_supplier(tx: Transaction, event: SupplierRegistered, delivery: Delivery) -> None:
    """Keep a supplier's name."""
    await surroundings.name(tx, event.supplier_id, "supplier", event.name, delivery.version, event.account_id)


@consumers.reaction(BusinessRegistered)
async def announce_business(tx: Transaction, event: BusinessRegistered, delivery: Delivery) -> None:
    """Ask the post to check a business."""
    notice = PostNotice(
        event.post_id,
        "business_registered",
        subject_id=event.business_id,
        except_account_id=event.owner_account_id,
    )
    await telling.tell_post(tx, delivery, notice)


@consumers.reaction(SupplierRegistered)
async def announce_supplier(tx: Transaction, event: SupplierRegistered, delivery: Delivery) -> None:
    """Ask the post to check a supplier."""
    notice = PostNotice(
        event.post_id, "supplier_registered", subject_id=event.supplier_id, except_account_id=event.account_id
    )
    await telling.tell_post(tx, delivery, notice)


@consumers.reaction(BusinessVerified)
async def tell_business_verified(tx: Transaction, event: BusinessVerified, delivery: Delivery) -> None:
    """Tell the owner that the business is verified."""
    notice = Notice(event.owner_account_id, "business_verified", subject_id=event.business_id, post_id=event.post_id)
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(BusinessRejected)
async def tell_business_rejected(tx: Transaction, event: BusinessRejected, delivery: Delivery) -> None:
    """Tell the owner why the business was turned down."""
    notice = Notice(
        event.owner_account_id,
        "business_rejected",
        subject_id=event.business_id,
        post_id=event.post_id,
        facts={"reason": event.reason},
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(SupplierVerified)
async def tell_supplier_verified(tx: Transaction, event: SupplierVerified, delivery: Delivery) -> None:
    """Tell the supplier that it may publish offers."""
    notice = Notice(event.account_id, "supplier_verified", subject_id=event.supplier_id, post_id=event.post_id)
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(SupplierRejected)
async def tell_supplier_rejected(tx: Transaction, event: SupplierRejected, delivery: Delivery) -> None:
    """Tell the supplier why it was turned down."""
    notice = Notice(
        event.account_id,
        "supplier_rejected",
        subject_id=event.supplier_id,
        post_id=event.post_id,
        facts={"reason": event.reason},
    )
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(ListingHidden)
async def tell_listing_hidden(tx: Transaction, event: ListingHidden, delivery: Delivery) -> None:
    """Tell the owner that a product was hidden, why, and that they may appeal."""
    facts = {"product": event.name, "hiding": event.reason}
    notice = Notice(event.owner_account_id, "listing_hidden", event.listing_id, post_id=event.post_id, facts=facts)
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(ListingRestored)
async def tell_listing_restored(tx: Transaction, event: ListingRestored, delivery: Delivery) -> None:
    """Tell the owner that the appeal was granted."""
    facts = {"product": event.name}
    notice = Notice(event.owner_account_id, "listing_restored", event.listing_id, post_id=event.post_id, facts=facts)
    await telling.tell(tx, delivery, [notice])


@consumers.reaction(ListingAppealRejected)
async def tell_appeal_rejected(tx: Transaction, event: ListingAppealRejected, delivery: Delivery) -> None:
    """Tell the owner that the product stays hidden, and whether they may ask once more."""
    facts = {"product": event.name, "repeat": "yes" if event.may_repeat else "no"}
    notice = Notice(
        event.owner_account_id, "listing_appeal_rejected", event.listing_id, post_id=event.post_id, facts=facts
    )
    await telling.tell(tx, delivery, [notice])
