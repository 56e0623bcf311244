"""SQL that compares what is stored with what was done and said."""

from __future__ import annotations

from shared.db import Reader
from shared.service import Drift

# `{what: status}`: a business's state is what its reviews say; of a listing's history `changed` alone changes no state,
# and `restored` says itself what the listing is again.
UNLIKE_HISTORY = """
WITH businesses_told AS (
    SELECT business_id, count(*)::int AS versions, max(version) AS newest,
           (array_agg(what ORDER BY version DESC)
               FILTER (WHERE what IN ('registered', 'verified', 'rejected')))[1] AS what
    FROM history WHERE business_id IS NOT NULL GROUP BY business_id
), listings_told AS (
    SELECT listing_id, count(*)::int AS versions, max(version) AS newest,
           (array_agg(CASE what WHEN 'restored' THEN details->'status'->>1 ELSE what END ORDER BY version DESC)
               FILTER (WHERE what <> 'changed'))[1] AS what
    FROM history WHERE listing_id IS NOT NULL GROUP BY listing_id
), compared AS (
    SELECT 'a business' AS thing, id, version, status, versions, newest,
           CASE what WHEN 'registered' THEN 'pending' ELSE what END AS told
    FROM businesses LEFT JOIN businesses_told ON business_id = id
    UNION ALL
    SELECT 'a listing', id, version, status, versions, newest,
           CASE what WHEN 'created' THEN 'draft' WHEN 'erased' THEN 'archived' ELSE what END
    FROM listings LEFT JOIN listings_told ON listing_id = id
)
SELECT thing, id, version, status, newest, versions, told FROM compared
WHERE (version, version, status) IS DISTINCT FROM (newest, versions, told) ORDER BY id
"""


async def unlike_history(sql: Reader) -> list[Drift]:
    """Find whatever is not in the state and version that its history leads to."""
    return [
        Drift(
            f"{row['thing']} and its history",
            str(row["id"]),
            f"version {row['newest']} of {row['versions']}, {row['told']}",
            f"version {row['version']}, {row['status']}",
        )
        for row in await sql.rows(UNLIKE_HISTORY)
    ]


BUSINESSES_UNLIKE_LOG = """
WITH said AS (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, split_part(type, '_', 2) AS word, body->>'owner_account_id' AS owner
    FROM events WHERE type IN (
        'listings.business_registered.v1', 'listings.business_verified.v1', 'listings.business_rejected.v1')
    ORDER BY aggregate_id, version DESC
)
SELECT id, status, CASE word WHEN 'registered.v1' THEN 'pending' ELSE split_part(word, '.', 1) END AS told
FROM businesses LEFT JOIN said ON aggregate_id = id
WHERE (CASE word WHEN 'registered.v1' THEN 'pending' ELSE split_part(word, '.', 1) END, owner)
      IS DISTINCT FROM (status, owner_account_id::text)
ORDER BY id
"""


async def businesses_unlike_log(sql: Reader) -> list[Drift]:
    """Find businesses whose state or owner is not what others were told last."""
    return [
        Drift("a business and the log", str(row["id"]), row["told"], row["status"])
        for row in await sql.rows(BUSINESSES_UNLIKE_LOG)
    ]


LISTINGS_UNLIKE_LOG = """
WITH said AS (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, type <> 'listings.listing_withdrawn.v1' AS on_show,
           body->>'name' AS name, body->>'category' AS category, (body->>'price_idr')::bigint AS price_idr
    FROM events WHERE type IN (
        'listings.listing_published.v1', 'listings.listing_changed.v1', 'listings.listing_withdrawn.v1')
    ORDER BY aggregate_id, version DESC
)
SELECT id, status, listings.price_idr, coalesce(on_show, false) AS told_on_show, said.price_idr AS told_price_idr
FROM listings LEFT JOIN said ON aggregate_id = id
WHERE coalesce(on_show, false) <> (status = 'published')
   OR (on_show AND (said.name, said.category, said.price_idr)
       IS DISTINCT FROM (listings.name, listings.category, listings.price_idr))
ORDER BY id
"""


