"""Which picture stands for what: an owner's photo, or one of the project's own illustrations.

The illustrations go by kind of product and by technology. They show the kind of thing, not the thing itself, so they carry no
words: the card's title says what it is.
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

_PHOTOS: Final = "/api/v1/photos"
_SIZE_NAMES: Final = ("360", "720")
"""What the API calls a photo's sizes, smallest first."""


def of_product(category: str) -> dict[str, Any]:
    """Give the drawing of a kind of product."""
    return _drawing(art_of_product(category))


def of_listing(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give a product's first photo, or the drawing of its kind where it has none."""
    cover = item.get("cover")
    return of_photo(cover) if cover else of_product(item["category"])


def of_photo(photo: Mapping[str, Any]) -> dict[str, Any]:
    """Give a photo, or a product's cover, with an address for every format and width."""
    widths = photo.get("widths") or [size["width"] for size in photo["sizes"]]
    named = list(zip(_SIZE_NAMES, widths, strict=False))
    sources = tuple(
        (
            f"image/{format_}",
            ", ".join(f"{_PHOTOS}/{photo['id']}/{name}.{format_} {width}w" for name, width in named),
        )
        for format_ in ("avif", "webp")
    )
    return {
        "src": f"{_PHOTOS}/{photo['id']}/{named[-1][0]}.webp",
        "alt": photo.get("alt") or "",
        "width": photo["width"],
        "height": photo["height"],
        "sources": sources,
        "is_photo": True,
    }


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
    return {
        "src": assets().url(f"art-{name}.svg"),
        "alt": "",
        "width": 640,
        "height": 420,
        "sources": (),
        "is_photo": False,
    }
