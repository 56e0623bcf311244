"""Finding products and businesses: by place, kind and price, and by words that may be misspelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.listings.domain.words import (
    SHORTEST_CORRECTED,
    alternatives,
    nearest,
    tsquery,
    unwanted_words,
    wanted_words,
    words_of,
)
from services.listings.repository import finding, words
from services.listings.repository.finding import Wanted
from services.listings.views.searching import BusinessQuery, ListingQuery, Suggestion
from shared.db import Reader, Row
from shared.http.paging import Page, Rows, decode_cursor, encode_cursor

VERY_COMMON: Final = 20_000
"""A word in the names of more products than this: only the newest products are looked through."""
SUGGESTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class FoundRows(Rows):
    """What was found. `words`: what was looked for instead, where a word seemed misspelled."""

    words: str | None = None


async def list_on_show(sql: Reader, query: ListingQuery) -> FoundRows:
    """List or search the products on show. Raises `BadCursor`."""
    wanted = Wanted(
        category=query.category, post_id=query.post_id, business_id=query.business_id, district_code=query.district_code,
        lowest_idr=query.lowest_idr, highest_idr=query.highest_idr, halal=query.halal,
        made_with_ttg=query.made_with_ttg, ready=query.ready, since=query.since,
    )  # fmt: skip
    if query.q is not None:
        return await _search(sql, query, wanted, wanted_words(query.q))
    if query.order == "cheapest":
        after = decode_cursor(query.cursor, tuple[int, UUID])
        rows = await finding.list_cheapest(sql, wanted, after, query.limit + 1)
        return _page(rows, query.limit, "price_idr")
    if query.near is not None and query.order in {None, "nearest", "best"}:
        after = decode_cursor(query.cursor, tuple[int, UUID])
        rows = await finding.list_nearest(sql, wanted, query.near, after, query.limit + 1)
        return _page(rows, query.limit, "near", is_extra=True)
    rows = await finding.list_newest(sql, wanted, decode_cursor(query.cursor, UUID), query.limit + 1)
    return _page(rows, query.limit)


async def _search(sql: Reader, query: ListingQuery, wanted: Wanted, asked: Sequence[str]) -> FoundRows:
    """Look for the words as they were typed; where nothing has them, for what seems to have been meant."""
    if not asked:  # signs only, as in “!!!”
        return FoundRows([])
    found = await _list_best(sql, query, wanted, asked)
    if found.items:
        return found
    meant = await corrected(sql, asked)
    if meant == list(asked):
        return found
    found = await _list_best(sql, query, wanted, meant)
    return FoundRows(found.items, found.next, " ".join(meant))


async def _list_best(sql: Reader, query: ListingQuery, wanted: Wanted, asked: Sequence[str]) -> FoundRows:
    after = decode_cursor(query.cursor, tuple[int, UUID])
    is_common = False
    if len(asked) == 1:
        counts = await words.known(sql, alternatives(asked[0]))
        is_common = sum(counts.values()) > VERY_COMMON
    rows = await finding.list_best(
        sql,
        wanted,
        tsquery(asked, unwanted_words(query.q or "")),
        query.near,
        after,
        query.limit + 1,
        very_common=is_common,
    )
    return _page(rows, query.limit, "score", is_extra=True)


async def corrected(sql: Reader, asked: Sequence[str]) -> list[str]:
    """Replace each word that no product is called by with the one that seems meant, if there is one."""
    same = {word: alternatives(word) for word in asked}
    known = await words.known(sql, [other for others in same.values() for other in others])
    unknown = [word for word in asked if not known.keys() & same[word] and not word.isdigit()]
    found = await words.candidates(sql, unknown) if unknown else {}
    return list(dict.fromkeys(nearest(word, found.get(word, {})) or word for word in asked))


async def suggest(sql: Reader, typed: str) -> Page[Suggestion]:
    """Complete the last word that is being typed with the most common ones, or correct it."""
    asked = words_of(typed)
    if not asked:
        return Page(items=[])
    *before, last = asked
    endings = await words.beginning(sql, last, SUGGESTIONS)
    if not endings and len(last) >= SHORTEST_CORRECTED:
        endings = [word for word in await corrected(sql, [last]) if word != last]
    return Page(items=[Suggestion(words=" ".join([*before, ending])) for ending in endings])


async def find_businesses(sql: Reader, query: BusinessQuery) -> FoundRows:
    """Give the verified businesses that fit the words, best first. Raises `BadCursor`."""
    after = decode_cursor(query.cursor, tuple[int, UUID])
    asked = wanted_words(query.q)
    if not asked:
        return FoundRows([])
    rows = await finding.find_businesses(sql, tsquery(asked), after, query.limit + 1)
    if rows:
        return _page(rows, query.limit, "score", is_extra=True)
    meant = await corrected(sql, asked)
    rows = await finding.find_businesses(sql, tsquery(meant), after, query.limit + 1)
    page = _page(rows, query.limit, "score", is_extra=True)
    return page if meant == asked else FoundRows(page.items, page.next, " ".join(meant))


def _page(rows: Sequence[Row], limit: int, by: str | None = None, *, is_extra: bool = False) -> FoundRows:
    """Make a page of rows, ordered by the column `by` and the id; `is_extra`: the column is not for the reader."""
    items = [dict(row) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = items[-1]
        following = encode_cursor(last["id"] if by is None else (last[by], last["id"]))
    if is_extra and by is not None:
        for item in items:
            del item[by]
    return FoundRows(items, following)
