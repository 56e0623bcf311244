"""Regions and the posts that serve them, as the search shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

CITIES = (
    ("31.71", "Jakarta Pusat"),
    ("31.72", "Jakarta Utara"),
    ("31.73", "Jakarta Barat"),
    ("31.74", "Jakarta Selatan"),
    ("31.75", "Jakarta Timur"),
    ("31.01", "Kepulauan Seribu"),
)
"""The cities by Kemendagri code, as people call them."""


def districts_to_ask(regions: Sequence[Json], most: int) -> list[str]:
    """The kecamatan above the kelurahan that have no post of their own: theirs may serve."""
    codes = [region["parent_code"] for region in regions if region["level"] == "village" and not region["post_id"]]
    return list(dict.fromkeys(codes))[:most]


def found(words: str, regions: Sequence[Json], posts: Sequence[Json]) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the posts that were found, each with the places it was found by; and the places that no post serves yet.

    A kelurahan is served by its own post, or by its kecamatan's. Of the places without a post only those count whose
    own name was typed: who looks for a city does not ask about each of its kelurahan.
    """
    by_region = {post["region_code"]: post for post in posts}
    places: dict[str, list[str]] = {post["id"]: [] for post in posts}
    unserved = []
    for region in regions:
        if region["level"] not in {"district", "village"}:
            continue
        post = by_region.get(region["code"]) or by_region.get(region["parent_code"])
        if post is None:
            if words.casefold() in region["name"].casefold():
                unserved.append(region["path"])
        elif region["code"] != post["region_code"]:
            places[post["id"]].append(region["name"])
    return [{**post, "places": places[post["id"]]} for post in posts], unserved
