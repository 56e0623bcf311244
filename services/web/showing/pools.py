"""A pool as its pages show it. Amounts are whole rupiah; moments in the answers are datetimes already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.web.showing import charts, pictures

Json = Mapping[str, Any]

_COURSE = (
    "open",
    "closing",
    "awaiting_supplier",
    "collecting",
    "ordered",
    "delivered",
    "inspected",
    "settled",
)
_ENDED_UNMET = frozenset({"failed", "cancelled"})


def card(item: Json) -> dict[str, Any]:
    """Make the card of a pool. Until a price tier is reached, the price is the all-in one of the smallest order."""
    pledged, minimum = item["units_pledged"], item["minimum_units"]
    missing = max(0, minimum - pledged) if item["state"] == "open" else 0
    return {
        "href": f"/urun/{item['id']}",
        "title": item["title"],
        "photo": pictures.of_technology(item["technology"]["slug"]),
        "place": item["post_name"] or "Posyantek",
        "status": item["state"],
        "unit_price_idr": item["unit_price_idr"] or item["minimum_landed_idr"],
        "solo_price_idr": None,
        "units": pledged,
        "target_units": minimum if pledged < minimum else item["capacity_units"],
        "participant_count": item["people"],
        "closes_at": item["deadline"],
        "missing_units": missing,
        "next_price_idr": item["minimum_landed_idr"],
    }


def moving(pool: Json, preview: Json | None, now: datetime) -> dict[str, Any]:
    """Give what the moving parts of a pool's page need: on the page itself, and in every update of it."""
    tiers = shown_tiers(pool, preview)
    tier_units = _tier_units(pool, preview)
    here = tier_units or (pool["units_pledged"] if pool["state"] == "open" else 0)
    return {
        "pool": pool,
        "preview": preview,
        "tiers": tiers,
        "tier_units": tier_units,
        "target_units": target_units(pool),
        "chart": charts.price_chart(tiers, pool["capacity_units"], here),
        "now": now,
    }


def _tier_units(pool: Json, preview: Json | None) -> int:
    """How many units the tier table counts: the ordered ones, or those that would be ordered now."""
    if pool["state"] == "open" and preview is not None:
        return int(preview["quantity"])
    return int(pool["quantity"] or 0)


def target_units(pool: Json) -> int:
    """How far the bar reaches: to the last tier, and to the capacity once that is passed."""
    last_tier = shown_tiers(pool)[-1]["min_units"]
    return int(last_tier if pool["units_pledged"] <= last_tier else pool["capacity_units"])


def shown_tiers(pool: Json, preview: Json | None = None) -> list[dict[str, Any]]:
    """The tiers that an order can reach, from the smallest order on; what is missing counts ceilings, as closing does."""
    missing = {tier["from_units"]: tier["missing_units"] for tier in (preview or {}).get("next_tiers", ())}
    smallest, largest = pool["minimum_units"], pool["capacity_units"]
    tiers = sorted(pool["terms"]["tiers"], key=lambda tier: tier["from_units"])
    at_smallest = [tier for tier in tiers if tier["from_units"] <= smallest][-1:]
    later = [tier for tier in tiers if smallest < tier["from_units"] <= largest]
    rows = []
    for tier in (*at_smallest, *later):
        row = {"min_units": max(smallest, tier["from_units"]), "unit_price_idr": tier["unit_price_idr"]}
        if tier["from_units"] in missing:
            row["missing_units"] = missing[tier["from_units"]]
        rows.append(row)
    return rows


def custodies(pool: Json, book: Json | None) -> list[dict[str, Any]]:
    """Who holds how much: every custodian with money, or who will hold it while there is none."""
    held = [row for row in (book["custodians"] if book else ()) if row["balance_idr"]]
    if held:
        return [{"kind": row["kind"], "name": row["name"], "amount_idr": row["balance_idr"]} for row in held]
    kinds = {"transfer": "bank", "cash": "cash_box", "card": "stripe"}
    first = next(method for method in ("transfer", "cash", "card") if method in pool["methods"])
    return [{"kind": kinds[first], "name": "", "amount_idr": 0}]


def members(items: Sequence[Json], gettext: Callable[[str], str]) -> list[dict[str, Any]]:
    """Rows of the public list of members: the masked name, units, and the number with what became of the pledge."""
    states = {
        "made": gettext("belum aman"),
        "secured": gettext("aman"),
        "allocated": gettext("dapat bagian"),
        "waitlisted": gettext("daftar tunggu"),
        "dropped": gettext("tidak ikut"),
        "fulfilled": gettext("sudah terima"),
    }
    number = gettext("Nomor %(number)s")
    return [
        {
            "name_masked": item["name_masked"],
            "units": item["units"],
            "note": f"{number % {'number': item['number']}} · {states.get(item['state'], item['state'])}",
        }
        for item in items
    ]


