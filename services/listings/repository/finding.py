"""SQL that finds products on show: by place, kind, price and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.listings.repository.listings import SHOWN
from services.listings.repository.promotions import RUNNING
from shared.db import Reader, Row

MOST_RANKED: Final = 30_000
"""More products that have all the words are not looked at."""
NEWEST_LOOKED_AT: Final = 20_000
"""For a very common word, so many of the newest products are looked at: it gives hundreds among them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the products on show are wanted; empty fields do not narrow. Prices in whole rupiah."""

    category: str | None = None
    post_id: UUID | None = None
    business_id: UUID | None = None
    district_code: str | None = None
    lowest_idr: int | None = None
    highest_idr: int | None = None
    halal: bool | None = None
    made_with_ttg: bool | None = None
    ready: bool | None = None
    since: datetime | None = None


_CONDITIONS: Final = {
    "category": "category = {}",
    "post_id": "post_id = {}",
    "business_id": "business_id = {}",
    "district_code": "district_code = {}",
    "lowest_idr": "price_idr >= {}",
    "highest_idr": "price_idr <= {}",
    "since": "published_at > {}",
}
# Written out, for an index that holds only the halal ones serves no `halal = $2`.
_FLAGS: Final = {"halal": "halal", "made_with_ttg": "listings.made_with_ttg", "ready": "is_ready"}

_OF_ITS_OWN_INDEX: Final = frozenset({"district_code", "post_id", "business_id"})


class _Arguments:
    """Numbers the arguments of one statement."""

    def __init__(self, *first: object) -> None:
        self.values = list(first)

    def place(self, value: object) -> str:
        """Add an argument; gives its `$n`."""
        self.values.append(value)
        return f"${len(self.values)}"


def _narrowed(wanted: Wanted, arguments: _Arguments) -> str:
    """Write the conditions that are wanted, and only those, so that each combination gets a plan of its own.

    One statement with `$1 IS NULL OR …` for all of them would be planned once for none of them.
    """
    conditions = "status = 'published'"
    for field, condition in _CONDITIONS.items():
        value = getattr(wanted, field)
        if value is not None:
            conditions += " AND " + condition.format(arguments.place(value))
    for field, flag in _FLAGS.items():
        if getattr(wanted, field):
            conditions += f" AND {flag}"
    return conditions


_OLDER = " AND (published_at, id) < (SELECT published_at, id FROM listings WHERE id = {})"
_LISTED = """
SELECT {shown} FROM listings {running} WHERE {conditions} ORDER BY {order} LIMIT $1
"""


async def list_newest(sql: Reader, wanted: Wanted, after: UUID | None, limit: int) -> list[Row]:
    """List what is on show, newest first."""
    arguments = _Arguments(limit)
    conditions = _narrowed(wanted, arguments)
    if after is not None:
        conditions += _OLDER.format(arguments.place(after))
    statement = _LISTED.format(shown=SHOWN, running=RUNNING, conditions=conditions, order="published_at DESC, id DESC")
    return await sql.rows(statement, *arguments.values)


async def list_cheapest(sql: Reader, wanted: Wanted, after: tuple[int, UUID] | None, limit: int) -> list[Row]:
    """List what is on show, cheapest first. `after`: price and id of the last one seen."""
    arguments = _Arguments(limit)
    conditions = _narrowed(wanted, arguments)
    if after is not None:
        conditions += f" AND (price_idr, id) > ({arguments.place(after[0])}, {arguments.place(after[1])})"
    statement = _LISTED.format(shown=SHOWN, running=RUNNING, conditions=conditions, order="price_idr, id")
    return await sql.rows(statement, *arguments.values)


_NEAR = """
(SELECT {shown}, {near} AS near FROM listings {running} WHERE {conditions} ORDER BY published_at DESC, id DESC LIMIT $1)
"""
_TIERS: Final = (
    ("district_code = left({village}, 8) AND village_code = {village}", 3),
    ("district_code = left({village}, 8) AND village_code IS DISTINCT FROM {village}", 2),
    ("left(district_code, 5) = left({village}, 5) AND district_code <> left({village}, 8)", 1),
    ("left(district_code, 5) IS DISTINCT FROM left({village}, 5)", 0),
)


async def list_nearest(
    sql: Reader, wanted: Wanted, village_code: str, after: tuple[int, UUID] | None, limit: int
) -> list[Row]:
    """List what is on show from a kelurahan outwards (kelurahan, kecamatan, kota, elsewhere), in each newest first.

    `after`: how near the last one seen was (3 to 0), and its id. Each row has `near`.
    """
    arguments = _Arguments(limit)
    conditions = _narrowed(wanted, arguments)
    village = arguments.place(village_code)
    last = None if after is None else arguments.place(after[1])
    arms = []
    for where, near in _TIERS:
        if after is not None and near > after[0]:
            continue
        here = f"{conditions} AND {where.format(village=village)}"
        if after is not None and near == after[0]:
            here += _OLDER.format(last)
        arms.append(_NEAR.format(shown=SHOWN, running=RUNNING, near=near, conditions=here))
    statement = " UNION ALL ".join(arms) + " ORDER BY near DESC, published_at DESC, id DESC LIMIT $1"
    return await sql.rows(statement, *arguments.values)


# How well the words fit (in the name more than in the description), and what makes a product easy to buy. See README.
_SCORE = """
round(1000 * (
    ts_rank('{{0.1, 0.2, 0.4, 1.0}}', search, (SELECT query FROM asked))
    + CASE WHEN cover IS NULL THEN 0 ELSE 0.05 END + CASE WHEN is_ready THEN 0.03 ELSE 0 END
    + CASE WHEN halal THEN 0.02 ELSE 0 END + CASE WHEN listings.made_with_ttg THEN 0.02 ELSE 0 END
    {near}
))::integer
"""
_NEARER = """
    + CASE WHEN village_code = {village} THEN 0.3 WHEN district_code = left({village}, 8) THEN 0.2
           WHEN left(district_code, 5) = left({village}, 5) THEN 0.1 ELSE 0 END
