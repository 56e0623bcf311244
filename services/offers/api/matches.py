"""Which technology helps: what fits a product, and what it would save by the caller's own figures."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from services.offers import queries
from services.offers.api.table import routes
from services.offers.api.technologies import SupplyVa, SupplyView, TechnologyItem, supply_view, technology_fields
from services.offers.domain.benefit import Figure, NoPayback, OwnFigures
from services.offers.domain.electricity import TARIFF_SOURCE, supply, tariff_sen_per_kwh
from services.offers.domain.refusals import NothingToMatch
from shared.auth import PUBLIC
from shared.http.call import Call
from shared.http.fields import Body, Line, View

MOST_MATCHES = 12

_SHELF = r"^[a-z]{1,40}$"
_SLUG = r"^[a-z0-9-]{1,60}$"


Kilograms = Annotated[
    Decimal,
    Field(gt=0, le=1_000_000, decimal_places=2),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}),
]
Hours = Annotated[
    Decimal,
    Field(gt=0, le=168, decimal_places=2),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 168}),
]


class MatchQuery(Body):
    """What is made, and some figures of the maker's own, all of them optional. `shelf` or `q` must be there."""

    shelf: Annotated[str, Field(pattern=_SHELF)] | None = Field(None, description="Code of a category of products")
    q: Line | None = Field(None, description="The product's name")
    slug: Annotated[str, Field(pattern=_SLUG)] | None = Field(None, description="This technology only, if it matches")
    kg_per_week: Kilograms | None = Field(None, description="Kilograms made a week, at most 2 decimals")
    pieces_per_week: int | None = Field(
        None, ge=1, le=10_000_000, description="Pieces made a week, for what is measured so"
    )
    hours_per_week: Hours | None = Field(
        None, description="Hours a week that the work of `fits_work_*` takes by hand, at most 2 decimals"
    )
    hour_value_idr: int | None = Field(None, ge=0, le=10_000_000, description="What an hour is worth, in whole rupiah")
    supply_va: SupplyVa | None = Field(None, description="The household's connection in volt-amperes")
    limit: int = Field(MOST_MATCHES, ge=1, le=MOST_MATCHES, description="Matches to give")


class MatchedTechnology(TechnologyItem):
    """A technology with what it does in an hour, by weight or in pieces, and the work by hand that it takes over."""

    capacity_kg_per_hour: float | None
    capacity_per_hour: int | None = Field(description="Pieces an hour, of the unit `capacity_unit_*`")
    capacity_unit_id: str | None
    capacity_unit_en: str | None
    fits_work_id: str = Field(description="Stands after “jam per minggu untuk …”")
    fits_work_en: str


class WhyView(View):
    """Why it matches: the product that the catalogue names for it, or the code of the shelf that it serves."""

    kind: Literal["product", "shelf"]
    phrase: str


class MatchItem(View):
    """A technology that fits, and an estimate of what it saves from the caller's own figures: no promise of a return.

    What does not follow from the figures told is null. Hours are rounded against the machine, to hundredths.
    """

    technology: MatchedTechnology
    why: WhyView
    supply: SupplyView | None = Field(description="Null where no connection was told, or no electricity is needed")
    hours_by_hand: float | None = Field(description="Hours a week by hand, as told")
    hours_with_machine: float | None = Field(description="Estimate: hours a week that the machine runs")
    saved_hours_per_month: float | None = Field(description="Estimate")
    saved_idr_per_month: int | None = Field(description="Estimate: what the hours saved are worth, in rupiah")
    electricity_idr_per_month: int | None = Field(description="Estimate, in rupiah, by the connection's tariff")
    net_idr_per_month: int | None = Field(
        description="Estimate: saved less electricity, in rupiah; null if nothing is left"
    )
    payback_months: int | None = Field(description="Estimate: months until the price is saved")
    payback_reason: NoPayback | None = Field(description="Why no months are told")
    needs: list[Figure] = Field(description="Figures to tell for a payback")
    price_idr: int = Field(description="Of one unit, all in, in rupiah")
    price_basis: Literal["offer", "estimate"] = Field(
        description="The cheapest published offer at its minimum order, or the middle of the catalogue's range"
    )
    offer_id: UUID | None
    offers: int = Field(description="How many offers are published for it")


class MatchesView(View):
    """What fits, best first, and the tariff by which electricity is estimated, in hundredths of a rupiah."""

    items: list[MatchItem]
    tariff_sen_per_kwh: int
    tariff_source: str


@routes.get(
    "/api/v1/technology-matches", policy=PUBLIC, query=MatchQuery, answer=MatchesView, refusals=(NothingToMatch,)
)
async def match_technologies(call: Call, query: MatchQuery) -> MatchesView:
    """List the technologies that fit a product, with what each would save: estimates from the caller's own figures."""
    if query.shelf is None and query.q is None:
        raise NothingToMatch(field="q")
    own = OwnFigures(
        kg_per_week=query.kg_per_week,
        pieces_per_week=query.pieces_per_week,
        hours_per_week=query.hours_per_week,
        hour_value_idr=query.hour_value_idr,
        supply_va=query.supply_va,
    )
    async with call.context.db.read() as sql:
        found = await queries.technology_matches(sql, query.shelf, query.q, query.slug, own, query.limit)
    return MatchesView(
        items=[_item(match, query.supply_va) for match in found],
        tariff_sen_per_kwh=tariff_sen_per_kwh(query.supply_va),
        tariff_source=TARIFF_SOURCE,
    )


def _item(found: queries.MatchedEntry, va: int | None) -> MatchItem:
    watts, saves = found.entry.watts, found.benefit
    compared = None if va is None or watts is None else supply(watts, va)
    return MatchItem(
        technology=MatchedTechnology.model_validate(technology_fields(found.entry)),
        why=WhyView(kind=found.match.kind, phrase=found.match.phrase),
        supply=compared and supply_view(compared),
        hours_by_hand=_hours(saves.hours_by_hand, floor),
        hours_with_machine=_hours(saves.hours_with_machine, ceil),
        saved_hours_per_month=_hours(saves.saved_hours_per_month, floor),
        saved_idr_per_month=saves.saved_idr_per_month,
        electricity_idr_per_month=saves.electricity_idr_per_month,
        net_idr_per_month=saves.net_idr_per_month,
        payback_months=saves.payback_months,
        payback_reason=saves.payback_reason,
        needs=list(saves.needs),
        price_idr=found.price.idr,
        price_basis=found.price.basis,
        offer_id=found.price.offer_id,
        offers=found.offers,
    )


def _hours(exact: Fraction | None, rounded: Callable[[Fraction], int]) -> float | None:
    return None if exact is None else rounded(exact * 100) / 100
