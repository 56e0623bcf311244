"""Publishing the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from services.offers.catalogue import Technology
from services.offers.domain.technology import CatalogueEntry, TechnologyRef, technology_id
from services.offers.repository import technologies as repository
from shared.contracts.offers import TechnologyPublished
from shared.db import Transaction


async def publish_catalogue(tx: Transaction, catalogue: Sequence[Technology]) -> int:
    """Make the table agree with the catalogue and say which technologies are new; gives how many. May be repeated."""
    entries = [entry_of(technology, position) for position, technology in enumerate(catalogue)]
    new = await repository.load_technologies(tx, entries)
    tx.emit(
        *(
            TechnologyPublished(technology_id=ref.id, slug=ref.slug, name_id=ref.name_id, name_en=ref.name_en)
            for ref in (entry.ref for entry in entries)
            if ref.id in new
        )
    )
    return len(new)


def entry_of(technology: Technology, position: int) -> CatalogueEntry:
    """Put a technology of the files into the form of the table."""
    ref = TechnologyRef(technology_id(technology.slug), technology.slug, technology.name_id, technology.name_en)
    searched = (
        *(technology.name_id, technology.name_en, technology.problem_id, technology.problem_en),
        *(technology.category.name_id, technology.category.name_en, *technology.products),
    )
    card = technology.model_dump(mode="json") | {"price_is_estimate": technology.price_is_estimate}
    return CatalogueEntry(ref, position, technology.category.slug, technology.watts, card, "\n".join(searched))
