"""A supplier's terms as a form of rows, and back. Amounts are whole rupiah.

The first tier begins at the minimum order, so its row asks for the minimum itself; the other rows may stay empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.web.entering import Entered
from services.web.visit import Visit

TIER_ROWS: Final = 5
FREIGHT_ROWS: Final = 3

_SIMPLE: Final = ("minimum_units", "pack_units", "capacity_units", "lead_time_days", "warranty_months")
_PERCENT: Final = ("down_payment_percent", "on_delivery_percent")


def rows_shown(terms: Mapping[str, Any] | None) -> tuple[int, int]:
    """How many rows of tiers and of freight the form has: never fewer than the terms have, so that none is lost."""
    if terms is None:
        return TIER_ROWS, FREIGHT_ROWS
    return max(TIER_ROWS, len(terms["tiers"])), max(FREIGHT_ROWS, len(terms["freight"]))


def rows_sent(fields: Mapping[str, str]) -> tuple[int, int]:
    """How many rows the form had that was sent."""
    tiers = sum(name.startswith("tier_") and name.endswith("_price") for name in fields)
    freight = sum(name.startswith("freight_") and name.endswith("_cost") for name in fields)
    return min(max(tiers, 1), 20), min(max(freight, 1), 20)


def values_of(terms: Mapping[str, Any], note: str | None) -> dict[str, str]:
    """Fill the form with terms."""
    values = {name: str(terms[name]) for name in (*_SIMPLE, *_PERCENT, "installation_idr", "training_idr")}
    for row, tier in enumerate(terms["tiers"], start=1):
        values[f"tier_{row}_from"] = str(tier["from_units"])
        values[f"tier_{row}_price"] = str(tier["unit_price_idr"])
    for row, step in enumerate(terms["freight"], start=1):
        values[f"freight_{row}_from"] = str(step["from_units"])
        values[f"freight_{row}_cost"] = str(step["cost_idr"])
    return values | {"note": note or ""}


class EnteredTerms:
    """Terms as they were typed. `body` is what the API takes, good only where `errors` of `entered` are none."""

    def __init__(self, visit: Visit, fields: Mapping[str, str]) -> None:
        self.entered = Entered(visit, fields)
        self._rows_of: dict[str, list[int]] = {"tiers": [], "freight": []}
        simple = {name: self.entered.whole(name, otherwise=1 if name == "pack_units" else None) for name in _SIMPLE}
        percent = {name: self.entered.whole(name, otherwise=0) for name in _PERCENT}
        tiers, freight = rows_sent(fields)
        self.body: dict[str, Any] = {
            "tiers": self._tiers(simple["minimum_units"], tiers),
            "freight": self._freight(simple["minimum_units"], freight),
            "installation_idr": self.entered.rupiah("installation_idr", optional=True) or 0,
            "training_idr": self.entered.rupiah("training_idr", optional=True) or 0,
            **simple,
            **percent,
        }

    def field_names(self) -> dict[str, str]:
        """What the form calls the API's fields: lists have places there, rows here, and empty rows do not count."""
        names = {f"terms.{name}": name for name in (*_SIMPLE, *_PERCENT, "installation_idr", "training_idr")}
        for place, row in enumerate(self._rows_of["tiers"]):
            names[f"terms.tiers.{place}.from_units"] = "minimum_units" if row == 1 else f"tier_{row}_from"
            names[f"terms.tiers.{place}.unit_price_idr"] = f"tier_{row}_price"
        for place, row in enumerate(self._rows_of["freight"]):
            names[f"terms.freight.{place}.from_units"] = f"freight_{row}_from"
            names[f"terms.freight.{place}.cost_idr"] = f"freight_{row}_cost"
        return names

    def _tiers(self, minimum: int | None, rows: int) -> list[dict[str, int | None]]:
        self._rows_of["tiers"] = self._used(rows, "tier_{}_from", "tier_{}_price", always=1)
        return [
            {
                "from_units": minimum if row == 1 else self.entered.whole(f"tier_{row}_from"),
                "unit_price_idr": self.entered.rupiah(f"tier_{row}_price"),
            }
            for row in self._rows_of["tiers"]
        ]

    def _freight(self, minimum: int | None, rows: int) -> list[dict[str, int | None]]:
        self._rows_of["freight"] = self._used(rows, "freight_{}_from", "freight_{}_cost")
        return [
            {
                "from_units": self.entered.whole(f"freight_{row}_from", otherwise=minimum or 1 if row == 1 else None),
                "cost_idr": self.entered.rupiah(f"freight_{row}_cost"),
            }
            for row in self._rows_of["freight"]
        ]

    def _used(self, rows: int, *names: str, always: int = 0) -> list[int]:
        typed = self.entered.fields
        return [
            row for row in range(1, rows + 1) if row == always or any(typed.get(name.format(row)) for name in names)
        ]


def refused_fields(body: Mapping[str, Any], names: Mapping[str, str], text: str) -> dict[str, str]:
    """Give a refusal of the terms' rules as an error beside the field it names; none where it names none we have."""
    field = body.get("field")
    return {names[field]: text} if isinstance(field, str) and field in names else {}
