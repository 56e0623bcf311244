"""SQL of what coaching looks at: how complete a business and its products are."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.listings.repository.managers import MANAGERS
from shared.db import Reader, Row

HAS_PHOTO: Final = "cover IS NOT NULL"
"""Whether a row of `listings` has a photo."""

FACTS = """
SELECT owner_account_id, post_id, status, {managers} AS managers,
       story IS NOT NULL AS has_story, whatsapp IS NOT NULL AS has_whatsapp,
       address IS NOT NULL AND kelurahan_code IS NOT NULL AS has_address, opens IS NOT NULL AS has_hours, categories,
       ARRAY(SELECT kind FROM permits WHERE permits.business_id = businesses.id) AS permits, products.*
FROM businesses CROSS JOIN LATERAL (
    SELECT count(*) AS products, count(*) FILTER (WHERE {has_photo}) AS with_photo,
           count(description) AS with_description, count(unit) AS with_unit,
           (array_agg(id ORDER BY id) FILTER (WHERE NOT {has_photo}))[1] AS without_photo,
           (array_agg(id ORDER BY id) FILTER (WHERE description IS NULL))[1] AS without_description,
           (array_agg(id ORDER BY id) FILTER (WHERE unit IS NULL))[1] AS without_unit
    FROM listings WHERE business_id = businesses.id AND status <> 'archived'
) AS products
WHERE businesses.id = $1 AND erased_at IS NULL
""".replace("{managers}", MANAGERS).replace("{has_photo}", HAS_PHOTO)


async def get_facts(sql: Reader, business_id: UUID) -> Row | None:
    """Give what there is of a business and its products, and the oldest product that lacks something."""
    return await sql.row(FACTS, business_id)
