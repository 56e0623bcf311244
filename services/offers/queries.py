"""What the API reads, with the rules of who may see what."""

from __future__ import annotations

from uuid import UUID

from services.offers.domain.offer import Offer
from services.offers.domain.order import Dispatch, Order, OrderState
from services.offers.domain.supplier import Supplier
from services.offers.domain.technology import CatalogueEntry, TechnologyFilter
from services.offers.repository import offers, orders, suppliers, technologies
from shared.auth import Principal, require
from shared.db import Reader
from shared.errors import NotFound

OFFERS_ON_A_CARD = 50
"""How many offers a technology's page shows; `GET /offers` lists them all."""


async def catalogue(sql: Reader, wanted: TechnologyFilter, after: UUID | None, limit: int) -> list[CatalogueEntry]:
    """List technologies in the catalogue's order."""
    return await technologies.find_technologies(sql, wanted, after, limit)


async def technology(sql: Reader, slug: str) -> tuple[CatalogueEntry, list[Offer]]:
    """Read a technology with its published offers. Raises `NotFound`."""
    entry = await technologies.technology_by_slug(sql, slug)
    if entry is None:
        raise NotFound
    return entry, await offers.published_offers(sql, entry.ref.id, None, None, OFFERS_ON_A_CARD)


async def supplier(sql: Reader, who: Principal | None, supplier_id: UUID) -> Supplier:
    """Read a supplier; one that is not verified exists only for insiders. Raises `NotFound`."""
    found = await suppliers.read_supplier(sql, supplier_id)
    if found is None or not (found.is_public or is_insider(who, found)):
        raise NotFound
    return found


def is_insider(who: Principal | None, found: Supplier) -> bool:
    """Whether somebody may see all of a supplier, its bank account included: its owner, and operators of its post."""
    if who is None:
        return False
    owns = found.account_id == who.account_id or who.holds("supplier", found.id)
    return owns or who.operates(found.post_id)


async def my_suppliers(sql: Reader, who: Principal, after: UUID | None, limit: int) -> list[Supplier]:
    """List what the caller owns or holds the role over."""
    return await suppliers.suppliers_of(sql, who.account_id, who.scopes("supplier"), after, limit)


async def supplier_queue(sql: Reader, who: Principal, post_id: UUID, after: UUID | None, limit: int) -> list[Supplier]:
    """List who waits for a post's check. Raises `NotAllowed` for others than its operators."""
    require(who.operates(post_id))
    return await suppliers.pending_suppliers(sql, post_id, after, limit)


async def published_offers(
    sql: Reader, technology_id: UUID | None, supplier_id: UUID | None, after: UUID | None, limit: int
) -> list[Offer]:
    """List what pools may open from, newest first."""
    return await offers.published_offers(sql, technology_id, supplier_id, after, limit)


async def offer(sql: Reader, offer_id: UUID) -> Offer:
    """Read an offer, also a withdrawn one: pools that copied it still link to it. Raises `NotFound`."""
    found = await offers.read_offer(sql, offer_id)
    if found is None:
        raise NotFound
    return found


async def my_orders(
    sql: Reader, who: Principal, state: OrderState | None, after: UUID | None, limit: int
) -> list[Order]:
    """List the orders of the caller's suppliers, newest first."""
    own = await suppliers.owned_supplier_ids(sql, who.account_id, who.scopes("supplier"))
    return await orders.orders_of(sql, own, state, after, limit)


async def order(sql: Reader, who: Principal, order_id: UUID) -> tuple[Order, list[Dispatch]]:
    """Read an order, as its supplier or as an operator of its post. Raises `NotFound` or `NotAllowed`."""
    found = await orders.read_order(sql, order_id)
    if found is None:
        raise NotFound
    if not (who.operates(found.request.post_id) or who.holds("supplier", found.request.supplier_id)):
        seller = await suppliers.read_supplier(sql, found.request.supplier_id)
        require(seller is not None and seller.account_id == who.account_id)
    return found, await orders.dispatches_of(sql, order_id)
