"""A campaign of a post: a bazaar, a season. Announced, perhaps changed or called off; products take part in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from services.listings.domain.listing import Listing
from services.listings.domain.promoting_refusals import (
    CampaignOver,
    CampaignTimes,
    StaleCampaign,
    TakenOut,
    TooManyOfBusiness,
)
from services.listings.domain.refusals import WrongListingState

CampaignStatus = Literal["announced", "cancelled"]

LONGEST: Final = timedelta(days=92)
"""A season: three months."""
FARTHEST: Final = timedelta(days=400)
"""Next year's Ramadan can be announced."""
MOST_OF_BUSINESS: Final = 20
"""With how many products one business takes part, so that none fills the campaign alone."""
REVISABLE: Final = ("title", "about", "place", "starts_at", "ends_at")
_LONGEST_SLUG: Final = 60


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as the rules see it."""

    id: UUID
    post_id: UUID
    slug: str
    title: str
    about: str | None
    place: str
    starts_at: datetime
    ends_at: datetime
    status: CampaignStatus
    version: int

    def is_over(self, now: datetime) -> bool:
        """Whether nothing can be done with it any more."""
        return self.status == "cancelled" or self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Entry:
    """How a product stands to a campaign, and with how many others its business takes part."""

    takes_part: bool
    taken_out: bool
    of_business: int


def id_of(named: str) -> UUID | None:
    """Read the name of a campaign in an address as an id, if it is one; else it is a slug."""
    try:
        return UUID(named)
    except ValueError:
        return None


def slugs_for(title: str, campaign_id: UUID) -> tuple[str, str]:
    """Give the address that a title asks for, and the one to take where that is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    wish = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "kampanye"
    return wish, f"{wish}-{campaign_id.hex[-6:]}"


def require_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Check the beginning and end of a campaign. Raises `CampaignTimes`."""
    in_order = starts_at < ends_at and ends_at > now
    if not (in_order and ends_at - starts_at <= LONGEST and starts_at - now <= FARTHEST):
        raise CampaignTimes(most_days=LONGEST.days, ahead_days=FARTHEST.days)


def revised(campaign: Campaign, changes: Mapping[str, object], seen_version: int | None, now: datetime) -> Campaign:
    """Change fields; the same campaign comes back if nothing differs.

    Raises `StaleCampaign` when somebody has changed it since, `CampaignOver`, `CampaignTimes`.
    """
    assert set(changes) <= set(REVISABLE)
    if seen_version is not None and seen_version != campaign.version:
        raise StaleCampaign(version=campaign.version)
    if campaign.is_over(now):
        raise CampaignOver
    after = replace(campaign, **changes)  # type: ignore[arg-type]  # their names are checked above
    if after == campaign:
        return campaign
    require_times(after.starts_at, after.ends_at, now)
    return replace(after, version=campaign.version + 1)


def cancelled(campaign: Campaign, now: datetime) -> Campaign:
    """Call a campaign off. Raises `CampaignOver`."""
    if campaign.is_over(now):
        raise CampaignOver
    return replace(campaign, status="cancelled", version=campaign.version + 1)


def require_entry(campaign: Campaign, listing: Listing, entry: Entry, now: datetime, *, by_operator: bool) -> None:
    """Check whether a product may take part; who took it out may put it back.

    Raises `CampaignOver`, `WrongListingState`, `TakenOut`, `TooManyOfBusiness`.
    """
    if campaign.is_over(now):
        raise CampaignOver
    if not listing.on_show:
        raise WrongListingState(listing_status=listing.status)
    if entry.taken_out and not by_operator:
        raise TakenOut
    if not entry.takes_part and entry.of_business >= MOST_OF_BUSINESS:
        raise TooManyOfBusiness(most=MOST_OF_BUSINESS)