"""

_RANKED = """
WITH asked AS (SELECT to_tsquery('indonesian', $2) AS query), candidates AS MATERIALIZED (
    SELECT id, {score} AS score FROM {source} AND search @@ (SELECT query FROM asked) LIMIT {most}
), best AS (
    SELECT id, score FROM candidates {after} ORDER BY score DESC, id DESC LIMIT $1
)
SELECT {shown}, score FROM best JOIN listings USING (id) {running} ORDER BY score DESC, listings.id DESC
"""
_ALL = "listings WHERE {conditions}"
_NEWEST = """
(SELECT * FROM listings WHERE {conditions} ORDER BY published_at DESC, id DESC LIMIT {looked_at}) AS listings WHERE true
"""


async def list_best(
    sql: Reader, wanted: Wanted, words: str, village_code: str | None, after: tuple[int, UUID] | None, limit: int,
    *, very_common: bool,
) -> list[Row]:  # fmt: skip
    """List what is on show and has the words, best first. Each row has its `score`.

    `words` as `domain.words.tsquery` writes them; `after`: score and id of the last one seen. `very_common`: so many products
    have the words that only the newest are looked at.
    """
    arguments = _Arguments(limit, words)
    conditions = _narrowed(wanted, arguments)
    near = "" if village_code is None else _NEARER.format(village=arguments.place(village_code))
    seen = (
        ""
        if after is None
        else f"WHERE (score, id) < ({arguments.place(after[0])}::bigint, {arguments.place(after[1])})"
    )
    narrowed = {field for field in (*_CONDITIONS, *_FLAGS) if getattr(wanted, field)}
    by_age = very_common and narrowed <= _OF_ITS_OWN_INDEX
    source = (_NEWEST if by_age else _ALL).format(conditions=conditions, looked_at=NEWEST_LOOKED_AT)
    statement = _RANKED.format(
        score=_SCORE.format(near=near), source=source, shown=SHOWN, running=RUNNING, after=seen, most=MOST_RANKED
    )
    return await sql.rows(statement, *arguments.values)


FOUND_BUSINESSES = """
WITH found AS (
    SELECT id, round(1000 * ts_rank(search, query))::integer AS score
    FROM businesses, to_tsquery('indonesian', $1) AS query
    WHERE status = 'verified' AND erased_at IS NULL AND search @@ query
)
SELECT businesses.id, businesses.name, businesses.post_id, posts.name AS post_name, left(story, 200) AS story, categories, score
FROM found JOIN businesses USING (id) LEFT JOIN posts USING (post_id)
WHERE $2::bigint IS NULL OR (score, businesses.id) < ($2::bigint, $3)
ORDER BY score DESC, businesses.id DESC LIMIT $4
"""


async def find_businesses(sql: Reader, words: str, after: tuple[int, UUID] | None, limit: int) -> list[Row]:
    """Give the verified businesses that fit the words, best first. Each row has its `score`.

    `words` as `domain.words.tsquery` writes them; `after`: score and id of the last one seen.
    """
    return await sql.rows(FOUND_BUSINESSES, words, *(after or (None, None)), limit)
