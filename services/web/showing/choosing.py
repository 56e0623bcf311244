"""Machines that fit somebody's product, as pages show them. Amounts are whole rupiah; savings are estimates, no promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.web.showing.pools import card as pool_card

Json = Mapping[str, Any]

HOUSEHOLD_SUPPLIES_VA: Final = (450, 900, 1300, 2200, 3500)
"""The connections that are offered to choose from, in volt-amperes."""


def with_own_figures(found: Sequence[Json], reckoned: Sequence[Json]) -> list[dict[str, Any]]:
    """Put what was reckoned with somebody's own hours in the place of the same machine without them."""
    by_id = {match["technology"]["id"]: match for match in reckoned}
    return [
        {**by_id.get(match["technology"]["id"], match), "is_reckoned": match["technology"]["id"] in by_id}
        for match in found
    ]


def nearest_first(items: Sequence[dict[str, Any]], post_id: str) -> list[dict[str, Any]]:
    """Put the pools of one's own post first, each part in the order that it had."""
    return sorted(items, key=lambda item: item["post_id"] != post_id)


def best_first(cards: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put what was just reckoned first, then what can be joined today, then the rest, in the order in which they fit."""
    return sorted(cards, key=lambda card: (card["saving"] is None, card["pool"] is None))


def card(
    match: Json,
    language: str,
    shelves: Mapping[str, str],
    *,
    pools: Sequence[Json],
    machines: Sequence[Json],
    needs: Sequence[Json],
) -> dict[str, Any]:
    """Make the card of a machine that fits. `pools`, `machines`, `needs`: of all machines, the nearest first."""
    technology, why = match["technology"], match["why"]
    return {
        "id": technology["id"],
        "slug": technology["slug"],
        "name": technology[f"name_{language}"],
        "problem": technology[f"problem_{language}"],
        "capacity": technology[f"capacity_text_{language}"],
        "work": technology[f"fits_work_{language}"],
        "for_what": why["phrase"] if why["kind"] == "product" else shelves.get(why["phrase"], why["phrase"]),
        "watts": technology["watts"],
        "supply": match["supply"],
        "price_idr": match["price_idr"],
        "is_estimate": match["price_basis"] == "estimate",
        "offer_id": match["offer_id"],
        "hours_with_machine": match["hours_with_machine"],
        "saving": _saving(match),
        "pool": next((pool_card(pool) for pool in pools if pool["technology"]["id"] == technology["id"]), None),
        "visits": [_visit(item) for item in machines if item["technology_id"] == technology["id"]],
        "need": next((need for need in needs if need["technology_id"] == technology["id"]), None),
    }


def _saving(match: Json) -> dict[str, Any] | None:
    """What was reckoned with somebody's own hours; nothing where none were told."""
    if not match["is_reckoned"]:
        return None
    names = (
        "saved_hours_per_month",
        "saved_idr_per_month",
        "electricity_idr_per_month",
        "payback_months",
        "payback_reason",
    )
    return {name: match[name] for name in names}


def _visit(item: Json) -> dict[str, Any]:
    return {
        "name": item["business_name"],
        "href": f"/usaha/{item['business_id']}",
        "place": item["address"] or item["post_name"] or "Posyantek",
        "whatsapp": item["whatsapp"].replace("+", ""),
    }
