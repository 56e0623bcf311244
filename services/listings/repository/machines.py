"""SQL of machines that owners of businesses bought together: what a product is made with, and where one can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.db import Reader, Row

MADE_WITH: Final = """
coalesce((
    SELECT jsonb_agg(DISTINCT jsonb_build_object(
        'technology_id', technology_id, 'slug', slug, 'name_id', technologies.name_id, 'name_en', technologies.name_en,
        'post_id', machine_owned.post_id, 'post_name', tested_at.name))
    FROM machine_owned JOIN technologies USING (technology_id)
    LEFT JOIN posts AS tested_at ON tested_at.post_id = machine_owned.post_id
    WHERE account_id = owner_account_id
), '[]')
"""
"""The machines of the owner of the row's business, each with the post that has tested it. Needs `owner_account_id`."""

# Nearness as in the search for products: same kelurahan, kecamatan, kota, elsewhere.
TO_VISIT = """
SELECT technology_id, business_id, business_name, post_id, post_name, whatsapp, address, district_code, nearness FROM (
    SELECT *, row_number() OVER (PARTITION BY technology_id ORDER BY nearness, business_id) AS place FROM (
        SELECT DISTINCT technology_id, businesses.id AS business_id, businesses.name AS business_name, businesses.post_id,
               posts.name AS post_name, whatsapp, address, district_code,
               CASE WHEN kelurahan_code = $2 THEN 0 WHEN district_code = left($2, 8) THEN 1
                    WHEN left(district_code, 5) = left($2, 5) THEN 2 ELSE 3 END AS nearness
        FROM machine_owned JOIN businesses ON owner_account_id = account_id LEFT JOIN posts ON posts.post_id = businesses.post_id
        WHERE technology_id = ANY ($1::uuid[]) AND status = 'verified' AND erased_at IS NULL AND welcomes_visits
    ) AS found
) AS placed
WHERE place <= $3 ORDER BY technology_id, place
"""


async def to_visit(sql: Reader, technologies: Sequence[UUID], near: str | None, each: int) -> list[Row]:
    """Give the nearest businesses that let their machine be seen, at most `each` for a technology.

    `near`: the code of a kelurahan or kecamatan; without it, all are equally far. `nearness`: 0 the same kelurahan, 1
    kecamatan, 2 kota, 3 elsewhere.
    """
    return await sql.rows(TO_VISIT, list(technologies), near or "", each)