def steps(pool: Json, gettext: Callable[[str], str]) -> list[dict[str, Any]]:
    """The pool's way: what has happened, what is going on, what will come."""
    titles = _happenings(gettext)
    rows = [
        {"title": titles[entry["kind"]], "state": "done", "at": entry["at"], "text": ""}
        for entry in _told_once(pool["timeline"])
        if entry["kind"] in titles
    ]
    if pool["state"] in _ENDED_UNMET:
        if rows:
            rows[-1]["state"] = "stopped"
        return rows
    if pool["state"] == "settled":
        return rows
    expected = _expectations(gettext)
    if pool["state"] in expected:
        title, text = expected[pool["state"]]
        rows.append({"title": title, "state": "now", "at": _by_when(pool), "text": text})
    rows += [
        {"title": expected[state][0], "state": "next", "at": None, "text": ""}
        for state in _still_to_come(pool["state"])
    ]
    return rows


def _told_once(timeline: Sequence[Json]) -> list[Json]:
    """Long allocations come in several events; the page tells them once."""
    return [
        entry for place, entry in enumerate(timeline) if place == 0 or entry["kind"] != timeline[place - 1]["kind"]
        or entry["kind"] == "goods_received"
    ]  # fmt: skip


def _still_to_come(state: str) -> Sequence[str]:
    if state == "reconsenting":
        return _COURSE[_COURSE.index("collecting") : -1]
    after = _COURSE.index(state) + 1 if state in _COURSE else 0
    return _COURSE[after:-1]


def _by_when(pool: Json) -> Any:  # noqa: ANN401 -- a datetime or nothing
    """Until when the present step takes, where that is known."""
    match pool["state"]:
        case "open":
            return pool["deadline"]
        case "awaiting_supplier":
            return pool["order"]["answer_by"] if pool["order"] else None
        case "collecting":
            return pool["payment_window_ends"]
        case _:
            return None


def _happenings(gettext: Callable[[str], str]) -> dict[str, str]:
    return {
        "pool_submitted": gettext("Diajukan ke Posyantek"),
        "pool_verified": gettext("Diperiksa petugas"),
        "pool_rejected": gettext("Dikembalikan ke penggagas"),
        "pool_opened": gettext("Dibuka untuk umum"),
        "pool_extended": gettext("Batas waktu diperpanjang"),
        "tier_reached": gettext("Jenjang harga baru tercapai"),
        "pool_closing": gettext("Pendaftaran ditutup"),
        "pool_closed": gettext("Jumlah dan pembagian ditetapkan"),
        "purchase_order_requested": gettext("Pemasok ditanya"),
        "pool_ordered": gettext("Dana lengkap, alat dipesan"),
        "payout_requested": gettext("Pemasok berhak atas satu tahap pembayaran"),
        "goods_received": gettext("Barang diterima di Posyantek"),
        "inspection_passed": gettext("Lulus uji terima"),
        "pool_settled": gettext("Selesai, semua uang sampai"),
        "pool_failed": gettext("Tidak tercapai"),
        "pool_cancelled": gettext("Dibatalkan"),
    }


def _expectations(gettext: Callable[[str], str]) -> dict[str, tuple[str, str]]:
    return {
        "draft": (gettext("Masih draf"), gettext("Penggagas belum mengajukannya.")),
        "in_review": (gettext("Menunggu diperiksa petugas"), ""),
        "open": (gettext("Menunggu peserta"), gettext("Bisa ikut sampai batas waktu.")),
        "closing": (gettext("Pembayaran yang sedang berjalan diselesaikan"), ""),
        "awaiting_supplier": (gettext("Pemasok menjawab"), ""),
        "reconsenting": (gettext("Peserta menjawab usulan pemasok"), ""),
        "collecting": (gettext("Pelunasan"), gettext("Setelah pemasok setuju, peserta membayar.")),
        "ordered": (gettext("Alat dikerjakan dan dikirim"), ""),
        "delivered": (gettext("Uji terima di Posyantek"), gettext("Alat dicoba bersama sebelum dibawa pulang.")),
        "inspected": (gettext("Pencairan terakhir untuk pemasok"), ""),
    }
