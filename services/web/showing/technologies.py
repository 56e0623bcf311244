"""A technology and the offers for it as pages show them. Amounts are whole rupiah."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.web.showing import charts, pictures

Json = Mapping[str, Any]


def card(item: Json, language: str) -> dict[str, Any]:
    """Make the card of a technology."""
    return {
        "href": f"/ttg/{item['slug']}",
        "title": item[f"name_{language}"],
        "photo": pictures.of_technology(item["slug"]),
        "problem": item[f"problem_{language}"],
        "capacity": item[f"capacity_text_{language}"],
        "watts": item["watts"],
        "price_low_idr": item["price_low_idr"],
        "price_high_idr": item["price_high_idr"],
        "price_is_estimate": item["price_is_estimate"],
    }


def shelves(items: Sequence[Json], language: str) -> list[tuple[str, str]]:
    """Give the catalogue's categories, by slug and name, in the catalogue's order."""
    return list({item["category"]: item[f"category_name_{language}"] for item in items}.items())


def tiers(terms: Json) -> list[dict[str, int]]:
    """Give the price tiers with what each saves against the first, per unit."""
    first_idr = terms["tiers"][0]["unit_price_idr"]
    return [
        {
            "from_units": tier["from_units"],
            "unit_price_idr": tier["unit_price_idr"],
            "saved_idr": first_idr - tier["unit_price_idr"],
        }
        for tier in terms["tiers"]
    ]


def chart(terms: Json) -> charts.PriceChart:
    """Place an offer's prices over the quantity."""
    tiers = [
        {"min_units": max(tier["from_units"], terms["minimum_units"]), "unit_price_idr": tier["unit_price_idr"]}
        for tier in terms["tiers"]
    ]
    return charts.price_chart(tiers, terms["capacity_units"])


def figures(technology: Json, gettext: Callable[[str], str]) -> list[dict[str, Any]]:
    """Name each figure with where it comes from: a public page, or nowhere, which makes it an estimate."""
    names = {
        "capacity": gettext("Kapasitas"),
        "capacity_kg_per_hour": gettext("Kapasitas per jam"),
        "watts": gettext("Daya listrik"),
        "price_low_idr": gettext("Harga terendah"),
        "price_high_idr": gettext("Harga tertinggi"),
    }
    return [
        {
            "name": name,
            "source_url": technology["figures"][key]["source_url"],
            "note": technology["figures"][key]["note_id"],
        }
        for key, name in names.items()
        if key in technology["figures"]
    ]
