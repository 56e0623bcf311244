"""What pages and integrators read of pools: one statement for each answer, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.pools.domain.closing import Bid
from shared.db import Reader, Row
from shared.words import prefix_query

_CARD = """
SELECT pools.*, posts.name AS post_name FROM pools LEFT JOIN posts USING (post_id)
"""

_LISTED = """
WHERE ($1::text[] IS NULL OR pools.state = ANY ($1)) AND ($2::uuid IS NULL OR pools.post_id = $2)
  AND ($3::uuid[] IS NULL OR technology_id = ANY ($3)) AND ($4::uuid IS NULL OR offer_id = $4)
  AND ($5::uuid IS NULL OR initiator_account_id = $5
       OR EXISTS (SELECT FROM pledges WHERE pool_id = pools.id AND account_id = $5 AND pledges.state <> 'withdrawn'))
  AND ($6::uuid IS NULL OR pools.id < $6)
  AND (opened_at IS NOT NULL OR initiator_account_id = $5)
"""
_NEWEST = " ORDER BY pools.id DESC LIMIT $7"

LIST = _CARD + _LISTED + _NEWEST

# The expression of the index `pools_words`, to the letter.
FOUND = (
    _CARD
    + _LISTED
    + """
  AND to_tsvector(
          'indonesian', title || ' ' || coalesce(technology ->> 'name_id', '') || ' ' || coalesce(technology ->> 'name_en', '')
      ) @@ to_tsquery('indonesian', $8)
"""
    + _NEWEST
)

_POOL = """
    pools.*, posts.name AS post_name, initiator.name AS initiator_name, treasurer.name AS treasurer_name,
    mine.id AS my_pledge_id, coalesce(aggregates.version, 0) AS version,
    allocation.unit_price_idr AS final_unit_price_idr, allocation.landed_price_idr AS final_landed_price_idr
"""

_FROM = """
FROM pools
LEFT JOIN posts USING (post_id)
LEFT JOIN people AS initiator ON initiator.account_id = initiator_account_id
LEFT JOIN people AS treasurer ON treasurer.account_id = treasurer_account_id
LEFT JOIN pledges AS mine ON mine.pool_id = pools.id AND mine.account_id = $2 AND mine.state NOT IN ('dropped', 'withdrawn')
LEFT JOIN aggregates ON aggregates.aggregate_id = pools.id
LEFT JOIN LATERAL (
    SELECT unit_price_idr, landed_price_idr FROM allocations WHERE pool_id = pools.id ORDER BY run DESC LIMIT 1
) AS allocation ON true
"""

ONE = f"SELECT {_POOL} {_FROM} WHERE pools.id = $1"

# The log itself is the timeline; single pledges are not told.
WHOLE = f"""
SELECT {_POOL}, to_jsonb(orders) AS "order", happened.types, happened.times {_FROM}
LEFT JOIN orders ON orders.pool_id = pools.id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(type ORDER BY version), '{{}}') AS types, coalesce(array_agg(at ORDER BY version), '{{}}') AS times
    FROM (
        SELECT type, at, version FROM events WHERE aggregate_id = pools.id AND type <> ALL (ARRAY[
            'pools.pledges_made.v1', 'pools.pledge_changed.v1', 'pools.pledge_withdrawn.v1', 'pools.amounts_due.v1',
            'pools.machine_owned.v1', 'pools.pool_progressed.v1'])
        ORDER BY version LIMIT 200
    ) AS told
) AS happened
WHERE pools.id = $1
"""  # noqa: S608

QUEUE = (
    _CARD
    + """
WHERE pools.post_id = ANY ($1::uuid[]) AND state IN ('in_review', 'ordered', 'delivered')
  AND ($2::uuid IS NULL OR pools.id > $2)
ORDER BY pools.id LIMIT $3
"""
)

LIVE_BIDS = """
SELECT pledge_id, block.number, block.units, tolerance_units, ceiling_idr, pledges.number AS first
FROM pledges JOIN pledge_blocks AS block ON block.pledge_id = pledges.id
WHERE pledges.pool_id = $1 AND state IN ('made', 'secured') ORDER BY block.number
"""

PARTICIPANTS = """
SELECT number, units, state, people.name FROM pledges LEFT JOIN people USING (account_id)
WHERE pool_id = $1 AND state NOT IN ('withdrawn') AND ($2::int IS NULL OR number > $2) ORDER BY number LIMIT $3
"""

_PLEDGE = """
SELECT pledges.*, people.name, pools.title AS pool_title, pools.state AS pool_state, pools.post_id,
    pools.initiator_account_id, pools.treasurer_account_id, line.units AS allocated_units,
    line.goods_idr, line.freight_idr, line.installation_idr, line.training_idr
