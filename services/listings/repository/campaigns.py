"""SQL of campaigns and of the products that take part in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.listings.domain.campaign import Campaign, Entry
from services.listings.domain.listing import Listing
from services.listings.repository.listings import SHOWN as LISTINGS_SHOWN
from services.listings.repository.managers import RUN_BY
from services.listings.repository.promotions import RUNNING
from shared.auth import Principal
from shared.db import Reader, Row, Transaction

ADD = """
INSERT INTO campaigns (id, post_id, slug, title, about, place, starts_at, ends_at, created_by, changed_by, status, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
ON CONFLICT (slug) DO NOTHING
"""


async def add(tx: Transaction, campaign: Campaign, who: Principal) -> bool:
    """Write a new campaign; says whether its slug was free."""
    written = await tx.run(
        ADD, campaign.id, campaign.post_id, campaign.slug, campaign.title, campaign.about, campaign.place,
        campaign.starts_at, campaign.ends_at, who.account_id, campaign.status, campaign.version,
    )  # fmt: skip
    return written == 1


LOCK = """
SELECT id, post_id, slug, title, about, place, starts_at, ends_at, status, version
FROM campaigns WHERE id = $1 OR slug = $2 FOR UPDATE
"""


async def lock(tx: Transaction, campaign_id: UUID | None, slug: str) -> Campaign | None:
    """Give a campaign by its id or slug, and hold it until the commit."""
    row = await tx.row(LOCK, campaign_id, slug)
    return Campaign(**row) if row else None


SAVE = """
UPDATE campaigns SET title = $2, about = $3, place = $4, starts_at = $5, ends_at = $6, status = $7, version = $8,
                     changed_by = $9
WHERE id = $1
"""


async def save(tx: Transaction, campaign: Campaign, who: Principal) -> None:
    """Write a changed campaign. Its slug stays: the address is on posters."""
    await tx.run(
        SAVE, campaign.id, campaign.title, campaign.about, campaign.place, campaign.starts_at, campaign.ends_at,
        campaign.status, campaign.version, who.account_id,
    )  # fmt: skip


ENTRY = """
SELECT (SELECT taken_out_at IS NOT NULL FROM campaign_listings WHERE campaign_id = $1 AND listing_id = $2) AS taken_out,
       (SELECT count(*) FROM campaign_listings JOIN listings ON listings.id = listing_id
        WHERE campaign_id = $1 AND business_id = $3 AND taken_out_at IS NULL) AS of_business
"""


async def entry(tx: Transaction, campaign: Campaign, listing: Listing) -> Entry:
    """Tell how a product stands to a campaign, which the caller holds."""
    row = await tx.row(ENTRY, campaign.id, listing.id, listing.business_id)
    assert row is not None
    return Entry(row["taken_out"] is False, bool(row["taken_out"]), row["of_business"])


ENTER = """
INSERT INTO campaign_listings (campaign_id, listing_id, joined_at) VALUES ($1, $2, $3)
ON CONFLICT (campaign_id, listing_id) DO UPDATE SET taken_out_at = NULL, taken_out_by = NULL
"""


async def enter(tx: Transaction, campaign_id: UUID, listing_id: UUID, now: datetime) -> None:
    """Let a product take part; one that takes part already goes on doing so."""
    await tx.run(ENTER, campaign_id, listing_id, now)


LEAVE = "DELETE FROM campaign_listings WHERE campaign_id = $1 AND listing_id = $2 AND taken_out_at IS NULL"


async def leave(tx: Transaction, campaign_id: UUID, listing_id: UUID) -> None:
    """Forget that a product takes part. That it was taken out is not forgotten."""
    await tx.run(LEAVE, campaign_id, listing_id)


TAKE_OUT = """
UPDATE campaign_listings SET taken_out_at = $3, taken_out_by = $4
WHERE campaign_id = $1 AND listing_id = $2 AND taken_out_at IS NULL
"""


async def take_out(tx: Transaction, campaign_id: UUID, listing_id: UUID, now: datetime, who: Principal) -> None:
    """Remember that an operator has taken a product out."""
    await tx.run(TAKE_OUT, campaign_id, listing_id, now, who.account_id)


SHOWN = """
SELECT campaigns.id, campaigns.post_id, posts.name AS post_name, posts.region_code, slug, title, about, place, starts_at,
       ends_at, status, version,
       CASE WHEN status = 'cancelled' THEN 'cancelled' WHEN ends_at <= statement_timestamp() THEN 'over'
            WHEN starts_at <= statement_timestamp() THEN 'running' ELSE 'coming' END AS phase,
       (SELECT count(*) FROM campaign_listings JOIN listings ON listings.id = listing_id
        WHERE campaign_id = campaigns.id AND taken_out_at IS NULL AND listings.status = 'published') AS listings_count
FROM campaigns LEFT JOIN posts ON posts.post_id = campaigns.post_id
"""

GET = SHOWN + "WHERE campaigns.id = $1 OR slug = $2"


async def get(sql: Reader, campaign_id: UUID | None, slug: str) -> Row | None:
    """Give a campaign by its id or slug, as people see it."""
    return await sql.row(GET, campaign_id, slug)


_ANNOUNCED = """
WHERE status = 'announced' AND ends_at > statement_timestamp()
  AND ($1::timestamptz IS NULL OR (starts_at, campaigns.id) > ($1, $2::uuid)){of_post}
ORDER BY starts_at, campaigns.id LIMIT $3
"""
ANNOUNCED = SHOWN + _ANNOUNCED.replace("{of_post}", "")
ANNOUNCED_OF_POST = SHOWN + _ANNOUNCED.replace("{of_post}", " AND campaigns.post_id = $4")


async def list_announced(
    sql: Reader, post_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """List the campaigns that run or come, of a post or of all, in the order in which they begin."""
    arguments = (*(after or (None, None)), limit)
    if post_id is None:
        return await sql.rows(ANNOUNCED, *arguments)
    return await sql.rows(ANNOUNCED_OF_POST, *arguments, post_id)


_LISTINGS = """
SELECT {shown} FROM listings JOIN businesses ON businesses.id = business_id {running}
WHERE listings.id IN (
    SELECT listing_id FROM campaign_listings
    WHERE campaign_id = $1 AND taken_out_at IS NULL AND ($2::uuid IS NULL OR listing_id < $2)
) AND listings.status = 'published' AND erased_at IS NULL{of_owner}
ORDER BY listings.id DESC LIMIT $3
"""
LISTINGS = _LISTINGS.format(shown=LISTINGS_SHOWN, running=RUNNING, of_owner="")
_OF_RUNNER = " AND business_id = ANY (" + RUN_BY.replace("$1", "$4") + ")"
LISTINGS_OF_RUNNER = _LISTINGS.format(shown=LISTINGS_SHOWN, running=RUNNING, of_owner=_OF_RUNNER)


async def list_listings(
    sql: Reader, campaign_id: UUID, account_id: UUID | None, after: UUID | None, limit: int
) -> list[Row]:
    """List the products on show that take part, of those whom one account runs or of all, the newest first."""
    if account_id is None:
        return await sql.rows(LISTINGS, campaign_id, after, limit)
    return await sql.rows(LISTINGS_OF_RUNNER, campaign_id, after, limit, account_id)
