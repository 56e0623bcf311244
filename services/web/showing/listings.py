"""A product as its pages show it. Amounts are whole rupiah."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.web.reading import address
from services.web.showing import pictures

Json = Mapping[str, Any]


def card(item: Json) -> dict[str, Any]:
    """Make the card of a product. Only a verified business has products on show."""
    return {
        "href": f"/produk/{item['id']}",
        "title": item["name"],
        "photo": pictures.of_listing(item),
        "price_idr": item["promotion_price_idr"] or item["price_idr"],
        "usual_price_idr": item["price_idr"] if item["promotion_price_idr"] else None,
        "unit": item["unit"],
        "business_name": item["business_name"],
        "is_business_verified": item["status"] == "published",
        "place": item["post_name"] or "Posyantek",
        "is_promoted": bool(item["promotion_price_idr"]),
        "is_made_with_ttg": item["made_with_ttg"],
        "is_halal": item["halal"],
        "ready_in_days": item["ready_in_days"],
        "stock_count": item["stock"],
    }


def machines(listing: Json, language: str) -> list[dict[str, Any]]:
    """Name the machines that a product's maker has, each with the post that has tested it."""
    return [
        {
            "name": machine[f"name_{language}"],
            "href": f"/ttg/{machine['slug']}",
            "post_href": f"/posyantek/{machine['post_id']}",
            "post_name": machine["post_name"] or "Posyantek",
        }
        for machine in listing["made_with"]
    ]


def helping_href(listing: Json) -> str:
    """Where its owner is shown the machines that help with a product."""
    wanted = {
        "nama": listing["name"],
        "kategori": listing["category"],
        "kecamatan": listing["district_code"] or "",
        "posyantek": listing["post_id"],
    }
    return address("/alat-untuk-usaha", wanted)


def reference(listing_id: str) -> str:
    """Give the short word by which buyer and seller know which product is meant."""
    return f"UB-{listing_id[-6:].upper()}"


def shelf_options(shelves: Sequence[Json], language: str, empty: str) -> list[tuple[str, str]]:
    """Every shelf by code and name; an empty first choice that reads `empty`."""
    return [("", empty), *((shelf["code"], shelf[f"name_{language}"]) for shelf in shelves)]


def variant_lines(variants: Sequence[Json]) -> str:
    """Write variants as their owner types them: one a line, with the price where it differs."""
    return "\n".join(
        f"{variant['name']} = {variant['price_idr']}" if variant["price_idr"] else str(variant["name"])
        for variant in variants
    )
