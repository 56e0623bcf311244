"""A pledge as its pages show it. Amounts are whole rupiah."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

OPEN_STATES = frozenset({"made", "secured"})
"""A pledge that may still be changed or withdrawn while its pool is open."""


def lines(breakdown: Sequence[Json], gettext: Callable[[str], str], units: int | None = None) -> list[dict[str, Any]]:
    """Name every part of an amount by its origin: *Kenapa Rp segini?*"""
    names = {
        "goods": gettext("Harga alat"),
        "freight": gettext("Bagian ongkir"),
        "installation": gettext("Bagian pemasangan"),
        "training": gettext("Bagian pelatihan"),
    }
    goods_note = gettext("%(units)s unit menurut jenjang harga") % {"units": units} if units else ""
    return [
        {
            "label": names[line["origin"]],
            "amount_idr": line["amount_idr"],
            "note": goods_note if line["origin"] == "goods" else "",
        }
        for line in breakdown
    ]


def expected_at_post_idr(pledge: Json, timing: str) -> int:
    """What a member is expected to bring now: what is due, else the deposit of a pledge that is not yet complete."""
    missing = pledge["must_hold_idr"] - pledge["held_idr"]
    if missing > 0:
        return int(missing)
    if timing == "deposit" and pledge["pool_state"] == "open" and pledge["method"] != "card":
        return max(0, int(pledge["may_hold_idr"] - pledge["held_idr"]))
    return 0
