"""What the API reads, with the rules of who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.offers.domain.benefit import Benefit, Machine, OwnFigures, Price, benefit, price
from services.offers.domain.matching import Candidate, Match, matches
from services.offers.domain.offer import Offer
from services.offers.domain.order import Dispatch, Order, OrderState
from services.offers.domain.supplier import Supplier
from services.offers.domain.technology import CatalogueEntry, TechnologyFilter
from services.offers.repository import offers, orders, standing, suppliers, technologies
from shared.auth import Principal, require
from shared.db import Reader
from shared.errors import NotFound

OFFERS_ON_A_CARD = 50
"""How many offers a technology's page shows; `GET /offers` lists them all."""

OFFERS_COMPARED = 50
"""Among how many of a technology's offers, those of the lowest first prices, the cheapest is looked for."""

_WHOLE_CATALOGUE = 1000


@dataclass(frozen=True, slots=True)
class MatchedEntry:
    """A technology that fits a product: why, what it would save, its price, and how many offers are published."""

    entry: CatalogueEntry
    match: Match
    benefit: Benefit
    price: Price
    offers: int


async def technology_matches(
    sql: Reader, shelf: str | None, name: str | None, slug: str | None, own: OwnFigures, limit: int
) -> list[MatchedEntry]:
    """Find what fits a product, best first, with what it would save; `slug`: that technology only."""
    entries = {
        entry.ref.slug: entry
        for entry in await technologies.find_technologies(sql, TechnologyFilter(), None, _WHOLE_CATALOGUE)
        if "shelves" in entry.card  # else a process of an older release, starting beside us, has written it
    }
    found = [
        (match, entries[match.slug])
        for match in matches([_candidate(entry) for entry in entries.values()], shelf, name)
        if slug in (None, match.slug)
    ][:limit]
    offered = await standing.standing_offers(sql, [entry.ref.id for _, entry in found], OFFERS_COMPARED)
    return [_matched(match, entry, offered.get(entry.ref.id, standing.Standing()), own) for match, entry in found]


def _candidate(entry: CatalogueEntry) -> Candidate:
    return Candidate(entry.ref.slug, entry.card["shelves"], entry.card["products"])


def _matched(match: Match, entry: CatalogueEntry, offered: standing.Standing, own: OwnFigures) -> MatchedEntry:
    card = entry.card
    cost = price(offered.cheapest, card["price_low_idr"], card["price_high_idr"])
    weighed = card["capacity_kg_per_hour"]
    machine = Machine(
        kg_per_hour=None if weighed is None else Decimal(str(weighed)),  # as the catalogue writes it: 1.4 is 1.4
        pieces_per_hour=card["capacity_per_hour"],
        watts=entry.watts,
        price_idr=cost.idr,
    )
    return MatchedEntry(entry, match, benefit(machine, own), cost, offered.count)


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
