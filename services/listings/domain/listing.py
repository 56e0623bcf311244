"""A listing: draft → published ⇄ paused, and archived from any of them, for good.

An operator may hide what is published or paused; it comes back by an appeal alone (`domain/moderation.py`).

It is in stock, `stock` units of it if the owner counts them, or it is made to order within `ready_in_days` days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from services.listings.domain.forbidden import require_allowed
from services.listings.domain.refusals import (
    BusinessNotVerified,
    StaleVersion,
    StockOrDays,
    VariantTwice,
    WrongListingState,
)
from shared.contracts.base import Event
from shared.contracts.listings import ListingChanged, ListingPublished, ListingWithdrawn

ListingStatus = Literal["draft", "published", "paused", "hidden", "archived"]

COMES_FROM: Final[Mapping[ListingStatus, frozenset[ListingStatus]]] = {
    "draft": frozenset(),
    "published": frozenset({"draft", "paused"}),
    "paused": frozenset({"published"}),
    "hidden": frozenset(),
    "archived": frozenset({"draft", "published", "paused", "hidden"}),
}
"""From which states those who run its business may bring a listing into a state."""

REVISABLE: Final = (
    "name", "description", "category", "price_idr", "unit", "stock", "ready_in_days", "variants", "claims_ttg",
)  # fmt: skip
"""The fields that an owner may change."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A flavour, size or colour. `price_idr`: whole rupiah per unit, None where it costs what the product costs."""

    name: str
    price_idr: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A product as the rules see it. `price_idr` is whole rupiah per `unit`."""

    id: UUID
    business_id: UUID
    post_id: UUID
    owner_account_id: UUID
    business_verified: bool
    name: str
    description: str | None
    category: str
    price_idr: int
    unit: str | None
    status: ListingStatus
    version: int
    stock: int | None = None
    ready_in_days: int | None = None
    variants: tuple[Variant, ...] = ()
    claims_ttg: bool = True
    """Whether it is made with its owner's machine, if there is one."""

    @property
    def on_show(self) -> bool:
        """Whether everybody sees it."""
        return self.status == "published"


def moved(listing: Listing, to: ListingStatus) -> Listing:
    """Bring a listing into another state. Raises `WrongListingState`, `BusinessNotVerified`, `ForbiddenGoods`."""
    if listing.status not in COMES_FROM[to]:
        raise WrongListingState(listing_status=listing.status)
    if to == "published" and not listing.business_verified:
        raise BusinessNotVerified
    if to == "published":
        require_allowed(listing.name, listing.description)
    return replace(listing, status=to, version=listing.version + 1)


def revised(listing: Listing, changes: Mapping[str, object], seen_version: int | None) -> Listing:
    """Change fields. `seen_version`: what the owner looked at, if told; the same listing comes back if nothing differs.

    Raises `StaleVersion` when somebody has changed it since, `WrongListingState` once archived, `ForbiddenGoods` where new
    words name such goods on what is, or may again come, on show, and as `checked` does.
    """
    assert set(changes) <= set(REVISABLE)
    if seen_version is not None and seen_version != listing.version:
        raise StaleVersion(version=listing.version)
    if listing.status == "archived":
        raise WrongListingState(listing_status=listing.status)
    after = checked(replace(listing, **_complete(changes)))  # type: ignore[arg-type]  # names are checked above
    if listing.status in {"published", "hidden"} and said(listing) != said(after):
        require_allowed(after.name, after.description)
    return listing if after == listing else replace(after, version=listing.version + 1)


def said(listing: Listing) -> tuple[str, str | None]:
    """Give the words of a product: those by which forbidden goods are found."""
    return listing.name, listing.description


def _complete(changes: Mapping[str, object]) -> dict[str, object]:
    """Whoever says that it is made to order no longer counts stock, and the other way round."""
    whole = dict(changes)
    if changes.get("ready_in_days") is not None and "stock" not in changes:
        whole["stock"] = None
    if changes.get("stock") is not None and "ready_in_days" not in changes:
        whole["ready_in_days"] = None
    return whole


def checked(listing: Listing) -> Listing:
    """Give a listing whose fields fit together. Raises `StockOrDays`, `VariantTwice`."""
    if listing.stock is not None and listing.ready_in_days is not None:
        raise StockOrDays
    names = [variant.name.casefold() for variant in listing.variants]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise VariantTwice(variant=twice)
    return listing


def differences(before: Listing, after: Listing) -> dict[str, list[object]]:
    """Give what an owner's change did, as `{field: [before, after]}`."""
    return {
        field: [getattr(before, field), getattr(after, field)]
        for field in REVISABLE
        if getattr(before, field) != getattr(after, field)
    }


def told(before: Listing, after: Listing) -> list[Event]:
    """Say what others must hear of a change: only what is, or was, on show concerns them."""
    if before.on_show and not after.on_show:
        return [ListingWithdrawn(listing_id=after.id, business_id=after.business_id, post_id=after.post_id)]
    if not after.on_show:
        return []
    shown = {
        "listing_id": after.id,
        "business_id": after.business_id,
        "post_id": after.post_id,
        "name": after.name,
        "category": after.category,
        "price_idr": after.price_idr,
    }
    if not before.on_show:
        return [ListingPublished.model_validate(shown)]
    if differences(before, after).keys() & {"name", "category", "price_idr"}:
        return [ListingChanged.model_validate(shown)]
    return []
