"""What listings says: UKM businesses and what they sell."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.contracts.base import Event, Moment, PositiveRupiah


class BusinessRegistered(Event):
    """A UKM has presented itself to a post."""

    type = "listings.business_registered.v1"
    aggregate = "business_id"

    business_id: UUID
    owner_account_id: UUID
    post_id: UUID
    name: str


class BusinessVerified(Event):
    """An operator of the post has checked the business."""

    type = "listings.business_verified.v1"
    aggregate = "business_id"

    business_id: UUID
    owner_account_id: UUID
    post_id: UUID
    verified_by: UUID


class BusinessChanged(Event):
    """A business has another name or stands in another place. Its review stands."""

    type = "listings.business_changed.v1"
    aggregate = "business_id"

    business_id: UUID
    owner_account_id: UUID
    post_id: UUID
    name: str


class BusinessRejected(Event):
    """An operator of the post has turned the business down, with a reason for its owner."""

    type = "listings.business_rejected.v1"
    aggregate = "business_id"

    business_id: UUID
    owner_account_id: UUID
    post_id: UUID
    reason: str


class _Listing(Event):
    type = "listings.listing_published.v1"
    aggregate = "listing_id"

    listing_id: UUID
    business_id: UUID
    post_id: UUID
    name: str
    category: str
    price_idr: PositiveRupiah


class ListingPublished(_Listing):
    """A product can be seen by everybody."""

    type = "listings.listing_published.v1"


class ListingChanged(_Listing):
    """A product that is on show has a new name, price or category."""

    type = "listings.listing_changed.v1"


class ListingWithdrawn(Event):
    """A product is no longer on show."""

    type = "listings.listing_withdrawn.v1"
    aggregate = "listing_id"

    listing_id: UUID
    business_id: UUID
    post_id: UUID


class PromotionStarted(Event):
    """A product on show is to be had at a lower price, in whole rupiah, until `ends_at` or until its owner ends it earlier."""

    type = "listings.promotion_started.v1"
    aggregate = "listing_id"

    promotion_id: UUID
    listing_id: UUID
    business_id: UUID
    post_id: UUID
    price_idr: PositiveRupiah
    ends_at: Moment


HidingReason = Literal["forbidden", "not_as_shown", "stolen_photo", "personal_data", "offensive", "other"]
"""What is wrong with a product: goods that may not be sold, a fraud, another's photo, somebody's personal data, an offence."""


class _Hiding(Event):
    type = "listings.listing_hidden.v1"
    aggregate = "listing_id"

    listing_id: UUID
    business_id: UUID
    post_id: UUID
    owner_account_id: UUID
    name: str


class ListingHidden(_Hiding):
    """An operator has taken a product off show, or out of its pause; its owner may appeal."""

    type = "listings.listing_hidden.v1"

    reason: HidingReason


class ListingRestored(_Hiding):
    """An appeal was granted: the product is what it was before it was hidden."""

    type = "listings.listing_restored.v1"


class ListingAppealRejected(_Hiding):
    """An appeal was turned down: the product stays hidden."""

    type = "listings.listing_appeal_rejected.v1"

    may_repeat: bool
    """Whether one more appeal may be made once the product was changed."""
