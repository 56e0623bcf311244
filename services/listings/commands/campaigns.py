"""Campaigns of a post: announcing, changing and calling one off, and the products that take part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.listings.commands.owning import runs
from services.listings.domain import campaign as rules
from services.listings.domain.campaign import Campaign
from services.listings.domain.refusals import PostUnknown
from services.listings.repository import campaigns, listings, projections
from shared.auth import Principal, require
from shared.db import Transaction
from shared.errors import Conflict, NotFound
from shared.ids import new_id


async def announce_campaign(
    tx: Transaction,
    who: Principal,
    *,
    post_id: UUID,
    title: str,
    place: str,
    starts_at: datetime,
    ends_at: datetime,
    about: str | None = None,
) -> UUID:
    """Announce a campaign of one's post; gives its id. Raises `NotAllowed`, `PostUnknown`, `CampaignTimes`.

    Raises `Conflict` where others took both of its slugs this moment.
    """
    require(who.operates(post_id))
    if not await projections.post_known(tx, post_id):
        raise PostUnknown
    rules.require_times(starts_at, ends_at, await tx.now())
    id_ = new_id()
    wish, otherwise = rules.slugs_for(title, id_)
    campaign = Campaign(id_, post_id, wish, title, about, place, starts_at, ends_at, status="announced", version=1)
    is_written = await campaigns.add(tx, campaign, who)
    if not is_written and not await campaigns.add(tx, replace(campaign, slug=otherwise), who):
        raise Conflict
    return id_


async def revise_campaign(
    tx: Transaction, who: Principal, named: str, changes: Mapping[str, object], seen_version: int | None = None
) -> None:
    """Change a campaign of one's post; nothing happens if nothing differs.

    Raises `NotFound`, `NotAllowed`, `StaleCampaign`, `CampaignOver`, `CampaignTimes`.
    """
    before = await _at_own_post(tx, who, named)
    after = rules.revised(before, changes, seen_version, await tx.now())
    if after != before:
        await campaigns.save(tx, after, who)


async def cancel_campaign(tx: Transaction, who: Principal, named: str) -> None:
    """Call a campaign of one's post off. Raises `NotFound`, `NotAllowed`, `CampaignOver`."""
    campaign = await _at_own_post(tx, who, named)
    await campaigns.save(tx, rules.cancelled(campaign, await tx.now()), who)


async def join_campaign(tx: Transaction, who: Principal, named: str, listing_id: UUID) -> None:
    """Let one's own product on show take part; an operator of the campaign's post may put back what was taken out.

    Raises `NotFound`, `NotAllowed`, `CampaignOver`, `WrongListingState`, `TakenOut`, `TooManyOfBusiness`.
    """
    campaign, listing = await _named(tx, named), await listings.lock(tx, listing_id)
    if listing is None:
        raise NotFound
    entry, by_operator = await campaigns.entry(tx, campaign, listing), who.operates(campaign.post_id)
    is_own = await runs(tx, who, listing.business_id, listing.owner_account_id)
    require(is_own or (by_operator and (entry.taken_out or entry.takes_part)))
    now = await tx.now()
    rules.require_entry(campaign, listing, entry, now, by_operator=by_operator)
    await campaigns.enter(tx, campaign.id, listing_id, now)


async def leave_campaign(tx: Transaction, who: Principal, named: str, listing_id: UUID) -> None:
    """Let one's own product leave, or take one out as an operator of the campaign's post; may be repeated.

    Raises `NotFound`, `NotAllowed`.
    """
    campaign, listing = await _named(tx, named), await listings.lock(tx, listing_id)
    if listing is None:
        raise NotFound
    if await runs(tx, who, listing.business_id, listing.owner_account_id):
        await campaigns.leave(tx, campaign.id, listing_id)
        return
    require(who.operates(campaign.post_id))
    await campaigns.take_out(tx, campaign.id, listing_id, await tx.now(), who)


async def _named(tx: Transaction, named: str) -> Campaign:
    campaign = await campaigns.lock(tx, rules.id_of(named), named)
    if campaign is None:
        raise NotFound
    return campaign


async def _at_own_post(tx: Transaction, who: Principal, named: str) -> Campaign:
    campaign = await _named(tx, named)
    require(who.operates(campaign.post_id))
    return campaign
