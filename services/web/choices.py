"""What filters and forms offer to choose from."""

from __future__ import annotations

from typing import Any

from services.web.reading import address
from services.web.visit import Visit

Options = list[tuple[str, str]]

_MOST_PAGES = 4


async def post_options(visit: Visit, empty: str) -> Options:
    """Every post by id and name; an empty first choice that reads `empty`."""
    return [("", empty), *((post["id"], post["name"]) for post in await _all(visit, "/posts"))]


async def technology_options(visit: Visit, empty: str) -> Options:
    """Every technology of the catalogue by id and name; an empty first choice that reads `empty`."""
    name = f"name_{visit.locale}"
    found = [(item["id"], item[name]) for item in await _all(visit, "/technologies")]
    return [("", empty), *sorted(found, key=lambda option: option[1].casefold())]


async def district_options(visit: Visit, empty: str) -> Options:
    """Every kecamatan by code and name; an empty first choice that reads `empty`."""
    found = [(item["code"], item["name"]) for item in await _all(visit, "/regions", level="district")]
    return [("", empty), *sorted(found, key=lambda option: option[1].casefold())]


_DISTRICT = len("31.71.05")


async def kelurahan_options(visit: Visit, region_code: str, empty: str) -> Options:
    """Every kelurahan of a kecamatan by code and name; an empty first choice that reads `empty`.

    `region_code`: the kecamatan's, or that of a kelurahan in it.
    """
    villages = await _all(visit, "/regions", parent=region_code[:_DISTRICT], level="village")
    return [("", empty), *((village["code"], village["name"]) for village in villages)]


async def _all(visit: Visit, path: str, **wanted: str) -> list[dict[str, Any]]:
    """Read a list to its end; a list that cannot be had leaves the page without this choice."""
    items: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        page = await visit.maybe(address(path, {**wanted, "limit": 100, "cursor": cursor}))
        if page is None:
            break
        items += page["items"]
        cursor = page["next"] or ""
        if not cursor:
            break
    return items
