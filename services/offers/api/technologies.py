"""The catalogue: finding a technology, and its page."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.offers import queries
from services.offers.api.offers import OfferView, offer_view
from services.offers.api.table import routes
from services.offers.domain.electricity import USUAL_SUPPLIES_VA, Supply, most_watts, supply
from services.offers.domain.technology import CatalogueEntry, TechnologyFilter
from shared.auth import PUBLIC
from shared.errors import NotFound
from shared.http.call import Call
from shared.http.fields import Line, View
from shared.http.paging import Page, PageQuery, decode_cursor, page

_SLUG = re.compile(r"[a-z0-9-]{1,60}")


def _number(value: object) -> object:
    """Read digits as a number: an address holds nothing but text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9 else value


SupplyVa = Annotated[Literal[450, 900, 1300, 2200, 3500, 4400, 5500, 6600], BeforeValidator(_number)]
"""What a household is connected with, in volt-amperes."""


class TechnologyQuery(PageQuery):
    """What to look for in the catalogue."""

    category: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")] | None = None
    q: Line | None = Field(None, description="Words, each of which must begin a word of the technology's text")
    max_watts: int | None = Field(None, ge=0, le=1_000_000, description="Watts; what needs no electricity passes")
    supply_va: SupplyVa | None = Field(
        None, description="A household's connection in volt-amperes, which must carry it"
    )


class TechnologyItem(View):
    """A technology in a list. Prices in rupiah; `watts` is null for what needs no electricity."""

    id: UUID
    slug: str
    name_id: str
    name_en: str
    category: str
    category_name_id: str
    category_name_en: str
    problem_id: str
    problem_en: str
    watts: int | None
    capacity_text_id: str
    capacity_text_en: str
    price_low_idr: int
    price_high_idr: int
    price_is_estimate: bool


class SupplyView(View):
    """Watts against a household's connection: easy beside what always runs, only alone, or not at all."""

    va: int
    percent: int
    fit: Literal["easy", "alone", "none"]


class FigureView(View):
    """Where a number comes from: a public page and what it says, or an estimate without a source."""

    source_url: str | None
    note_id: str | None
    estimate: bool


class TechnologyView(TechnologyItem):
    """A technology with its guide, the sources of its figures, and its published offers (the newest 50)."""

    products: list[str]
    capacity_kg_per_hour: float | None
    power_note_id: str
    power_note_en: str
    steps_id: list[str]
    steps_en: list[str]
    safety_id: list[str]
    safety_en: list[str]
    maintenance_id: list[str]
    maintenance_en: list[str]
    figures: dict[str, FigureView]
    supplies: list[SupplyView] = Field(description="The usual connections; none where it needs no electricity")
    offers: list[OfferView]


@routes.get("/api/v1/technologies", policy=PUBLIC, query=TechnologyQuery, answer=Page[TechnologyItem])
async def list_technologies(call: Call, query: TechnologyQuery) -> Page[TechnologyItem]:
    """List the technologies of the catalogue, filtered by category, words and watts."""
    carried = [most for most in (query.max_watts, query.supply_va and most_watts(query.supply_va)) if most is not None]
    wanted = TechnologyFilter(query.category, query.q, min(carried, default=None))
    after = decode_cursor(query.cursor, UUID)
    async with call.context.db.read() as sql:
        entries = await queries.catalogue(sql, wanted, after, query.limit + 1)
    items = [TechnologyItem.model_validate(technology_fields(entry)) for entry in entries]
    return page(items, query.limit, lambda item: item.id)


@routes.get("/api/v1/technologies/{slug}", policy=PUBLIC, answer=TechnologyView)
async def read_technology(call: Call) -> TechnologyView:
    """Read a technology: its guide, the sources of its figures, and its published offers."""
    slug = call.text("slug")
    if not _SLUG.fullmatch(slug):
        raise NotFound
    async with call.context.db.read() as sql:
        entry, offers = await queries.technology(sql, slug)
    compared = [supply(entry.watts, va) for va in USUAL_SUPPLIES_VA] if entry.watts else []
    return TechnologyView.model_validate(
        {
            **technology_fields(entry),
            "supplies": [supply_view(one) for one in compared],
            "offers": [offer_view(offer) for offer in offers],
        }
    )


def supply_view(compared: Supply) -> SupplyView:
    """Show what a technology takes of a connection."""
    return SupplyView(va=compared.va, percent=compared.percent, fit=compared.fit)


def technology_fields(entry: CatalogueEntry) -> dict[str, object]:
    """Give the fields of a technology's views, all that its card tells."""
    category = entry.card["category"]
    return {
        **entry.card,
        "id": entry.ref.id,
        "category": entry.category,
        "category_name_id": category["name_id"],
        "category_name_en": category["name_en"],
    }
