"""Which drawing stands for what: the project's own illustrations, by kind of product and by technology.

They show the kind of thing, not the thing itself, so they carry no words: the card's title says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.web.assets import assets

_OF_PRODUCTS: Final[Mapping[str, str]] = {
    "snacks": "keripik",
    "cakes": "kue",
    "drinks": "minuman",
    "meals": "masakan",
    "seasonings": "masakan",
    "batik": "batik",
    "fashion": "batik",
    "crafts": "kerajinan",
    "upcycled": "kerajinan",
    "household": "kerajinan",
    "plants": "tanaman",
}
_OTHER_PRODUCT: Final = "warung"

_BEGINNINGS: Final = (
    ("spinner", "spinner"),
    ("kompor-listrik-batik", "batik"),
    ("canting", "batik"),
    ("bak-celup", "batik"),
    ("mesin-jahit", "kerajinan"),
    ("tray-dryer", "pengering"),
    ("oven", "pengering"),
    ("solar-dryer", "pengering"),
    ("hidroponik", "tanaman"),
    ("budikdamber", "tanaman"),
    ("hand-sealer", "kemasan"),
    ("band-sealer", "kemasan"),
    ("vacuum-sealer", "kemasan"),
    ("cup-sealer", "kemasan"),
    ("pencetak-tanggal", "kemasan"),
    ("komposter", "kompos"),
    ("pencacah", "kompos"),
    ("pirolisis", "kompos"),
    ("biodigester", "kompos"),
    ("pompa-air", "air"),
    ("filter-air", "air"),
    ("perajang", "mesin"),
    ("pencampur", "mesin"),
    ("pemarut", "mesin"),
    ("pemeras", "mesin"),
    ("pengupas", "mesin"),
    ("penepung", "mesin"),
    ("mixer", "mesin"),
    ("penggoreng", "mesin"),
    ("pengaduk", "mesin"),
)
_OTHER_TECHNOLOGY: Final = "alat"


def of_product(category: str) -> dict[str, Any]:
    """Give the drawing of a kind of product."""
    return _drawing(art_of_product(category))


def of_technology(slug: str) -> dict[str, Any]:
    """Give the drawing of a technology."""
    return _drawing(art_of_technology(slug))


def art_of_product(category: str) -> str:
    """Name the drawing of a kind of product: `keripik` is `art-keripik.svg`."""
    return _OF_PRODUCTS.get(category, _OTHER_PRODUCT)


def art_of_technology(slug: str) -> str:
    """Name the drawing of a technology; a chest of tools for those that have none yet."""
    return next((name for beginning, name in _BEGINNINGS if slug.startswith(beginning)), _OTHER_TECHNOLOGY)


def _drawing(name: str) -> dict[str, Any]:
    return {"src": assets().url(f"art-{name}.svg"), "alt": "", "width": 640, "height": 420, "sources": ()}
