"""A need as its pages show it: what is needed where, and by how many; never by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.web.showing import pictures

Json = Mapping[str, Any]


def row(item: Json, language: str) -> dict[str, Any]:
    """Make what a need's row or card shows."""
    return {
        "href": f"/kebutuhan/{item['id']}",
        "name": item[f"technology_name_{language}"],
        "post_name": item["post_name"],
        "photo": pictures.of_technology(item["technology_slug"]),
        "supporters": item["supporters"],
        "units": item["units"],
        "missing": item["missing"],
        "state": item["state"],
        "joined": item["joined"],
    }


def ending_options(gettext: Callable[[str], str]) -> list[tuple[str, str]]:
    """Why an operator may close a need, to choose from."""
    return [
        ("", gettext("Pilih alasan")),
        ("fulfilled", gettext("Sudah terpenuhi")),
        ("not_feasible", gettext("Belum bisa dipenuhi")),
        ("duplicate", gettext("Sudah ada yang sama")),
    ]


def ending_words(ending: str | None, gettext: Callable[[str], str]) -> str:
    """Say why a need was closed."""
    said = dict(ending_options(gettext)).get(ending or "", "") if ending else ""
    return said or (gettext("Tidak ada lagi yang membutuhkan") if ending == "abandoned" else "")