FROM pledges JOIN pools ON pools.id = pool_id LEFT JOIN people USING (account_id)
LEFT JOIN LATERAL (
    SELECT * FROM allocation_lines WHERE pledge_id = pledges.id ORDER BY run DESC LIMIT 1
) AS line ON true
"""

PLEDGE = _PLEDGE + "WHERE pledges.id = $1"

PLEDGES_OF_POOL = (
    _PLEDGE + "WHERE pledges.pool_id = $1 AND ($2::int IS NULL OR pledges.number > $2) ORDER BY pledges.number LIMIT $3"
)

PLEDGES_OF_ACCOUNT = (
    _PLEDGE
    + "WHERE pledges.account_id = $1 AND ($2::uuid IS NULL OR pledges.id < $2) ORDER BY pledges.id DESC LIMIT $3"
)


@dataclass(frozen=True, slots=True)
class PoolFilter:
    """Which pools a list shows; None leaves a filter open. Pools that never opened are only in their initiator's own list."""

    states: Sequence[str] | None = None
    post_id: UUID | None = None
    technology_ids: Sequence[UUID] | None = None
    offer_id: UUID | None = None
    account_id: UUID | None = None
    words: str | None = None
    """Each must begin a word of the title or of what is bought."""


async def list_pools(sql: Reader, which: PoolFilter, after: UUID | None, limit: int) -> list[Row]:
    """Read pools, newest first."""
    narrowed = (which.states, which.post_id, which.technology_ids, which.offer_id, which.account_id, after, limit)
    words = prefix_query(which.words)
    return await sql.rows(FOUND, *narrowed, words) if words else await sql.rows(LIST, *narrowed)


async def one_pool(sql: Reader, pool_id: UUID, reader_id: UUID | None) -> Row | None:
    """Read a pool, with the reader's own pledge."""
    return await sql.row(ONE, pool_id, reader_id)


async def whole_pool(sql: Reader, pool_id: UUID, reader_id: UUID | None) -> Row | None:
    """Read a pool with its `order`, if there is one, and what happened to it, oldest first: `types` and their `times`."""
    return await sql.row(WHOLE, pool_id, reader_id)


async def queue(sql: Reader, post_ids: Sequence[UUID], after: UUID | None, limit: int) -> list[Row]:
    """Read what posts must do: pools to check, goods to receive, machines to test; oldest first."""
    return await sql.rows(QUEUE, post_ids, after, limit)


async def live_bids(sql: Reader, pool_id: UUID) -> list[Bid]:
    """Read all pledges that may still count, secured or not, as the closing rule sees them."""
    return [
        Bid(
            row["pledge_id"],
            row["number"],
            row["units"],
            row["tolerance_units"] if row["number"] == row["first"] else 0,
            row["ceiling_idr"],
        )
        for row in await sql.rows(LIVE_BIDS, pool_id)
    ]


async def participants(sql: Reader, pool_id: UUID, after: int | None, limit: int) -> list[Row]:
    """Read a pool's members, by number."""
    return await sql.rows(PARTICIPANTS, pool_id, after, limit)


async def one_pledge(sql: Reader, pledge_id: UUID) -> Row | None:
    """Read a pledge with its newest allocation."""
    return await sql.row(PLEDGE, pledge_id)


async def pledges_of_pool(sql: Reader, pool_id: UUID, after: int | None, limit: int) -> list[Row]:
    """Read a pool's pledges with their owners, by number."""
    return await sql.rows(PLEDGES_OF_POOL, pool_id, after, limit)


async def pledges_of_account(sql: Reader, account_id: UUID, after: UUID | None, limit: int) -> list[Row]:
    """Read an account's pledges, newest first."""
    return await sql.rows(PLEDGES_OF_ACCOUNT, account_id, after, limit)
