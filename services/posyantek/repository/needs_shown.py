"""SQL of needs as they are read: the board, one need, and the check against rows and log."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.posyantek.domain.needs import BoardOrder
from shared.db import Reader, Row

# $1 the reader's account. Of the people, only their number is read.
SHOWN = """
SELECT needs.id, needs.post_id, posts.name AS post_name, needs.technology_id, technologies.slug AS technology_slug,
       name_id AS technology_name_id, name_en AS technology_name_en, supporters, needs.units, state, raised_at, note,
       matured_at, closed_at, ending, ending_words, mine.units AS own_units, mine.units IS NOT NULL AS joined
FROM needs JOIN posts ON posts.id = needs.post_id JOIN technologies USING (technology_id)
LEFT JOIN need_supporters AS mine ON need_id = needs.id AND account_id = $1
"""

GET = SHOWN + "WHERE needs.id = $2"


async def get(sql: Reader, need_id: UUID, account_id: UUID | None) -> Row | None:
    """Give a need, as an account (or nobody in particular) sees it."""
    return await sql.row(GET, account_id, need_id)


# $2 post, $3 a region or one above it, $4 technologies, $5 state, else all that stand; then the place to go on after.
_LIST = """
WHERE ($2::uuid IS NULL OR needs.post_id = $2) AND ($3::text IS NULL OR starts_with(region_code, $3))
  AND (cardinality($4::uuid[]) = 0 OR needs.technology_id = ANY ($4))
  AND CASE WHEN $5::text IS NULL THEN state <> 'closed' ELSE state = $5 END AND ($7::uuid IS NULL OR {after})
ORDER BY {order} LIMIT $8
"""
LIST: dict[BoardOrder, str] = {
    # Here $6 is of no use, but both take the same arguments.
    "newest": SHOWN + _LIST.format(after="$6::bigint IS NOT NULL AND needs.id < $7", order="needs.id DESC"),
    "most_wanted": SHOWN
    + _LIST.format(after="(supporters, needs.id) < ($6::bigint, $7)", order="supporters DESC, needs.id DESC"),
}


async def list_needs(
    sql: Reader,
    *,
    account_id: UUID | None,
    post_id: UUID | None,
    district: str | None,
    technology_ids: Sequence[UUID],
    state: str | None,
    order: BoardOrder,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[Row]:
    """List needs, newest or most wanted first, after the one with so many supporters and that id."""
    supporters, need_id = after or (None, None)
    return await sql.rows(
        LIST[order], account_id, post_id, district, list(technology_ids), state, supporters, need_id, limit
    )  # fmt: skip


UNLIKE_ROWS = """
SELECT id, needs.supporters, needs.units,
       count(account_id)::int AS counted, coalesce(sum(need_supporters.units), 0)::int AS summed
FROM needs LEFT JOIN need_supporters ON need_id = id
GROUP BY id HAVING (needs.supporters, needs.units) <> (count(account_id), coalesce(sum(need_supporters.units), 0))
ORDER BY id
"""


async def unlike_rows(sql: Reader) -> list[Row]:
    """Give every need whose counters are not those of its supporters."""
    return await sql.rows(UNLIKE_ROWS)


# Versions count without holes; the newest event tells how many people need it, and the last of these types its state.
UNLIKE_LOG = """
WITH said AS (
    SELECT aggregate_id, count(*) AS times,
           (array_agg((body->>'supporters')::int ORDER BY version DESC))[1] AS supporters,
           (array_agg((body->>'units')::int ORDER BY version DESC))[1] AS units,
           CASE WHEN bool_or(type = 'posyantek.need_closed.v1') THEN 'closed'
                WHEN bool_or(type = 'posyantek.need_matured.v1') THEN 'matured' ELSE 'open' END AS state,
           max(body->>'ending') AS ending,
           count(*) FILTER (WHERE type = 'posyantek.need_matured.v1') > 0 AS matured
    FROM events WHERE type LIKE 'posyantek.need\\_%' GROUP BY aggregate_id
)
SELECT coalesce(id, aggregate_id) AS id,
       jsonb_build_array(said.times, said.state, said.supporters, said.units, said.ending, said.matured) AS said,
       jsonb_build_array(version, needs.state, needs.supporters, needs.units, needs.ending, matured_at IS NOT NULL) AS kept
FROM said FULL JOIN needs ON id = aggregate_id
WHERE (said.times, said.state, said.supporters, said.units, said.ending, said.matured)
      IS DISTINCT FROM (version, needs.state, needs.supporters, needs.units, needs.ending, matured_at IS NOT NULL)
ORDER BY 1
"""


async def unlike_log(sql: Reader) -> list[Row]:
    """Give every need that is not as the log tells: times spoken of, state, supporters, units, ending, matured or not."""
    return await sql.rows(UNLIKE_LOG)


UNKNOWN_TECHNOLOGY = """
SELECT id, technology_id FROM needs WHERE NOT EXISTS (SELECT FROM technologies WHERE technology_id = needs.technology_id)
ORDER BY id
"""


async def of_unknown_technology(sql: Reader) -> list[Row]:
    """Give every need whose technology is not in the copy of the catalogue: it cannot be shown."""
    return await sql.rows(UNKNOWN_TECHNOLOGY)
