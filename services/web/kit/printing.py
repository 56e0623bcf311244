"""Paper: posters in A4 and A5 and a business's catalogue, as PDF.

The sheets stand in `sheets/`; what people have written reaches them as JSON values only, never as markup.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import typst

from services.web.kit import drawings
from services.web.kit.letters import FONTS, breakable, printable
from services.web.kit.qr import qr_svg
from services.web.kit.things import Thing
from shared.errors import rupiah
from shared.json import dumps

SHEETS: Final = Path(__file__).parent / "sheets"
MOST_PRODUCTS: Final = 200
"""In a catalogue: more than a stall shows."""
_LONGEST_ABOUT: Final = 280
_PHOTO: Final = (1240, 760)
"""Pixels of a poster's photo: 150 a inch on A4."""
_SMALL_PHOTO: Final = (480, 320)

Paper = Literal["a4", "a5"]
_SIZES_MM: Final[Mapping[Paper, tuple[float, float]]] = {"a4": (210, 297), "a5": (148, 209.3)}
_BADGES: Final = {"product": "Produk UKM", "business": "UKM tetangga", "pool": "Urun beli", "post": "Posyantek"}
_CALLS: Final = {
    "product": "Pindai untuk pesan",
    "business": "Pindai, lihat semua jualan",
    "pool": "Pindai untuk ikut urun",
    "post": "Pindai untuk hubungi kami",
}
_POOL_PROMISE: Final = "Makin banyak yang ikut, makin murah. Kalau target tidak tercapai, uang kembali utuh."
_POST_WORK: Final = "Tanya alat yang cocok, coba cara pakainya, dan beli bareng tetangga supaya lebih murah."


@dataclass(frozen=True, slots=True)
class Goods:
    """A product in a catalogue, and what `small_photo` made of its photo if it has one."""

    thing: Thing
    photo: bytes | None = None


def small_photo(raw: bytes | None) -> bytes | None:
    """Make a photo ready for the catalogue: some 25 KB, so that two hundred can be held at once. None where it is none."""
    return drawings.jpeg(raw, *_SMALL_PHOTO)


def poster(thing: Thing, paper: Paper, photo: bytes | None = None) -> bytes:
    """Print a poster of a thing as PDF. `photo`: WebP, JPEG or PNG; a drawing stands in where it is none."""
    return _print("poster.typ", *_poster_parts(thing, paper, photo))


def _poster_parts(thing: Thing, paper: Paper, photo: bytes | None) -> tuple[dict[str, object], dict[str, bytes]]:
    picture, files = _picture(drawings.jpeg(photo, *_PHOTO), thing.art, "picture")
    width, height = _SIZES_MM[paper]
    progress = thing.progress
    data = {
        "width": width,
        "height": height,
        "is_pool": thing.kind == "pool",
        "badge": _BADGES[thing.kind],
        "call": _CALLS[thing.kind],
        "name": breakable(printable(thing.name, "urunbeli")),
        "picture": picture,
        "price": "" if thing.price_idr is None else rupiah(thing.price_idr),
        "unit": breakable(f"per {printable(thing.unit, 'buah')}") if thing.price_idr is not None else "",
        "about": _POOL_PROMISE if progress else breakable(_about(thing)),
        "maker": breakable(printable(thing.maker)),
        "whatsapp": thing.whatsapp,
        "place": breakable(printable(thing.place)),
        "url": breakable(thing.url),
        "share": min(1.0, progress.units / progress.target) if progress and progress.target else 0.0,
        "progress": f"{progress.units} dari {progress.target} unit · {progress.people} peserta" if progress else "",
        "until": (f"Ditutup {progress.until}" if progress.is_open else "Sudah ditutup") if progress else "",
    }
    return data, {**files, "qr.svg": qr_svg(thing.scanned_url)}


def _about(thing: Thing) -> str:
    told = [printable(thing.about)]
    if thing.kind == "post":
        told += [f"Alamat: {printable(thing.address)}." if thing.address else ""]
        told += [f"Buka: {printable(thing.hours)}." if thing.hours else "", _POST_WORK]
    text = " ".join(filter(None, told))
    return text if len(text) <= _LONGEST_ABOUT else text[:_LONGEST_ABOUT].rsplit(" ", 1)[0] + " …"


def catalogue(business: Thing, goods: Sequence[Goods], photo: bytes | None = None) -> bytes:
    """Print a business's products as PDF: a cover, then a grid with prices; at most `MOST_PRODUCTS` of them."""
    return _print("catalogue.typ", *_catalogue_parts(business, goods[:MOST_PRODUCTS], photo))


def _catalogue_parts(
    business: Thing, goods: Sequence[Goods], photo: bytes | None
) -> tuple[dict[str, object], dict[str, bytes]]:
    cover, files = _picture(drawings.jpeg(photo, *_PHOTO), business.art, "cover")
    items: list[dict[str, str]] = []
    for number, one in enumerate(goods):
        picture, own = _picture(one.photo, one.thing.art, f"item-{number}")
        files |= own
        items.append(
            {
                "name": breakable(printable(one.thing.name, "Produk")),
                "price": rupiah(one.thing.price_idr or 0),
                "unit": f"/ {printable(one.thing.unit, 'buah')}",
                "reference": one.thing.reference,
                "picture": picture,
            }
        )
    data: dict[str, object] = {
        "name": breakable(printable(business.name, "urunbeli")),
        "about": breakable(_about(business)),
        "whatsapp": business.whatsapp,
        "place": breakable(printable(business.place)),
        "region": printable(business.region),
        "url": business.url,
        "cover": cover,
        "items": items,
    }
    return data, {**files, "qr.svg": qr_svg(business.scanned_url)}


def _picture(jpeg: bytes | None, art: str, name: str) -> tuple[str, dict[str, bytes]]:
    """Give the name of the file with a thing's picture, and the file: its photo, or the drawing of its kind."""
    if jpeg is not None:
        return f"{name}.jpg", {f"{name}.jpg": jpeg}
    return f"art-{art}.svg", {f"art-{art}.svg": drawings.svg(f"art-{art}").encode()}


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    # The machine's own fonts would make the same sheet look otherwise elsewhere.
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _print(sheet: str, data: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="urunbeli-sheet-") as name:
        folder = Path(name)
        needed = {one: (SHEETS / one).read_bytes() for one in ("common.typ", sheet)}
        needed |= {"mark.svg": drawings.svg("mark").encode(), "data.json": dumps(data), **files}
        for file, body in needed.items():
            (folder / file).write_bytes(body)
        return typst.compile(str(folder / sheet), root=str(folder), font_paths=_fonts(), format="pdf")
