"""What a visitor looks for among products: read from the address, and asked of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.web.choices import Options
from services.web.forms import parse_rupiah
from services.web.reading import address, as_id
from services.web.visit import Visit
from shared.contracts.base import MAX_IDR

_TICKS = {"halal": "halal", "ttg": "made_with_ttg", "siap": "ready"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for. `values`: as the form shows it; `wanted`: as the API takes it; `errors` by field."""

    values: Mapping[str, str]
    wanted: Mapping[str, object]
    errors: Mapping[str, str]

    @property
    def is_filtered(self) -> bool:
        """Whether anything is looked for."""
        return any(self.values.values())

    @property
    def is_narrowed(self) -> bool:
        """Whether the filters are in use, so that they stand open."""
        return any(value for name, value in self.values.items() if name != "q")

    def address(self, limit: int, cursor: str) -> str:
        """Where the API answers it."""
        return address("/listings", {**self.wanted, "limit": limit, "cursor": cursor})

    @property
    def href(self) -> str:
        """This page, with all that fits and not only what is new."""
        return address("/produk", {name: value for name, value in self.values.items() if name != "sejak"})

    @property
    def kept(self) -> Mapping[str, object]:
        """The search as the API keeps it; empty where nothing is looked for."""
        flags = set(_TICKS.values())
        return {
            name: name in flags or value
            for name, value in self.wanted.items()
            if name != "since" and value not in {"", None}
        }


def orders(visit: Visit) -> Options:
    """In which orders products can be listed; an empty first choice for the one that fits what is looked for."""
    return [
        ("", visit.gettext("Paling cocok")),
        ("newest", visit.gettext("Terbaru")),
        ("cheapest", visit.gettext("Termurah")),
    ]


def read(visit: Visit, query: Mapping[str, str], shelves: Options, districts: Options) -> Looked:
    """Read what is looked for from an address's query; choices that nobody offered are left aside."""
    values = {
        "q": " ".join(query.get("q", "").split())[:120],
        "kategori": _offered(query.get("kategori", ""), shelves),
        "posyantek": as_id(query.get("posyantek", "")),
        "kecamatan": _offered(query.get("kecamatan", ""), districts),
        "urut": _offered(query.get("urut", ""), orders(visit)),
        **{name: "1" if query.get(name) else "" for name in ("hanya", *_TICKS)},
        "dari": query.get("dari", "")[:20],
        "sampai": query.get("sampai", "")[:20],
        "sejak": _moment(query.get("sejak", "")),
    }
    errors: dict[str, str] = {}
    wanted: dict[str, Any] = {
        "q": values["q"],
        "category": values["kategori"],
        "post_id": values["posyantek"],
        "district_code" if values["hanya"] else "near": values["kecamatan"],
        "order": values["urut"],
        **{field: "true" for name, field in _TICKS.items() if values[name]},
        "since": values["sejak"],
    }
    for name, field in (("dari", "lowest_idr"), ("sampai", "highest_idr")):
        try:
            wanted[field] = min(parse_rupiah(values[name]), MAX_IDR) if values[name] else ""
        except ValueError:
            errors[name] = visit.gettext("Isi dengan angka rupiah, misalnya 1.450.000.")
    return Looked(values, wanted, errors)


def _offered(chosen: str, options: Options) -> str:
    return chosen if chosen in {code for code, _ in options} else ""


def _moment(text: str) -> str:
    """A moment with its zone, as links to what is new carry it; empty where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.isoformat() if moment.tzinfo else ""


def link(search: Mapping[str, Any], since: str = "") -> str:
    """Where a kept search is looked for again: from the API's fields to those of the page. `since`: only what came after."""
    values = {
        "q": search["q"],
        "kategori": search["category"],
        "posyantek": search["post_id"],
        "kecamatan": search["district_code"] or search["near"],
        "hanya": "1" if search["district_code"] else "",
        "urut": search["order"],
        "dari": search["lowest_idr"],
        "sampai": search["highest_idr"],
        **{name: "1" if search[field] else "" for name, field in _TICKS.items()},
        "sejak": since,
    }
    return address("/produk", {name: "" if value is None else value for name, value in values.items()})