async def listings_unlike_log(sql: Reader) -> list[Drift]:
    """Find listings that others believe on show, or at a price, when they are not."""
    return [
        Drift(
            "a listing and the log",
            str(row["id"]),
            {"on_show": row["told_on_show"], "price_idr": row["told_price_idr"]},
            {"on_show": row["status"] == "published", "price_idr": row["price_idr"]},
        )
        for row in await sql.rows(LISTINGS_UNLIKE_LOG)
    ]


SHOWN_UNVERIFIED = """
SELECT listings.id, businesses.status FROM listings JOIN businesses ON businesses.id = business_id
WHERE listings.status = 'published' AND (businesses.status <> 'verified' OR erased_at IS NOT NULL) ORDER BY listings.id
"""


async def shown_unverified(sql: Reader) -> list[Drift]:
    """Find listings on show whose business is not verified."""
    return [
        Drift("the business of a listing on show", str(row["id"]), "verified", row["status"])
        for row in await sql.rows(SHOWN_UNVERIFIED)
    ]


# The triggers of 0002 keep these; whoever writes around them is found here.
WRONG_COPIES = """
SELECT listings.id, listings.business_name AS copied, businesses.name AS true_name
FROM listings JOIN businesses ON businesses.id = business_id LEFT JOIN posts ON posts.post_id = listings.post_id
WHERE (listings.business_name, listings.whatsapp, listings.district_code, listings.village_code,
       listings.halal)
      IS DISTINCT FROM (businesses.name, businesses.whatsapp, businesses.district_code, businesses.kelurahan_code,
                             businesses.halal)
   OR listings.post_name IS DISTINCT FROM posts.name
   OR listings.made_with_ttg
      IS DISTINCT FROM (claims_ttg AND EXISTS (SELECT FROM machine_owned WHERE account_id = owner_account_id))
ORDER BY listings.id
"""


async def wrong_copies(sql: Reader) -> list[Drift]:
    """Find listings that repeat something else than their business, post and owner's machines say."""
    return [
        Drift("what a listing repeats", str(row["id"]), row["true_name"], row["copied"])
        for row in await sql.rows(WRONG_COPIES)
    ]


NAMED_UNLIKE_LOG = """
WITH said AS (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, body->>'name' AS name
    FROM events WHERE type IN ('listings.business_registered.v1', 'listings.business_changed.v1')
    ORDER BY aggregate_id, version DESC
)
SELECT id, businesses.name, said.name AS told FROM businesses JOIN said ON aggregate_id = id
WHERE erased_at IS NULL AND businesses.name <> said.name ORDER BY id
"""


async def named_unlike_log(sql: Reader) -> list[Drift]:
    """Find businesses whose name is not what others were told last."""
    return [
        Drift("a business's name and the log", str(row["id"]), row["told"], row["name"])
        for row in await sql.rows(NAMED_UNLIKE_LOG)
    ]


HALAL_UNLIKE_PERMIT = """
SELECT id, halal FROM businesses WHERE halal <> EXISTS (
    SELECT FROM permits WHERE business_id = businesses.id AND kind = 'halal' AND checked_on IS NOT NULL
) ORDER BY id
"""


async def halal_unlike_permit(sql: Reader) -> list[Drift]:
    """Find businesses that count as halal without a checked certificate, or the other way round."""
    return [
        Drift("a business's halal permit", str(row["id"]), not row["halal"], row["halal"])
        for row in await sql.rows(HALAL_UNLIKE_PERMIT)
    ]


CHECKED_BY_MANAGER = """
SELECT DISTINCT businesses.id FROM businesses JOIN managers ON business_id = id
LEFT JOIN permits ON permits.business_id = id
WHERE account_id IN (owner_account_id, reviewed_by, checked_by) ORDER BY id
"""


async def checked_by_manager(sql: Reader) -> list[Drift]:
    """Find businesses that one of their managers has checked, or whose owner is a manager, too."""
    return [
        Drift("who checked a business", str(row["id"]), "nobody who runs it", "a manager")
        for row in await sql.rows(CHECKED_BY_MANAGER)
    ]
