"""What pools may open from now, several technologies at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.offers import OfferTerms
from shared.db import Reader

# Counted before they are cut off; the terms of the others are not read. A first tier begins at the minimum order, so
# that its price decides all but for the fixed costs, which are compared of so many only.
STANDING = """
SELECT wanted.id AS technology_id, cheapest.id, cheapest.terms, cheapest.offers
FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT offers.id, offer_versions.terms, count(*) OVER () AS offers
    FROM offers
    JOIN offer_versions ON offer_versions.offer_id = offers.id AND offer_versions.version = offers.version
    WHERE offers.status = 'published' AND offers.technology_id = wanted.id
    ORDER BY (offer_versions.terms #>> '{tiers,0,unit_price_idr}')::bigint, offers.id
    LIMIT $2
) AS cheapest
"""


@dataclass(slots=True)
class Standing:
    """The published offers of a technology: how many there are, and those of the lowest first prices."""

    count: int = 0
    cheapest: list[tuple[UUID, OfferTerms]] = field(default_factory=list)


async def standing_offers(sql: Reader, technology_ids: Sequence[UUID], limit: int) -> dict[UUID, Standing]:
    """Give what is published for each technology, at most `limit` offers of each. Without offers it is not in there."""
    found: dict[UUID, Standing] = {}
    for row in await sql.rows(STANDING, list(technology_ids), limit):
        standing = found.setdefault(row["technology_id"], Standing(row["offers"]))
        standing.cheapest.append((row["id"], OfferTerms.model_validate(row["terms"])))
    return found
