"""The catalogue's table: loading it from the files, and finding in it."""

# ruff: noqa: S608 -- nothing but constants of these modules is put into SQL text

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.offers.domain.technology import CatalogueEntry, TechnologyFilter, TechnologyRef
from shared.db import Reader, Row, columns
from shared.json import dumps
from shared.words import prefix_query

INSERT_NEW = """
INSERT INTO technologies (id, slug, position, category, watts, card, search_text)
SELECT id, slug, position, category, watts, card::jsonb, search_text
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[], $7::text[])
    AS given (id, slug, position, category, watts, card, search_text)
ORDER BY id ON CONFLICT DO NOTHING RETURNING id
"""

UPDATE_CHANGED = """
UPDATE technologies AS known
SET position = given.position, category = given.category, watts = given.watts, card = given.card::jsonb,
    search_text = given.search_text, listed = true
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[], $7::text[])
    AS given (id, slug, position, category, watts, card, search_text)
WHERE known.id = given.id
  AND (known.position, known.category, known.watts, known.card, known.search_text, known.listed)
      IS DISTINCT FROM (given.position, given.category, given.watts, given.card::jsonb, given.search_text, true)
"""

UNLIST_OTHERS = "UPDATE technologies SET listed = false WHERE listed AND id <> ALL ($1::uuid[])"

COLUMNS = "id, slug, position, category, watts, card, search_text"

FIND = f"""
SELECT {COLUMNS} FROM technologies
WHERE listed
  AND ($1::text IS NULL OR category = $1)
  AND ($2::text IS NULL OR search @@ to_tsquery('indonesian', $2))
  AND ($3::integer IS NULL OR coalesce(watts, 0) <= $3)
  AND ($4::uuid IS NULL OR position > (SELECT position FROM technologies WHERE id = $4))
ORDER BY position LIMIT $5
"""

BY_SLUG = f"SELECT {COLUMNS} FROM technologies WHERE slug = $1"

BY_ID = f"SELECT {COLUMNS} FROM technologies WHERE id = $1 AND listed"


async def load_technologies(sql: Reader, entries: Sequence[CatalogueEntry]) -> set[UUID]:
    """Make the table agree with the catalogue, in three statements however long it is. Gives the ids that are new."""
    given = columns(
        [
            (entry.ref.id, entry.ref.slug, entry.position, entry.category, entry.watts, dumps(entry.card).decode(),
             entry.search_text)
            for entry in entries
        ],
        7,
    )  # fmt: skip
    new = {row["id"] for row in await sql.rows(INSERT_NEW, *given)}
    await sql.run(UPDATE_CHANGED, *given)
    await sql.run(UNLIST_OTHERS, given[0])
    return new


async def find_technologies(
    sql: Reader, wanted: TechnologyFilter, after: UUID | None, limit: int
) -> list[CatalogueEntry]:
    """List what is wanted, in the catalogue's order, from behind `after`."""
    rows = await sql.rows(FIND, wanted.category, prefix_query(wanted.words), wanted.max_watts, after, limit)
    return [_entry(row) for row in rows]


async def technology_by_slug(sql: Reader, slug: str) -> CatalogueEntry | None:
    """Read one by its slug, also one that is no longer listed."""
    row = await sql.row(BY_SLUG, slug)
    return _entry(row) if row else None


async def listed_technology(sql: Reader, technology_id: UUID) -> CatalogueEntry | None:
    """Read one that stands in the catalogue now."""
    row = await sql.row(BY_ID, technology_id)
    return _entry(row) if row else None


def _entry(row: Row) -> CatalogueEntry:
    card = row["card"]
    ref = TechnologyRef(row["id"], row["slug"], card["name_id"], card["name_en"])
    return CatalogueEntry(ref, row["position"], row["category"], row["watts"], card, row["search_text"])
