"""SQL of the copy of the catalogue."""

from __future__ import annotations

from shared.contracts.offers import TechnologyPublished
from shared.db import Transaction

KEEP = """
INSERT INTO technologies (technology_id, slug, name_id, name_en) VALUES ($1, $2, $3, $4)
ON CONFLICT (technology_id) DO UPDATE
SET slug = excluded.slug, name_id = excluded.name_id, name_en = excluded.name_en
"""


async def keep(tx: Transaction, event: TechnologyPublished) -> None:
    """Keep what a technology is called."""
    await tx.run(KEEP, event.technology_id, event.slug, event.name_id, event.name_en)
